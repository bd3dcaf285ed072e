"""Passwords: Argon2id (RFC 9106) with its parameters in this one place; hashing runs in a worker thread."""

import unicodedata

import anyio
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from portal.domain.errors import Invalid
from portal.domain.persian import search_key

SHORTEST, LONGEST = 12, 128
READ = 4 * LONGEST
"""Characters that are looked at at all: normalising takes its time with a megabyte of combining marks."""
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)  # OWASP's second choice for Argon2id
_NOBODY = _hasher.hash("nobody has this password")


def normalise(password: str) -> str:
    """`password` as it is hashed: one form for equal letters (NFC)."""
    return unicodedata.normalize("NFC", password)


async def hashed(password: str) -> str:
    """The Argon2id hash of `password`, parameters and salt included."""
    return await anyio.to_thread.run_sync(_hasher.hash, normalise(password))


async def fits(password: str, kept: str | None) -> bool:
    """Whether `password` is the one behind `kept`; costs the same when there is none."""
    return await anyio.to_thread.run_sync(_verify, normalise(password[:READ]), kept)


def _verify(password: str, kept: str | None) -> bool:
    try:
        return _hasher.verify(kept or _NOBODY, password) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def require_strong(password: str, *known: str) -> None:
    """Refuse a password that is too short, too long, or made of the words `known` about its owner (`Invalid`)."""
    plain = normalise(password[:READ])
    if len(plain) < SHORTEST:
        raise Invalid({"password": ("password-short", {"least": SHORTEST})})
    if len(plain) > LONGEST:
        raise Invalid({"password": ("too-long", {"most": LONGEST})})
    key = search_key(plain)
    if len(set(plain)) < 5 or any(len(word) > 3 and search_key(word) in key for word in known):
        raise Invalid({"password": "password-weak"})
