"""What a confirmed factor enrols is vouched for by it; what a recovery code enrols waits for the second person."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import asyncpg
import pytest

from portal.services.authentication import factor_confirmations
from portal.services.journal.log import LOCK
from portal.tables.mandates import FactorConfirmation
from tests.world import cast
from tests.world.accounts import PASSWORDS, enrol, half_way, reset
from tests.world.approvals import agree, waiting
from tests.world.authenticators import Device
from tests.world.client import Page
from tests.world.passkeys import HOST, PASSKEYS, block, with_passkey
from tests.world.portal import Portal
from tests.world.recovery_codes import issued

UNCONFIRMED = "در انتظار تأیید است"
URL = "/account/second-factor"
WAITING = """
SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid)
WHERE NOT l.granted AND a.datname = current_database()
"""
"""How many wait for a lock in this database."""


async def test_a_code_of_the_confirmed_authenticator_vouches_for_the_next_one(portal: Portal) -> None:
    clerk, officer = await portal.as_("clerk"), await portal.as_("officer")
    assert (await clerk.submit(URL, {"code": clerk.code()})).status == 303
    assert (await enrol(clerk, portal)).status == 303
    assert UNCONFIRMED not in (await clerk.get("/cases")).words()
    assert await waiting(officer) == []


async def test_a_recovery_code_does_not(portal: Portal) -> None:
    codes = await issued(await portal.as_("clerk"))
    visitor = await half_way(portal)
    assert (await visitor.submit("/login/recovery", {"recovery_code": codes[0]})).status == 303
    assert (await visitor.submit(URL, {"recovery_code": codes[1]})).status == 303
    assert (await enrol(visitor, portal)).status == 303
    assert UNCONFIRMED in (await visitor.get("/cases")).words()
    officer = await portal.as_("officer")
    [address] = await waiting(officer)
    assert await agree(officer, address, compared="phone") == 303
    assert UNCONFIRMED not in (await visitor.get("/cases")).words()


@pytest.mark.parametrize("confirmed", [True, False])
async def test_a_passkey_is_as_good_as_the_code_that_enrolled_it(portal: Portal, confirmed: bool) -> None:
    person = portal.people["clerk"].id
    if not confirmed:
        await factor_confirmations.revoke(person, now=portal.clock())
    await with_passkey(portal)
    factors = await factor_confirmations.of_person(person)
    assert {each.kind: bool(each.heard_by) for each in factors} == {"totp": confirmed, "passkey": confirmed}
    officer = await portal.as_("officer")
    assert len(await waiting(officer)) == (0 if confirmed else 2), "each factor is heard by itself"


async def while_used(portal: Portal, link: str, act: Coroutine[Any, Any, Page]) -> Page:
    """What `act` answers that begins when the link is used and not yet committed."""
    owner = portal.visit()
    ruler = await asyncpg.connect(portal.settings.migration_database_url)

    async def waits(how_many: int) -> None:
        while await ruler.fetchval(WAITING) < how_many:
            await asyncio.sleep(0.05)

    try:
        await ruler.execute(f"SELECT pg_advisory_lock({LOCK})")
        used = asyncio.create_task(owner.post(link, PASSWORDS))
        await asyncio.wait_for(waits(1), 30)
        acted = asyncio.create_task(act)
        await asyncio.wait_for(waits(2), 30)
    finally:
        await ruler.close()
    assert (await used).status == 303
    return await acted


async def test_what_a_link_makes_void_vouches_for_nothing_more(portal: Portal) -> None:
    person = portal.people["clerk"].id
    link, clerk = await reset(await portal.as_("head"), person), await portal.as_("clerk")
    page = await clerk.get(PASSKEYS, headers=HOST)
    made = {**page.hidden(PASSKEYS), "name": "کلید", "credential": Device().make(block(page)["challenge"])}
    await while_used(portal, link, clerk.post(PASSKEYS, {**made, "code": clerk.code()}))
    stands = FactorConfirmation.ended_at.is_null() & (FactorConfirmation.person == person)
    assert await FactorConfirmation.count().where(stands) == 0


async def test_a_password_that_a_link_has_replaced_replaces_no_other(portal: Portal) -> None:
    link, clerk = await reset(await portal.as_("head"), portal.people["clerk"].id), await portal.as_("clerk")
    new = "یک جملهٔ تازه و دراز"
    typed = {"old_password": cast.PASSWORD, "password": new, "password_again": new}
    assert (await while_used(portal, link, clerk.post("/account/password", typed))).status == 422
    page = await portal.visit().post("/login", {"username": "clerk", "password": PASSWORDS["password"]})
    assert page.status == 303
