"""Versions of rule sets: drafts that the administrator brings, published ones that nobody can change.

A version is known by the digest of its content: what is compared, signed and scored under is always the same text.
"""

import asyncio
from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from asyncpg import UniqueViolationError

from portal.domain import fitness, persian, rulesets
from portal.domain.errors import Conflict, Forbidden, Invalid, NotFound
from portal.domain.events import EventKind, OfficeAct
from portal.domain.lifecycle import Role
from portal.domain.rulesets import RuleFinding, RuleSet, RuleSetError, Severity
from portal.services.identity.identity import Identity
from portal.services.journal import log
from portal.services.signing.signoffs import Matter, Prepared, Signed, prepare
from portal.tables.rulesets import RuleSetVersion

SHIPPED = Path(__file__).parents[2] / "rulesets"
LARGEST = 200_000
"""Characters of a rule set; a table of hundreds of bands has a tenth of them."""


@lru_cache(maxsize=64)
def parsed(source: str) -> RuleSet:
    """The rule set that the TOML `source` says."""
    return rulesets.parse(source)


def columns(rules: RuleSet) -> dict[str, Any]:
    """What the row of a version keeps of its text, by column."""
    return {
        "digest": rules.digest,
        "name": rules.id,
        "title_fa": rules.title["fa"] or rules.title["en"] or rules.id,
        "title_en": rules.title["en"] or rules.title["fa"] or rules.id,
        "official": rules.official,
        "effective_from": rules.effective_from,
        "waiting_years": rules.waiting_years,
    }


def _row(rules: RuleSet, source: str, **others: Any) -> RuleSetVersion:
    return RuleSetVersion(**columns(rules), source=source, **others)


async def load_shipped(*, now: datetime) -> None:
    """Publish the sample that the portal ships, unless this very version is there already."""
    for path in sorted(SHIPPED.glob("*.toml")):
        source = path.read_text(encoding="utf-8")
        each = rulesets.parse(source)
        if not await RuleSetVersion.exists().where(RuleSetVersion.digest == each.digest):
            await RuleSetVersion.insert(_row(each, source, published_at=now))


def findings(source: str, today: date) -> list[RuleFinding]:
    """Everything that is found in the TOML `source`, what keeps it from being used in this portal included."""
    found = rulesets.check(source, today=today)
    if any(each.severity is Severity.ERROR for each in found):
        return found
    return sorted([*found, *fitness.findings(source, parsed(source))], key=lambda each: each.line)


async def draft(source: str, *, by: Identity, now: datetime) -> str:
    """Keep a draft; its digest. A draft that `by` has brought already, this very text, stays as it is.

    Raises:
        Forbidden.
        RuleSetError: the text is no rule set that could ever be published.
        Invalid: this very version is here already.
    """
    if by.role is not Role.ADMINISTRATOR:
        raise Forbidden("role", act="ruleset")
    if len(source) > LARGEST:
        raise Invalid({"source": ("too-long", {"most": LARGEST})})
    source = source.replace("\r\n", "\n").removeprefix("\ufeff")
    found = await asyncio.to_thread(findings, source, persian.tehran_date(now))  # a second, at most
    if errors := [each for each in found if each.severity is Severity.ERROR]:
        raise RuleSetError(errors)
    rules = parsed(source)
    try:
        async with RuleSetVersion._meta.db.transaction():
            await RuleSetVersion.insert(_row(rules, source, drafted_at=now, drafted_by=by.id))
            values = {"name": rules.id, "effective_from": rules.effective_from.isoformat()}
            about = ("ruleset", rules.digest)
            await log.note(EventKind.RULESET_DRAFTED, about, by=by, now=now, values=values, state=(None, "draft"))
    except UniqueViolationError:
        if await _is_draft_of(rules.digest, source, by):
            return rules.digest
        raise Invalid({"source": "known-ruleset"}) from None
    return rules.digest


async def _is_draft_of(digest: str, source: str, by: Identity) -> bool:
    mine = (RuleSetVersion.drafted_by == by.id) & (RuleSetVersion.source == source)
    return bool(
        await RuleSetVersion.exists().where(
            (RuleSetVersion.digest == digest) & mine & RuleSetVersion.published_at.is_null()
        )
    )


