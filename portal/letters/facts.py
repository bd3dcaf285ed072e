"""The facts of a decision letter: what its sentences are made of."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Criterion:
    """A step of the arithmetic, as the score's explanation tells it: texts with a decimal point.

    `band` is the lower bound of the band that the value fell into, or the word itself.
    """

    name: str
    value: str
    band: str
    points: str
    weight: str
    product: str


@dataclass(frozen=True, slots=True)
class Score:
    """The assessment under a letter; `total` and `lacking` are points as text, `lacking` None in the highest grade."""

    criteria: tuple[Criterion, ...]
    total: str
    computed: int
    next_grade: int | None
    lacking: str | None
    ruleset_title: str
    ruleset_digest: str
    ruleset_from: date
    ruleset_official: bool


@dataclass(frozen=True, slots=True)
class Paper:
    """An authenticated document: `proves` is what its statement says that it proves."""

    kind: str
    year: int | None
    pages: int | None
    sha256: str
    proves: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Issue:
    """What the signature adds to the draft.

    `code` opens /verify/{code}, `qr` is what the QR code says; `statement` the hex digest of what was signed, `factor`
    totp or passkey; `next_request` the first day of a next request, where this answer makes the town wait.
    """

    number: str
    at: datetime
    code: str
    qr: str
    statement: str
    factor: str
    next_request: date | None = None


@dataclass(frozen=True, slots=True)
class DecisionLetter:
    """The facts of a letter; a draft as long as it has no `issue`.

    `outcome` is raised, unchanged, lowered or refused; `minister_name` is empty on a draft that no minister reads;
    `seal` says what will be put on the file: none, demo (a certificate of its own making) or office.
    `waiting_years` is 0 where this outcome makes nobody wait.
    """

    case_number: str
    province: str
    municipality: str
    county: str
    outcome: str
    grade: int | None
    previous_grade: int | None
    requested_grade: int | None
    governorate_letter_number: str
    governorate_letter_date: date
    sitting_title: str
    sitting_date: date
    effective_on: date | None
    minister_name: str
    minister_title: str
    reason: str
    refusal_code: str | None
    waiting_years: int
    census_year: int | None
    confirmed_on: date
    papers: tuple[Paper, ...]
    score: Score
    verify_address: str
    seal: str
    issue: Issue | None = None
