"""What a signer reads first: the town, the change, and the letter as a draft that nobody can take for the letter."""

from contextlib import closing

import pypdfium2 as pdfium

from portal.domain.lifecycle import State
from portal.letters.decision import DRAFT
from portal.tables.acts import Notice
from portal.tables.events import Event
from tests.world.builders import Builder
from tests.world.portal import Portal


async def test_the_ministers_page_names_the_town_and_the_change_first(portal: Portal) -> None:
    number = await Builder(portal.people, portal.store, portal.clock).case(State.DECIDED)
    page = await (await portal.as_("minister")).get(f"/cases/{number}/signature")
    (statement,) = (each for each in page.all("div") if each.get("id") == "signoff-statement")
    lines = [" ".join("".join(each.itertext()).split()) for each in [*page.all("dt"), *page.all("dd")]]
    assert next(each for each in page.all("dt") if each in statement.iter()).text == "شهرداری"
    assert "اسدآباد (استان همدان)" in lines
    assert "از درجهٔ ۷ به ۹" in lines
    assert f"/cases/{number}/draft.pdf" in [each.get("href") for each in page.all("a")]


async def test_every_act_on_a_case_names_its_town(portal: Portal) -> None:
    builder = Builder(portal.people, portal.store, portal.clock)
    number = await builder.case(State.CONFIRMED)
    examiner = await portal.as_("examiner")
    page = await examiner.review(f"/cases/{number}/return", {"reason": "تصویر مدرک ناخواناست"})
    assert "اسدآباد (استان همدان)" in page.words()


async def test_the_draft_is_read_before_it_is_signed_and_leaves_nothing(portal: Portal) -> None:
    number = await Builder(portal.people, portal.store, portal.clock).case(State.DECIDED)
    before = await Event.count()
    answer = (await (await portal.as_("minister")).get(f"/cases/{number}/draft.pdf")).response
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    assert answer.headers["cache-control"] == "no-store"
    with closing(pdfium.PdfDocument(answer.content)) as document:
        text = document[0].get_textpage().get_text_bounded()
    assert DRAFT.split()[0][:4] in text
    assert f"{number}/1" not in text
    assert (await Event.count(), await Notice.count()) == (before, 0)


async def test_only_who_may_sign_reads_it_and_only_before_it_is_signed(portal: Portal) -> None:
    builder = Builder(portal.people, portal.store, portal.clock)
    number = await builder.case(State.DECIDED)
    url = f"/cases/{number}/draft.pdf"
    for username in ("clerk", "officer", "examiner", "auditor", "keeper"):
        assert (await (await portal.as_(username)).get(url)).status == 403, username
    assert (await portal.visit().get(url)).status == 303
    await builder.notify(number)
    assert (await (await portal.as_("minister")).get(url)).status == 409
