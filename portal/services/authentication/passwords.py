"""Passwords: Argon2id (RFC 9106) with its parameters in this one place; hashing runs in threads of its own.

Each hash takes 19 MiB, and its thread keeps them: few threads, for which others wait, bound what a crowd can take.
"""

import asyncio
import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import TypeVar
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from portal.domain.errors import Invalid, TooMany
from portal.domain.events import EventKind
from portal.domain.persian import composed, fold_digits, search_key
from portal.services.authentication import rate_limits, sessions
from portal.services.identity import account_events, accounts
from portal.services.identity.identity import Identity
from portal.tables.people import Person

T = TypeVar("T")

SHORTEST, LONGEST = 12, 128
AT_ONCE = 4  # hashes of one process
MOST_WAITING = 64  # who wait for their turn: some seconds' work, of two processes on two processors too
READ = 4 * LONGEST
"""Characters that are looked at at all: normalising takes its time with a megabyte of combining marks."""
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)  # OWASP's second choice for Argon2id
_NOBODY = _hasher.hash("nobody has this password")
_threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="argon2")
_waiting = 0


def require_turn() -> None:
    """Refuse (`TooMany`) another hash while too many wait for theirs."""
    if _waiting >= MOST_WAITING:
        raise TooMany("busy-sign-in")


async def _in_turn(hashing: Callable[..., T], *of: str | None) -> T:
    """What `hashing` makes of its arguments, once it is its turn; raises TooMany."""
    global _waiting
    require_turn()
    _waiting += 1
    try:
        return await asyncio.get_running_loop().run_in_executor(_threads, hashing, *of)
    finally:
        _waiting -= 1


def normalise(password: str) -> str:
    """`password` as it is hashed: one form for equal letters (NFC)."""
    return composed(password)


async def hashed(password: str) -> str:
    """The Argon2id hash of `password`, parameters and salt included. Raises TooMany."""
    return await _in_turn(_hasher.hash, normalise(password))


def digest(kept: str) -> str:
    """What the journal says of a hash: hex SHA-256 of it. Its salt is part of it, so that it gives nothing away."""
    return hashlib.sha256(kept.encode()).hexdigest()


async def fits(password: str, kept: str | None) -> bool:
    """Whether `password` is the one behind `kept`; costs the same when there is none. Raises TooMany."""
    return await _in_turn(_verify, normalise(password[:READ]), kept)


def _verify(password: str, kept: str | None) -> bool:
    try:
        return _hasher.verify(kept or _NOBODY, password) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def is_stale(kept: str) -> bool:
    """Whether `kept` was made with other parameters than today's, so that the next sign-in should renew it."""
    return _hasher.check_needs_rehash(kept)


async def require_fit(person: UUID, password: str) -> None:
    """Refuse a password that does not suit `person`: see `require_strong`; the names of person and place are known."""
    row = (
        await Person.select(
            Person.username,
            Person.full_name,
            Person.municipality.display_name.as_alias("town"),
            Person.municipality.province.name.as_alias("town_province"),  # type: ignore[union-attr]
            Person.province.name.as_alias("province_name"),
        )
        .where(Person.id == person)
        .first()
    )
    names = " ".join(filter(None, row.values())) if row else ""
    require_strong(password, *names.split())


def require_strong(password: str, *known: str) -> None:
    """Refuse a password that is too short, too long, one of the commonest, or made of `known` words about its owner.

    Its length is all that is asked beside (SP 800-63B-4 §3.1.1.2): code points after normalising, no composition.

    Raises:
        Invalid: `password-short`, `too-long`, `password-common`, `password-weak`.
    """
    plain = normalise(password[:READ])
    if len(plain) < SHORTEST:
        raise Invalid({"password": ("password-short", {"least": SHORTEST})})
    if len(plain) > LONGEST:
        raise Invalid({"password": ("too-long", {"most": LONGEST})})
    if is_common(plain):
        raise Invalid({"password": "password-common"})
    key = search_key(plain)
    if any(len(word) > 3 and search_key(word) in key for word in known):
        raise Invalid({"password": "password-weak"})


def is_common(password: str) -> bool:
    """Whether it is one of the shipped words, one of them over and over or amid digits and signs, or a mere run."""
    key = fold_digits(password).casefold()
    core = key.strip(_AROUND)
    words = {key, core, _unit(key), _unit(core), search_key(core)}
    return not words.isdisjoint(_common()) or len(set(key)) < 5 or _is_run(key)


_AROUND = "".join(chr(each) for each in range(32, 127) if not chr(each).isalpha()) + "\u200c،؛؟«»"


def _unit(text: str) -> str:
    """What `text` repeats: itself if it repeats nothing."""
    found = (text + text).find(text, 1)
    return text[:found]


def _is_run(text: str) -> bool:
    """Whether each character follows the one before, up or down: 123456789012, abcdefghijkl."""
    steps = {(ord(after) - ord(before)) % 10 for before, after in pairwise(text)}
    return steps in ({1}, {9})


@cache
def _common() -> frozenset[str]:
    words = (line for name in ("common.txt", "persian.txt") for line in _lines(name))
    return frozenset(each for word in words for each in (word, search_key(word)) if each)


def _lines(name: str) -> list[str]:
    return resources.files("portal").joinpath("passwords", name).read_text("utf-8").splitlines()


async def change(by: Identity, *, old: str, new: str, now: datetime) -> str:
    """Replace the password, end every other session, and give this one another token, which is returned.

    Raises:
        TooMany: too many wrong old ones, with `seconds`.
        Invalid: the old one is wrong, or the new one weak.
    """
    row = await accounts.find(by.id)
    budget = rate_limits.of_password(by.id)
    await rate_limits.hit(budget, now)
    if not await fits(old, row["password_hash"]):
        raise Invalid({"old_password": "password-wrong"})
    await rate_limits.undo(budget)
    await require_fit(by.id, new)
    kept = await hashed(new)
    async with Person._meta.db.transaction():
        mine = (Person.id == by.id) & (Person.password_hash == row["password_hash"])
        if not await Person.update({Person.password_hash: kept}).where(mine).returning(Person.id):
            raise Invalid({"old_password": "password-wrong"})  # meanwhile a link has set another one
        await sessions.end_all(by.id, but=by.session, now=now)
        token = sessions.new_token()
        if by.session:
            await sessions.rotate_token(by.session, sessions.digest(token))
        await account_events.record(
            EventKind.PASSWORD_SET, by.id, by, {"by": "person", "hash_sha256": digest(kept)}, now
        )
    return token


async def rehash(person: UUID, password: str, stale: str, *, now: datetime) -> None:
    """Keep `password`, which has just been found right, under today's parameters in place of the hash `stale`."""
    kept = await hashed(password)
    async with Person._meta.db.transaction():
        mine = (Person.id == person) & (Person.password_hash == stale)
        if await Person.update({Person.password_hash: kept}).where(mine).returning(Person.id):
            await account_events.record(EventKind.PASSWORD_REHASHED, person, None, {"hash_sha256": digest(kept)}, now)
