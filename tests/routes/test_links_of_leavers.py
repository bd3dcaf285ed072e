"""Whoever administers no more lets nobody in: the links that he made are void, and what he asked for with them."""

import pytest

from portal.tables.mandates import Restoration
from tests.world.accounts import EXAMINER, PASSWORDS, link_of, opened, reset
from tests.world.approvals import agree, waiting
from tests.world.mandates import day, end
from tests.world.portal import Portal
from tests.world.restorations import begun, outcome


@pytest.mark.parametrize("how", ["closed", "ended", "over"])
async def test_the_links_of_a_former_administrator_are_void(portal: Portal, how: str) -> None:
    head, lost = await begun(portal, "clerk")
    links = [lost, await opened(head, EXAMINER), await reset(head, portal.people["third"].id)]
    officer = await portal.as_("officer")
    [address] = await waiting(officer)
    assert await agree(officer, address) == 303
    await reset(head, portal.people["examiner"].id)
    second = await portal.as_("second")
    kept = link_of(await second.sign(f"/accounts/{portal.people['examiner'].id}/reset"))
    if how == "closed":
        assert (await second.sign(f"/accounts/{portal.people['head'].id}/end")).status == 303
    else:
        await end(portal, second, "head", day(portal, 0) if how == "over" else "")
    if how != "over":
        assert (await outcome())["outcome"] == "withdrawn"
        assert not await Restoration.exists().where(Restoration.ended_at.is_null())
    portal.clock.tick(24 * 3600)
    for link in links:
        assert (await portal.visit().get(link)).status == 410, link
        assert (await portal.visit().post(link, PASSWORDS)).status == 410, link
    assert (await portal.visit().post(kept, PASSWORDS)).status == 303, "another one's stands"


async def test_what_a_former_administrator_asked_for_waits_no_more(portal: Portal) -> None:
    await begun(portal, "clerk")
    assert len(await waiting(await portal.as_("officer"))) == 1
    await end(portal, await portal.as_("second"), "head", day(portal, 0))
    portal.clock.tick(24 * 3600)
    assert await waiting(await portal.as_("officer")) == []
