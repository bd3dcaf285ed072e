"""What was shown, over HTTP: who may say so, what counts, and what a sheet asks of whoever did not look."""

import json
from typing import Any
from uuid import UUID

import pytest

from portal.domain.lifecycle import State
from portal.sandbox.inspection import WIDTH
from portal.services.reader import faults
from portal.tables.documents import Document
from portal.tables.events import Event
from portal.tables.pages import PageView
from tests.world.builders import SLOTS, Builder, scan
from tests.world.client import Page, Visitor
from tests.world.documents import draft
from tests.world.portal import Portal

FIRST = "اصل سند رؤیت شد"


async def sheet(portal: Portal) -> tuple[str, list[UUID]]:
    """The attestation of a submitted case, and its documents in the sheet's order."""
    number = await Builder(portal.people, portal.store, portal.clock).case(State.SUBMITTED)
    url = f"/cases/{number}/attestation"
    page = await (await portal.as_("officer")).get(url)
    return url, [UUID(name.removeprefix("verdict-")) for name in names(page) if name.startswith("verdict-")]


def names(page: Page) -> list[str]:
    return list(dict.fromkeys(each.get("name", "") for each in page.all("input")))


async def pages_shown(username: str, portal: Portal) -> list[tuple[UUID, int]]:
    rows = await PageView.select().where(PageView.person == portal.people[username].id).order_by(PageView.id)
    return [(row["document"], row["page"]) for row in rows]


async def statement() -> dict[str, Any]:
    row = await Event.select(Event.statement).where(Event.kind == "AttestationGiven").order_by(Event.position).first()
    assert row is not None
    told: dict[str, Any] = json.loads(row["statement"])
    return told


async def test_who_may_say_that_a_page_was_shown(portal: Portal) -> None:
    _, (document, *_) = await sheet(portal)
    url = f"/documents/{document}/pages/1"
    officer = await portal.as_("officer")
    assert (await officer.post(f"{url}/view")).status == 409, "nobody has drawn it"
    await officer.get(url)
    statuses = (("officer", 204), ("clerk", 204), ("stranger", 404), ("examiner", 404), ("head", 403), ("abroad", 404))
    for username, status in statuses:
        assert (await (await portal.as_(username)).post(f"{url}/view")).status == status, username
    assert (await portal.visit().post(f"{url}/view")).status == 303
    assert await PageView.count() == 2
    assert (await officer.post(f"{url}/view")).status == 204, "twice"
    assert await PageView.count() == 2
    for wrong in ("0/view", "2/view", "99999999999/view", "1/view?width=9", "1/view?width=a"):
        assert (await officer.post(f"/documents/{document}/pages/{wrong}")).status == 404, wrong
    cross = {"Sec-Fetch-Site": "cross-site"}
    assert (await officer.post(f"{url}/view", headers=cross)).status == 403


async def test_the_larger_picture_is_another_one(portal: Portal) -> None:
    _, (document, *_) = await sheet(portal)
    officer, url = await portal.as_("officer"), f"/documents/{document}/pages/1"
    await officer.get(url)
    assert (await officer.post(f"{url}/view?width=2800")).status == 409
    await officer.get(f"{url}?width=2800")
    assert (await officer.post(f"{url}/view?width=2800")).status == 204
    assert (await officer.post(f"{url}/view?width={WIDTH}")).status == 204
    assert len(await pages_shown("officer", portal)) == 2


async def test_pictures_alone_count_for_nothing(portal: Portal) -> None:
    _, (document, *_) = await sheet(portal)
    officer = await portal.as_("officer")
    await officer.get(f"/documents/{document}/pages/1")
    await officer.get(f"/documents/{document}/pages/1?width=2800")
    assert await PageView.count() == 0


@pytest.mark.parametrize(
    ("headers", "shown"),
    [
        ({}, [1, 2]),
        ({"Sec-Fetch-Dest": "document", "Sec-Fetch-Mode": "navigate"}, [1, 2]),
        ({"Sec-Fetch-Dest": "empty"}, []),
        ({"Sec-Purpose": "prefetch", "Sec-Fetch-Dest": "document"}, []),
        ({"Purpose": "prefetch"}, []),
        ({"X-Moz": "prefetch"}, []),
    ],
)
async def test_the_reader_counts_when_it_is_opened(portal: Portal, headers: dict[str, str], shown: list[int]) -> None:
    clerk, number = await draft(portal)
    await clerk.send(number, "census", scan(3))
    row = await Document.select().first()
    assert row is not None
    for query in ("", "?page=2", "?page=2"):
        assert (await clerk.get(f"/documents/{row['id']}/reader{query}", headers=headers)).status == 200
    assert await pages_shown("clerk", portal) == [(row["id"], page) for page in shown]


async def test_a_page_that_cannot_be_drawn_is_not_shown(portal: Portal) -> None:
    _, (document, *_) = await sheet(portal)
    await faults.keep(document, 1, WIDTH, "too_heavy", portal.clock())
    officer = await portal.as_("officer")
    assert "زمان یا حافظه" in (await officer.get(f"/documents/{document}/reader")).words()
    assert await PageView.count() == 0