async def publication(digest: str, by: Identity, now: datetime, *, locked: bool = False) -> Matter:
    """A draft as what is published.

    Raises:
        Forbidden, NotFound.
        Conflict: `published-already`, `effective-in-past`, `unfit-ruleset`.
    """
    if by.role is not Role.ORGANIZATION:
        raise Forbidden("role", act=OfficeAct.PUBLICATION)
    query = RuleSetVersion.select().where(RuleSetVersion.digest == digest).first()
    row = await (query.lock_rows("UPDATE") if locked else query)
    if row is None:
        raise NotFound("ruleset")
    if row["published_at"] is not None:
        raise Conflict("published-already")
    today = persian.tehran_date(now)
    if row["effective_from"] < today:
        raise Conflict("effective-in-past", day=row["effective_from"])
    if any(each.severity is Severity.ERROR for each in findings(row["source"], today)):
        raise Conflict("unfit-ruleset")
    current = await in_force(now)
    facts = {
        "title": row["title_fa"],
        "name": row["name"],
        "effective_from": row["effective_from"].isoformat(),
        "official": row["official"],
        "waiting_years": row["waiting_years"],
        "in_force": current["digest"] if current else None,
    }
    return Matter("ruleset", digest, "draft", "published", facts=facts)


async def prepare_publication(digest: str, *, by: Identity, now: datetime) -> Prepared[None]:
    """A draft to be published: from its day on it applies to what is submitted, and it can never be changed.

    Raises:
        Forbidden, NotFound, Conflict.
    """

    async def look(locked: bool) -> Matter:
        return await publication(digest, by, now, locked=locked)

    async def write(signed: Signed) -> None:
        event = await signed.record(EventKind.RULESET_PUBLISHED)
        await RuleSetVersion.update(
            {
                RuleSetVersion.published_at: signed.now,
                RuleSetVersion.published_by: by.id,
                RuleSetVersion.event: event,
            }
        ).where(RuleSetVersion.digest == digest)

    return await prepare(OfficeAct.PUBLICATION, by, look, write, {})


async def published() -> list[dict[str, Any]]:
    """Every published version, the one in force last first."""
    return (
        await RuleSetVersion.select()
        .where(RuleSetVersion.published_at.is_not_null())
        .order_by(RuleSetVersion.effective_from, RuleSetVersion.published_at, ascending=False)
    )


async def drafts() -> list[dict[str, Any]]:
    """Every draft, the last one first."""
    return (
        await RuleSetVersion.select(
            *RuleSetVersion.all_columns(), RuleSetVersion.drafted_by.full_name.as_alias("drafter")
        )
        .where(RuleSetVersion.published_at.is_null())
        .order_by(RuleSetVersion.drafted_at, ascending=False)
    )


async def in_force(at: datetime) -> dict[str, Any] | None:
    """The version that applies to what is submitted at the instant `at`.

    A version counts from its day on, but not for what was sent before it was published on that very day. (What the
    portal ships was in force before the portal was.)
    """
    return in_force_of(await published(), at)


def in_force_of(rows: Sequence[dict[str, Any]], at: datetime) -> dict[str, Any] | None:
    """As `in_force`, of rows as `published` gives them."""
    day = persian.tehran_date(at)
    begun = [row for row in rows if row["effective_from"] <= day]
    return next((row for row in begun if row["published_at"] <= at), begun[-1] if begun else None)


async def named(name: str) -> dict[str, Any] | None:
    """The published version with this digest, or the latest with this id."""
    return named_in(await published(), name)


def named_in(rows: Sequence[dict[str, Any]], name: str) -> dict[str, Any] | None:
    """As `named`, of rows as `published` gives them."""
    return next((row for key in ("digest", "name") for row in rows if row[key] == name), None)


async def find(name: str) -> dict[str, Any]:
    """As `named`, or the draft with this digest.

    Raises:
        NotFound.
    """
    row = await named(name)
    if row is None:
        row = await RuleSetVersion.select().where(RuleSetVersion.digest == name).first()
    if row is None:
        raise NotFound("ruleset")
    return row
