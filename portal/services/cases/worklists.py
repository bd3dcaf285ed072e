"""Lists of cases: keyset pages over covering indexes, counts that stop counting, one search for all.

A page costs the same with a thousand cases as with millions: it reads 26 rows from an index, and a count reads at
most `COUNT_TO` index entries and then says «more».
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from piccolo.custom_types import Combinable
from piccolo.querystring import QueryString

from portal.domain import bidi, persian, register
from portal.domain.approvals import Office
from portal.domain.jurisdiction import SCOPES, Place
from portal.domain.lifecycle import WAITS_FOR, Role, State
from portal.domain.lists import ALL, COUNT_TO, TABS, WAITING
from portal.services.cases.assignments import HELD
from portal.services.identity.identity import Identity
from portal.tables.acts import Confirmation
from portal.tables.cases import Case
from portal.tables.places import Municipality, Province

PAGE = 25
MATCHES = 200

_STATES = frozenset(State)
_COLUMNS = """
cases.id, cases.number, cases.state, cases.desk, cases.since, cases.current_grade, cases.requested_grade,
cases.decided_grade, cases.outcome, cases.opened_at, cases.submitted_at,
m.display_name AS town, m.display_county AS county, p.name AS province_name,
held.person AS held_by, held.holder
"""
_JOINS = f"""
FROM cases JOIN municipalities m ON m.code = cases.municipality JOIN provinces p ON p.code = cases.province
LEFT JOIN LATERAL ({HELD}) held ON true
"""

# The order lets PostgreSQL stop after so many index entries; without it a bitmap of all of them may look cheaper.
_COUNTED = f"""(SELECT count(*) FROM (
    SELECT 1 FROM cases WHERE {{}} ORDER BY cases.since DESC, cases.id DESC LIMIT {COUNT_TO + 1}) AS t)"""


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
    """A page. Its rows are the driver's own: no dictionary is made of each."""

    rows: list[Mapping[str, Any]]
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
    page = await _page(by, query, today)
    return _listing(await Case._meta.db.run_querystring(page), query.page) if page else Listing([], None, None)


async def find_counted(by: Identity, query: Query, today: date) -> tuple[Listing, dict[str, int]]:
    """The same, and how many cases each tab of `by` holds; `COUNT_TO` + 1 stands for more than that.

    All in one statement: each costs more on its way than in the database.
    """
    page = await _page(by, query, today)
    if page is None:
        return Listing([], None, None), {}
    statement = QueryString(
        f"SELECT page.*{{}} FROM (SELECT) AS once LEFT JOIN LATERAL ({{}}) AS page ON true"
        f" ORDER BY {_order(query, 'page')}",
        _counted(_office(by), query.province),
        page,
    )
    rows = await Case._meta.db.run_querystring(statement)
    counts = {tab: rows[0][f"of_{tab}"] for tab in tabs(by.role)}
    return _listing([row for row in rows if row["id"] is not None], query.page), counts


async def hits(by: Identity, query: Query, listing: Listing) -> int:
    """How many cases a search finds, of which `listing` is a page; `COUNT_TO` + 1 stands for more than that."""
    if listing.newer is None and listing.older is None:
        return len(listing.rows)
    where = await _where(by, query)
    counted = f"SELECT count(*) FROM (SELECT 1 FROM cases WHERE {{}} LIMIT {COUNT_TO + 1}) AS t"
    statement = QueryString(counted, where or QueryString("false"))
    return int((await Case._meta.db.run_querystring(statement))[0]["count"])


async def _where(by: Identity, query: Query) -> QueryString | None:
    """The condition of a whole list; None where nothing is seen."""
    where = _seen(_office(by), query.province, query.state)
    if where is None or not query.text:
        return where
    return QueryString("{} AND ({})", where, await _matching(query.text))


