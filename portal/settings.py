"""The environment, read once and refused whole. Every variable `X` may come from a file named by `X_FILE`."""

import base64
import binascii
import ipaddress
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

UPLOAD_LIMIT = 200 * 1000 * 1000
PAGE_LIMIT = 2000
SPOOL_LIMIT = 2 * 1024**3
START_PATIENCE = 60
UPLOAD_MEMORY = 32 * 1024 * 1024
LEAST_MEMORY = 10 * 1024 * 1024  # two of the smallest parts that S3 takes
MOST_PARTS = 10_000  # of one S3 object
SHORTEST_SECRET = 32  # characters: a random key of 192 bits in base64
TRUTH_WORDS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
S3_NEEDED = ("PORTAL_S3_ENDPOINT", "PORTAL_S3_ACCESS_KEY", "PORTAL_S3_SECRET_KEY", "PORTAL_S3_BUCKET")
S3_OPTIONAL = ("PORTAL_S3_SECURE", "PORTAL_S3_REGION")


class SettingsError(Exception):
    """The environment cannot be used; the text is one sentence for the person who starts the portal."""


@dataclass(frozen=True, slots=True)
class S3Settings:
    """One bucket of an S3 service. `endpoint` is `host:port` without a scheme."""

    endpoint: str
    access_key: str
    secret_key: str = field(repr=False)
    bucket: str
    secure: bool
    region: str


@dataclass(frozen=True, slots=True)
class Settings:
    """What one portal process runs with. `database_url` and `s3` are None where the embedded servers serve.

    `has_base_url` says that an operator gave the address; `secret_keys` stand newest first; each of `journal_keys` is
    base64 of the 32 private bytes of an Ed25519 key (more than one while a key is being replaced); `upload_limit` is in
    bytes, `page_limit` counts the pages of one document; `four_eyes` asks for two people where a case is attested and
    confirmed, assessed and decided; `clamd` is `host:port` or `unix:/path`; `upload_memory` is what the buffers of one
    upload may take, `spool_limit` what all processes of this node may keep on local disk of files on their way, in
    bytes; `start_patience` is the seconds for which a start waits for database and store, 0 for ever. Of one
    municipality: `daily_documents` files and `daily_size` bytes of a day, and `open_uploads` on their way at once.
    """

    host: str
    port: int
    workers: int
    base_url: str
    has_base_url: bool
    trusted_proxies: tuple[str, ...]
    database_url: str | None = field(repr=False)
    migration_database_url: str | None = field(repr=False)
    s3: S3Settings | None
    secret_keys: tuple[str, ...] = field(repr=False)
    journal_keys: tuple[str, ...] = field(repr=False)
    witnesses: tuple[str, ...] = field(repr=False)
    time_stamp_authority: str | None = field(repr=False)
    locale: str
    var: Path
    four_eyes: bool
    upload_limit: int
    page_limit: int
    clamd: str | None
    upload_memory: int
    spool_limit: int
    daily_documents: int
    daily_size: int
    open_uploads: int
    start_patience: int
    demo: bool

    @property
    def is_secure(self) -> bool:
        """Whether the portal is reached over HTTPS: then its cookies are `Secure`, and bound to its host."""
        return self.base_url.startswith("https://")

    @property
    def four_eyes_state(self) -> str:
        """`on`, `off`, or `demo` where they are off because this is a demonstration."""
        return "on" if self.four_eyes else "demo" if self.demo else "off"

    @property
    def passkey_site(self) -> tuple[str, str] | None:
        """The id and origin under which passkeys are made (WebAuthn §5.1.2): from PORTAL_BASE_URL, never a request.

        A bare IP address can have none: on the loopback they are those of `localhost`, elsewhere None.
        """
        parts = urlsplit(self.base_url)
        host = "localhost" if _is_loopback(parts.hostname or "") else (parts.hostname or "")
        if _is_ip(host):
            return None
        usual = {"http": 80, "https": 443}[parts.scheme]
        port = "" if parts.port in (None, usual) else f":{parts.port}"
        return host, f"{parts.scheme}://{host}{port}"


