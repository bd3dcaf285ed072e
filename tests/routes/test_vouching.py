"""What a confirmed factor enrols is vouched for by it; what a recovery code enrols waits for the second person."""

import pytest

from portal.services.authentication import factor_confirmations
from tests.conftest import Portal
from tests.routes.test_accounts import enrol
from tests.routes.test_approvals import agree, waiting
from tests.routes.test_passkeys import with_passkey
from tests.routes.test_recovery import half_way, issued

UNCONFIRMED = "در انتظار تأیید است"
URL = "/account/second-factor"


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
        await factor_confirmations.void(person, now=portal.clock())
    await with_passkey(portal)
    factors = await factor_confirmations.of_person(person)
    assert {each.kind: bool(each.heard_by) for each in factors} == {"totp": confirmed, "passkey": confirmed}
    officer = await portal.as_("officer")
    assert len(await waiting(officer)) == (0 if confirmed else 2), "each factor is heard by itself"
