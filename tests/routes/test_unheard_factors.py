"""A session reaches what the factor that proved it may reach: a heard one beside it opens nothing to an unheard one."""

import pytest

from portal.domain.lifecycle import State
from portal.services.authentication import factor_confirmations
from portal.tables.factors import RecoveryCode
from portal.tables.people import Session
from tests.world import cast
from tests.world.accounts import EXAMINER, FACTOR, PASSWORD, code_of, enrol, follow, half_way, opened, person
from tests.world.approvals import agree, waiting
from tests.world.authenticators import Device
from tests.world.builders import Builder
from tests.world.client import Visitor
from tests.world.passkeys import HOST, PASSKEYS, block, sign_in, with_passkey
from tests.world.portal import Portal
from tests.world.recovery_codes import RECOVERY_CODES, codes_on, issued


async def let_in_by(portal: Portal, code: str, username: str = "clerk", password: str = cast.PASSWORD) -> Visitor:
    """Somebody who signs in by a recovery code."""
    visitor = portal.visit()
    visitor.username = username
    await visitor.post("/login", {"username": username, "password": password})
    assert (await visitor.post("/login/recovery", {"recovery_code": code})).status == 303
    return visitor


async def test_what_was_left_behind_unheard_reads_nothing(portal: Portal) -> None:
    """Who used the link first leaves a passkey and codes, and lets the owner in; the owner's phone is heard."""
    number = await Builder(portal.people, portal.store, portal.clock).case(State.CONFIRMED)
    first = await follow(portal, await opened(await portal.as_("head"), EXAMINER))
    name = EXAMINER["username"]
    who = (await person(name))["id"]
    codes = codes_on(await first.post(RECOVERY_CODES, {"code": await code_of(portal, who)}))
    device = Device()
    page = await first.get(PASSKEYS, headers=HOST)
    made = {**page.hidden(PASSKEYS), "name": "x", "credential": device.make(block(page)["challenge"])}
    assert (await first.post(PASSKEYS, {**made, "code": await code_of(portal, who)})).status == 303
    owner = await let_in_by(portal, codes[0], name, PASSWORD)
    assert (await owner.submit(FACTOR, {"recovery_code": codes[1]})).status == 303
    assert (await enrol(owner, portal)).status == 303
    second = await portal.as_("second")
    kinds = {str(each.id): each.kind for each in await factor_confirmations.of_person(who)}
    heard = next(each for each in await waiting(second) if kinds[each.rpartition("/")[2]] == "totp")
    assert await agree(second, heard, compared="phone") == 303
    assert (await owner.get(f"/cases/{number}")).status == 200
    by_passkey = portal.visit()
    await by_passkey.post("/login", {"username": name, "password": PASSWORD})
    assert (await sign_in(by_passkey, device)).status == 303
    by_code = await let_in_by(portal, codes[2], name, PASSWORD)
    for visitor in (by_passkey, by_code):
        assert (await visitor.get("/account")).status == 200
        assert (await visitor.get(f"/cases/{number}")).status == 403


async def test_what_a_heard_factor_has_made_reads_what_it_reads(portal: Portal) -> None:
    clerk, device = await with_passkey(portal)
    codes = await issued(clerk)
    by_passkey = await half_way(portal)
    assert (await sign_in(by_passkey, device)).status == 303
    by_code = await let_in_by(portal, codes[0])
    for visitor in (clerk, by_passkey, by_code):
        assert (await visitor.get("/cases")).status == 200
    assert (await clerk.submit(FACTOR, {"code": clerk.code()})).status == 303
    assert (await enrol(clerk, portal)).status == 303
    assert (await clerk.get("/cases")).status == 200
    assert (await (await let_in_by(portal, codes[1])).get("/cases")).status == 200, "the next phone stands for the last"


async def test_a_session_goes_on_with_what_proved_it_last(portal: Portal) -> None:
    _, device = await with_passkey(portal)
    visitor = await half_way(portal)
    visitor.username = "clerk"
    assert (await sign_in(visitor, device)).status == 303
    url = f"{PASSKEYS}/{(await factor_confirmations.of_person(portal.people['clerk'].id))[1].id}/end"
    assert (await visitor.post(url, {"code": visitor.code()})).status == 303
    assert (await visitor.get("/cases")).status == 200


@pytest.mark.parametrize("heard", [True, False])
async def test_a_session_from_before_the_migration_goes_by_its_kind(portal: Portal, heard: bool) -> None:
    clerk = await portal.as_("clerk")
    codes = await issued(clerk)
    if not heard:
        await factor_confirmations.revoke(portal.people["clerk"].id, now=portal.clock())
    await Session.update({Session.factor: None}, force=True)
    await RecoveryCode.update({RecoveryCode.factor: None}, force=True)
    assert (await clerk.get("/cases")).status == (200 if heard else 403)
    assert (await (await let_in_by(portal, codes[0])).get("/cases")).status == 403, "nobody knows who made it"
