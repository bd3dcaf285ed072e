"""Accounts: opened in one form, entered by one-time links, closed once, and every step journalled."""

from typing import Any
from uuid import uuid4

import pytest

from portal.domain.errors import Conflict, Invalid, NotFound
from portal.domain.lifecycle import Role
from portal.services.administration import accounts
from portal.services.administration.accounts import NewAccount
from portal.services.authentication import sessions, sign_in
from portal.services.identity import accounts as identities
from portal.tables.events import Event
from portal.tables.people import Person
from tests.world.cast import PASSWORD, TOWN, Cast
from tests.world.clock import Clock
from tests.world.newcomers import events


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
