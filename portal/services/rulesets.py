"""Published versions of rule sets: immutable, known by the digest of their content."""

from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from portal.domain import rulesets
from portal.domain.rulesets import RuleSet
from portal.tables.rulesets import RuleSetVersion

SHIPPED = Path(__file__).parent.parent / "rulesets"


@lru_cache(maxsize=64)
def parsed(source: str) -> RuleSet:
    """The rule set that the TOML `source` says."""
    return rulesets.parse(source)


async def load_shipped(*, now: datetime) -> None:
    """Publish the sample that the portal ships, unless this very version is there already."""
    for path in sorted(SHIPPED.glob("*.toml")):
        source = path.read_text(encoding="utf-8")
        each = rulesets.parse(source)
        if await RuleSetVersion.exists().where(RuleSetVersion.digest == each.digest):
            continue
        await RuleSetVersion.insert(
            RuleSetVersion(
                digest=each.digest,
                name=each.id,
                title_fa=each.title["fa"],
                title_en=each.title["en"],
                official=each.official,
                effective_from=each.effective_from,
                waiting_years=each.waiting_years,
                source=source,
                published_at=now,
            )
        )


async def published() -> list[dict[str, Any]]:
    """Every published version, the one in force last first."""
    return (
        await RuleSetVersion.select()
        .where(RuleSetVersion.published_at.is_not_null())
        .order_by(RuleSetVersion.effective_from, RuleSetVersion.published_at, ascending=False)
    )


async def in_force(on: date) -> dict[str, Any] | None:
    """The version in force on the day `on`."""
    return next((row for row in await published() if row["effective_from"] <= on), None)


async def named(name: str) -> dict[str, Any] | None:
    """The published version with this digest, or the latest with this id."""
    return next((row for row in await published() if name in (row["digest"], row["name"])), None)
