"""A lost device over HTTP: two people, the owner told, a day to object, and then a new way in."""

import pytest

from portal.domain.approvals import OBJECTION
from portal.tables.events import Event
from portal.tables.mandates import Restoration
from tests.world import cast
from tests.world.accounts import PASSWORD, enrol
from tests.world.approvals import agree, waiting
from tests.world.journal import last_event
from tests.world.mandates import day, end, fields
from tests.world.portal import Portal
from tests.world.restorations import begun, outcome

DAY = OBJECTION.total_seconds()


async def test_two_people_and_a_day_restore_a_lost_device(portal: Portal) -> None:
    clerk = await portal.as_("clerk")
    _, link = await begun(portal, "clerk")
    assert "راه ورود جدید" in (await clerk.get("/cases")).words(), "the owner is told"
    passwords = {"password": PASSWORD, "password_again": PASSWORD}
    owner = portal.visit()
    assert (await owner.get(link)).status == 409
    assert (await owner.post(link, passwords)).status == 409

    officer = await portal.as_("officer")
    [address] = await waiting(officer)
    assert "گوشی در سفر گم شد" in (await officer.get(address)).words()
    assert await agree(officer, address) == 303
    assert (await outcome())["confirmed_by"] == portal.people["officer"].id
    assert (await owner.post(link, passwords)).status == 409, "the owner has one day to object"
    assert (await clerk.get("/cases")).status == 200, "nothing has ended yet"

    portal.clock.tick(DAY)
    assert (await owner.get(link)).status == 200
    page = await owner.post(link, passwords)
    assert (page.status, page.location) == (303, "/account/second-factor")
    assert (await enrol(owner, portal)).status == 303
    assert (await owner.get("/cases")).status == 403
    assert "در انتظار تأیید است" in (await owner.get("/cases")).words()
    assert (await outcome())["outcome"] == "used"
    assert (await owner.post(link, passwords)).status == 410, "it works once"

    old = portal.visit()
    await old.post("/login", {"username": "clerk", "password": PASSWORD})
    portal.clock.tick(31)
    page = await old.post("/login/code", {"code": cast.code("clerk", portal.clock())})
    assert page.status == 422, "the lost device opens nothing any more"

    officer = await portal.as_("officer")
    [address] = await waiting(officer)
    assert await agree(officer, address, compared="face") == 303
    assert "در انتظار تأیید است" not in (await owner.get("/cases")).words()
    for kind in ("RestorationBegun", "RestorationConfirmed", "FactorConfirmed"):
        assert (await last_event(kind))["record"]["factor"], f"{kind} was signed under a code"


async def test_the_owner_objects_and_the_link_is_void(portal: Portal) -> None:
    clerk = await portal.as_("clerk")
    head, link = await begun(portal, "clerk")
    officer = await portal.as_("officer")
    [address] = await waiting(officer)
    assert await agree(officer, address) == 303
    page = await clerk.get("/account/restoration")
    assert "گوشی در سفر گم شد" in page.words()
    page = await clerk.post("/account/restoration", page.hidden("/account/restoration"))
    assert page.status == 303
    assert (await outcome())["outcome"] == "objected"
    assert (await last_event("RestorationObjected"))["intent"]["signer"]["username"] == "clerk"
    portal.clock.tick(DAY)
    page = await portal.visit().post(link, {"password": PASSWORD, "password_again": PASSWORD})
    assert page.status == 410
    clerk = await portal.as_("clerk")
    assert "راه ورود جدید" not in (await clerk.get("/cases")).words()
    recorded = await Event.count()
    assert (await clerk.post("/account/restoration")).status == 303
    assert "ثبت شده است" in (await clerk.get("/account")).words()
    assert await Event.count() == recorded, "there is nothing to object to any more"
    head = await portal.as_("head")
    assert (await head.get(f"/accounts/{portal.people['clerk'].id}/restoration")).status == 200


async def test_without_the_second_person_it_never_opens(portal: Portal) -> None:
    _, link = await begun(portal, "clerk")
    portal.clock.tick(3 * DAY)
    page = await portal.visit().get(link)
    assert page.status == 409
    portal.clock.tick(5 * DAY)
    assert (await portal.visit().get(link)).status == 410, "and it grows old"
    officer = await portal.as_("officer")
    [address] = await waiting(officer)
    page = await officer.submit(f"{address}/approval", at=address)
    assert page.status == 409, "nor does an agreement bring it to life"
    assert "مهلت این درخواست بازیابی گذشته" in page.words()
    assert (await officer.sign(f"{address}/decline", {"reason": "با او صحبت کردم؛ گوشی نزد خودش است"})).status == 303
    assert (await outcome())["outcome"] == "declined"


