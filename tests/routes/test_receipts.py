"""Receipts: who may read which, what they say, and what is said where the journal was changed behind the portal."""

import json
import re
from contextlib import closing

import asyncpg
import pypdfium2 as pdfium
import pytest

from portal import texts
from portal.domain import assertions, merkle, signatures, signed_notes
from portal.domain.lifecycle import State
from portal.letters import receipt as printed
from portal.letters.text_shaping import drawable
from portal.services.archive import receipts
from portal.services.journal import checkpoints, log
from portal.tables.events import Event
from portal.web.statements import receipt_sheet
from tests.world import direction
from tests.world.builders import Builder
from tests.world.client import Page
from tests.world.passkeys import block, review, with_passkey
from tests.world.portal import Portal

SIGNED = (
    "CaseSubmitted",
    "AttestationGiven",
    "CaseConfirmed",
    "CaseAssessed",
    "DecisionTaken",
    "DecisionSigned",
)
BEFORE_THE_ANSWER = {"CaseAssessed", "DecisionTaken"}


async def positions(number: str) -> dict[str, int]:
    """The entry of each event of a case, by kind."""
    rows = await Event.select(Event.position, Event.kind).where(Event.subject == number).order_by(Event.position)
    return {row["kind"]: row["position"] for row in rows}


async def world(portal: Portal, state: State) -> tuple[str, dict[str, int]]:
    number = await Builder(portal.people, portal.store, portal.clock).case(state)
    return number, await positions(number)


def words_of(pdf: bytes) -> str:
    with closing(pdfium.PdfDocument(pdf)) as document:
        return "\n".join(page.get_textpage().get_text_range() for page in document)


def attachments(pdf: bytes) -> dict[str, bytes]:
    with closing(pdfium.PdfDocument(pdf)) as document:
        found = [document.get_attachment(at) for at in range(document.count_attachments())]
        return {each.get_name(): bytes(each.get_data()) for each in found}


def marks(text: str) -> set[str]:
    """Each line's characters, sorted: PDFium turns Latin runs of a right-to-left document around."""
    return {"".join(sorted(re.sub(r"\s", "", line))) for line in text.splitlines()}


async def rewrite(portal: Portal, *statements: str) -> None:
    """Do as a database administrator would: switch the guards off, and change what stands there."""
    assert portal.settings.migration_database_url is not None
    owner = await asyncpg.connect(portal.settings.migration_database_url)
    try:
        async with owner.transaction():
            for table in ("events", "journal_nodes"):
                await owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
            for each in statements:
                assert await owner.execute(each) == "UPDATE 1", each
    finally:
        await owner.close()


async def mixed_on_paper(portal: Portal, position: int, language: str) -> list[str]:
    """What of the printed receipt would be drawn out of order; what Typst gets, for PDFium guesses at the order."""
    texts.locale.set(language)
    receipt = await receipts.find(position, portal.people["auditor"])
    said = printed.words(receipt_sheet.sheet(receipt, "https://daraje.example"))
    lines = [text for section in said["sections"] for line in section["lines"] for text in line.values()]
    spoken = [said["title"], said["subject"], said["signer"], said["meaning"], said["foot"], *lines]
    return [each for each in spoken if isinstance(each, str) and direction.is_mixed(each)]


async def statuses(portal: Portal, username: str, found: dict[str, int]) -> dict[str, int]:
    visitor = await portal.as_(username)
    return {kind: (await visitor.get(f"/receipts/{found[kind]}")).status for kind in SIGNED if kind in found}


