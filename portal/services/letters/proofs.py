"""What anyone may know of a letter that they hold, as a file, on paper or as a number: three checks and an answer."""

import json
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from portal.domain import persian
from portal.services.journal import log
from portal.tables.acts import LetterSeal, Notice


class Answer(StrEnum):
    """What a check says."""

    YES = "yes"
    NO = "no"
    CANNOT_TELL = "cannot-tell"


class Held(StrEnum):
    """What somebody holds of a letter."""

    FILE = "file"
    CODE = "code"  # of a printed copy
    NUMBER = "number"  # and date: numbers are gapless, so they answer less


class Status(StrEnum):
    """Whether a letter counts."""

    IN_FORCE = "in-force"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


class Verdict(StrEnum):
    """The answer in one word."""

    IN_FORCE = "in-force"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"
    ALTERED = "altered"
    NOT_OURS = "not-ours"


@dataclass(frozen=True, slots=True)
class Check:
    """An answer, and the code of the sentence that says why (`web.words.proofs`)."""

    answer: Answer
    why: str
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Proof:
    """What was found. `letter` is what the genuine letter says; None where there is none, or it is not told."""

    held: Held
    verdict: Verdict
    integrity: Check
    status: Check
    issuer: Check
    letter: dict[str, Any] | None = None


async def by_file(sha256: str, code: str | None) -> Proof:
    """What is known of the file with this hex SHA-256, which carries the short code `code` (None: it carries none).

    Every form of a letter is known for ever: as it was signed, and as each seal made it.
    """
    seal = await LetterSeal.select(LetterSeal.notice, LetterSeal.is_stamped).where(LetterSeal.sha256 == sha256).first()
    letter = await _letter(Notice.id == seal["notice"] if seal else Notice.sha256 == sha256)
    if letter is not None:
        why = "unchanged-sealed" if seal else "unchanged"
        return _found(Held.FILE, letter, Check(Answer.YES, why), _issuer_of_file(letter, seal))
    original = await _letter(Notice.code == code) if code else None
    if original is None:
        return _not_ours(Held.FILE)
    return Proof(
        held=Held.FILE,
        verdict=Verdict.ALTERED,
        integrity=Check(Answer.NO, "altered"),
        status=_status(original, is_altered=True),
        issuer=Check(Answer.CANNOT_TELL, "issuer-altered"),
        letter=original,
    )


async def by_code(code: str) -> Proof:
    """What is known of a printed copy with this short code."""
    letter = await _letter(Notice.code == code)
    if letter is None:
        return _not_ours(Held.CODE)
    return _found(Held.CODE, letter, Check(Answer.CANNOT_TELL, "paper"), _issued(letter))


async def by_number(number: str, day: date) -> Proof:
    """Whether a letter has this number and is of this day, and whether it counts. What it says is not told."""
    letter = await _letter(Notice.number == number)
    if letter is None or letter["day"] != day:
        return _not_ours(Held.NUMBER)
    integrity, issuer = Check(Answer.CANNOT_TELL, "number-alone"), Check(Answer.YES, "number-issued")
    told = {**letter, "superseding": None}
    return Proof(Held.NUMBER, Verdict(letter["status"]), integrity, _status(told), issuer)


def _found(held: Held, letter: dict[str, Any], integrity: Check, issuer: Check) -> Proof:
    return Proof(held, Verdict(letter["status"]), integrity, _status(letter), issuer, letter)


def _not_ours(held: Held) -> Proof:
    return Proof(
        held=held,
        verdict=Verdict.NOT_OURS,
        integrity=Check(Answer.CANNOT_TELL, "nothing-to-compare"),
        status=Check(Answer.CANNOT_TELL, "no-letter"),
        issuer=Check(Answer.NO, "not-issued"),
    )


def _status(letter: dict[str, Any], *, is_altered: bool = False) -> Check:
    match Status(letter["status"]):
        case Status.IN_FORCE:
            return Check(Answer.YES, "original-in-force" if is_altered else "in-force")
        case Status.SUPERSEDED if letter["superseding"]:
            return Check(Answer.NO, "superseded-by", {"number": letter["superseding"]})
        case Status.SUPERSEDED:
            return Check(Answer.NO, "superseded")
        case Status.WITHDRAWN:
            return Check(Answer.NO, "withdrawn")


def _issuer_of_file(letter: dict[str, Any], seal: dict[str, Any] | None) -> Check:
    if seal:
        return Check(Answer.YES, "sealed-stamped" if seal["is_stamped"] else "sealed")
    if letter["seals"]:
        return Check(Answer.YES, "copy-without-seal")
    return Check(Answer.YES, "seal-pending" if letter["code"] else "before-seals")


def _issued(letter: dict[str, Any]) -> Check:
    return Check(Answer.YES, "issued-sealed" if letter["seals"] else "issued-seal-pending")


async def _letter(which: Any) -> dict[str, Any] | None:
    """The letter and what it says: of its case, its decision, and who signed it, as the journal has them."""
    row = (
        await Notice.select(
            *(Notice.id, Notice.number, Notice.at, Notice.code, Notice.status, Notice.superseded_by),
            *(Notice.sha256, Notice.event),
            Notice.case.number.as_alias("case_number"),
            Notice.case.current_grade.as_alias("grade_before"),
            Notice.case._.municipality._.display_name.as_alias("town"),
            Notice.case._.municipality._.display_county.as_alias("county"),
            Notice.case._.province._.name.as_alias("province_name"),
            Notice.decision.outcome.as_alias("outcome"),
            Notice.decision.grade.as_alias("grade"),
            Notice.decision.effective_on.as_alias("effective_on"),
        )
        .where(which)
        .first()
    )
    if row is None:
        return None
    statement = json.loads((await log.entry(row["event"]))["statement"])
    seals = LetterSeal.select(LetterSeal.sha256, LetterSeal.is_stamped, LetterSeal.at).where(
        LetterSeal.notice == row["id"]
    )
    later = Notice.select(Notice.number).where(Notice.id == row["superseded_by"]).first()
    return {
        **row,
        "day": persian.tehran_date(row["at"]),
        "signer": statement["intent"]["signer"],
        "statement": statement["record"]["intent_sha256"],
        "seals": await seals.order_by(LetterSeal.id),
        "superseding": (await later or {}).get("number") if row["superseded_by"] else None,
    }
