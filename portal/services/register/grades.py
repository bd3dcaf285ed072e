"""Grades of towns, nationally and by province: the portal's own decisions, else what the register holds.

Totals here count more than what a reader may open, on purpose; no case is named or linked.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from portal.domain import persian
from portal.domain.eligibility import Source
from portal.tables.places import Municipality

_TOWNS = """
SELECT m.code, m.display_name AS name, m.display_county AS county, m.province, p.name AS province_name,
       m.grade AS register_grade, m.grade_notified_on, own.grade, own.at, own.official
FROM municipalities m JOIN provinces p ON p.code = m.province
LEFT JOIN (
  SELECT DISTINCT ON (c.municipality) c.municipality, d.grade, n.at, r.official
  FROM notices n JOIN cases c ON c.id = n."case" JOIN decisions d ON d.id = n.decision
  JOIN assessments a ON a.id = d.assessment JOIN rulesets r ON r.digest = a.ruleset
  WHERE d.grade IS NOT NULL ORDER BY c.municipality, n.at DESC
) AS own ON own.municipality = m.code
"""


@dataclass(frozen=True, slots=True)
class TownGrade:
    """The grade of a town and who says so; both None where nobody does. `notified_on`: where it is known.

    `official`: whether the portal's own decision rests on an official score table; None for what the register holds.
    """

    code: str
    name: str
    county: str
    province: str
    province_name: str
    grade: int | None
    source: Source | None
    notified_on: date | None
    official: bool | None


async def of_province(code: str) -> list[TownGrade]:
    """Every town of the province with this code, by the alphabet; empty for no such province."""
    rows = await Municipality.raw(_TOWNS + "WHERE m.province = {} ORDER BY m.sort_key, m.code", code)
    return [_town(row) for row in rows]


async def of_country() -> list[TownGrade]:
    """Every town, by province and name, each by the alphabet."""
    return [_town(row) for row in await Municipality.raw(_TOWNS + "ORDER BY p.sort_key, m.sort_key, m.code")]


def _town(row: dict[str, Any]) -> TownGrade:
    at: datetime | None = row["at"]
    own = row["grade"] is not None
    source = Source.PORTAL if own else Source.REGISTER if row["register_grade"] is not None else None
    day = persian.tehran_date(at) if own and at else row["grade_notified_on"] if source else None
    grade = row["grade"] if own else row["register_grade"]
    place = row["code"], row["name"], row["county"], row["province"], row["province_name"]
    return TownGrade(*place, grade, source, day, row["official"] if own else None)
