"""The seal of the environment: a file or a token, whole or refused in one sentence; a demo makes its own."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, NoEncryption, pkcs12
from cryptography.x509.oid import NameOID

from portal import demo_seal
from portal.seal_settings import SealSettings
from portal.settings import load
from portal.variables import SettingsError
from tests.world import seals

AUTHORITY = "https://tsa.example.ir"


@pytest.fixture
def paths(tmp_path: Path) -> dict[str, str]:
    """A seal that a passphrase opens, one that none does, what is no seal, and a root."""
    held = pkcs12.load_pkcs12(seals.SEAL.data, None)
    assert isinstance(held.key, rsa.RSAPrivateKey)
    assert held.cert is not None
    shut = pkcs12.serialize_key_and_certificates(
        b"", held.key, held.cert.certificate, [], BestAvailableEncryption("مهر".encode())
    )
    bare = pkcs12.serialize_key_and_certificates(None, None, held.cert.certificate, [], NoEncryption())
    files = {
        "shut": shut,
        "open": seals.SEAL.data,
        "bare": bare,
        "useless": _for_encryption(),
        "text": b"text",
        "roots": demo_seal.root_of(seals.SEAL.data),
    }
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    return {name: str(tmp_path / name) for name in [*files, "absent"]}


def _for_encryption() -> bytes:
    key, name = rsa.generate_private_key(65537, 2048), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "x")])
    use = dict.fromkeys((*demo_seal.NOTHING_ELSE, "key_cert_sign", "crl_sign", "digital_signature"), False)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, datetime(2020, 1, 1, tzinfo=UTC), demo_seal.UNTIL)
        .add_extension(x509.KeyUsage(**{**use, "key_encipherment": True, "content_commitment": False}), True)
        .sign(key, hashes.SHA256())
    )
    return pkcs12.serialize_key_and_certificates(b"", key, made, [], NoEncryption())


def loaded(**changes: str) -> SealSettings | None:
    return load({"PORTAL_SECRET_KEY": "k" * 44} | changes).seal


def test_no_seal_is_a_choice() -> None:
    assert loaded() is None
    assert load({"PORTAL_SECRET_KEY": "k" * 44}).seal_kind == "none"
    assert loaded(PORTAL_TIME_STAMP_AUTHORITY=AUTHORITY) is None


def test_a_file_is_opened_with_its_passphrase(paths: dict[str, str], tmp_path: Path) -> None:
    assert loaded(PORTAL_SEAL_PKCS12=paths["open"]) == SealSettings(seals.SEAL, (), None)
    (tmp_path / "word").write_text("مهر\n")
    found = loaded(
        PORTAL_SEAL_PKCS12=paths["shut"],
        PORTAL_SEAL_PASSPHRASE_FILE=str(tmp_path / "word"),
        PORTAL_SEAL_ROOTS=paths["roots"],
        PORTAL_TIME_STAMP_AUTHORITY=AUTHORITY,
    )
    assert found is not None
    assert found.file is not None
    assert (found.file.passphrase, found.roots, found.authority) == ("مهر", (seals.ROOT,), AUTHORITY)
    assert "مهر" not in repr(found)


TOKEN = {
    "PORTAL_SEAL_PKCS11_MODULE": "/nowhere.so",
    "PORTAL_SEAL_PKCS11_TOKEN": "daraje",
    "PORTAL_SEAL_PKCS11_LABEL": "seal",
    "PORTAL_SEAL_PKCS11_PIN": "hidden",
}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"PORTAL_SEAL_PASSPHRASE": "hidden"}, "PORTAL_SEAL_PKCS12 is not"),
        ({"PORTAL_SEAL_PKCS12": "absent"}, "cannot be read"),
        ({"PORTAL_SEAL_PKCS12": "text"}, "no PKCS#12 file"),
        ({"PORTAL_SEAL_PKCS12": "shut"}, "does not open it"),
        ({"PORTAL_SEAL_PKCS12": "shut", "PORTAL_SEAL_PASSPHRASE": "hidden"}, "does not open it"),
        ({"PORTAL_SEAL_PKCS12": "bare"}, "a key and its certificate"),
        ({"PORTAL_SEAL_PKCS12": "useless"}, "not made for signatures"),
        ({"PORTAL_SEAL_PKCS12": "open", "PORTAL_SEAL_ROOTS": "text"}, "no file of PEM certificates"),
        ({"PORTAL_SEAL_PKCS12": "open", "PORTAL_SEAL_ROOTS": "absent"}, "cannot be read"),
        ({"PORTAL_SEAL_PKCS12": "open", "PORTAL_TIME_STAMP_AUTHORITY": AUTHORITY}, "PORTAL_SEAL_ROOTS must hold"),
        ({"PORTAL_SEAL_ROOTS": "roots"}, "PORTAL_SEAL_PKCS12 is not"),
        (TOKEN, "python-pkcs11|names no file"),
        ({**TOKEN, "PORTAL_SEAL_PKCS11_PIN": ""}, "PORTAL_SEAL_PKCS11_PIN"),
        ({**TOKEN, "PORTAL_SEAL_PKCS11_MODULE": ""}, "half-set"),
    ],
)
def test_what_cannot_be_used_is_refused_in_one_sentence(
    paths: dict[str, str], changes: dict[str, str], said: str
) -> None:
    with pytest.raises(SettingsError, match=said) as refusal:
        loaded(**{name: paths.get(value, value) for name, value in changes.items()})
    assert "\n" not in str(refusal.value)
    assert "hidden" not in str(refusal.value)


def test_a_demo_makes_its_own_once_and_says_that_it_is_one(tmp_path: Path) -> None:
    environ = {"PORTAL_VAR": str(tmp_path / "var")}
    assert load(environ, demo=True).seal is None
    made = load(environ, demo=True, keep=True).seal
    assert made is not None
    assert made == load(environ, demo=True).seal
    assert made.is_demo
    assert load(environ, demo=True).seal_kind == "demo"
    assert made.file is not None
    held = pkcs12.load_pkcs12(made.file.data, None)
    assert held.cert is not None
    assert "نمایشی" in held.cert.certificate.subject.rfc4514_string()
    assert (tmp_path / "var/seal-root.pem").read_bytes() == demo_seal.root_of(made.file.data)


def test_a_demo_takes_the_seal_that_it_is_given(paths: dict[str, str], tmp_path: Path) -> None:
    environ = {"PORTAL_VAR": str(tmp_path / "var"), "PORTAL_SEAL_PKCS12": paths["open"]}
    assert load(environ, demo=True, keep=True).seal == SealSettings(seals.SEAL, (), None)
    assert not (tmp_path / "var/seal.p12").exists()
    assert load(environ, demo=True, keep=True).seal_kind == "office"
    with pytest.raises(SettingsError, match="both set"):
        loaded(PORTAL_SEAL_PKCS12=paths["open"], **{**TOKEN, "PORTAL_SEAL_PKCS11_MODULE": paths["text"]})
