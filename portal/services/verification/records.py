"""What the journal tells of accounts, rule sets, lifted waiting periods and sittings, against their rows.

The fourth walk of the verification. Each table is read some rows at a time, with the events about those rows alone.
The register of towns, of which no event tells, is held against the one that this version ships.
"""

import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any

from piccolo.columns import Column
from piccolo.table import Table

from portal.domain.events import EventKind
from portal.domain.rulesets import RuleSetError
from portal.services.register import shipped as shipped_register
from portal.services.rulesets import versions
from portal.services.verification import accounts
from portal.services.verification.accounts import Row, differs, strangers
from portal.services.verification.entries import BATCH, UNREADABLE, Finding, Tick
from portal.tables.acts import Sitting
from portal.tables.eligibility import EligibilityLift
from portal.tables.events import Event
from portal.tables.people import Person
from portal.tables.places import Municipality, Province
from portal.tables.rulesets import RuleSetVersion

Statement = Mapping[str, Any]
Events = Mapping[EventKind, Sequence[tuple[int, Statement]]]
"""Position and statement of every event about one subject by kind, in their order."""
Told = Mapping[str, Events]

WALKED = (Person, RuleSetVersion, EligibilityLift, Sitting, Municipality)


async def count() -> int:
    """How many rows `walk` looks at."""
    return sum([await table.count() for table in WALKED])


async def walk(found: list[Finding], tick: Tick) -> None:
    """Every account, rule set, lift, sitting and town."""
    await accounts.walk(found, tick)
    async for rows in _batches(RuleSetVersion, RuleSetVersion.digest):
        told = await _told([row["digest"] for row in rows], "ruleset", found)
        found += [each for row in rows for each in _held(_ruleset, row, told.get(row["digest"], {}))]
        tick(len(rows))
    found += await strangers("ruleset", "rulesets", "p.digest")
    async for rows in _batches(Sitting, Sitting.id):
        told = await _told([str(row["id"]) for row in rows], "sitting", found)
        found += [each for row in rows for each in _held(_sitting, row, told.get(str(row["id"]), {}))]
        tick(len(rows))
    found += await strangers("sitting", "sittings", "p.id::text")
    async for rows in _batches(EligibilityLift, EligibilityLift.id):
        told = await _told([row["municipality"] for row in rows], "municipality", found)
        found += [each for row in rows for each in _held(_lift, row, told.get(row["municipality"], {}))]
        tick(len(rows))
    found += await _lifts_missing()
    found += await _towns()
    tick(await Municipality.count())


async def _towns() -> list[Finding]:
    """Names and codes of towns and provinces, as the portal ships them."""
    towns, provinces = shipped_register.shipped()
    rows = {row["code"]: row for row in await Municipality.select(*shipped_register.SHIPPED_COLUMNS)}
    names = {row["code"]: row["name"] for row in await Province.select()}
    return [*_compared("town", towns, rows), *_compared("province", provinces, names)]


def _compared(what: str, shipped: Mapping[str, Any], kept: Mapping[str, Any]) -> list[Finding]:
    found = [Finding("town-missing", f"{what} {code}") for code in sorted(shipped.keys() - kept.keys())]
    for code, row in sorted(kept.items()):
        if code not in shipped:
            found.append(Finding("town-unrecorded", f"{what} {code}"))
        elif row != shipped[code]:
            found.append(Finding("town-differs", f"{what} {code}"))
    return found


async def _batches(table: type[Table], key: Any) -> AsyncIterator[list[dict[str, Any]]]:
    query = table.select().order_by(key).limit(BATCH)
    rows = await query
    while rows:
        yield rows
        rows = await table.select().where(key > rows[-1][_name(key)]).order_by(key).limit(BATCH)


def _name(column: Column) -> str:
    return column._meta.name


async def _told(subjects: Sequence[str], subject_type: str, found: list[Finding]) -> Told:
    rows = (
        await Event.select(Event.position, Event.kind, Event.subject, Event.statement)
        .where((Event.subject_type == subject_type) & Event.subject.is_in(list(subjects)))
        .order_by(Event.position)
    )
    told: dict[str, dict[EventKind, list[tuple[int, Statement]]]] = {}
    for row in rows:
        try:
            kind, statement = EventKind(row["kind"]), json.loads(row["statement"])
            _said(statement)
        except UNREADABLE:
            found.append(Finding("statement-unreadable", f"entry {row['position']}"))
            continue
        told.setdefault(row["subject"], {}).setdefault(kind, []).append((row["position"], statement))
    return told