async def test_a_receipt_says_who_signed_what_when_with_what(portal: Portal) -> None:
    number, found = await world(portal, State.NOTIFIED)
    clerk = await portal.as_("clerk")
    page = await clerk.get(f"/receipts/{found['CaseSubmitted']}")
    assert page.status == 200
    for said in (
        "رسید",
        "کارشناس شهرداری",
        "اسدآباد",
        "صحت این اظهارنامه و مدارک را اعلام",
        "رمز یک‌بارمصرف",
        "سند.pdf",
        "تغییر نکرده و در دفتر رویدادها ثبت است",
    ):
        assert said in page.words(), said
    statement = json.loads((await Event.select().where(Event.position == found["CaseSubmitted"]))[0]["statement"])
    assert statement["record"]["intent_sha256"] in page.text
    assert f"/cases/{number}" in page.text


@pytest.mark.parametrize("username", ["clerk", "officer", "colleague", "examiner", "minister", "keeper", "auditor"])
async def test_after_the_answer_everybody_on_the_way_reads_every_receipt(portal: Portal, username: str) -> None:
    _, found = await world(portal, State.NOTIFIED)
    assert set((await statuses(portal, username, found)).values()) == {200}


@pytest.mark.parametrize("username", ["neighbour", "abroad", "stranger", "head"])
async def test_who_does_not_see_the_case_sees_no_receipt(portal: Portal, username: str) -> None:
    _, found = await world(portal, State.NOTIFIED)
    assert set((await statuses(portal, username, found)).values()) == {404}
    visitor = await portal.as_(username)
    assert (await visitor.get(f"/receipts/{found['CaseSubmitted']}/receipt.pdf")).status == 404


async def test_before_the_answer_it_is_hidden_from_who_waits_for_it(portal: Portal) -> None:
    _, found = await world(portal, State.DECIDED)
    assert "DecisionSigned" not in found
    for username in ("clerk", "officer", "colleague"):
        read = await statuses(portal, username, found)
        assert {kind for kind, status in read.items() if status == 404} == BEFORE_THE_ANSWER, username
        assert {status for kind, status in read.items() if kind not in BEFORE_THE_ANSWER} == {200}, username
    for username in ("examiner", "minister", "auditor"):
        assert set((await statuses(portal, username, found)).values()) == {200}, username


@pytest.mark.parametrize("state", [State.RETURNED, State.DECIDED, State.NOTIFIED])
async def test_every_link_to_a_receipt_on_the_case_leads_somewhere(portal: Portal, state: State) -> None:
    number, _ = await world(portal, state)
    for username in ("clerk", "officer", "auditor"):
        visitor = await portal.as_(username)
        page = await visitor.get(f"/cases/{number}")
        links = [each.get("href", "") for each in page.all("a") if each.get("href", "").startswith("/receipts/")]
        assert links, username
        assert {(await visitor.get(link)).status for link in links} == {200}, username


async def test_what_nobody_signed_has_no_receipt(portal: Portal) -> None:
    _, found = await world(portal, State.SUBMITTED)
    auditor = await portal.as_("auditor")
    for entry in (found["CaseOpened"], found["DocumentAdded"], 0, 99_999, "9" * 17, "x"):
        assert (await auditor.get(f"/receipts/{entry}")).status == 404, entry


async def test_who_is_not_signed_in_is_sent_to_sign_in(portal: Portal) -> None:
    _, found = await world(portal, State.SUBMITTED)
    url = f"/receipts/{found['CaseSubmitted']}"
    for each in (url, f"{url}/receipt.pdf"):
        page = await portal.visit().get(each)
        assert (page.status, page.location) == (303, f"/login?next={each}")


