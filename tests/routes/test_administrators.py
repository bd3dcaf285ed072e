"""Somebody administers the portal tomorrow too: who has never entered does not count as the other administrator."""

import pytest

from portal.domain.errors import Conflict
from portal.services.administration import administrators
from portal.services.administration import mandates as grants
from portal.services.identity import accounts as identities
from portal.services.identity import mandates
from portal.services.verification import accounts
from portal.services.verification.entries import Finding
from tests.world.accounts import PASSWORDS, SECOND_HEAD, follow, opened, reset
from tests.world.approvals import agree, waiting
from tests.world.client import Page
from tests.world.mandates import day, end, fields, mandate_of
from tests.world.portal import Portal


def told(page: Page) -> bool:
    """Whether a page refuses, and says who is missing."""
    return page.status == 409 and "وارد نشده" in page.words() and SECOND_HEAD["full_name"] in page.words()


async def test_who_has_never_entered_is_no_other_administrator(portal: Portal) -> None:
    head = await portal.as_("head")
    link = await opened(head, SECOND_HEAD)
    await end(portal, head, "third")
    await end(portal, head, "second", day(portal, 0))
    second, account = await portal.as_("second"), f"/accounts/{portal.people['head'].id}"
    url = f"/mandates/{await mandate_of(portal, 'head')}/end"
    assert told(await second.submit(url, {"last_day": day(portal, 1)}))
    assert told(await second.get(f"{account}/end"))
    assert told(await second.post(f"{account}/end", {"code": second.code()}))
    assert SECOND_HEAD["full_name"] in (await second.get(account)).words(), "beside the button that is not there"

    await follow(portal, link)
    assert told(await second.get(f"{account}/end")), "nobody has heard his fingerprint yet"
    [address] = await waiting(second)
    assert await agree(second, address, compared="phone") == 303
    assert (await second.sign(url, {"last_day": day(portal, 1)})).status == 303


async def test_whose_password_was_set_anew_does_not_count_until_he_is_heard(portal: Portal) -> None:
    head = await portal.as_("head")
    await end(portal, head, "third")
    link = await reset(head, portal.people["second"].id)
    assert (await portal.visit().post(link, PASSWORDS)).status == 303
    left = await administrators.missing(portal.clock(), person=portal.people["head"].id)
    assert left == [portal.people["second"].full_name]


async def test_an_administrator_who_never_entered_can_be_ended(portal: Portal) -> None:
    head = await portal.as_("head")
    await opened(head, SECOND_HEAD)
    for username in ("second", "third"):
        await end(portal, head, username)
    page = await head.get("/accounts")
    assert "تنها مدیر" in page.words()
    assert SECOND_HEAD["full_name"] in page.words().partition("جست")[0]
    row = await identities.of_username(SECOND_HEAD["username"])
    assert row is not None
    assert (await head.sign(f"/accounts/{row['id']}/end")).status == 303


async def test_what_nobody_is_left_to_agree_to_is_said_and_the_machine_agrees(portal: Portal) -> None:
    """One opened him, another one resets his password, a third one proposes his next office."""
    owner = portal.people["clerk"].id
    await opened(await portal.as_("third"), SECOND_HEAD)
    for username in ("head", "second"):
        link = await reset(await portal.as_(username), owner)
        assert (await portal.visit().post(link, PASSWORDS)).status == 303
    third = await portal.as_("third")
    await end(portal, third, "clerk", day(portal, 0))
    grant = fields(portal, role="organization", province="", starts_on=day(portal, 1))
    assert (await third.sign(f"/accounts/{owner}/mandate", grant)).status == 303
    for username in ("head", "second", "third"):
        visitor = await portal.as_(username)
        assert await waiting(visitor) == []
        page = await visitor.get("/approvals")
        assert "portal accounts agree clerk" in page.words()
        assert "برای همکار شما" not in page.words()
    await grants.agree_by_machine(owner, now=portal.clock())
    held = await mandates.of_person(owner)
    assert [mandates.status(row, portal.clock()) for row in held] == ["future", "now"]
    with pytest.raises(Conflict, match="no-mandate-waits"):
        await grants.agree_by_machine(owner, now=portal.clock())
    found: list[Finding] = []
    await accounts.walk(found, lambda count: None)
    assert found == []
