"""Passwords: their length, the words that are tried first, their owner's names; and nothing else."""

import asyncio
import json
import os
import unicodedata
from dataclasses import replace
from typing import Literal
from uuid import UUID

import pytest
from argon2 import PasswordHasher

from bench.server import resident
from portal.domain.errors import Invalid, TooMany
from portal.domain.events import EventKind
from portal.services.administration import invitations
from portal.services.authentication import passwords, sessions, sign_in
from portal.services.verification import accounts
from portal.tables.events import Event
from portal.tables.people import LoginBudget, Person
from tests.world import cast
from tests.world.cast import PASSWORD, Cast
from tests.world.clock import Clock
from tests.world.newcomers import GOOD, digest_of, events, invited

HASHER = passwords._hasher  # before conftest.py puts a quick one there


@pytest.fixture(autouse=True)
def _full_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """Here hashes cost what they cost in production."""
    monkeypatch.setattr(passwords, "_hasher", HASHER)


def refused(password: str, *known: str) -> str | None:
    try:
        passwords.require_strong(password, *known)
    except Invalid as error:
        said = error.errors["password"]
        return said if isinstance(said, str) else said[0]
    return None


@pytest.mark.parametrize(
    "password",
    [
        "onlylowercaseletters",
        "یک جملهٔ ساده که فقط من می‌دانم",
        "۸۳۰۱۷۴۲۹۵۵۶۱",
        "ab cd ef gh ij",
        "x" * 20 + "abcdefgh",
        "s" + "é" * 3 + "langen passwort",
        "correct horse battery staple " * 4,
    ],
)
def test_length_is_all_that_is_asked(password: str) -> None:
    assert refused(password) is None


def test_length_counts_code_points_after_normalising() -> None:
    eleven = "abcdefghij" + "e\u0301"  # twelve code points, eleven characters once composed
    assert len(eleven) == 12
    assert refused(eleven) == "password-short"
    assert refused("xyzuvwklmno" + "e\u0301") is None
    assert refused("qz-xw" * 25 + "abc") is None
    assert refused("qz-xw" * 25 + "abcd") == "too-long"


@pytest.mark.parametrize(
    "password",
    [
        "password1234",
        "PassWord!!!!!",
        "passwordpassword",
        "123456789012",
        "987654321098",
        "qwertyuiop123",
        "abcdefghijklmn",
        "aaaaaaaaaaaa",
        "abababababab",
        "۱۲۳۴۵۶۷۸۹۰۱۲",
        "شهرداری۱۴۰۵۱۴۰۵",
        "بسم الله الرحمن الرحیم",
        "tehran-1405-1405",
    ],
)
def test_what_is_tried_first_is_refused(password: str) -> None:
    assert refused(password) == "password-common"


@pytest.mark.parametrize("password", ["asadabad is my town", "خانهٔ ما در اسدآباد است", "CLERK and his sentence"])
async def test_the_owners_and_the_places_names_are_refused(people: Cast, password: str) -> None:
    if "asadabad" in password:  # the register knows the Persian name alone
        assert refused(password, "asadabad") == "password-weak"
        return
    with pytest.raises(Invalid) as error:
        await passwords.require_fit(people["clerk"].id, password)
    assert error.value.errors == {"password": "password-weak"}


@pytest.mark.parametrize("form", ["NFC", "NFD"])
async def test_equal_letters_are_equal_however_they_are_composed(form: Literal["NFC", "NFD"]) -> None:
    kept = await passwords.hashed(unicodedata.normalize("NFD", "آن جملهٔ دراز é"))
    assert await passwords.fits(unicodedata.normalize(form, "آن جملهٔ دراز é"), kept)


async def test_an_old_hash_is_renewed_at_sign_in(people: Cast, clock: Clock) -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1).hash(passwords.normalise(cast.PASSWORD))
    mine = Person.id == people["clerk"].id
    await Person.update({Person.password_hash: weak}).where(mine)
    for _ in range(2):
        await sign_in.begin("clerk", cast.PASSWORD, address="192.0.2.1", agent="", now=clock())
    row = await Person.select(Person.password_hash).where(mine).first()
    assert row is not None
    assert "m=19456,t=2,p=1" in row["password_hash"]
    assert not passwords.is_stale(row["password_hash"])
    told = await Event.select(Event.statement).where(Event.kind == EventKind.PASSWORD_REHASHED)
    assert [json.loads(each["statement"])["intent"]["values"] for each in told] == [
        {"hash_sha256": passwords.digest(row["password_hash"])}
    ], "once, and so that a hash that nobody set is told from it"
    assert await accounts.of_people(await Person.select().where(mine)) == []
    await Person.update({Person.password_hash: weak}).where(mine)
    assert [each.code for each in await accounts.of_people(await Person.select().where(mine))] == ["password-differs"]


