"""Lists of accounts for those who keep them: who has not enrolled, who has been away for long, whose mandate ends."""

from datetime import datetime, timedelta
from typing import Any

from portal.domain import persian
from portal.domain.lists import COUNT_TO, Show
from portal.domain.persian import normalise
from portal.domain.register import search_pattern
from portal.services.authentication.factor_confirmations import CONFIRMED
from portal.services.identity.accounts import username_of
from portal.services.identity.mandates import IN_FORCE
from portal.tables.people import Person

PAGE = 25
QUIET = timedelta(days=90)
"""Who has not signed in for so long may have left their office without anyone saying so."""
SOON = timedelta(days=30)


_ENROLLED = """EXISTS (SELECT 1 FROM second_factors f
               WHERE f.person = p.id AND f.enrolled_at IS NOT NULL AND f.ended_at IS NULL)"""
_SEEN = "(SELECT max(s.seen_at) FROM sessions s WHERE s.person = p.id AND s.proved_at IS NOT NULL)"
_SHOWN = {
    Show.ALL: "true",
    Show.UNENROLLED: f"NOT {_ENROLLED}",
    Show.UNCONFIRMED: f"{_ENROLLED} AND NOT {CONFIRMED}",
    Show.QUIET: f"coalesce({_SEEN}, p.created_at) < {{}}",
    Show.ENDING: "o.ends_on <= {}",
    Show.WITHOUT: "o.id IS NULL",
}
_LIST = f"""
SELECT p.id, p.username, p.full_name, coalesce(o.title, p.title) AS title, coalesce(o.role, p.role) AS role, p.ended_at,
       coalesce(o.kind, 'regular') AS kind, o.ends_on, o.id AS mandate, coalesce(m.display_name, v.name) AS place_name,
       p.password_hash IS NOT NULL AS entered, {_ENROLLED} AS enrolled, {CONFIRMED} AS confirmed, {_SEEN} AS seen_at
FROM people p
LEFT JOIN LATERAL (SELECT m.ends_on, x.* FROM ({IN_FORCE}) x JOIN mandates m ON m.id = x.id) o ON true
LEFT JOIN municipalities m ON m.code = CASE WHEN o.id IS NULL THEN p.municipality ELSE o.municipality END
LEFT JOIN provinces v ON v.code = coalesce(m.province, CASE WHEN o.id IS NULL THEN p.province ELSE o.province END)
WHERE p.username > {{}} AND ({{}} = '' OR coalesce(o.role, p.role) = {{}})
  AND ({{}} = '' OR p.username LIKE {{}} OR p.full_name LIKE {{}} OR m.search LIKE {{}} OR v.name LIKE {{}})
"""


async def listing(
    now: datetime, *, after: str = "", role: str = "", text: str = "", show: Show = Show.ALL
) -> list[dict[str, Any]]:
    """Up to 26 accounts after the username `after`: a page, and whether there is another."""
    query, values = _narrowed(now, after, role, text, show)
    rows: list[dict[str, Any]] = await Person.raw(f"{query} ORDER BY p.username LIMIT {{}}", *values, PAGE + 1)
    return rows


async def hits(now: datetime, *, role: str, text: str, show: Show) -> int:
    """How many accounts a search finds; `COUNT_TO` + 1 stands for more than that."""
    query, values = _narrowed(now, "", role, text, show)
    rows = await Person.raw(f"SELECT count(*) AS found FROM ({query} LIMIT {{}}) AS t", *values, COUNT_TO + 1)
    return int(rows[0]["found"])


def _narrowed(now: datetime, after: str, role: str, text: str, show: Show) -> tuple[str, list[Any]]:
    """The query of a list, and its values."""
    plain = normalise(text).translate(_UNSEARCHABLE)
    today = persian.tehran_date(now)
    values: list[Any] = [today, today, after.replace("\0", ""), role, role, plain, f"{username_of(plain)}%"]
    values += [f"%{plain}%", search_pattern(plain), f"%{plain}%"]
    bounds: dict[Show, list[Any]] = {Show.QUIET: [now - QUIET], Show.ENDING: [today + SOON]}
    values += bounds.get(show, [])
    return _LIST + ("" if show is Show.ALL else f"AND p.ended_at IS NULL AND {_SHOWN[show]}"), values


_UNSEARCHABLE = str.maketrans("", "", "%_\\\0")  # what LIKE reads as patterns, and what PostgreSQL cannot hold


async def counts(now: datetime) -> dict[Show, int]:
    """How many open accounts each narrowed list holds."""
    today = persian.tehran_date(now)
    parts = ", ".join(f"count(*) FILTER (WHERE {_SHOWN[show]}) AS {show.value}" for show in Show if show)
    rows = await Person.raw(
        f"SELECT {parts} FROM people p"
        f" LEFT JOIN LATERAL (SELECT m.ends_on, x.* FROM ({IN_FORCE}) x JOIN mandates m ON m.id = x.id) o ON true"
        " WHERE p.ended_at IS NULL",
        now - QUIET,
        today + SOON,
        today,
        today,
    )
    return {show: rows[0][show.value] for show in Show if show}
