"""The environment, read once and refused whole. Every variable `X` may come from a file named by `X_FILE`."""

import base64
import binascii
import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from portal import seal_settings
from portal.seal_settings import SealSettings
from portal.variables import (
    NEW_KEY,
    SettingsError,
    is_address,
    is_ip,
    is_loopback,
    kept_key,
    number,
    postgres_url,
    truth,
    with_files,
    without_secret,
    words,
)

UPLOAD_LIMIT = 200 * 1024 * 1024
PAGE_LIMIT = 2000
SPOOL_LIMIT = 2 * 1024**3
START_PATIENCE = 60
UPLOAD_MEMORY = 32 * 1024 * 1024
LEAST_MEMORY = 10 * 1024 * 1024  # two of the smallest parts that S3 takes
MOST_PARTS = 10_000  # of one S3 object
SHORTEST_SECRET = 32  # characters: a random key of 192 bits in base64

S3_NEEDED = ("PORTAL_S3_ENDPOINT", "PORTAL_S3_ACCESS_KEY", "PORTAL_S3_SECRET_KEY", "PORTAL_S3_BUCKET")
S3_OPTIONAL = ("PORTAL_S3_SECURE", "PORTAL_S3_REGION")


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
    seal: SealSettings | None
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
    def seal_kind(self) -> str:
        """What is put on letters: `none`, `demo` (a certificate of its own making) or `office`."""
        return "none" if self.seal is None else "demo" if self.seal.is_demo else "office"

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
        host = "localhost" if is_loopback(parts.hostname or "") else (parts.hostname or "")
        if is_ip(host):
            return None
        usual = {"http": 80, "https": 443}[parts.scheme]
        port = "" if parts.port in (None, usual) else f":{parts.port}"
        return host, f"{parts.scheme}://{host}{port}"


def load(environ: Mapping[str, str] | None = None, *, demo: bool = False, keep: bool = False) -> Settings:
    """The settings in `environ` (default: the process's own). A demo makes the keys that it lacks, to `keep` in var.

    Raises:
        SettingsError: a value is invalid, or a group is half-set.
    """
    env = with_files(os.environ if environ is None else environ)
    host = env.get("PORTAL_HOST", "127.0.0.1")
    port = number(env, "PORTAL_PORT", default=8000, least=1, most=65535)
    var = folder_of(env)
    database_url = postgres_url(env, "PORTAL_DATABASE_URL")
    return Settings(
        host=host,
        port=port,
        workers=number(env, "PORTAL_WORKERS", default=2, least=1, most=256),
        base_url=_base_url(env, host, port),
        has_base_url="PORTAL_BASE_URL" in env,
        trusted_proxies=_proxies(env),
        database_url=database_url,
        migration_database_url=_migration_url(env, database_url),
        s3=_s3(env),
        secret_keys=_secret_keys(env, var, demo, keep),
        journal_keys=_journal_keys(env, var, demo, keep),
        witnesses=words(env.get("PORTAL_JOURNAL_WITNESS", "")),
        time_stamp_authority=seal_settings.authority_of(env),
        seal=seal_settings.load(env, var, demo=demo, keep=keep),
        locale=_locale(env),
        var=var,
        four_eyes=truth(env, "PORTAL_FOUR_EYES", default=not demo),
        upload_limit=number(env, "PORTAL_UPLOAD_LIMIT", default=UPLOAD_LIMIT, least=1, most=2**42),
        page_limit=number(env, "PORTAL_PAGE_LIMIT", default=PAGE_LIMIT, least=1, most=100_000),
        clamd=_clamd(env),
        upload_memory=_upload_memory(env),
        spool_limit=number(env, "PORTAL_SPOOL_LIMIT", default=SPOOL_LIMIT, least=0, most=2**50),
        daily_documents=number(env, "PORTAL_DAILY_DOCUMENTS", default=500, least=1, most=10**6),
        daily_size=_daily_size(env),
        open_uploads=number(env, "PORTAL_OPEN_UPLOADS", default=64, least=1, most=10**6),
        start_patience=number(env, "PORTAL_START_PATIENCE", default=START_PATIENCE, least=0, most=2**31),
        demo=demo,
    )


def folder_of(environ: Mapping[str, str]) -> Path:
    """The folder of the bundled servers and a demo's keys."""
    return Path(environ.get("PORTAL_VAR", "").strip() or "var").absolute()


def language() -> str:
    """The language of commands, which need no other setting for it.

    Raises:
        SettingsError: PORTAL_LOCALE is no language of the portal.
    """
    return _locale(with_files({name: text for name, text in os.environ.items() if name.startswith("PORTAL_LOCALE")}))


