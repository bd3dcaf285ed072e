"""What a decision letter says, gathered from its case, its decision, and what that rests on."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

from portal.domain import grading, letter_codes, persian
from portal.domain.dossiers import CurrentDocument, Dossier
from portal.domain.letter_codes import Claim
from portal.domain.lifecycle import Outcome
from portal.domain.mandates import MandateKind
from portal.domain.signed_notes import Signer
from portal.letters.facts import Criterion, DecisionLetter, Issue, Paper, Score
from portal.letters.wording import MINISTER
from portal.services.identity.identity import Identity
from portal.services.rulesets import versions


def draft(
    dossier: Dossier, decision: Mapping[str, Any], minister: Identity | None, *, base_url: str, seal: str
) -> DecisionLetter:
    """The letter on `decision` (`rulings.ruling`) as `minister` would sign it; None: it is not known who will."""
    case, declaration = dossier.case, dossier.declaration
    is_acting = minister is not None and minister.mandate_kind is not MandateKind.REGULAR
    rules = versions.parsed(decision["source"])
    return DecisionLetter(
        case_number=dossier.number,
        province=case["province_name"],
        municipality=case["town"],
        county=case["county"],
        outcome=decision["outcome"],
        grade=decision["grade"],
        previous_grade=declaration.current_grade or None,
        requested_grade=declaration.requested_grade,
        governorate_letter_number=decision["letter_number"],
        governorate_letter_date=decision["letter_date"],
        sitting_title=decision["sitting_title"],
        sitting_date=decision["sitting_date"],
        effective_on=decision["effective_on"],
        minister_name=minister.full_name if minister else "",
        minister_title=minister.title if minister and is_acting else MINISTER,
        reason=decision["reason"],
        refusal_code=decision["refusal_code"],
        waiting_years=rules.waiting_years if decision["outcome"] in rules.waiting_after else 0,
        census_year=declaration.census_year,
        confirmed_on=persian.tehran_date(decision["confirmed_at"]),
        papers=tuple(_paper(held) for held in dossier.documents),
        score=_score(decision),
        verify_address=f"{urlsplit(base_url).netloc}/verify",
        seal=seal,
    )


def issue(
    letter: DecisionLetter, *, number: str, statement: bytes, factor: str, at: datetime, signer: Signer, base_url: str
) -> Issue:
    """What the signature at the instant `at` adds to `letter`; `statement` is the digest of what was signed."""
    code, day = letter_codes.draw(), persian.tehran_date(at)
    claim = Claim(
        town=letter.municipality,
        province=letter.province,
        outcome=Outcome(letter.outcome),
        grade=letter.grade,
        date=day,
        number=number,
        code=code,
        statement=statement[:8],
    )
    qr = letter_codes.address(base_url, code, letter_codes.sign(claim, signer))
    again = grading.waiting_until(day, letter.waiting_years) if letter.waiting_years else None
    return Issue(number, at.astimezone(persian.TEHRAN), code, qr, statement.hex(), factor, again)


def _paper(held: CurrentDocument) -> Paper:
    row = held.row
    return Paper(row["kind"], row["year"], row["pages"], row["sha256"], held.proves)


def _score(decision: Mapping[str, Any]) -> Score:
    told = decision["explanation"]
    effective_from: date = decision["effective_from"]
    names = Criterion.__dataclass_fields__
    return Score(
        criteria=tuple(Criterion(**{name: str(each[name]) for name in names}) for each in told["criteria"]),
        total=str(decision["total"]),
        computed=int(decision["computed"]),
        next_grade=told["next_grade"] and int(told["next_grade"]),
        lacking=told["to_next_grade"],
        ruleset_title=decision["title_fa"],
        ruleset_digest=decision["ruleset"],
        ruleset_from=effective_from,
        ruleset_official=decision["official"],
    )
