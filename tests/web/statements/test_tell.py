"""Statements are told in words from their JSON alone, in both languages, every act that the portal writes."""

import base64
import json
import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from portal import texts
from portal.domain import events
from portal.domain.decisions import RefusalCode, Ruling
from portal.domain.events import EventKind
from portal.domain.lifecycle import Outcome, State
from portal.services.cases import sittings
from portal.services.documents import documents
from portal.services.identity import account_events
from portal.services.journal import checkpoints
from portal.settings import Settings
from portal.storage.objects import ObjectStore
from portal.tables.documents import Document
from portal.tables.events import Event
from portal.web.formats import digits
from portal.web.statements import tell
from portal.web.statements.account_acts import Line
from portal.web.words import labels
from tests.world import acts
from tests.world.builders import SLOTS, Builder
from tests.world.cast import Cast
from tests.world.clock import BEGIN, Clock
from tests.world.letter_scans import attach
from tests.world.seals import seal_all
from tests.world.statements import whole

LATIN = re.compile(r"[A-Za-z_]{3,}")
NAMES = re.compile(r"\w+\.pdf|\b[0-9a-f]{8}\b")  # of a file; of an account or a sitting, by its id's beginning
Statement = dict[str, Any]
ELSEWHERE = {
    EventKind.APPROVAL_DECLINED,
    EventKind.CASE_TAKEN,
    EventKind.FACTOR_CONFIRMED,
    EventKind.LINK_MADE,
    EventKind.MANDATE_CONFIRMED,
    EventKind.MANDATE_ENDED,
    EventKind.MANDATE_GRANTED,
    EventKind.RESTORATION_BEGUN,
    EventKind.RESTORATION_CONFIRMED,
    EventKind.RESTORATION_OBJECTED,
    EventKind.SESSIONS_ENDED,
    EventKind.DOCUMENT_REFUSED,
    EventKind.RULESET_DRAFTED,
    EventKind.RULESET_PUBLISHED,
    EventKind.WAITING_LIFTED,
    EventKind.CENSUS_LOADED,
    EventKind.PASSKEY_DOUBTED,
    EventKind.RECOVERY_CODE_USED,
    EventKind.PASSWORD_REHASHED,
    EventKind.SIGNING_BEGUN,
}
"""Events whose own tests write them."""


@pytest.fixture(autouse=True)
def own_language() -> Iterator[None]:
    token = texts.locale.set("fa")
    yield
    texts.locale.reset(token)


async def everything(people: Cast, store: ObjectStore, clock: Clock) -> list[Statement]:
    """The statements of a world in which everything was done once."""
    builder, examiner, minister = Builder(people, store, clock), people["examiner"], people["minister"]
    seeds = tuple(base64.b64encode(bytes([each]) * 32).decode() for each in (0, 1, 2))
    checkpoints.sign_with(seeds)
    key = await checkpoints.rotate(reason="هر سال یک بار", now=clock.tick())
    await checkpoints.revoke(key.key.id.hex(), reason="لو رفت", now=clock.tick())
    await attach(builder, await builder.case(State.NOTIFIED))
    await seal_all(store, clock.tick())
    await builder.case(State.RETURNED, "neighbour")
    await builder.case(State.WITHDRAWN, "abroad", "stranger")
    number = await builder.draft("abroad")
    (*_, last) = await documents_of(number)
    await documents.withdraw(last, by=people["abroad"], now=clock.tick())
    await builder.send(number, SLOTS[-1][0], clerk="abroad")
    await builder.submit(number, "abroad")
    await builder.attest(number, "stranger")
    await builder.confirm(number, "stranger")
    await builder.assess(number)
    sitting = await builder.sitting()
    facts = {"agenda": [number], "minutes": "همه موافق بودند", "attendance": "سه نفر"}
    await sittings.keep(sitting, by=examiner, now=clock.tick(), **facts)  # type: ignore[arg-type]
    await builder.decide(number, Ruling(sitting, Outcome.REFUSED, None, None, "زود است", RefusalCode.TOO_EARLY))
    await builder.sign(minister, lambda now: acts.refuse(number, by=minister, reason="روشن نیست"))
    await accounts_of(people, clock)
    rows = await Event.select().order_by(Event.position)
    return [json.loads(row["statement"]) for row in rows]


async def documents_of(number: str) -> list[UUID]:
    rows = await Document.select(Document.id).where(Document.key.like(f"%{number}%")).order_by(Document.uploaded_at)
    return [row["id"] for row in rows]