def _locale(env: Mapping[str, str]) -> str:
    locale = env.get("PORTAL_LOCALE", "fa")
    if locale not in ("fa", "en"):
        raise SettingsError("PORTAL_LOCALE is “%(text)s”; it must be fa or en.", text=locale)
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
            "PORTAL_BASE_URL is “%(text)s”; it must look like https://daraje.example.ir, without a path.",
            text=without_secret(url),
        )
    if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
        raise SettingsError(
            "PORTAL_BASE_URL is “%(text)s”; plain HTTP is for this machine alone (127.0.0.1, localhost): use https://.",
            text=without_secret(url),
        )
    return url


def _proxies(env: Mapping[str, str]) -> tuple[str, ...]:
    names = words(env.get("PORTAL_TRUSTED_PROXIES", ""))
    for name in names:
        try:
            ipaddress.ip_network(name)
        except ValueError:
            raise SettingsError(
                "PORTAL_TRUSTED_PROXIES holds “%(text)s”; it must list addresses or networks (CIDR).", text=name
            ) from None
    return names


def _migration_url(env: Mapping[str, str], database_url: str | None) -> str | None:
    url = postgres_url(env, "PORTAL_MIGRATION_DATABASE_URL")
    if url and not database_url:
        raise SettingsError("PORTAL_MIGRATION_DATABASE_URL is set but PORTAL_DATABASE_URL is not; set both or neither.")
    return url or database_url


def _s3(env: Mapping[str, str]) -> S3Settings | None:
    if not any(name in env for name in S3_NEEDED + S3_OPTIONAL):
        return None
    missing = [name for name in S3_NEEDED if name not in env]
    if missing:
        raise SettingsError(
            "The S3 settings are half-set: %(names)s must be set too, or none of them.", names=", ".join(missing)
        )
    endpoint = env["PORTAL_S3_ENDPOINT"]
    if not is_address(endpoint):
        raise SettingsError(
            "PORTAL_S3_ENDPOINT is “%(text)s”; it must be host:port, without http://.", text=without_secret(endpoint)
        )
    return S3Settings(
        endpoint=endpoint,
        access_key=env["PORTAL_S3_ACCESS_KEY"],
        secret_key=env["PORTAL_S3_SECRET_KEY"],
        bucket=env["PORTAL_S3_BUCKET"],
        secure=truth(env, "PORTAL_S3_SECURE", default=True),
        region=env.get("PORTAL_S3_REGION", "us-east-1"),
    )


def _clamd(env: Mapping[str, str]) -> str | None:
    address = env.get("PORTAL_CLAMD")
    if address is not None and not address.startswith("unix:/") and not (":" in address and is_address(address)):
        raise SettingsError(
            "PORTAL_CLAMD is “%(text)s”; it must be host:port, or unix: and the path of a socket.", text=address
        )
    return address


def _secret_keys(env: Mapping[str, str], var: Path, demo: bool, keep: bool) -> tuple[str, ...]:
    keys = words(env.get("PORTAL_SECRET_KEY", ""))
    if not keys and demo:
        keys = (kept_key(var / "secret.key", keep),)
    if not keys:
        raise SettingsError("PORTAL_SECRET_KEY is not set; make one with: %(command)s", command=NEW_KEY)
    if any(len(key) < SHORTEST_SECRET for key in keys):
        raise SettingsError("PORTAL_SECRET_KEY holds a key shorter than %(least)s characters.", least=SHORTEST_SECRET)
    return keys


def _journal_keys(env: Mapping[str, str], var: Path, demo: bool, keep: bool) -> tuple[str, ...]:
    keys = words(env.get("PORTAL_JOURNAL_KEY", ""))
    if not keys and demo:
        return (kept_key(var / "journal.key", keep),)
    if not all(_is_seed(key) for key in keys):
        raise SettingsError("PORTAL_JOURNAL_KEY must be base64 of 32 bytes, made with: %(command)s", command=NEW_KEY)
    return keys


def _is_seed(key: str) -> bool:
    try:
        return len(base64.b64decode(key, validate=True)) == 32
    except (binascii.Error, ValueError):
        return False


def _upload_memory(env: Mapping[str, str]) -> int:
    """Two buffers at least: the larger the largest file, the larger its parts, of which S3 takes 10,000."""
    memory = number(env, "PORTAL_UPLOAD_MEMORY", default=UPLOAD_MEMORY, least=LEAST_MEMORY, most=2**34)
    if memory * MOST_PARTS < int(env.get("PORTAL_UPLOAD_LIMIT", UPLOAD_LIMIT)) * 2:
        raise SettingsError("PORTAL_UPLOAD_MEMORY must be at least 1/5000 of PORTAL_UPLOAD_LIMIT.")
    return memory


def _daily_size(env: Mapping[str, str]) -> int:
    """Bytes of a municipality in a day: of one file of the largest size at least."""
    largest = int(env.get("PORTAL_UPLOAD_LIMIT", UPLOAD_LIMIT))
    return number(env, "PORTAL_DAILY_SIZE", default=max(10 * 1024**3, largest), least=largest, most=2**60)