async def test_the_sheet_asks_why_of_every_paper_without_a_shown_page(portal: Portal) -> None:
    url, documents = await sheet(portal)
    officer = await portal.as_("officer")
    form = await officer.get(url)
    assert [each for each in names(form) if each.startswith("unseen-")] == [f"unseen-{each}" for each in documents]
    assert "و «گزارش توجیهی»." in form.words()
    await officer.get(f"/documents/{documents[0]}/reader")
    form = await officer.get(url)
    assert f"unseen-{documents[0]}" not in names(form)
    assert len([each for each in names(form) if each.startswith("unseen-")]) == len(SLOTS) - 1
    for each in documents[1:]:
        await officer.get(f"/documents/{each}/reader")
    assert "نشان داده نشده است" not in (await officer.get(url)).words()
    fragment = (await officer.get(url, headers={"HX-Request": "true", "HX-Target": "attestation-unseen"})).text
    assert fragment.strip().startswith('<div id="attestation-unseen"')


def verdicts(documents: list[UUID], **more: str) -> dict[str, str]:
    return {**{f"verdict-{each}": "authentic" for each in documents}, **more}


async def read(officer: Visitor, documents: list[UUID]) -> None:
    for each in documents:
        assert (await officer.get(f"/documents/{each}/reader")).status == 200


async def test_without_a_reason_the_form_comes_back_as_it_was_typed(portal: Portal) -> None:
    url, documents = await sheet(portal)
    officer, (first, second, *rest) = await portal.as_("officer"), documents
    await read(officer, rest)
    form = await officer.get(url)
    typed = verdicts(documents, **{f"unseen-{first}": FIRST})
    again = await officer.post(url, {**form.hidden(url), **typed})
    assert again.status == 422
    assert list(again.errors()) == [f"unseen-{second}"]
    assert f"تفریغ بودجهٔ سال ۱۴۰۲: {again.errors()[f'unseen-{second}'].strip()}" in again.words()
    values = {each.get("name"): each.get("value") for each in again.all("input")}
    assert values[f"unseen-{first}"] == FIRST
    checked = {each.get("name") for each in again.all("input") if "checked" in each.attrib}
    assert checked == {f"verdict-{each}" for each in documents}
    long = await officer.post(url, {**form.hidden(url), **typed, f"unseen-{second}": "آ" * 1001})
    assert (long.status, list(long.errors())) == (422, [f"unseen-{second}"])
    refused = {**typed, f"verdict-{second}": "not-accepted", f"reason-{second}": "ناخواناست"}
    assert await officer.reviewed(url, {**form.hidden(url), **refused})


async def test_the_reason_and_the_pages_are_signed_and_told(portal: Portal) -> None:
    url, documents = await sheet(portal)
    officer, (first, *rest) = await portal.as_("officer"), documents
    await read(officer, rest)
    review = await officer.review(url, verdicts(documents, **{f"unseen-{first}": FIRST}))
    told = "به امضاکننده نشان داده نشده است: هیچ صفحه‌ای از «آخرین درجهٔ شهرداری»."
    for words in ("نشان‌داده‌شده به امضاکننده: ۰ از ۱ صفحه", "نشان‌داده‌شده به امضاکننده: ۱ از ۱ صفحه", FIRST, told):
        assert words in review.words()
    await officer.get(f"/documents/{first}/reader")  # seen between review and signature: not named, and no obstacle
    done = await officer.post(url, {**review.hidden(url), "code": officer.code()})
    assert done.status == 303, done.words()
    values = (await statement())["intent"]["values"]
    assert values["seen"][str(first)] == []
    assert [[each["page"] for each in values["seen"][str(document)]] for document in rest] == [[1]] * len(rest)
    assert values["verdicts"][str(first)]["unseen"] == FIRST
    position = (await Event.select(Event.position).where(Event.kind == "AttestationGiven").first() or {})["position"]
    receipt = await officer.get(f"/receipts/{position}")
    assert told in receipt.words()
    assert FIRST in receipt.words()
    assert FIRST in (await officer.get(url.removesuffix("/attestation"))).words()


async def test_the_review_names_only_what_gets_a_verdict(portal: Portal) -> None:
    url, documents = await sheet(portal)
    officer, (first, *_) = await portal.as_("officer"), documents
    await read(officer, [first])
    review = await officer.review(url, verdicts([first]))
    assert "نشان داده نشده است" not in review.words()


async def test_values_and_code_in_one_post(portal: Portal) -> None:
    url, documents = await sheet(portal)
    officer = await portal.as_("officer")
    form = await officer.get(url)
    bare = await officer.post(url, {**form.hidden(url), **verdicts(documents), "code": officer.code()})
    assert bare.status == 422
    assert set(bare.errors()) == {f"unseen-{each}" for each in documents}
    reasons = {f"unseen-{each}": FIRST for each in documents}
    done = await officer.post(url, {**form.hidden(url), **verdicts(documents, **reasons), "code": officer.code()})
    assert done.status == 303, done.words()


async def test_what_was_shown_to_others_or_earlier(portal: Portal) -> None:
    url, documents = await sheet(portal)
    officer, colleague = await portal.as_("officer"), await portal.as_("colleague")
    await read(colleague, documents)
    form = await officer.get(url)
    assert (await officer.post(url, {**form.hidden(url), **verdicts(documents)})).status == 422
    await read(officer, documents)
    later = await portal.as_("officer")  # another login of the same person
    assert await later.review(url, verdicts(documents))