async def accounts_of(people: Cast, clock: Clock) -> None:
    """What the doors write about an account, as they write it."""
    clerk, head = people["clerk"], people["head"]
    factor = {"factor": str(clerk.id)}
    for kind, by, values in (
        (EventKind.CODES_FAILED, clerk, {"failures": 5}),
        (EventKind.CODE_REPLAYED, clerk, {**factor, "step": 59_000_000}),
        (EventKind.PASSWORD_SET, clerk, {"by": "person"}),
        (EventKind.PASSWORD_SET, None, {"by": "invitation", "link_made_by": str(head.id)}),
        (EventKind.PASSWORD_SET, None, {"by": "reset", "link_made_by": None}),
        (EventKind.FACTOR_ENDED, clerk, {**factor, "by": "replacement"}),
        (EventKind.FACTOR_ENDED, None, {**factor, "by": "reset"}),
        (EventKind.ACCOUNT_ENDED, head, {}),
        (EventKind.CODES_FAILED, clerk, {**factor, "failures": 5, "in_a_row": 9, "pause": 30, "address": "192.0.2.1"}),
        (EventKind.FACTOR_RESTED, clerk, {**factor, "failures": 100, "in_a_row": 100}),
        (EventKind.FACTOR_RESTORED, clerk, {**factor, "by": "recovery"}),
        (EventKind.FACTOR_ENROLLED, clerk, {**factor, "kind": "passkey", "synced": True, "rp_id": "daraje.example.ir"}),
        (EventKind.FACTOR_ENROLLED, clerk, {**factor, "kind": "totp", "fingerprint": "ab" * 32}),
        (EventKind.RECOVERY_CODES_ISSUED, clerk, {"count": 10}),
    ):
        await account_events.record(kind, clerk.id, by, values, clock.tick())


def said(told: tell.Told) -> list[str]:
    """Every word of it that is meant for people."""
    lines = [*told.values, *told.declared]
    items = [
        text or "" for each in told.items for text in (each.label, each.about, each.proves, each.said, each.unseen)
    ]
    values = [each.value for each in lines if not each.is_code]
    return [told.subject, told.signer, told.meaning, told.states, *(each.name for each in lines), *values, *items]


@pytest.fixture
async def written(engine: Settings, people: Cast, store: ObjectStore, clock: Clock) -> list[Statement]:
    return await everything(people, store, clock)


async def test_every_act_is_told_in_words_in_both_languages(written: list[Statement]) -> None:
    """One world for all of it: it takes long to build."""
    assert {each["record"]["kind"] for each in written} >= set(EventKind) - ELSEWHERE
    for statement in written:
        again = json.loads(json.dumps(statement))
        for locale in texts.LOCALES:
            texts.locale.set(locale)
            told, sealed = tell.tell(again["intent"]), tell.tell_record(again)
            assert told.digest == statement["record"]["intent_sha256"]
            assert sealed.position == statement["record"]["position"]
            if locale == "fa":
                words = [*said(told), sealed.factor, sealed.proves, labels.act_label(again["intent"]["act"])]
                raw = [each for each in words if LATIN.search(NAMES.sub("", each))]
                assert not raw, (statement["record"]["kind"], raw)
    texts.locale.set("fa")
    reads_what_was_signed(written)


def of(written: list[Statement], kind: EventKind) -> tell.Told:
    return tell.tell(next(each for each in written if each["record"]["kind"] == kind)["intent"])


def lines(told: tell.Told) -> dict[str, str]:
    return {each.name: each.value for each in told.values}


def opened_keys(written: list[Statement]) -> list[Line]:
    values = next(each for each in written if each["record"]["kind"] == EventKind.JOURNAL_KEY_ROTATED)["intent"][
        "values"
    ]
    return [Line(name, values[name], True) for name in ("public_key", "key_id", "origin")]


def reads_what_was_signed(written: list[Statement]) -> None:
    submitted = of(written, EventKind.CASE_SUBMITTED)
    assert submitted.subject.startswith("پروندهٔ ۱۴۰۵-۰۰۰۰۱، ")
    assert "کارشناس شهرداری" in submitted.signer
    assert "از «" in submitted.states
    assert len(submitted.items) == len(SLOTS)
    assert any("۵۵٬۷۰۳" in each.value for each in submitted.declared)
    assert not any("." in value for value in lines(of(written, EventKind.CASE_ASSESSED)).values())
    attested = of(written, EventKind.ATTESTATION_GIVEN)
    assert {each.verdict for each in attested.items} == {"authentic"}
    assert "۴۲/۱۸۸۳" in lines(of(written, EventKind.CASE_CONFIRMED)).values()
    assert "اصلاح شود" in lines(of(written, EventKind.CASE_RETURNED)).values()
    assert "روشن نیست" in lines(of(written, EventKind.SIGNATURE_REFUSED)).values()
    opened = lines(of(written, EventKind.ACCOUNT_OPENED))
    assert "شهرداری" in opened.values()
    assert "municipality" not in opened.values()
    rotated, keys = of(written, EventKind.JOURNAL_KEY_ROTATED), [each.value for each in opened_keys(written)]
    assert set(keys) <= {each.value for each in rotated.values if each.is_code}  # as they are, digits too
    assert rotated.subject == "کلید دفتر رویدادها"
    refused = next(
        each for each in written if each["intent"]["values"].get("verdicts") and "illegible" in json.dumps(each)
    )
    assert [each.said for each in tell.tell(refused["intent"]).items if each.said] == ["ناخوانا — ناخواناست"]