@pytest.mark.parametrize(
    ("username", "approver", "others"),
    [
        ("clerk", "officer", ("second", "stranger", "examiner")),
        ("officer", "examiner", ("second", "colleague")),
        ("examiner", "second", ("officer",)),
        ("minister", "second", ("examiner",)),
        ("third", "second", ("examiner",)),
    ],
)
async def test_the_superior_place_agrees_and_nobody_else(
    portal: Portal, username: str, approver: str, others: tuple[str, ...]
) -> None:
    head, _ = await begun(portal, username)
    right = await portal.as_(approver)
    [address] = await waiting(right)
    for name in others:
        assert (await (await portal.as_(name)).get(address)).status == 404
    assert (await head.get(address)).status in (404, 409), "never whoever asked for it"
    assert (await (await portal.as_(username)).get(address)).status in (403, 404, 409), "nor whom it is about"
    assert await agree(right, address) == 303


async def test_a_second_request_takes_the_place_of_the_first(portal: Portal) -> None:
    _, first = await begun(portal, "clerk")
    _, second = await begun(portal, "clerk")
    assert (await portal.visit().get(first)).status == 410
    assert (await portal.visit().get(second)).status == 409
    assert await Restoration.count().where(Restoration.ended_at.is_null()) == 1


async def test_bad_input_asks_for_nothing(portal: Portal) -> None:
    head = await portal.as_("head")
    url = f"/accounts/{portal.people['clerk'].id}/restoration"
    page = await head.submit(url, {"reason": ""})
    assert page.status == 422
    assert "reason" in page.errors()
    assert (await head.post(url, {"reason": "x", "code": head.code()})).status == 422, "nothing was shown"
    page = await head.review(url, {"reason": "گم شد"})
    page = await head.post(url, {**page.hidden(url), "code": "000000"})
    assert "code" in (await head.get(page.location)).errors()
    assert await Restoration.count() == 0


async def agreed(portal: Portal, username: str) -> str:
    """The link of a restoration to which the clerk's governorate has agreed; its day to object begins."""
    _, link = await begun(portal, username)
    officer = await portal.as_("officer")
    [address] = await waiting(officer)
    assert await agree(officer, address) == 303
    return link


async def test_none_is_begun_while_its_owner_cannot_sign_in(portal: Portal) -> None:
    head = await portal.as_("head")
    await end(portal, head, "clerk")
    url = f"/accounts/{portal.people['clerk'].id}/restoration"
    page = await head.get(url)
    assert page.status == 409
    assert "امروز سمتی ندارد" in page.words()
    assert (await head.post(url, {"reason": "گوشی گم شد", "code": head.code()})).status == 409


@pytest.mark.parametrize("when", ["before", "after"])
async def test_it_ends_with_the_office_of_its_owner(portal: Portal, when: str) -> None:
    link = (await begun(portal, "clerk"))[1] if when == "before" else await agreed(portal, "clerk")
    await end(portal, await portal.as_("head"), "clerk")
    assert (await outcome())["outcome"] == "withdrawn"
    assert await waiting(await portal.as_("officer")) == []
    assert (await portal.visit().get(link)).status == 410


async def test_it_does_not_open_after_the_last_day_of_its_owner(portal: Portal) -> None:
    link = await agreed(portal, "clerk")
    await end(portal, await portal.as_("head"), "clerk", day(portal, 0))
    portal.clock.tick(DAY)
    page = await portal.visit().post(link, {"password": PASSWORD, "password_again": PASSWORD})
    assert page.status == 410, "he could not sign in to object"


async def test_nobody_agrees_to_it_between_two_offices_of_its_owner(portal: Portal) -> None:
    head, officer = await portal.as_("head"), await portal.as_("officer")
    await end(portal, head, "clerk", day(portal, 0))
    grant = fields(portal, role="municipality", municipality=cast.TOWN, province="", starts_on=day(portal, 4))
    assert (await head.sign(f"/accounts/{portal.people['clerk'].id}/mandate", grant)).status == 303
    [address] = await waiting(officer)
    assert await agree(officer, address) == 303
    await begun(portal, "clerk")
    portal.clock.tick(DAY)
    officer = await portal.as_("officer")
    [address] = await waiting(officer)
    page = await officer.submit(f"{address}/approval", at=address)
    assert page.status == 409
    assert "امروز سمتی ندارد" in page.words()


async def test_it_ends_when_another_office_agrees_to_more(portal: Portal) -> None:
    head, clerk = await portal.as_("head"), portal.people["clerk"].id
    await end(portal, head, "clerk", day(portal, 1))
    link = await agreed(portal, "clerk")
    more = fields(portal, role="minister", province="", kind="deputy", starts_on=day(portal, 2), ends_on=day(portal, 9))
    assert (await head.sign(f"/accounts/{clerk}/mandate", more)).status == 303
    second = await portal.as_("second")
    [address] = await waiting(second)
    assert await agree(second, address) == 303
    assert (await outcome())["outcome"] == "withdrawn"
    assert (await portal.visit().get(link)).status == 410
    await begun(portal, "clerk")
    assert await waiting(await portal.as_("officer")) == []
    assert len(await waiting(await portal.as_("second"))) == 2, "his factor, and the one asked for anew"