def load(environ: Mapping[str, str] | None = None, *, demo: bool = False, keep: bool = False) -> Settings:
    """The settings in `environ` (default: the process's own). A demo makes the keys that it lacks, to `keep` in var.

    Raises:
        SettingsError: a value is invalid, or a group is half-set.
    """
    env = _with_files(os.environ if environ is None else environ)
    host = env.get("PORTAL_HOST", "127.0.0.1")
    port = _number(env, "PORTAL_PORT", default=8000, least=1, most=65535)
    var = folder_of(env)
    database_url = _postgres_url(env, "PORTAL_DATABASE_URL")
    return Settings(
        host=host,
        port=port,
        workers=_number(env, "PORTAL_WORKERS", default=2, least=1, most=256),
        base_url=_base_url(env, host, port),
        has_base_url="PORTAL_BASE_URL" in env,
        trusted_proxies=_proxies(env),
        database_url=database_url,
        migration_database_url=_migration_url(env, database_url),
        s3=_s3(env),
        secret_keys=_secret_keys(env, var, demo, keep),
        journal_keys=_journal_keys(env, var, demo, keep),
        witnesses=_list(env.get("PORTAL_JOURNAL_WITNESS", "")),
        time_stamp_authority=_authority(env),
        locale=_locale(env),
        var=var,
        four_eyes=_truth(env, "PORTAL_FOUR_EYES", default=not demo),
        upload_limit=_number(env, "PORTAL_UPLOAD_LIMIT", default=UPLOAD_LIMIT, least=1, most=2**42),
        page_limit=_number(env, "PORTAL_PAGE_LIMIT", default=PAGE_LIMIT, least=1, most=100_000),
        clamd=_clamd(env),
        upload_memory=_upload_memory(env),
        spool_limit=_number(env, "PORTAL_SPOOL_LIMIT", default=SPOOL_LIMIT, least=0, most=2**50),
        daily_documents=_number(env, "PORTAL_DAILY_DOCUMENTS", default=500, least=1, most=10**6),
        daily_size=_daily_size(env),
        open_uploads=_number(env, "PORTAL_OPEN_UPLOADS", default=64, least=1, most=10**6),
        start_patience=_number(env, "PORTAL_START_PATIENCE", default=START_PATIENCE, least=0, most=2**31),
        demo=demo,
    )


def folder_of(environ: Mapping[str, str]) -> Path:
    """The folder of the bundled servers and a demo's keys."""
    return Path(environ.get("PORTAL_VAR", "").strip() or "var").absolute()


def _with_files(environ: Mapping[str, str]) -> dict[str, str]:
    """Our variables with `X_FILE` read into `X`; an empty value counts as unset."""
    ours = {name: value.strip() for name, value in environ.items() if name.startswith("PORTAL_")}
    env = {name: value for name, value in ours.items() if value and not name.endswith("_FILE")}
    for name, path in ours.items():
        if not (path and name.endswith("_FILE")):
            continue
        target = name.removesuffix("_FILE")
        if target in env:
            raise SettingsError(f"{target} and {name} are both set; keep one of them.")
        env[target] = _text_of(name, Path(path))
    return env


