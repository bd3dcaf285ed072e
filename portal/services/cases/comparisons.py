"""A draft against the version in force, over all past cases: before anyone publishes it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import anyio

from portal.domain import comparison
from portal.domain.comparison import Comparison
from portal.domain.declarations import declaration_in
from portal.services.cases import assessments
from portal.services.rulesets import versions
from portal.tables.cases import Case

_PAST = """
SELECT c.number, m.display_name AS town, p.name AS province_name, d.*
FROM cases c JOIN submissions s ON s.id = c.submission JOIN declarations d ON d.id = s.declaration
JOIN municipalities m ON m.code = c.municipality JOIN provinces p ON p.code = c.province
WHERE c.confirmed_at IS NOT NULL ORDER BY c.number
"""


@dataclass(frozen=True, slots=True)
class ComparedVersions:
    """`current` is the row of the version in force, `cases` the rows of the cases by number."""

    current: dict[str, Any]
    result: Comparison
    cases: dict[str, dict[str, Any]]


async def with_current(version: dict[str, Any], now: datetime) -> ComparedVersions | None:
    """`version` (a row of `rulesets`) against the one in force; None while none is in force.

    Over the last submission of every case that the Organization ever saw.
    """
    current = await versions.in_force(now)
    if current is None:
        return None
    rows = {row["number"]: row for row in await Case.raw(_PAST)}
    towns = [(number, assessments.inputs(declaration_in(row))) for number, row in rows.items()]
    old, new = versions.parsed(current["source"]), versions.parsed(version["source"])
    result = await anyio.to_thread.run_sync(comparison.compare, old, new, towns)
    return ComparedVersions(current, result, rows)
