"""What the office seals its letters with: a PKCS#12 file or a PKCS#11 token, and the certificates to trust."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12

from portal import demo_seal
from portal.variables import Copied, SettingsError, why, without_secret

FILE = ("PORTAL_SEAL_PKCS12", "PORTAL_SEAL_PASSPHRASE")
TOKEN = ("PORTAL_SEAL_PKCS11_MODULE", "PORTAL_SEAL_PKCS11_TOKEN", "PORTAL_SEAL_PKCS11_LABEL", "PORTAL_SEAL_PKCS11_PIN")
ROOTS = "PORTAL_SEAL_ROOTS"


@dataclass(frozen=True, slots=True)
class SealFile:
    """The bytes of a PKCS#12 file, and what opens it (empty: nothing does, it is open)."""

    data: bytes = field(repr=False)
    passphrase: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SealToken:
    """A PKCS#11 token: the path of its driver, its label, the label of key and certificate in it, its PIN."""

    module: str
    token: str
    label: str
    pin: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SealSettings:
    """The office's seal, in a file or in a token.

    `roots` are certificates (DER): those of authorities above the seal's certificate and above the time-stamp
    authority's, where the key's own file does not hold them. `authority` is the address of that authority (RFC 3161).
    """

    file: SealFile | None
    roots: tuple[bytes, ...] = field(repr=False)
    authority: str | None = field(repr=False)
    token: SealToken | None = None
    is_demo: bool = False


def load(env: Mapping[str, str], var: Path, *, demo: bool, keep: bool) -> SealSettings | None:
    """The seal in `env`; None where there is none: letters stay without. A demo makes its own, to `keep` in `var`.

    Raises:
        SettingsError: it is half-set, or what it names cannot be read or used.
    """
    has_file, has_token = (any(name in env for name in names) for names in (FILE, TOKEN))
    if has_file and has_token:
        raise SettingsError("%(one)s and %(other)s are both set; keep one of them.", one=FILE[0], other=TOKEN[0])
    file, token = _file(env) if has_file else None, _token(env) if has_token else None
    made = demo_seal.kept(var, keep) if demo and not (file or token) else None
    file = SealFile(made, "") if made else file
    roots, authority = _roots(env), authority_of(env)
    if not (file or token):
        if roots and not demo:
            raise SettingsError("%(one)s is set but %(other)s is not.", one=ROOTS, other=FILE[0])
        return None
    if authority and not roots and not made:
        raise SettingsError(
            "PORTAL_TIME_STAMP_AUTHORITY stamps sealed letters too: PORTAL_SEAL_ROOTS must hold its root certificate."
        )
    return SealSettings(file, roots, authority if roots else None, token, is_demo=made is not None)


def authority_of(env: Mapping[str, str]) -> str | None:
    """The address of the time-stamp authority.

    Raises:
        SettingsError: it is none.
    """
    url = env.get("PORTAL_TIME_STAMP_AUTHORITY")
    if url and urlsplit(url).scheme not in ("http", "https"):
        raise SettingsError(
            "PORTAL_TIME_STAMP_AUTHORITY is “%(text)s”; it must be http:// or https://.", text=without_secret(url)
        )
    return url


def _file(env: Mapping[str, str]) -> SealFile:
    if FILE[0] not in env:
        raise SettingsError("%(one)s is set but %(other)s is not.", one=FILE[1], other=FILE[0])
    path = Path(env[FILE[0]])
    data, passphrase = _read(FILE[0], path), env.get(FILE[1], "")
    try:
        held = pkcs12.load_pkcs12(data, passphrase.encode() or None)
    except ValueError:
        raise SettingsError(
            "PORTAL_SEAL_PKCS12 names no PKCS#12 file, or PORTAL_SEAL_PASSPHRASE does not open it: %(path)s", path=path
        ) from None
    if held.key is None or held.cert is None:
        raise SettingsError("PORTAL_SEAL_PKCS12 must hold a key and its certificate: %(path)s", path=path)
    _require_use(held.cert.certificate, path)
    return SealFile(data, passphrase)


def _require_use(certificate: x509.Certificate, path: Path) -> None:
    """A certificate that says what its key is for must allow signatures (RFC 5280 §4.2.1.3)."""
    try:
        use = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return
    if not (use.digital_signature or use.content_commitment):
        raise SettingsError("The certificate in PORTAL_SEAL_PKCS12 is not made for signatures: %(path)s", path=path)


def _token(env: Mapping[str, str]) -> SealToken:
    missing = [name for name in TOKEN if name not in env]
    if missing:
        raise SettingsError(
            "The seal’s token is half-set: %(names)s must be set too, or none of them.", names=", ".join(missing)
        )
    if find_spec("pkcs11") is None:
        raise SettingsError(
            "%(name)s needs the library python-pkcs11: %(command)s",
            name=TOKEN[0],
            command=Copied("uv sync --frozen --extra seal-token"),
        )
    if not Path(env[TOKEN[0]]).is_file():
        raise SettingsError("%(name)s names no file: %(path)s", name=TOKEN[0], path=Path(env[TOKEN[0]]))
    return SealToken(*(env[name] for name in TOKEN))


def _roots(env: Mapping[str, str]) -> tuple[bytes, ...]:
    if ROOTS not in env:
        return ()
    path = Path(env[ROOTS])
    data = _read(ROOTS, path)
    try:
        return tuple(each.public_bytes(Encoding.DER) for each in x509.load_pem_x509_certificates(data))
    except ValueError:
        raise SettingsError("PORTAL_SEAL_ROOTS names no file of PEM certificates: %(path)s", path=path) from None


def _read(name: str, path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SettingsError(
            "%(name)s names a file that cannot be read (%(error)s): %(path)s", name=name, path=path, error=why(error)
        ) from None
