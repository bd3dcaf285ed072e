"""What the demo's register knows of towns, and a draft of a score table that waits to be compared and published."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import portal
from portal.domain import persian, town_tables
from portal.domain.csv_rows import BadRow
from portal.domain.declarations import Declaration
from portal.domain.town_tables import Figure
from portal.services.identity.identity import Identity
from portal.services.register import census
from portal.services.rulesets import versions

PRESS = Path(portal.__file__).parent / "register" / "published-grades.csv"
OFF_BY = 1.03
"""One demo town in seven declares another population than the census counted."""


async def load(declared: Iterable[tuple[str, Declaration]], *, now: datetime) -> None:
    """Grades and census figures of the press, and the census of 1395 for the towns (code, declaration) of the demo."""
    towns = await census.towns()
    lines = PRESS.read_text(encoding="utf-8").splitlines(keepends=True)
    grades = [each for each in town_tables.grades(lines, towns) if not isinstance(each, BadRow)]
    figures = [each for each in town_tables.census(lines, towns, None) if isinstance(each, Figure)]
    for n, (code, declaration) in enumerate(declared):
        counted = round((declaration.population or 0) * (OFF_BY if n % 7 == 3 else 1))
        figures.append(Figure(code, declaration.census_year or 1395, counted))
    await census.load_grades(grades, now=now)
    await census.load(figures, now=now)


async def bring_draft(*, by: Identity, now: datetime) -> None:
    """Keep a draft that differs from the shipped sample: a higher band of revenue, a lower cutoff, the next year."""
    (path,) = versions.SHIPPED.glob("ir-2762-sample.toml")
    next_year = persian.jalali_date(f"{persian.jalali_year(now) + 1}/01/01")
    changes = {
        'id = "ir-2762-sample"': 'id = "ir-2762-sample-draft"',
        "effective_from = 2015-04-18": f"effective_from = {next_year.isoformat()}",
        "(جدول نمونه)": "(پیش‌نویس نمونه)",
        "(sample tables)": "(sample draft)",
        "[1200000000000, 50]": "[1100000000000, 52]",
        "[57, 8]": "[55, 8]",
    }
    text = path.read_text(encoding="utf-8")
    for old, new in changes.items():
        text = text.replace(old, new)
    await versions.draft(text, by=by, now=now)
