"""Proofs: what a stranger may know of a letter by its file, its code, or its number and date."""

from datetime import timedelta
from typing import Any

import pytest

from portal.domain import persian
from portal.domain.lifecycle import State
from portal.services.letters import notices, proofs
from portal.services.letters.proofs import Answer, Held, Proof, Verdict
from portal.tables.acts import LetterSeal, Notice
from tests.world.builders import Builder
from tests.world.cases import case_of, statement_at

YES, NO, CANNOT_TELL = Answer.YES, Answer.NO, Answer.CANNOT_TELL
UNKNOWN, NOBODY = "0" * 64, "0" * 20


@pytest.fixture
async def notice(builder: Builder) -> dict[str, Any]:
    return await notices.of_case((await case_of(await builder.case(State.NOTIFIED)))["id"])


def answers(proof: Proof) -> tuple[Answer, Answer, Answer]:
    return proof.integrity.answer, proof.status.answer, proof.issuer.answer


async def _seal(notice: dict[str, Any], sha256: str, *, is_stamped: bool = False) -> None:
    more = {"key": f"seals/{sha256}", "size": 1, "at": notice["at"], "event": notice["event"]}
    await LetterSeal(notice=notice["id"], sha256=sha256, is_stamped=is_stamped, **more).save()


async def test_the_file_that_was_signed_is_genuine_and_says_everything(notice: dict[str, Any]) -> None:
    proof = await proofs.by_file(notice["sha256"], None)
    assert (proof.held, proof.verdict, answers(proof)) == (Held.FILE, Verdict.IN_FORCE, (YES, YES, YES))
    letter, told = proof.letter, await statement_at(notice["event"])
    assert letter is not None
    assert (letter["number"], letter["town"], letter["county"]) == (notice["number"], "اسدآباد", "اسدآباد")
    assert (letter["outcome"], letter["grade_before"], letter["grade"]) == ("raised", 7, 9)
    assert letter["signer"]["name"] == told["intent"]["signer"]["name"] == "وزیر"
    assert letter["statement"] == told["record"]["intent_sha256"]
    assert letter["day"] == persian.tehran_date(notice["at"])


async def test_every_form_of_a_letter_is_known_for_ever(notice: dict[str, Any]) -> None:
    assert (await proofs.by_file(notice["sha256"], None)).issuer.why == "seal-pending"
    await _seal(notice, "a" * 64)
    await _seal(notice, "b" * 64, is_stamped=True)
    for sha256, why in ((notice["sha256"], "copy-without-seal"), ("a" * 64, "sealed"), ("b" * 64, "sealed-stamped")):
        proof = await proofs.by_file(sha256, None)
        assert (answers(proof), proof.issuer.why) == ((YES, YES, YES), why)
        assert [each["sha256"] for each in (proof.letter or {})["seals"]] == ["a" * 64, "b" * 64]
    assert (await proofs.by_code(notice["code"])).issuer.why == "issued-sealed"


async def test_a_letter_of_earlier_versions_has_no_code_and_is_found_by_its_file(notice: dict[str, Any]) -> None:
    await Notice.update({Notice.code: None, Notice.qr: None}).where(Notice.id == notice["id"])
    proof = await proofs.by_file(notice["sha256"], None)
    assert (proof.verdict, proof.issuer.why) == (Verdict.IN_FORCE, "before-seals")


async def test_an_altered_file_is_told_from_a_strangers(notice: dict[str, Any]) -> None:
    altered = await proofs.by_file(UNKNOWN, notice["code"])
    assert (altered.verdict, answers(altered)) == (Verdict.ALTERED, (NO, YES, CANNOT_TELL))
    assert altered.letter is not None
    assert altered.letter["number"] == notice["number"]
    for code in (None, NOBODY):
        strange = await proofs.by_file(UNKNOWN, code)
        assert (strange.verdict, answers(strange)) == (Verdict.NOT_OURS, (CANNOT_TELL, CANNOT_TELL, NO))
        assert strange.letter is None


async def test_a_printed_copy_is_checked_by_its_code_and_its_text_cannot_be_told(notice: dict[str, Any]) -> None:
    proof = await proofs.by_code(notice["code"])
    assert (proof.held, proof.verdict) == (Held.CODE, Verdict.IN_FORCE)
    assert answers(proof) == (CANNOT_TELL, YES, YES)
    assert (await proofs.by_code(NOBODY)).verdict is Verdict.NOT_OURS


@pytest.mark.parametrize(("status", "why"), [("superseded", "superseded"), ("withdrawn", "withdrawn")])
async def test_a_letter_that_counts_no_more(notice: dict[str, Any], status: str, why: str) -> None:
    await Notice.update({Notice.status: status}).where(Notice.id == notice["id"])
    day = persian.tehran_date(notice["at"])
    for proof in (
        await proofs.by_file(notice["sha256"], None),
        await proofs.by_code(notice["code"]),
        await proofs.by_number(notice["number"], day),
    ):
        assert (proof.verdict, proof.status.answer, proof.status.why) == (Verdict(status), NO, why)
    assert (await proofs.by_file(UNKNOWN, notice["code"])).status.answer is NO


async def test_a_superseded_letter_names_the_one_that_took_its_place(builder: Builder) -> None:
    first = await notices.of_case((await case_of(await builder.case(State.NOTIFIED)))["id"])
    await Notice.update({Notice.status: "superseded", Notice.superseded_by: first["id"]}).where(
        Notice.id == first["id"]
    )
    assert (await proofs.by_code(first["code"])).status.facts == {"number": first["number"]}
    by_number = await proofs.by_number(first["number"], persian.tehran_date(first["at"]))
    assert (by_number.status.why, by_number.status.facts) == ("superseded", {}), "numbers lead to no other number"


async def test_number_and_date_tell_nothing_that_the_letter_says(notice: dict[str, Any]) -> None:
    day = persian.tehran_date(notice["at"])
    proof = await proofs.by_number(notice["number"], day)
    assert (proof.verdict, answers(proof), proof.letter) == (Verdict.IN_FORCE, (CANNOT_TELL, YES, YES), None)
    for number, on in ((notice["number"], day - timedelta(days=1)), ("1399/1", day)):
        assert (await proofs.by_number(number, on)).verdict is Verdict.NOT_OURS
