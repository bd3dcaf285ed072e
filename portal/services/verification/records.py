"""What the journal tells of accounts, rule sets, lifted waiting periods and sittings, against their rows.

The third walk of the verification. Each table is read some rows at a time, with the events about those rows alone.
The register of towns, of which no event tells, is held against the one that this version ships.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from piccolo.columns import Column
from piccolo.table import Table

from portal.domain.events import EventKind
from portal.domain.rulesets import RuleSetError
from portal.services.register import shipped as shipped_register
from portal.services.rulesets import versions
from portal.services.verification import accounts, statements
from portal.services.verification.rules import CALLED, DRAFTED, LIFTED, MINUTED, PUBLISHED, differs
from portal.services.verification.statements import Entry, Finding, Row, Tick, Unreadable, statements_of
from portal.tables.acts import Sitting
from portal.tables.eligibility import EligibilityLift
from portal.tables.events import Event
from portal.tables.people import Person
from portal.tables.places import Municipality, Province
from portal.tables.rulesets import RuleSetVersion

WALKED = (Person, RuleSetVersion, EligibilityLift, Sitting, Municipality)


@dataclass(frozen=True, slots=True)
class Register:
    """A table of which events tell: `subject` is the column that says what they are about, `check` judges a row."""

    table: type[Table]
    key: Column
    subject_type: str
    subject: str
    check: Callable[[Row, Sequence[Entry]], list[Finding]]


async def count() -> int:
    """How many rows `walk` looks at."""
    return sum([await table.count() for table in WALKED])


async def walk(found: list[Finding], tick: Tick) -> None:
    """Every account, rule set, lift, sitting and town."""
    await accounts.walk(found, tick)
    for register in REGISTERS:
        await _register(register, found, tick)
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


async def _register(register: Register, found: list[Finding], tick: Tick) -> None:
    """Every row of a table against the events about it."""
    key, subject = register.key, register.subject
    async for rows in statements.batches(register.table, key):
        told = await _told(register.subject_type, [str(row[subject]) for row in rows], found)
        for row in rows:
            try:
                found += register.check(row, told.get(str(row[subject]), ()))
            except Unreadable:
                found.append(Finding("statement-unreadable", str(row[key._meta.name])))
        tick(len(rows))
    if subject == key._meta.name:  # a lift is one of several events about its town
        name = f"p.{subject}::text"
        found += await statements.strangers(register.subject_type, register.table._meta.tablename, name)


async def _told(subject_type: str, subjects: Sequence[str], found: list[Finding]) -> dict[str, list[Entry]]:
    """The events about these subjects by subject, each in their order."""
    told: dict[str, list[Entry]] = {}
    about = (Event.subject_type == subject_type) & Event.subject.is_in(list(subjects))
    async for rows in statements.batches(Event, Event.position, *statements.COLUMNS, where=about):
        for row in rows:
            try:
                told.setdefault(row["subject"], []).append(statements.entry(row))
            except Unreadable:
                found.append(statements.unreadable(row))
    return told


def _ruleset(row: Row, told: Sequence[Entry]) -> list[Finding]:
    """A version is what its text says, and was drafted and published as the journal says; the sample came along."""
    where = f"rule set {row['digest']}"
    if not _is_its_text(row):
        return [Finding("ruleset-differs", where)]
    said: dict[str, Any] = dict.fromkeys(("drafted_at", "drafted_by", "published_at", "published_by", "event"))
    drafted = statements_of(told, DRAFTED.kind)
    if not drafted:
        shipped = row["digest"] in {versions.parsed(path.read_text("utf-8")).digest for path in _shipped()}
        if not shipped or row["published_at"] is None:
            return [Finding("ruleset-unrecorded", where)]
        del said["published_at"]  # the day on which this portal was set up, which no event tells
    for statement in drafted:
        said |= DRAFTED.said(statement)
    for entry in told:
        if entry.kind is PUBLISHED.kind:
            said |= {**PUBLISHED.said(entry.statement), "event": entry.position}
    return [Finding("ruleset-differs", where)] if differs(row, said) else []


def _shipped() -> list[Path]:
    return sorted(versions.SHIPPED.glob("*.toml"))


def _is_its_text(row: Row) -> bool:
    """Whether the text of a version has its digest, and the columns beside it say what the text says."""
    try:
        rules = versions.parsed(row["source"])
    except RuleSetError:
        return False
    kept = versions.columns(rules)
    return all(row[name] == value for name, value in kept.items())


def _sitting(row: Row, told: Sequence[Entry]) -> list[Finding]:
    """A sitting was called so; its minutes and who was there are those that were written last."""
    where = f"sitting {row['id']}"
    called = statements_of(told, CALLED.kind)
    if not called:
        return [Finding("sitting-unrecorded", where)]
    said = {**CALLED.said(called[0]), "minutes": "", "attendance": ""}
    for statement in statements_of(told, MINUTED.kind):
        said |= MINUTED.said(statement)
    return [Finding("sitting-differs", where)] if differs(row, said) else []


def _lift(row: Row, told: Sequence[Entry]) -> list[Finding]:
    """A waiting period was lifted by the event that the row names."""
    where = f"lifted waiting period {row['id']}"
    lifted = [entry for entry in told if entry.kind is LIFTED.kind and entry.position == row["event"]]
    if not lifted:
        return [Finding("lift-unrecorded", where)]
    return [] if LIFTED.agrees(row, lifted[0].statement) else [Finding("lift-differs", where)]


async def _lifts_missing() -> list[Finding]:
    rows = await Event.raw(
        "SELECT position FROM events e WHERE kind = {} "
        "AND NOT EXISTS (SELECT 1 FROM eligibility_lifts l WHERE l.event = e.position) ORDER BY 1 LIMIT 20",
        str(EventKind.WAITING_LIFTED),
    )
    return [Finding("lift-missing", f"entry {row['position']}") for row in rows]


REGISTERS = (
    Register(RuleSetVersion, RuleSetVersion.digest, "ruleset", "digest", _ruleset),
    Register(Sitting, Sitting.id, "sitting", "id", _sitting),
    Register(EligibilityLift, EligibilityLift.id, "municipality", "municipality", _lift),
)
"""Those tables, in the order of the walk."""