@pytest.mark.parametrize("language", ["fa", "en"])
async def test_the_printed_receipt_carries_statement_proof_and_checkpoint(portal: Portal, language: str) -> None:
    _, found = await world(portal, State.NOTIFIED)
    position = found["AttestationGiven"]
    officer = await portal.as_("officer")
    officer.http.cookies.set("daraje_language", language)
    answer = (await officer.get(f"/receipts/{position}/receipt.pdf")).response
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    assert answer.headers["content-disposition"].startswith("attachment; ")
    attached = attachments(answer.content)
    signed = await checkpoints.current()
    assert signed.note is not None
    row = (await Event.select().where(Event.position == position))[0]
    assert attached["statement.json"].decode() == row["statement"]
    assert merkle.leaf_hash(attached["statement.json"]) == row["leaf"]
    assert attached["proof.tlog-proof"].decode().endswith(f"\n\n{signed.note}")
    text = marks(words_of(answer.content))
    for line in (
        *attached["proof.tlog-proof"].decode().split("\n")[:-2],  # the last, longest one wraps
        *(item["sha256"] for item in json.loads(row["statement"])["intent"]["items"] if "sha256" in item),
    ):
        assert marks(line) <= text, line
    words = drawable(words_of(answer.content))
    for said in ("افسر", "استان") + (("Receipt",) if language == "en" else ("رسید",)):
        assert said in words, said
    assert "enrolment.json" not in attached
    view = (await officer.get(f"/receipts/{position}/receipt.pdf?view")).response
    assert view.headers["content-disposition"].startswith("inline; ")


async def test_a_receipt_of_a_passkey_verifies_with_what_it_carries(portal: Portal) -> None:
    clerk, device = await with_passkey(portal)
    url, draft = await review(portal, clerk)
    answer = device.answer(block(draft)["challenge"])
    assert (await clerk.post(url, {**draft.hidden(url), "assertion": answer})).status == 303
    position = (await positions(url.split("/")[2]))["CaseSubmitted"]
    page = await clerk.get(f"/receipts/{position}")
    pdf = (await clerk.get(f"/receipts/{position}/receipt.pdf")).response
    attached = attachments(pdf.content)
    enrolment, proof = attached["enrolment.json"], attached["enrolment.tlog-proof"].decode()
    values = json.loads(enrolment)["intent"]["values"]
    assert values["public_key"] in page.text
    row = await log.entry(int(proof.split("\n")[1].removeprefix("index ")))
    assert merkle.leaf_hash(enrolment) == row["leaf"]
    assert assertions.verify_record(json.loads(attached["statement.json"]), {values["factor"]: values})
    keys = await checkpoints.history()
    for each in (enrolment, attached["statement.json"]):
        assert signatures.judge(json.loads(each), keys) is signatures.Worth.GOOD


async def test_every_signed_act_is_printed_in_both_languages(portal: Portal) -> None:
    _, found = await world(portal, State.NOTIFIED)
    auditor = await portal.as_("auditor")
    for language in ("fa", "en"):
        auditor.http.cookies.set("daraje_language", language)
        for kind in SIGNED:
            page = await auditor.get(f"/receipts/{found[kind]}")
            assert (page.status, page.root.get("lang")) == (200, language), kind
            pdf = (await auditor.get(f"/receipts/{found[kind]}/receipt.pdf")).response
            assert pdf.content.startswith(b"%PDF-"), kind
            assert await mixed_on_paper(portal, found[kind], language) == [], kind
            with closing(pdfium.PdfDocument(pdf.content)) as document:
                assert 1 <= len(document) <= 4


async def test_a_receipt_made_earlier_still_holds_later(portal: Portal) -> None:
    number, found = await world(portal, State.SUBMITTED)
    builder = Builder(portal.people, portal.store, portal.clock)
    held = await checkpoints.prove(found["CaseSubmitted"])
    await builder.attest(number)
    now = await checkpoints.prove(found["CaseSubmitted"])
    assert now.under.checkpoint.size == held.under.checkpoint.size + 1
    assert held.under.note is not None
    assert signed_notes.read(held.under.note).signed_by([each.key for each in await checkpoints.history()])


def verdict_of(page: Page) -> str:
    (found,) = [each for each in page.root.iter() if each.get("id") == "journal-verdict"]
    return " ".join("".join(found.itertext()).split())