def _text_of(name: str, path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{name} names the file {path}, which cannot be read: {error}.") from None
    if not text:
        raise SettingsError(f"{name} names the file {path}, which is empty.")
    return text


def _number(env: Mapping[str, str], name: str, *, default: int, least: int, most: int) -> int:
    text = env.get(name, str(default))
    if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
        raise SettingsError(f"{name} is “{text}”; it must be a whole number from {least} to {most}.")
    return int(text)


def is_secure(text: str) -> bool:
    """Whether `text` says true; anything that is no word for false does, so that a slip never drops TLS."""
    return TRUTH_WORDS.get(text.lower(), True)


def _shown(address: str) -> str:
    """`address` as a refusal may repeat it: without the name and password that may stand before its host."""
    return address.rpartition("@")[2]


def _authority(env: Mapping[str, str]) -> str | None:
    url = env.get("PORTAL_TIME_STAMP_AUTHORITY")
    if url and urlsplit(url).scheme not in ("http", "https"):
        raise SettingsError(
            f"PORTAL_TIME_STAMP_AUTHORITY is “{_shown(url)}”; it must be an http:// or https:// address."
        )
    return url


def _truth(env: Mapping[str, str], name: str, *, default: bool) -> bool:
    text = env.get(name)
    if text is None:
        return default
    if text.lower() not in TRUTH_WORDS:
        raise SettingsError(f"{name} is “{text}”; it must be true or false.")
    return TRUTH_WORDS[text.lower()]


def _locale(env: Mapping[str, str]) -> str:
    locale = env.get("PORTAL_LOCALE", "fa")
    if locale not in ("fa", "en"):
        raise SettingsError(f"PORTAL_LOCALE is “{locale}”; it must be fa or en.")
    return locale


def _base_url(env: Mapping[str, str], host: str, port: int) -> str:
    shown = f"[{host}]" if ":" in host else host
    url = env.get("PORTAL_BASE_URL", f"http://{shown}:{port}").rstrip("/")
    try:
        parts = urlsplit(url)
        whole = bool(parts.hostname) and (parts.port is None or parts.port > 0) and "@" not in url
    except ValueError:
        whole = False
    if not whole or parts.scheme not in ("http", "https") or parts.path or parts.query or parts.fragment:
        raise SettingsError(
            f"PORTAL_BASE_URL is “{_shown(url)}”; it must look like https://daraje.example.ir, without a path."
        )
    if parts.scheme == "http" and not _is_loopback(parts.hostname or ""):
        raise SettingsError(
            f"PORTAL_BASE_URL is “{_shown(url)}”; plain HTTP is for this machine alone (127.0.0.1, localhost): use https://."
        )
    return url


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_loopback(host: str) -> bool:
    """Whether nobody but this machine reaches `host`; the browsers trust it without TLS, too."""
    return ipaddress.ip_address(host).is_loopback if _is_ip(host) else host in ("localhost", "localhost.")


def _proxies(env: Mapping[str, str]) -> tuple[str, ...]:
    names = _list(env.get("PORTAL_TRUSTED_PROXIES", ""))
    for name in names:
        try:
            ipaddress.ip_network(name)
        except ValueError:
            raise SettingsError(
                f"PORTAL_TRUSTED_PROXIES holds “{name}”; it must list addresses or networks such as 10.0.0.0/8."
            ) from None
    return names


def _postgres_url(env: Mapping[str, str], name: str) -> str | None:
    url = env.get(name)
    if url is None:
        return None
    try:
        parts = urlsplit(url)
        whole = bool(parts.path.strip("/")) and (parts.port is None or parts.port > 0)
    except ValueError:
        whole = False
    if not whole or parts.scheme not in ("postgresql", "postgres"):
        # The value is not repeated here: it may hold a password.
        raise SettingsError(f"{name} must look like postgresql://user:password@host:5432/database.")
    return url


def _migration_url(env: Mapping[str, str], database_url: str | None) -> str | None:
    url = _postgres_url(env, "PORTAL_MIGRATION_DATABASE_URL")
    if url and not database_url:
        raise SettingsError("PORTAL_MIGRATION_DATABASE_URL is set but PORTAL_DATABASE_URL is not; set both or neither.")
    return url or database_url


def _s3(env: Mapping[str, str]) -> S3Settings | None:
    if not any(name in env for name in S3_NEEDED + S3_OPTIONAL):
        return None
    missing = [name for name in S3_NEEDED if name not in env]
    if missing:
        raise SettingsError(f"The S3 settings are half-set: {', '.join(missing)} must be set too, or none of them.")
    endpoint = env["PORTAL_S3_ENDPOINT"]
    if not _is_address(endpoint):
        raise SettingsError(f"PORTAL_S3_ENDPOINT is “{_shown(endpoint)}”; it must be host:port, without http://.")
    return S3Settings(
        endpoint=endpoint,
        access_key=env["PORTAL_S3_ACCESS_KEY"],
        secret_key=env["PORTAL_S3_SECRET_KEY"],
        bucket=env["PORTAL_S3_BUCKET"],
        secure=_truth(env, "PORTAL_S3_SECURE", default=True),
        region=env.get("PORTAL_S3_REGION", "us-east-1"),
    )


def _clamd(env: Mapping[str, str]) -> str | None:
    address = env.get("PORTAL_CLAMD")
    if address is not None and not address.startswith("unix:/") and not (":" in address and _is_address(address)):
        raise SettingsError(f"PORTAL_CLAMD is “{address}”; it must be host:port, or unix: and the path of a socket.")
    return address


def _is_address(endpoint: str) -> bool:
    try:
        parts = urlsplit(f"//{endpoint}")
        return bool(parts.hostname) and parts.netloc == endpoint and (parts.port is None or parts.port > 0)
    except ValueError:
        return False


def _secret_keys(env: Mapping[str, str], var: Path, demo: bool, keep: bool) -> tuple[str, ...]:
    keys = _list(env.get("PORTAL_SECRET_KEY", ""))
    if not keys and demo:
        keys = (_kept_key(var / "secret.key", keep),)
    if not keys:
        raise SettingsError("PORTAL_SECRET_KEY is not set; make one with: openssl rand -base64 32.")
    if any(len(key) < SHORTEST_SECRET for key in keys):
        raise SettingsError(f"PORTAL_SECRET_KEY holds a key shorter than {SHORTEST_SECRET} characters.")
    return keys


def _journal_keys(env: Mapping[str, str], var: Path, demo: bool, keep: bool) -> tuple[str, ...]:
    keys = _list(env.get("PORTAL_JOURNAL_KEY", ""))
    if not keys and demo:
        return (_kept_key(var / "journal.key", keep),)
    if not all(_is_seed(key) for key in keys):
        raise SettingsError("PORTAL_JOURNAL_KEY must be base64 of 32 bytes; make one with: openssl rand -base64 32.")
    return keys


def _is_seed(key: str) -> bool:
    try:
        return len(base64.b64decode(key, validate=True)) == 32
    except (binascii.Error, ValueError):
        return False


def kept_journal_key(var: Path) -> str:
    """The journal's key beside the bundled servers, made at their first start.

    Raises:
        SettingsError: it cannot be written or read.
    """
    return _kept_key(var / "journal.key", keep=True)


def _kept_key(path: Path, keep: bool) -> str:
    """32 random bytes in base64, read where a start has kept them; a command that is refused keeps nothing."""
    if path.exists():
        return _text_of(path.name, path)
    key = base64.b64encode(secrets.token_bytes(32)).decode("ascii")
    if not keep:
        return key
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise SettingsError(f"The file {path} cannot be written: {error.strerror}.") from None
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(key + "\n")
    return key


def _upload_memory(env: Mapping[str, str]) -> int:
    """Two buffers at least: the larger the largest file, the larger its parts, of which S3 takes 10,000."""
    memory = _number(env, "PORTAL_UPLOAD_MEMORY", default=UPLOAD_MEMORY, least=LEAST_MEMORY, most=2**34)
    if memory * MOST_PARTS < int(env.get("PORTAL_UPLOAD_LIMIT", UPLOAD_LIMIT)) * 2:
        raise SettingsError("PORTAL_UPLOAD_MEMORY must be at least 1/5000 of PORTAL_UPLOAD_LIMIT.")
    return memory


def _daily_size(env: Mapping[str, str]) -> int:
    """Bytes of a municipality in a day: of one file of the largest size at least."""
    largest = int(env.get("PORTAL_UPLOAD_LIMIT", UPLOAD_LIMIT))
    return _number(env, "PORTAL_DAILY_SIZE", default=max(10 * 1024**3, largest), least=largest, most=2**60)


def _list(text: str) -> tuple[str, ...]:
    """The words of a list, parted by commas, spaces or lines."""
    return tuple(text.replace(",", " ").split())