async def test_sixty_at_once_take_the_memory_of_a_few() -> None:
    before, most, over = resident(os.getpid()), 0, asyncio.Event()

    async def watch() -> None:
        nonlocal most
        while not over.is_set():
            most = max(most, resident(os.getpid()))
            await asyncio.sleep(0.002)

    watching = asyncio.create_task(watch())
    assert not any(await asyncio.gather(*(passwords.fits("made up for nobody", None) for _ in range(60))))
    over.set()
    await watching
    assert most - before < 200 * 1024 * 1024


async def test_who_would_wait_too_long_is_sent_away_and_charged_nothing(
    people: Cast, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "MOST_WAITING", 3)
    waiting = [asyncio.create_task(passwords.fits("made up for nobody", None)) for _ in range(3)]
    await asyncio.sleep(0)
    with pytest.raises(TooMany) as error:
        await sign_in.begin("clerk", "wrong", address="203.0.113.7", agent="", now=clock())
    assert error.value.code == "busy-sign-in"
    assert await LoginBudget.count() == 0
    await asyncio.gather(*waiting)
    with pytest.raises(Invalid):
        await sign_in.begin("clerk", "wrong", address="203.0.113.7", agent="", now=clock())


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short", "password-short"),
        ("ا" * 11, "password-short"),
        ("abcd" * 33, "too-long"),
        ("abababababab", "password-common"),
        ("my name is NEW.head", "password-weak"),
        ("من مدير دوم هستم", "password-weak"),
    ],
)
async def test_a_weak_password_is_refused(people: Cast, clock: Clock, password: str, code: str) -> None:
    _, token = await invited(clock)
    with pytest.raises(Invalid) as refused:
        await invitations.accept(token, password=password, now=clock())
    given = refused.value.errors["password"]
    assert (given if isinstance(given, str) else given[0]) == code
    assert (await invitations.find(token, clock()))["stands"], "the link is still good"


async def test_equal_letters_make_equal_passwords() -> None:
    kept = await passwords.hashed("cafe\u0301 au lait")
    assert await passwords.fits("caf\u00e9 au lait", kept)
    assert not await passwords.fits("caf\u00e9 au lait ", kept)
    assert not await passwords.fits("anything", None)
    assert kept.startswith("$argon2id$")


async def test_the_password_is_changed_and_other_sessions_end(people: Cast, clock: Clock) -> None:
    token = await sign_in.begin("clerk", PASSWORD, address="::1", agent="", now=clock())
    standing = await sessions.standing(sessions.digest(token), clock())
    await sign_in.begin("clerk", PASSWORD, address="::2", agent="", now=clock())
    assert standing is not None
    clerk = (await _with_session(people, standing["session"]))["clerk"]
    with pytest.raises(Invalid):
        await passwords.change(clerk, old="not the old one", new=GOOD, now=clock())
    await passwords.change(clerk, old=PASSWORD, new=GOOD, now=clock())
    assert [row["id"] for row in await sessions.of_person(clerk.id, clock())] == [clerk.session]
    told = {"by": "person", "hash_sha256": await digest_of(clerk.id)}
    assert (await events(clerk.id))[-1] == ("PasswordSet", told)


async def _with_session(people: Cast, session: UUID) -> Cast:
    return {name: replace(each, session=session) for name, each in people.items()}


async def test_guessing_the_present_password_has_a_budget(people: Cast, clock: Clock) -> None:
    for _ in range(5):
        with pytest.raises(Invalid):
            await passwords.change(people["clerk"], old="a guess", new=GOOD, now=clock())
    with pytest.raises(TooMany):
        await passwords.change(people["clerk"], old=PASSWORD, new=GOOD, now=clock())