async def test_a_sample_table_is_told_wherever_its_grade_is_signed(
    engine: Settings, people: Cast, store: ObjectStore, clock: Clock
) -> None:
    await Builder(people, store, clock).case(State.NOTIFIED)
    written = [json.loads(row["statement"]) for row in await Event.select().order_by(Event.position)]
    for kind in (EventKind.CASE_ASSESSED, EventKind.DECISION_TAKEN, EventKind.DECISION_SIGNED):
        intent = next(each for each in written if each["record"]["kind"] == kind)["intent"]
        told = tell.tell(intent)
        assert (lines(told)["نوع جدول امتیاز"], told.is_sample) == ("نمونه، غیررسمی", True), kind
        for official in (True, None):  # None: as it was signed before this was said
            told = tell.tell(with_official(intent, official))
            assert "نوع جدول امتیاز" not in lines(told), kind
            assert told.is_sample is False
            assert lines(told)["درجهٔ محاسبه‌شده"] == "۷"


def with_official(intent: Statement, official: bool | None) -> Statement:
    again: Statement = json.loads(json.dumps(intent))
    rests_on = again["values"] if again["act"] == "assessment" else again["facts"]["assessment"]
    assert rests_on.pop("official") is False
    rests_on |= {} if official is None else {"official": official}
    return again


def sheet(values: dict[str, Any]) -> tell.Told:
    """A signed sheet over a paper of three pages, `values` beside its verdict."""
    paper = {"type": "document", "id": "d", "kind": "census", "year": None, "name": "سرشماری.pdf", "pages": 3}
    item = {**paper, "size": 1000, "sha256": "0" * 64, "proves": {"population": None, "census_year": None}}
    shown = events.basis("attestation", {"type": "case", "id": "1405-00001"}, "submitted", [item], {})
    verdict = {"verdict": "authentic", "reason_code": None, "reason": None, **values.pop("verdict", {})}
    return tell.tell(
        events.intent(
            shown,
            after="submitted",
            values={"verdicts": {"d": verdict}, **values},
            signer={},
            nonce="",
            expires="",
            meaning="",
        )
    )


PICTURES = [{"page": page, "width": width} for page, width in ((1, 1400), (1, 2800), (3, 1400))]


def test_a_sheet_says_how_many_pages_its_signer_was_shown() -> None:
    told = sheet({"seen": {"d": PICTURES}})
    assert told.items[0].about.endswith("نشان‌داده‌شده به امضاکننده: ۲ از ۳ صفحه")
    assert told.unshown.startswith("صفحهٔ ۲ از «")
    none = sheet({"seen": {"d": []}, "verdict": {"unseen": "اصل سند رؤیت شد"}})
    assert none.unshown.startswith("هیچ صفحه‌ای از «")
    assert (none.items[0].unseen or "").endswith("دلیل او: اصل سند رؤیت شد")


def test_an_old_sheet_says_that_pictures_were_drawn_never_that_they_were_read() -> None:
    told = sheet({"pictures": {"d": PICTURES}})
    assert told.items[0].about.endswith("تصویر ۲ از ۳ صفحه ساخته شده بود")
    assert (told.unshown, told.items[0].unseen) == ("", None)


def future(act: str, values: dict[str, Any], subject: str = "case") -> Statement:
    shown = events.basis(act, {"type": subject, "id": "x"}, None, [], {})
    return events.intent(shown, after=None, values=values, signer={}, nonce="", expires="", meaning="چنین کردم.")


@pytest.mark.parametrize("subject", ["case", "commission"])
@pytest.mark.parametrize("locale", texts.LOCALES)
def test_an_act_that_this_version_does_not_know_is_shown_as_it_is(locale: str, subject: str) -> None:
    texts.locale.set(locale)
    told = tell.tell(future("levitation", {"height": "3 m", "by": {"rope": True}, "empty": None}, subject))
    assert {(each.name, each.value) for each in told.values} >= {("height", digits("3 m"))}
    assert len(told.values) == 2
    assert told.meaning == "چنین کردم."
    assert labels.act_label("levitation") == "levitation"


def test_an_unknown_factor_and_none_at_all_are_told() -> None:
    intent = future("levitation", {})
    for factor, told in (
        ({"kind": "seal"}, ("seal", "")),
        (None, ("بدون گام دوم", "این رویداد را خود سامانه ثبت کرده است.")),
    ):
        statement = whole(intent, kind=EventKind.CASE_OPENED, at=BEGIN, factor=factor, position=3)
        sealed = tell.tell_record(statement)
        assert (sealed.factor, sealed.proves) == told


@pytest.mark.parametrize("title", [None, "جدول ۱۴۰۵"])
def test_a_score_table_is_named_by_digits_that_can_be_compared(title: str | None) -> None:
    digest = "34d1752d4787d8fa" * 4
    intent = {**future("levitation", {}), "subject": {"type": "ruleset", "id": digest}, "facts": {"title": title}}
    assert "34d1 752d 4787 d8fa" in tell.tell(intent).subject
    assert digits(title or "") in tell.tell(intent).subject
