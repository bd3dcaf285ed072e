"""What a signer reads first: the town, the change, and the letter as a draft that nobody can take for the letter."""

import hashlib
from contextlib import closing

import pypdfium2 as pdfium

from portal.domain.lifecycle import State
from portal.letters.wording import DRAFT
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
    assert "۱۴۰۵/۱" not in text
    assert (await Event.count(), await Notice.count()) == (before, 0)


async def test_the_page_of_the_signature_shows_the_letter_and_marks_what_parts(portal: Portal) -> None:
    number = await Builder(portal.people, portal.store, portal.clock).case(State.DECIDED)
    minister = await portal.as_("minister")
    page = await minister.get(f"/cases/{number}/signature")
    (shown, *_) = [each.get("src") or "" for each in page.all("img") if "/draft/" in (each.get("src") or "")]
    picture = (await minister.get(shown)).response
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/jpeg")
    assert "صورت‌جلسهٔ این تصمیم هنوز ثبت نشده است" in page.words()
    draft = (await minister.get(f"/cases/{number}/draft.pdf")).response.content
    assert hashlib.sha256(draft).hexdigest()[:4] in page.words(), "the statement names the draft that is shown"
    assert (await minister.get(f"/cases/{number}/draft/pages/9")).status == 404


async def test_minister_and_organization_read_it_and_only_before_it_is_signed(portal: Portal) -> None:
    builder = Builder(portal.people, portal.store, portal.clock)
    number = await builder.case(State.DECIDED)
    urls = [f"/cases/{number}/draft{end}" for end in ("", ".pdf", "/pages/1")]
    for username in ("clerk", "officer", "auditor", "keeper"):
        assert {(await (await portal.as_(username)).get(url)).status for url in urls} == {403}, username
    for username in ("examiner", "minister"):
        assert {(await (await portal.as_(username)).get(url)).status for url in urls} == {200}, username
    assert {(await portal.visit().get(url)).status for url in urls} == {303}
    await builder.notify(number)
    assert {(await (await portal.as_("minister")).get(url)).status for url in urls} == {409}
