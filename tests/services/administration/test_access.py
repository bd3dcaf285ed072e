"""The doors before every act on somebody's account."""

from datetime import timedelta
from uuid import uuid4

import asyncpg
import pytest

from portal.domain.approvals import Office
from portal.domain.errors import Conflict, Forbidden, NotFound
from portal.domain.lifecycle import Role
from portal.services.administration import access, accounts, invitations
from portal.services.authentication import factor_confirmations
from portal.services.identity import accounts as identities
from portal.settings import Settings
from portal.tables.people import Person
from tests.world.cast import TOWN, Cast
from tests.world.clock import Clock
from tests.world.services import auditor, grant


async def test_nobody_but_an_administrator_passes(people: Cast) -> None:
    for by in people.values():
        if by.role is Role.ADMINISTRATOR:
            access.require_administrator(by)
            continue
        with pytest.raises(Forbidden, match="role"):
            access.require_administrator(by)
        with pytest.raises(Forbidden, match="role"):
            await access.require_manageable(uuid4(), by)


async def test_an_account_that_is_closed_ones_own_or_unknown_is_not_acted_on(people: Cast, clock: Clock) -> None:
    head, clerk = people["head"], people["clerk"].id
    assert (await access.require_manageable(clerk, head))["username"] == "clerk"
    with pytest.raises(Conflict, match="own-account"):
        await access.require_manageable(head.id, head)
    with pytest.raises(NotFound, match="account"):
        await access.require_manageable(uuid4(), head)
    await accounts.close_by_machine(clerk, now=clock())
    with pytest.raises(Conflict, match="account-closed"):
        await access.require_manageable(clerk, head)


async def test_a_locked_account_is_held_until_the_act_is_done(people: Cast, engine: Settings) -> None:
    clerk = people["clerk"].id
    other = await asyncpg.connect(engine.database_url)
    asked = "SELECT id FROM people WHERE id = $1 FOR UPDATE NOWAIT"
    try:
        async with Person._meta.db.transaction():
            await access.require_manageable(clerk, people["head"], locked=True)
            with pytest.raises(asyncpg.LockNotAvailableError):
                await other.fetch(asked, clerk)
        assert await other.fetchval(asked, clerk) == clerk
    finally:
        await other.close()


async def test_what_is_signed_names_the_account_and_its_place(people: Cast) -> None:
    places = {"clerk": "اسدآباد", "officer": "همدان", "minister": ""}
    for username, place in places.items():
        row = await identities.find(people[username].id)
        matter = access.subject_of(row, "before", reason="گم شد")
        assert (matter.kind, matter.id, matter.before) == ("account", str(row["id"]), "before")
        assert (matter.facts["title"], matter.facts["reason"]) == (row["full_name"], "گم شد")
        office = {"username": username, "role": row["role"], "title": row["title"], "place": place}
        assert matter.facts["office"] == office


async def test_a_page_shows_what_is_held_and_whether_every_office_has_heard(people: Cast, clock: Clock) -> None:
    clerk, governorate = people["clerk"].id, Office(Role.GOVERNORATE, None, TOWN[:2])
    seen = await access.overview(clerk, clock())
    assert [row["status"] for row in seen["mandates"]] == ["now"]
    assert (seen["offices"], seen["confirmed"]) == ({governorate}, True)
    await factor_confirmations.revoke(clerk, now=clock())
    assert not (await access.overview(clerk, clock()))["confirmed"]


async def test_a_mandate_that_waits_asks_for_no_confirmation_yet(people: Cast, clock: Clock) -> None:
    await accounts.open_by_machine(
        accounts.NewAccount("newcomer", "نام", "سمت", Role.AUDITOR, ends_on=(clock() + timedelta(days=3)).date()),
        now=clock(),
    )
    row = await identities.of_username("newcomer")
    assert row is not None
    await invitations.invite(row["id"], purpose=invitations.INVITATION, by=None, now=clock())
    await grant(row["id"], auditor(clock, 10), people["head"], clock)
    seen = await access.overview(row["id"], clock())
    assert [each["status"] for each in seen["mandates"]] == ["waiting", "now"]
    assert seen["offices"] == {Office(Role.ADMINISTRATOR)}
    assert not seen["confirmed"], "nothing proves the newcomer yet"
