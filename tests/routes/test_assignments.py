"""Who has a case in hand: seen by colleagues, taken over knowingly, never in anybody's way."""

from portal.domain.lifecycle import State
from portal.tables.events import Event
from portal.tables.mandates import Assignment
from tests.world.builders import Builder
from tests.world.portal import Portal

FREE, MINE = "کارشناس رسیدگی‌کننده هنوز مشخص نیست", "رسیدگی با شما"


async def test_the_first_act_takes_a_case_in_hand_and_a_colleague_takes_it_over(portal: Portal) -> None:
    builder = Builder(portal.people, portal.store, portal.clock)
    number = await builder.case(State.SUBMITTED)
    url = f"/cases/{number}"
    officer, colleague = await portal.as_("officer"), await portal.as_("colleague")
    assert FREE in (await officer.get(url)).words()
    await builder.attest(number)
    assert MINE in (await officer.get(url)).words()
    assert "رسیدگی با افسر استان" in (await colleague.get(url)).words()
    assert "رسیدگی با افسر استان" in (await colleague.get("/cases")).words()
    assert MINE in (await officer.get("/cases")).words()

    page = await colleague.submit(f"{url}/hand", at=url)
    assert page.status == 303, page.words()
    assert MINE in (await colleague.get(url)).words()
    assert "رسیدگی با همکار استان" in (await officer.get(url)).words()
    assert "از افسر استان" in (await officer.get(url)).words(), "the history tells from whom"
    assert await Event.count().where(Event.kind == "CaseTakenInHand") == 1
    page = await colleague.post(f"{url}/hand", {"held_by": str(portal.people["colleague"].id)})
    assert page.status == 303
    assert await Event.count().where(Event.kind == "CaseTakenInHand") == 1, "once is enough"


async def test_it_informs_and_never_blocks(portal: Portal) -> None:
    builder = Builder(portal.people, portal.store, portal.clock)
    number = await builder.case(State.SUBMITTED)
    await builder.attest(number)
    await builder.confirm(number, officer="colleague")
    open_hands = await Assignment.select().where(Assignment.ended_at.is_null())
    assert open_hands == [], "the case went on to another office"
    examiner = await portal.as_("examiner")
    assert FREE in (await examiner.get(f"/cases/{number}")).words()
    await builder.assess(number)
    assert MINE in (await examiner.get(f"/cases/{number}")).words(), "it stays while the case stays"


async def test_a_page_that_went_stale_takes_nothing_over(portal: Portal) -> None:
    number = await Builder(portal.people, portal.store, portal.clock).case(State.SUBMITTED)
    url = f"/cases/{number}"
    officer, colleague = await portal.as_("officer"), await portal.as_("colleague")
    page = await colleague.get(url)
    assert (await officer.submit(f"{url}/hand", at=url)).status == 303
    page = await colleague.post(f"{url}/hand", page.hidden(f"{url}/hand"))
    assert page.status == 409
    assert MINE in (await officer.get(url)).words()


async def test_the_doors_before_a_hand(portal: Portal) -> None:
    number = await Builder(portal.people, portal.store, portal.clock).case(State.SUBMITTED)
    url = f"/cases/{number}/hand"
    wanted = {
        "stranger": 404,
        "examiner": 404,
        "clerk": 409,
        "auditor": 403,
        "keeper": 403,
        "head": 403,
        "officer": 422,
    }
    for username, status in wanted.items():
        visitor = await portal.as_(username)
        page = await visitor.post(url, {"held_by": "x"} if status == 422 else {})
        assert page.status == status, username
    assert await Assignment.count().where(Assignment.desk == "governorate") == 0


async def test_what_a_closed_account_had_in_hand_passes_to_the_office(portal: Portal) -> None:
    builder = Builder(portal.people, portal.store, portal.clock)
    number = await builder.case(State.SUBMITTED)
    await builder.attest(number)
    head = await portal.as_("head")
    assert (await head.sign(f"/accounts/{portal.people['officer'].id}/end")).status == 303
    colleague = await portal.as_("colleague")
    assert FREE in (await colleague.get(f"/cases/{number}")).words()
