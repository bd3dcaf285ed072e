"""Lists of cases: keyset pages over covering indexes, counts that stop counting, one search for all.

A page costs the same with a thousand cases as with millions: it reads 26 rows from an index, and a count reads at
most `COUNT_TO` index entries and then says «more».
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from piccolo.custom_types import Combinable
from piccolo.querystring import QueryString

from portal.domain import persian
from portal.domain.jurisdiction import SCOPES, Place
from portal.domain.lifecycle import WAITS_FOR, Role, State
from portal.domain.lists import ALL, TABS, WAITING
from portal.services.cases.assignments import HELD
from portal.services.identity.identity import Identity
from portal.tables.acts import Confirmation
from portal.tables.cases import Case
from portal.tables.places import Municipality, Province

PAGE = 25
COUNT_TO = 200
MATCHES = 200

_COLUMNS = """
cases.id, cases.number, cases.state, cases.desk, cases.since, cases.current_grade, cases.requested_grade,
cases.decided_grade, cases.outcome, cases.submitted_at, m.name AS town, m.county, p.name AS province_name,
held.person AS held_by, held.holder
"""
_JOINS = f"""
FROM cases JOIN municipalities m ON m.code = cases.municipality JOIN provinces p ON p.code = cases.province
LEFT JOIN LATERAL ({HELD}) held ON true
"""

# The order lets PostgreSQL stop after so many index entries; without it a bitmap of all of them may look cheaper.
_COUNTED = f"SELECT 1 FROM cases WHERE {{}} ORDER BY cases.since DESC, cases.id DESC LIMIT {COUNT_TO + 1}"


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page begins: beyond the row with this `since` and `id`, forwards or backwards."""

    since: datetime
    id: int
    backwards: bool = False

    def __str__(self) -> str:
        return f"{'b' if self.backwards else 'a'}{self.since.timestamp():.6f}~{self.id}"


def cursor(text: str) -> Cursor | None:
    """The cursor that `text` (a query parameter) says; None for anything else, which is the first page."""
    way, rest = text[:1], text[1:].partition("~")
    try:
        at = datetime.fromtimestamp(float(rest[0]), persian.TEHRAN)
        return Cursor(at, int(rest[2]), way == "b") if way in ("a", "b") and 0 <= int(rest[2]) < 2**63 else None
    except (ValueError, OverflowError, OSError):
        return None


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked of a list. `state`: `waiting`, `all` or a state; `province`: for roles of the whole country."""

    state: str
    text: str = ""
    province: str = ""
    page: Cursor | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    rows: list[dict[str, Any]]
    newer: Cursor | None
    older: Cursor | None


def tabs(role: Role) -> tuple[str, ...]:
    """The filters that `role` is offered, the first one by default."""
    return TABS.get(role, ())


def default_tab(role: Role) -> str:
    """What the work list shows unasked."""
    offered = tabs(role)
    return ALL if role is Role.AUDITOR or not offered else offered[0]


async def find(by: Identity, query: Query, today: date) -> Listing:
    """A page of the cases that `by` may see, waiting ones first come first, others the latest first.

    `held_by` and `holder` say who has one in hand `today` (in Tehran).
    """
    where = await _where(by, query)
    if where is None:
        return Listing([], None, None)
    oldest_first = query.state == WAITING
    at = query.page
    down = oldest_first == (at is not None and at.backwards)
    order = "DESC" if down else "ASC"
    beyond = QueryString("")
    if at is not None:
        sign = "<" if down else ">"
        beyond = QueryString(f"AND (cases.since, cases.id) {sign} ({{}}, {{}})", at.since, at.id)
    rows: list[dict[str, Any]] = await Case.raw(
        f"SELECT {_COLUMNS} {_JOINS} WHERE {{}} {{}} ORDER BY cases.since {order}, cases.id {order} LIMIT {PAGE + 1}",
        today,
        today,
        where,
        beyond,
    )
    return _listing(rows, at)


def _listing(rows: list[dict[str, Any]], at: Cursor | None) -> Listing:
    more, rows = len(rows) > PAGE, rows[:PAGE]
    backwards = at is not None and at.backwards
    if backwards:
        rows.reverse()
    if not rows:
        return Listing([], None, None)
    newer = Cursor(rows[0]["since"], rows[0]["id"], True) if (more if backwards else at is not None) else None
    older = Cursor(rows[-1]["since"], rows[-1]["id"]) if (more or backwards) else None
    return Listing(rows, newer, older)


async def counts(by: Identity, query: Query) -> dict[str, int]:
    """How many cases each tab of `by` holds; `COUNT_TO` + 1 stands for more than that."""
    parts = [
        QueryString(
            f"SELECT {{}}::text AS tab, count(*) AS n FROM ({_COUNTED}) AS t",
            str(tab),
            where,
        )
        for tab in tabs(by.role)
        if (where := await _where(by, Query(tab, province=query.province))) is not None
    ]
    if not parts:
        return {}
    rows = await Case.raw(" UNION ALL ".join("{}" for _ in parts), *parts)
    return {row["tab"]: row["n"] for row in rows}


async def _where(by: Identity, query: Query) -> QueryString | None:
    visible = Case.visible_to(by)
    if visible is None:
        return None
    where: Combinable = visible
    if query.state == WAITING:
        where = where & (Case.desk == by.role)
    elif query.state in set(State):
        where = where & (Case.state == query.state)
    scope = SCOPES[by.role]
    if query.province and scope is not None and scope.place is Place.COUNTRY:
        where = where & (Case.province == query.province)
    found: QueryString = where.querystring
    if query.text:
        found = QueryString("{} AND ({})", found, await _matching(query.text))
    return found


async def _matching(text: str) -> QueryString:
    """Cases of towns and counties with this name, with this number, or under this letter of the governorate."""
    key = persian.search_key(text)
    pattern = "%" + key.replace("\\", "").replace("%", "").replace("_", "") + "%"
    towns = (
        await Municipality.select(Municipality.code).where(Municipality.search.like(pattern)).limit(MATCHES)
        if len(key) > 1
        else []
    )
    letters = await Confirmation.select(Confirmation.case).where(Confirmation.letter_number == text).limit(MATCHES)
    prefix = "".join(each for each in persian.fold_digits(text) if each.isdigit() or each == "-") or "-"
    return QueryString(
        "cases.municipality = ANY({}) OR cases.number LIKE {} OR cases.id = ANY({})",
        [row["code"] for row in towns],
        prefix + "%",
        [row["case"] for row in letters],
    )


async def provinces() -> list[tuple[str, str]]:
    """Code and name of every province, for a filter. Read once: they do not change while the portal runs."""
    if not _provinces:
        rows = await Province.select().order_by(Province.name)
        _provinces.extend((row["code"], row["name"]) for row in rows)
    return _provinces


_provinces: list[tuple[str, str]] = []


def office(state: str) -> Role | None:
    """Whose turn it is."""
    return WAITS_FOR[State(state)]
