"""The journal's entries as every check reads them: the statement of each is parsed once, here.

Whoever changed a statement may have taken any part of it away. So a part is asked for by its path, with its type, and
what is not there so raises `Unreadable`; any other exception in a check is a mistake of this program.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypedDict

import msgspec
from piccolo.columns import Column
from piccolo.custom_types import Combinable
from piccolo.table import Table

from portal.domain import declarations, events, persian
from portal.domain.declarations import Declaration
from portal.domain.events import EventKind
from portal.tables.events import Event

BATCH = 500
"""Rows that a walk holds at a time."""
Row = Mapping[str, Any]

Tick = Callable[[int], None]
"""Called with how many more are done, for a progress bar."""

COLUMNS = (Event.position, Event.kind, Event.subject_type, Event.subject, Event.statement)
"""The columns of an event that `entry` asks for."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that disagrees: a stable code, where, and facts for the sentence."""

    code: str
    where: str
    facts: dict[str, Any] = field(default_factory=dict)


class Unreadable(Exception):
    """A statement, or the part of it at the path named, is not what every statement of its kind holds."""


class _Subject(msgspec.Struct):
    type: Any
    id: Any


class _States(msgspec.Struct):
    before: Any
    after: Any


class _Signer(TypedDict, total=False):
    id: str


class _Intent(msgspec.Struct):
    subject: _Subject
    state: _States
    items: list[dict[str, Any]]
    facts: dict[str, Any]
    values: dict[str, Any]
    signer: _Signer
    nonce: Any


class _Record(msgspec.Struct):
    kind: Any
    intent_sha256: Any
    at: str
    factor: dict[str, Any] | None
    position: Any
    produced: dict[str, Any] | None = None


class _Envelope(msgspec.Struct):
    """What every statement holds, whatever its kind (`domain/events.py`)."""

    intent: _Intent
    record: _Record


class _Declared(TypedDict, total=False):
    """The values of a declaration as `Declaration.as_dict` writes them."""

    current_grade: int | None
    current_grade_notified_on: str | None
    requested_grade: int | None
    census_year: int | None
    population: int | None
    division: str | None
    settled_year_1: int | None
    settled_year_2: int | None
    settled_year_3: int | None
    settled_amount_1: str | None
    settled_amount_2: str | None
    settled_amount_3: str | None


@dataclass(frozen=True, slots=True)
class Statement:
    """A parsed statement: `raw` is all of it. `by` is its signer's id, None for the machine; `at` RFC 3339 text."""

    raw: Mapping[str, Any]
    at: str
    by: str | None
    before: Any
    after: Any
    items: Sequence[Mapping[str, Any]]
    facts: Mapping[str, Any]
    values: Mapping[str, Any]
    factor: Mapping[str, Any] | None

    @property
    def intent(self) -> Mapping[str, Any]:
        """What was signed."""
        intent: Mapping[str, Any] = self.raw["intent"]
        return intent

    def part(self, path: str, kind: Any = Any) -> Any:
        """The part at `path` (names joined by dots, such as `intent.values.reason`), if it is of this type.

        Raises:
            Unreadable: it is not there, or something else.
        """
        found: Any = self.raw
        for name in path.split("."):
            if not isinstance(found, Mapping) or name not in found:
                raise Unreadable(path)
            found = found[name]
        try:
            return found if kind is Any else msgspec.convert(found, kind)
        except msgspec.ValidationError as error:
            raise Unreadable(path) from error

    def require(self, shape: Mapping[str, Any]) -> None:
        """Make sure of parts by their paths and types, for code that reads `raw`.

        Raises:
            Unreadable.
        """
        for path, kind in shape.items():
            self.part(path, kind)

    def canonical(self) -> str:
        """The statement as canonical JSON.

        Raises:
            Unreadable: canonical JSON cannot carry it.
        """
        try:
            return events.canonical(self.raw).decode()
        except (ValueError, RecursionError) as error:
            raise Unreadable("statement") from error

    def digest(self, path: str) -> str:
        """Hex SHA-256 of the canonical form of the part at `path`.

        Raises:
            Unreadable: it is not there, or canonical JSON cannot carry it.
        """
        try:
            return events.digest(self.part(path))
        except (ValueError, RecursionError) as error:
            raise Unreadable(path) from error

    def declaration(self, path: str) -> Declaration:
        """The declared values at `path`.

        Raises:
            Unreadable.
        """
        try:
            return declarations.declaration_of(self.part(path, _Declared))
        except ValueError as error:
            raise Unreadable(path) from error

    def with_item(self, item: Mapping[str, Any]) -> "Statement":
        """The same statement, with one of its items at the path `item`."""
        return replace(self, raw={**self.raw, "item": item})


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the journal: the columns of its row that say what it is, and its statement."""

    position: int
    kind: EventKind
    subject_type: str
    subject: str
    statement: Statement


def read(text: str) -> Statement:
    """Parse a statement.

    Raises:
        Unreadable: it is no JSON, or lacks what every statement has.
    """
    try:
        raw = msgspec.json.decode(text)
        said = msgspec.convert(raw, _Envelope)
        persian.tehran_date(datetime.fromisoformat(said.record.at))  # mandates are held against this day
    except (ValueError, OverflowError, RecursionError) as error:
        raise Unreadable("statement") from error
    intent, record = said.intent, said.record
    return Statement(
        raw,
        record.at,
        intent.signer.get("id"),
        intent.state.before,
        intent.state.after,
        intent.items,
        intent.facts,
        intent.values,
        record.factor,
    )


def entry(row: Row) -> Entry:
    """The entry of a row with `COLUMNS`.

    Raises:
        Unreadable: its statement cannot be parsed, or nothing knows its kind.
    """
    try:
        kind = EventKind(row["kind"])
    except ValueError as error:
        raise Unreadable("kind") from error
    return Entry(row["position"], kind, row["subject_type"], row["subject"], read(row["statement"]))


def statements_of(told: Sequence[Entry], *kinds: EventKind) -> list[Statement]:
    """The statements of the events of these kinds, in their order."""
    return [entry.statement for entry in told if entry.kind in kinds]


def unreadable(row: Row) -> Finding:
    """The finding that the statement of this event cannot be read."""
    return Finding("statement-unreadable", f"entry {row['position']}")


async def batches(
    table: type[Table],
    key: Column,
    *columns: Column,
    where: Combinable | None = None,
    size: int = BATCH,
) -> AsyncIterator[list[dict[str, Any]]]:
    """The rows of `table` in the order of the unique `key`, some at a time; all columns where none are named."""
    after: Any = None
    while True:
        query = table.select(*columns).order_by(key).limit(size)
        if where is not None:
            query = query.where(where)
        rows = await (query if after is None else query.where(key > after))
        if rows:
            yield rows
        if len(rows) < size:
            return
        after = rows[-1][key._meta.name]


async def strangers(subject: str, table: str, name: str) -> list[Finding]:
    """The first events about each subject of this type that has no row; `name` is how its row `p` names it."""
    rows = await Event.raw(
        "SELECT min(position) AS position FROM events e WHERE subject_type = {} "
        f"AND NOT EXISTS (SELECT 1 FROM {table} p WHERE {name} = e.subject) GROUP BY subject ORDER BY 1 LIMIT 20",
        subject,
    )
    return [Finding(f"{subject}-missing", f"entry {row['position']}") for row in rows]
