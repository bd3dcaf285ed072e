"""The environment's variables, one by one: from the file that `X_FILE` names, too, and refused in a sentence."""

import base64
import ipaddress
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

TRUTH_WORDS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


class Copied(str):
    """A fact that people copy into a shell or a file: a command, an address. It ends its sentence."""

    __slots__ = ()


NEW_KEY = Copied("openssl rand -base64 32")


class OperatorError(Exception):
    """What whoever runs the portal must mend, in one sentence: a msgid and its facts, which commands say in words.

    `str` is the English, as logs are.
    """

    def __init__(self, msgid: str, **facts: object) -> None:
        super().__init__(msgid % facts)
        self.msgid, self.facts = msgid, facts


class SettingsError(OperatorError):
    """The environment cannot be used."""


def with_files(environ: Mapping[str, str]) -> dict[str, str]:
    """Our variables with `X_FILE` read into `X`; an empty value counts as unset.

    Raises:
        SettingsError: both are set, or the file cannot be read.
    """
    ours = {name: value.strip() for name, value in environ.items() if name.startswith("PORTAL_")}
    env = {name: value for name, value in ours.items() if value and not name.endswith("_FILE")}
    for name, path in ours.items():
        if not (path and name.endswith("_FILE")):
            continue
        target = name.removesuffix("_FILE")
        if target in env:
            raise SettingsError("%(one)s and %(other)s are both set; keep one of them.", one=target, other=name)
        env[target] = text_of(name, Path(path))
    return env


def text_of(name: str, path: Path) -> str:
    """The text of the file at `path`, which the variable `name` names.

    Raises:
        SettingsError: it cannot be read, or it is empty.
    """
    try:
        text = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            "%(name)s names a file that cannot be read (%(error)s): %(path)s", name=name, path=path, error=why(error)
        ) from None
    if not text:
        raise SettingsError("%(name)s names a file that is empty: %(path)s", name=name, path=path)
    return text


def why(error: Exception) -> str:
    """What the system says of a file that it does not give."""
    return error.strerror or str(error) if isinstance(error, OSError) else str(error)


def number(env: Mapping[str, str], name: str, *, default: int, least: int, most: int) -> int:
    """The whole number in `name`, from `least` to `most`.

    Raises:
        SettingsError: it is none.
    """
    text = env.get(name, str(default))
    if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
        raise SettingsError(
            "%(name)s is “%(text)s”; it must be a whole number from %(least)s to %(most)s.",
            name=name,
            text=text,
            least=least,
            most=most,
        )
    return int(text)


def is_secure(text: str) -> bool:
    """Whether `text` says true; anything that is no word for false does, so that a slip never drops TLS."""
    return TRUTH_WORDS.get(text.lower(), True)


def without_secret(address: str) -> str:
    """`address` as a refusal may repeat it: without the name and password that may stand before its host."""
    return address.rpartition("@")[2]


def truth(env: Mapping[str, str], name: str, *, default: bool) -> bool:
    """Whether `name` says true.

    Raises:
        SettingsError: it says neither true nor false.
    """
    text = env.get(name)
    if text is None:
        return default
    if text.lower() not in TRUTH_WORDS:
        raise SettingsError("%(name)s is “%(text)s”; it must be true or false.", name=name, text=text)
    return TRUTH_WORDS[text.lower()]


def is_ip(host: str) -> bool:
    """Whether `host` is an address of IP version 4 or 6 rather than a name."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def is_loopback(host: str) -> bool:
    """Whether nobody but this machine reaches `host`; the browsers trust it without TLS, too."""
    return ipaddress.ip_address(host).is_loopback if is_ip(host) else host in ("localhost", "localhost.")


def postgres_url(env: Mapping[str, str], name: str) -> str | None:
    """The address of a database in `name`; None where it is not set.

    Raises:
        SettingsError: it is no address of a PostgreSQL database.
    """
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
        raise SettingsError(
            "%(name)s must look like this: %(example)s",
            name=name,
            example=Copied("postgresql://user:password@host:5432/database"),
        )
    return url


def is_address(endpoint: str) -> bool:
    """Whether `endpoint` is a host, with or without a port, and nothing else."""
    try:
        parts = urlsplit(f"//{endpoint}")
        return bool(parts.hostname) and parts.netloc == endpoint and (parts.port is None or parts.port > 0)
    except ValueError:
        return False


def kept_journal_key(var: Path) -> str:
    """The journal's key beside the bundled servers, made at their first start.

    Raises:
        SettingsError: it cannot be written or read.
    """
    return kept_key(var / "journal.key", keep=True)


def kept_key(path: Path, keep: bool) -> str:
    """32 random bytes in base64, read where a start has kept them; a command that is refused keeps nothing."""
    if path.exists():
        return text_of(path.name, path)
    key = base64.b64encode(secrets.token_bytes(32)).decode("ascii")
    if keep:
        write_once(path, f"{key}\n".encode("ascii"))
    return key


def write_once(path: Path, data: bytes) -> None:
    """Write a file that its owner alone reads; one that is there stays.

    Raises:
        SettingsError: it cannot be written, or is there.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise SettingsError("A file cannot be written (%(error)s): %(path)s", path=path, error=why(error)) from None
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)


def words(text: str) -> tuple[str, ...]:
    """The words of a list, parted by commas, spaces or lines."""
    return tuple(text.replace(",", " ").split())
