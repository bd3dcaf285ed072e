"""What a municipality declares, what each document proves of it, and what is still missing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from portal.domain import grading


class DocumentKind(StrEnum):
    """Kinds of documents (the service's card)."""

    LAST_GRADE = "last_grade"
    SETTLEMENT = "settlement"
    CENSUS = "census"
    JUSTIFICATION = "justification"
    OTHER = "other"


class Division(StrEnum):
    """Whose seat the town is."""

    NONE = "none"
    BAKHSHDARI = "bakhshdari"
    FARMANDARI = "farmandari"
    OSTANDARI = "ostandari"


CENSUS_YEARS = (1405, 1395, 1390, 1385)
"""Censuses that a declaration may quote, newest first; officials like to quote newer figures."""

GRADES = tuple(range(1, 13))

NEW_TOWN = 0
"""The held grade of a municipality that never had one; `none` on the form."""

Slot = tuple[DocumentKind, int | None]
"""A place that one current document fills: a kind and, for a settled budget, its year."""


@dataclass(frozen=True, slots=True)
class Declaration:
    """The declared values; None is *not yet said*. Amounts in whole rials, population in persons."""

    current_grade: int | None = None
    current_grade_notified_on: date | None = None
    requested_grade: int | None = None
    census_year: int | None = None
    population: int | None = None
    division: Division | None = None
    settled_year_1: int | None = None
    settled_year_2: int | None = None
    settled_year_3: int | None = None
    settled_amount_1: int | None = None
    settled_amount_2: int | None = None
    settled_amount_3: int | None = None

    @property
    def settled(self) -> tuple[tuple[int | None, int | None], ...]:
        """Year and amount of each of the three settled budgets, as declared."""
        return (
            (self.settled_year_1, self.settled_amount_1),
            (self.settled_year_2, self.settled_amount_2),
            (self.settled_year_3, self.settled_amount_3),
        )

    def mean(self) -> Decimal | None:
        """The mean of the three settled amounts in rials, as the engine takes it; None while one is missing."""
        amounts = [Decimal(amount) for _, amount in self.settled if amount is not None]
        return grading.mean(amounts) if len(amounts) == len(self.settled) else None

    def missing(self) -> tuple[str, ...]:
        """Names of the fields that a submission still needs."""
        optional = {"current_grade_notified_on"} if self.current_grade == NEW_TOWN else set()
        return tuple(f.name for f in fields(self) if getattr(self, f.name) is None and f.name not in optional)

    def as_dict(self) -> dict[str, Any]:
        """Plain values for a statement: amounts as strings, since JSON numbers end at 2⁵³ (RFC 8785)."""
        return {f.name: _plain(f.name, getattr(self, f.name)) for f in fields(self)}


def declaration_of(values: Mapping[str, Any]) -> Declaration:
    """The declaration that `Declaration.as_dict` made `values` of; what it did not know then stays unsaid."""
    known: dict[str, Any] = {f.name: values[f.name] for f in fields(Declaration) if values.get(f.name) is not None}
    if "current_grade_notified_on" in known:
        known["current_grade_notified_on"] = date.fromisoformat(known["current_grade_notified_on"])
    if "division" in known:
        known["division"] = Division(known["division"])
    for name in known.keys() & {"settled_amount_1", "settled_amount_2", "settled_amount_3"}:
        known[name] = int(known[name])
    return Declaration(**known)


def declaration_in(row: Mapping[str, Any]) -> Declaration:
    """The declared values in the columns of `row`."""
    division = Division(row["division"]) if row["division"] else None
    return Declaration(**{**{f.name: row[f.name] for f in fields(Declaration)}, "division": division})


def _plain(name: str, value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if name.startswith("settled_amount") and value is not None:
        return str(value)
    return value


def required_slots(declaration: Declaration, usual: Sequence[int] = ()) -> tuple[Slot, ...]:
    """The places that a submission needs filled. A new municipality has no last grade to prove.

    The years of `usual` stand for settled years that are not declared yet, the first ones first.
    """
    said = {year for year, _ in declaration.settled if year is not None}
    others = [year for year in usual if year not in said]
    years = sorted({*said, *others[: len(declaration.settled) - len(said)]})
    first: tuple[Slot, ...] = () if declaration.current_grade == NEW_TOWN else ((DocumentKind.LAST_GRADE, None),)
    return (
        *first,
        *((DocumentKind.SETTLEMENT, year) for year in years),
        (DocumentKind.CENSUS, None),
        (DocumentKind.JUSTIFICATION, None),
    )


def missing_slots(declaration: Declaration, held: Iterable[Slot]) -> tuple[Slot, ...]:
    """Required places that no current document fills."""
    present = set(held)
    return tuple(slot for slot in required_slots(declaration) if slot not in present)


def proven_by(kind: DocumentKind, year: int | None, declaration: Declaration) -> dict[str, Any]:
    """The declared values that a document of this kind proves; empty where it proves none.

    An attestation binds them: when they change, it is void.
    """
    values = declaration.as_dict()
    match kind:
        case DocumentKind.LAST_GRADE:
            names: Sequence[str] = ("current_grade", "current_grade_notified_on")
        case DocumentKind.CENSUS:
            names = ("census_year", "population")
        case DocumentKind.JUSTIFICATION:
            names = ("requested_grade",)
        case DocumentKind.SETTLEMENT:
            amounts = {str(each): amount for each, amount in declaration.settled}
            amount = amounts.get(str(year))
            return {"settled_year": year, "settled_amount": None if amount is None else str(amount)}
        case DocumentKind.OTHER:
            names = ()
    return {name: values[name] for name in names}


def contradictions(values: Mapping[str, Any]) -> dict[str, str]:
    """Fields that cannot stand together, by name, each with a code. Blanks contradict nothing."""
    errors: dict[str, str] = {}
    years: dict[int, str] = {}
    for n in (1, 2, 3):
        name, year = f"settled_year_{n}", values.get(f"settled_year_{n}")
        if year is not None and year in years:
            errors[name] = "year-twice"
        elif year is not None:
            years[year] = name
    return errors