async def _page(by: Identity, query: Query, today: date) -> QueryString | None:
    """The statement of a page, and of one row beyond it; None where nothing is seen."""
    where = await _where(by, query)
    if where is None:
        return None
    at = query.page
    if at is not None:
        sign = "<" if _is_down(query) else ">"
        where = QueryString(f"{{}} AND (cases.since, cases.id) {sign} ({{}}, {{}})", where, at.since, at.id)
    return QueryString(
        f"SELECT {_COLUMNS} {_JOINS} WHERE {{}} ORDER BY {_order(query, 'cases')} LIMIT {PAGE + 1}",
        today,
        today,
        where,
    )


def _is_down(query: Query) -> bool:
    """Whether the rows are read the latest first: a list's own order, or backwards the other one."""
    return (query.state == WAITING) == (query.page is not None and query.page.backwards)


def _order(query: Query, of: str) -> str:
    way = "DESC" if _is_down(query) else "ASC"
    return f"{of}.since {way}, {of}.id {way}"


def _listing(rows: list[Mapping[str, Any]], at: Cursor | None) -> Listing:
    more, rows = len(rows) > PAGE, rows[:PAGE]
    backwards = at is not None and at.backwards
    if backwards:
        rows.reverse()
    if not rows:
        return Listing([], None, None)
    newer = Cursor(rows[0]["since"], rows[0]["id"], True) if (more if backwards else at is not None) else None
    older = Cursor(rows[-1]["since"], rows[-1]["id"]) if (more or backwards) else None
    return Listing(rows, newer, older)


def _office(by: Identity) -> Office:
    return Office(by.role, by.municipality, by.province)


@lru_cache(maxsize=2048)
def _seen(office: Office, province: str, state: str) -> QueryString | None:
    """The condition of a list of what `office` may see; None where that is nothing.

    Put together once for each: it takes Piccolo as long as PostgreSQL takes to count a tab.
    """
    visible = Case.visible_to(office)
    if visible is None:
        return None
    where: Combinable = visible
    if state == WAITING:
        where = where & (Case.desk == office.role)
    elif state in _STATES:
        where = where & (Case.state == state)
    scope = SCOPES[office.role]
    if province and scope is not None and scope.place is Place.COUNTRY:
        where = where & (Case.province == province)
    seen: QueryString = where.querystring
    return seen


@lru_cache(maxsize=2048)
def _counted(office: Office, province: str) -> QueryString:
    """The columns with the counts of the tabs of `office`, which sees something."""
    offered = tabs(office.role)
    columns = "".join(f", {_COUNTED} AS of_{tab}" for tab in offered)
    return QueryString(columns, *(_seen(office, province, tab) for tab in offered))


async def _matching(text: str) -> QueryString:
    """Cases of towns and counties with this name, with this number, or under this letter of the governorate."""
    pattern = register.search_pattern(text)
    towns = (
        await Municipality.select(Municipality.code).where(Municipality.search.like(pattern)).limit(MATCHES)
        if len(pattern) > len("%a%")
        else []
    )
    letters = await _under_letter(persian.fold_letters(text).strip())
    number = "".join(each for each in persian.fold_digits(text) if each.isdigit() or each == "-") or "-"
    return QueryString(
        "cases.municipality = ANY({}) OR cases.number LIKE {} OR cases.id = ANY({})",
        [row["code"] for row in towns],
        bidi.year_first(number) + "%",
        letters,
    )


async def _under_letter(number: str) -> list[int]:
    """Ids of cases confirmed under the letter `number`, whichever digits it was kept or copied in."""
    spellings = [number, persian.fold_digits(number), persian.persian_digits(number)]
    found = Confirmation.select(Confirmation.case).where(Confirmation.letter_number.is_in(spellings))
    return [row["case"] for row in await found.limit(MATCHES)]


async def provinces() -> list[tuple[str, str]]:
    """Code and name of every province, by the alphabet. Read once: they do not change while the portal runs."""
    if not _provinces:
        rows = await Province.select().order_by(Province.sort_key)
        _provinces.extend((row["code"], row["name"]) for row in rows)
    return _provinces


_provinces: list[tuple[str, str]] = []


def office(state: str) -> Role | None:
    """Whose turn it is."""
    return WAITS_FOR[State(state)]
