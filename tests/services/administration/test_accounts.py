"""Accounts: opened in one form, entered by one-time links, closed once, and every step journalled."""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from portal.domain.errors import Conflict, DomainError, Invalid, NotFound, TooMany
from portal.domain.lifecycle import Role
from portal.domain.lists import Show
from portal.services.administration import accounts, administrators, demo, invitations, lists
from portal.services.administration.accounts import NewAccount
from portal.services.administration.invitations import INVITATION, RESET
from portal.services.authentication import enrolment, factor_confirmations, passwords, sessions, sign_in
from portal.services.identity import accounts as identities
from portal.tables.events import Event
from portal.tables.people import Person, SecondFactor, Session
from tests.world.cast import PASSWORD, TOWN, Cast
from tests.world.clock import Clock

NEW = NewAccount("new.head", "مدیر دوم", "معاون", Role.ADMINISTRATOR)
GOOD = "جمله‌ای بلند برای آزمون"


async def events(person: UUID) -> list[tuple[str, dict[str, Any]]]:
    rows = await Event.select(Event.kind, Event.statement).where(Event.subject == str(person)).order_by(Event.position)
    return [(row["kind"], json.loads(row["statement"])["intent"]["values"]) for row in rows]


async def digest_of(person: UUID) -> str:
    row = await identities.find(person)
    return passwords.digest(row["password_hash"])


async def test_an_account_is_kept_in_one_form(people: Cast, clock: Clock) -> None:
    new = NewAccount(
        "Shahr-۱۲", "  علي   كريمي ", "شهردار", Role.MUNICIPALITY, municipality="١٣٠٦٠١١٤٦٩", province="13"
    )
    person = await accounts.open_by_machine(new, now=clock())
    row = await identities.find(person)
    assert (row["username"], row["full_name"], row["municipality"], row["province"]) == (
        "shahr-12",
        "علی کریمی",
        TOWN,
        None,
    )
    kept = (await events(person))[0]
    assert kept[0] == "AccountOpened"
    assert (kept[1]["municipality"], kept[1]["province"]) == (TOWN, None), "the journal says what is kept"


@pytest.mark.parametrize(
    ("changed", "field", "code"),
    [
        ({"username": "ab"}, "username", "username-shape"),
        ({"username": "شهردار"}, "username", "username-shape"),
        ({"username": "head"}, "username", "username-taken"),
        ({"username": "HEAD"}, "username", "username-taken"),
        ({"full_name": " "}, "full_name", "blank"),
        ({"title": "س" * 121}, "title", ("too-long", {"most": 120})),
        ({"role": Role.MUNICIPALITY}, "municipality", "unknown-municipality"),
        ({"role": Role.MUNICIPALITY, "municipality": "9999999999"}, "municipality", "unknown-municipality"),
        ({"role": Role.GOVERNORATE, "province": "99"}, "province", "choose"),
    ],
)
async def test_a_malformed_account_is_refused(
    people: Cast, clock: Clock, changed: dict[str, Any], field: str, code: Any
) -> None:
    before = await Person.count(), await Event.count()
    values = {"username": "newcomer", "full_name": "نام", "title": "سمت", "role": Role.AUDITOR, **changed}
    with pytest.raises(Invalid) as refused:
        await accounts.open_by_machine(NewAccount(**values), now=clock())
    assert refused.value.errors == {field: code}
    assert (await Person.count(), await Event.count()) == before


async def invited(clock: Clock) -> tuple[UUID, str]:
    person = await accounts.open_by_machine(NEW, now=clock())
    return person, await invitations.invite(person, purpose=INVITATION, by=None, now=clock())


async def test_a_link_sets_a_password_once(people: Cast, clock: Clock) -> None:
    person, token = await invited(clock)
    assert (await invitations.find(token, clock()))["stands"]
    assert await invitations.accept(token, password=GOOD, now=clock()) == person
    assert not (await invitations.find(token, clock()))["stands"]
    with pytest.raises(NotFound):
        await invitations.accept(token, password=GOOD, now=clock())
    assert [kind for kind, _ in await events(person)] == ["AccountOpened", "LinkMade", "PasswordSet"]
    assert await sign_in.begin("New.Head", GOOD, address="::1", agent="", now=clock())


async def test_of_two_uses_at_once_one_counts(people: Cast, clock: Clock) -> None:
    person, token = await invited(clock)
    work = (invitations.accept(token, password=GOOD + str(n), now=clock()) for n in range(4))
    answers = await asyncio.gather(*work, return_exceptions=True)
    assert sorted(isinstance(each, NotFound) for each in answers) == [False, True, True, True]
    assert [kind for kind, _ in await events(person)].count("PasswordSet") == 1


async def test_a_link_ends_by_time_by_a_newer_one_and_with_its_account(people: Cast, clock: Clock) -> None:
    person, first = await invited(clock)
    second = await invitations.invite(person, purpose=INVITATION, by=None, now=clock())
    later = clock() + timedelta(days=7)
    assert not (await invitations.find(first, clock()))["stands"]
    assert (await invitations.find(second, later - timedelta(seconds=1)))["stands"]
    assert not (await invitations.find(second, later))["stands"]
    await accounts.close_by_machine(person, now=clock())
    with pytest.raises(NotFound):
        await invitations.accept(second, password=GOOD, now=clock())
    with pytest.raises(NotFound):
        await invitations.find("no such token", clock())