def _said(statement: Statement) -> tuple[Any, Any, str | None, str]:
    """Values, facts, signer's id and instant."""
    intent = statement["intent"]
    return intent["values"], intent["facts"], intent["signer"].get("id"), statement["record"]["at"]


def _held(check: Callable[[Row, Events], list[Finding]], row: Row, told: Events) -> list[Finding]:
    """What `check` finds in a row, or that one of the statements about it cannot be read."""
    try:
        return check(row, told)
    except UNREADABLE:
        return [Finding("statement-unreadable", f"{row.get('digest', row.get('id'))}")]


def _ruleset(row: Row, told: Events) -> list[Finding]:
    """A version is what its text says, and was drafted and published as the journal says; the sample came along."""
    where = f"rule set {row['digest']}"
    if not _is_its_text(row):
        return [Finding("ruleset-differs", where)]
    said: dict[str, Any] = dict.fromkeys(("drafted_at", "drafted_by", "published_at", "published_by", "event"))
    if EventKind.RULESET_DRAFTED not in told:
        shipped = row["digest"] in {versions.parsed(path.read_text("utf-8")).digest for path in _shipped()}
        if not shipped or row["published_at"] is None:
            return [Finding("ruleset-unrecorded", where)]
        del said["published_at"]  # the day on which this portal was set up, which no event tells
    for _, statement in told.get(EventKind.RULESET_DRAFTED, ()):
        values, _, by, at = _said(statement)
        said |= {"drafted_by": by, "drafted_at": at, "name": values["name"]}
        said["effective_from"] = values["effective_from"]
    for position, statement in told.get(EventKind.RULESET_PUBLISHED, ()):
        _, facts, by, at = _said(statement)
        said |= {"published_by": by, "published_at": at, "event": position}
        said |= {name: facts[name] for name in ("name", "effective_from", "official", "waiting_years")}
        said["title_fa"] = facts["title"]
    return [Finding("ruleset-differs", where)] if differs(row, said) else []


def _shipped() -> list[Any]:
    return sorted(versions.SHIPPED.glob("*.toml"))


def _is_its_text(row: Row) -> bool:
    """Whether the text of a version has its digest, and the columns beside it say what the text says."""
    try:
        rules = versions.parsed(row["source"])
    except (*UNREADABLE, RuleSetError):
        return False
    kept = versions.columns(rules)
    return all(row[name] == value for name, value in kept.items())


def _sitting(row: Row, told: Events) -> list[Finding]:
    where = f"sitting {row['id']}"
    if EventKind.SITTING_CALLED not in told:
        return [Finding("sitting-unrecorded", where)]
    called, _, by, at = _said(told[EventKind.SITTING_CALLED][0][1])
    said = {**called, "made_by": by, "made_at": at, "minutes": "", "attendance": ""}
    for _, statement in told.get(EventKind.SITTING_MINUTED, ()):
        said |= _said(statement)[0]
    return [Finding("sitting-differs", where)] if differs(row, said) else []


def _lift(row: Row, told: Events) -> list[Finding]:
    where = f"lifted waiting period {row['id']}"
    statement = dict(told.get(EventKind.WAITING_LIFTED, ())).get(row["event"])
    if statement is None:
        return [Finding("lift-unrecorded", where)]
    values, facts, by, at = _said(statement)
    said = {"reason": values["reason"], "by": by, "at": at}
    said |= {name: facts[name] for name in ("notified_on", "eligible_on")}
    return [Finding("lift-differs", where)] if differs(row, said) else []


async def _lifts_missing() -> list[Finding]:
    rows = await Event.raw(
        "SELECT position FROM events e WHERE kind = {} "
        "AND NOT EXISTS (SELECT 1 FROM eligibility_lifts l WHERE l.event = e.position) ORDER BY 1 LIMIT 20",
        str(EventKind.WAITING_LIFTED),
    )
    return [Finding("lift-missing", f"entry {row['position']}") for row in rows]
