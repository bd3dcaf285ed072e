"""What the second person is told before he signs: which office, who has refused it before, who else bears the name."""

from portal.services.authentication import factor_confirmations
from tests.world import cast
from tests.world.accounts import CLERK, EXAMINER, entered, follow, link_of, opened, person
from tests.world.approvals import agree, waiting
from tests.world.client import Visitor
from tests.world.mandates import DEPUTY, day, end, fields
from tests.world.portal import Portal

WRONG = "چنین ابلاغی نیست"


async def reviewed(visitor: Visitor, address: str, **typed: str) -> str:
    """What stands on the sheet that is signed."""
    url = f"{address}/approval"
    return (await visitor.review(url, typed, at=address)).words()


async def test_the_list_and_the_sheet_name_the_office_that_is_agreed_to(portal: Portal) -> None:
    head, keeper = await portal.as_("head"), portal.people["keeper"].id
    await end(portal, head, "keeper", day(portal, 0))
    coming = {"starts_on": day(portal, 1), "ends_on": day(portal, 9), "title": "وزیر کشور"}
    grant = fields(portal, role="minister", province="", kind="deputy", **coming)
    assert (await head.sign(f"/accounts/{keeper}/mandate", grant)).status == 303
    second = await portal.as_("second")
    assert "جانشین وزیر کشور" in (await second.get("/approvals")).words()
    [address] = await waiting(second)
    assert await agree(second, address) == 303
    await factor_confirmations.revoke(keeper, now=portal.clock())
    assert "جانشین وزیر کشور" in (await second.get("/approvals")).words()
    [address] = await waiting(second)
    said = await reviewed(second, address, compared="phone")
    assert "جانشین وزیر کشور" in said, "he speaks for that office too"
    assert portal.people["keeper"].title in said


async def test_an_office_of_another_superior_is_not_spoken_for(portal: Portal) -> None:
    head = await portal.as_("head")
    await opened(head, {**DEPUTY, "starts_on": day(portal, 1), "ends_on": day(portal, 3)})
    owner = (await person("deputy"))["id"]
    town = fields(portal, role="municipality", municipality=cast.TOWN, province="", starts_on=day(portal, 0))
    assert (await head.sign(f"/accounts/{owner}/mandate", {**town, "ends_on": day(portal, 0)})).status == 303
    officer = await portal.as_("officer")
    [address] = await waiting(officer)
    assert await agree(officer, address) == 303
    await follow(portal, link_of(await head.sign(f"/accounts/{owner}/invitation")))
    [address] = await waiting(officer)
    said = await reviewed(officer, address, compared="face")
    assert town["title"] in said
    assert "جانشین" not in said


async def test_the_third_person_is_told_that_the_second_has_refused(portal: Portal) -> None:
    await entered(portal, EXAMINER)
    second = await portal.as_("second")
    [address] = await waiting(second)
    assert WRONG not in (await second.get(address)).words()
    assert (await second.sign(f"{address}/decline", {"reason": WRONG})).status == 303
    third = await portal.as_("third")
    [address] = await waiting(third)
    page = await third.get(address)
    assert WRONG in page.words()
    assert portal.people["second"].full_name in page.words()
    assert await agree(third, address) == 303
    head = await portal.as_("head")
    who = (await person(EXAMINER["username"]))["id"]
    await follow(portal, link_of(await head.sign(f"/accounts/{who}/invitation")))
    [address] = await waiting(third)
    assert WRONG in (await third.get(address)).words(), "of one mandate, whatever waits"


async def test_a_namesake_is_named(portal: Portal) -> None:
    of_minister = {**DEPUTY, "full_name": portal.people["minister"].full_name, "ends_on": day(portal, 9)}
    await entered(portal, of_minister)
    second = await portal.as_("second")
    [address] = await waiting(second)
    page = await second.get(address)
    assert "minister" in page.words(), "another open account bears the name"
    assert "همین نام" in page.words()
    assert (await (await portal.as_("head")).sign(f"/accounts/{portal.people['minister'].id}/end")).status == 303
    assert "همین نام" not in (await second.get(address)).words(), "a closed one does not count"
    await entered(portal, CLERK)
    officer = await portal.as_("officer")
    [address] = await waiting(officer)
    assert "همین نام" not in (await officer.get(address)).words()