async def test_links_are_made_for_whom_they_fit(people: Cast, clock: Clock) -> None:
    with pytest.raises(Conflict, match="entered-already"):
        await invitations.invite(people["clerk"].id, purpose=INVITATION, by=None, now=clock())
    with pytest.raises(NotFound):
        await invitations.invite(uuid4(), purpose=RESET, by=None, now=clock())
    await accounts.close_by_machine(people["clerk"].id, now=clock())
    with pytest.raises(Conflict, match="account-closed"):
        await invitations.invite(people["clerk"].id, purpose=RESET, by=None, now=clock())


async def test_a_reset_ends_the_password_and_what_was_confirmed_when_it_is_used_and_not_before(
    people: Cast, clock: Clock
) -> None:
    clerk = people["clerk"]
    await sign_in.begin("clerk", PASSWORD, address="::1", agent="", now=clock())
    token = await invitations.invite(clerk.id, purpose=RESET, by=people["head"], now=clock())
    assert await enrolment.has_factor(clerk.id)
    assert await sessions.of_person(clerk.id, clock())

    await invitations.accept(token, password=GOOD, now=clock())
    found = await factor_confirmations.of_person(clerk.id)
    assert [each.heard_by for each in found] == [frozenset()], "a second person confirms it anew"
    assert not await sessions.of_person(clerk.id, clock())
    told = {"by": "reset", "link_made_by": str(people["head"].id), "hash_sha256": await digest_of(clerk.id)}
    assert (await events(clerk.id))[-1] == ("PasswordSet", told)
    with pytest.raises(Invalid):
        await sign_in.begin("clerk", PASSWORD, address="::1", agent="", now=clock())


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


async def test_the_last_administrator_stays(people: Cast, clock: Clock) -> None:
    heads = [people[name].id for name in ("head", "second", "third")]
    work = (accounts.close_by_machine(each, now=clock()) for each in heads)
    answers = await asyncio.gather(*work, return_exceptions=True)
    assert sorted(type(each).__name__ for each in answers) == ["Conflict", "NoneType", "NoneType"]
    assert len(await administrators.of_today(clock())) == 1


async def test_a_closed_account_enters_nowhere_and_is_closed_once(people: Cast, clock: Clock) -> None:
    clerk = people["clerk"].id
    token = await sign_in.begin("clerk", PASSWORD, address="::1", agent="", now=clock())
    await accounts.close_by_machine(clerk, now=clock())
    assert await sessions.standing(sessions.digest(token), clock()) is None
    with pytest.raises(Invalid):
        await sign_in.begin("clerk", PASSWORD, address="::1", agent="", now=clock())
    with pytest.raises(Conflict, match="account-closed"):
        await accounts.close_by_machine(clerk, now=clock())
    assert [kind for kind, _ in await events(clerk)].count("AccountEnded") == 1
    with pytest.raises(NotFound):
        await accounts.close_by_machine(uuid4(), now=clock())


async def test_the_list_is_paged_searched_and_filtered(people: Cast, clock: Clock) -> None:
    for n in range(30):
        await accounts.open_by_machine(NewAccount(f"reader-{n:02}", "خواننده", "بازرس", Role.AUDITOR), now=clock())
    first = await lists.listing(clock(), role="auditor")
    assert len(first) == lists.PAGE + 1
    rest = await lists.listing(clock(), after=first[lists.PAGE - 1]["username"], role="auditor")
    seen = [row["username"] for row in first[: lists.PAGE] + rest]
    assert seen == sorted(set(seen))
    assert len(seen) == 31

    async def found(text: str) -> set[str]:
        return {row["username"] for row in await lists.listing(clock(), text=text)}

    assert await found("CLE") == {"clerk"}
    assert await found("اسدآباد") == {"clerk"}
    assert await found("همدان") >= {"clerk", "officer", "colleague"}
    assert await found("وزير") == {"minister"}
    for odd in ("%", "_", "\\", "\0", "'", "100%\\"):
        await lists.listing(clock(), text=odd, after=odd)
    unenrolled = {row["username"] for row in await lists.listing(clock(), show=Show.UNENROLLED)}
    assert "reader-00" in unenrolled
    assert "clerk" not in unenrolled


async def test_the_demo_opens_accounts_that_can_sign_in(people: Cast, clock: Clock) -> None:
    kept = await passwords.hashed(demo.PASSWORD)
    person = await demo.open_account(NEW, password_hash=kept, now=clock())
    assert person.mandate
    assert await sign_in.begin(NEW.username, demo.PASSWORD, address="::1", agent="", now=clock())
    assert [kind for kind, _ in await events(person.id)] == ["AccountOpened", "PasswordSet", "FactorEnrolled"]
    assert await SecondFactor.count().where(SecondFactor.person == person.id) == 1


async def test_only_digests_of_tokens_are_kept(people: Cast, clock: Clock) -> None:
    token = await sign_in.begin("clerk", PASSWORD, address="::1", agent="", now=clock())
    row = await Session.select(Session.token).output(load_json=False).first()
    assert row is not None
    assert token.encode() not in bytes(row["token"])
    assert issubclass(Conflict, DomainError)