ALTERED = "این متن دیگر با برگ ثبت‌شدهٔ آن مطابقت ندارد"
UNCOVERED = "ریشهٔ دفتر رویدادها شامل این متن نیست"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            "UPDATE events SET statement = replace(statement, 'کارشناس شهرداری', 'کس دیگری') WHERE position = {0}",
            ALTERED,
        ),
        ("UPDATE events SET statement = statement || ' ' WHERE position = {0}", ALTERED),
        ("UPDATE events SET statement = left(statement, 100) WHERE position = {0}", ALTERED),
        ("UPDATE events SET statement = '' WHERE position = {0}", ALTERED),
        ("UPDATE events SET statement = '[]' WHERE position = {0}", ALTERED),
        (
            "UPDATE events SET leaf = sha256('\\x00'::bytea || convert_to(s, 'UTF8')), statement = s FROM (SELECT"
            " replace(statement, 'daraje/statement/1', 'daraje/statement/2') s FROM events WHERE position = {0}) x"
            " WHERE position = {0}",
            ALTERED,
        ),
        (
            "UPDATE events SET leaf = x.leaf, statement = x.statement FROM events x"
            " WHERE events.position = {0} AND x.kind = 'CaseSubmitted' AND x.position <> {0}",
            ALTERED,
        ),
        ("UPDATE journal_nodes SET hash = sha256(hash) WHERE id = {0} # 1", UNCOVERED),
    ],
    ids=["a name", "a space", "cut off", "emptied", "another thing", "bound no longer", "another's", "its neighbour"],
)
async def test_what_was_changed_behind_the_portal_is_red(portal: Portal, change: str, said: str) -> None:
    _, found = await world(portal, State.SUBMITTED)
    position = found["CaseSubmitted"]
    await Builder(portal.people, portal.store, portal.clock).case(State.SUBMITTED, "neighbour")
    await rewrite(portal, change.format(position))
    for username, urls in (
        ("auditor", (f"/receipts/{position}", f"/journal/entries/{position}")),
        ("clerk", (f"/receipts/{position}",)),
    ):
        visitor = await portal.as_(username)
        for url in urls:
            for language in ("fa", "en"):
                visitor.http.cookies.set("daraje_language", language)
                page = await visitor.get(url)
                assert page.status == 200, (url, page.words())
                verdict = verdict_of(page)
                assert language == "en" or said in verdict
                assert "notice bad" in page.text
                assert "تغییر نکرده و در دفتر رویدادها ثبت است" not in page.words()
                assert "receipt.pdf" not in page.text
        printed = await visitor.get(f"/receipts/{position}/receipt.pdf")
        assert printed.status == 409
    listing = await (await portal.as_("auditor")).get("/journal")
    assert listing.status == 200


async def test_an_altered_statement_is_not_told_in_words(portal: Portal) -> None:
    _, found = await world(portal, State.SUBMITTED)
    position = found["CaseSubmitted"]
    meaning = "صحت این اظهارنامه"
    await rewrite(
        portal,
        f"UPDATE events SET statement = replace(statement, '{meaning}', 'نادرستی <b>') WHERE position = {position}",
    )
    page = await (await portal.as_("auditor")).get(f"/journal/entries/{position}")
    assert "محتوای کنونی دفتر رویدادها" in page.words()
    assert page.all("blockquote") == []
    assert "نادرستی &lt;b&gt;" in page.text


async def test_a_forged_change_of_keys_stops_receipts_with_a_sentence(portal: Portal) -> None:
    _, found = await world(portal, State.SUBMITTED)
    (row,) = await Event.select().where(Event.kind == "JournalKeyIntroduced")
    public, at = json.loads(row["statement"])["intent"]["values"]["public_key"], row["position"]
    await rewrite(
        portal,
        f"UPDATE events SET statement = replace(statement, '{public}', '{'B' * 43}=') WHERE position = {at}",
    )
    auditor = await portal.as_("auditor")
    for url in (f"/receipts/{found['CaseSubmitted']}", "/journal", "/journal/checkpoint", "/journal/key"):
        page = await auditor.get(url, headers={"Accept": "text/html"})
        assert page.status == 503, url
        assert "دست‌کاری" in page.words()
