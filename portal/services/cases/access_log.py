"""The access log: who opened or downloaded which document, letter or package, when and from where.

It is kept apart from the journal: a reading is no act, and nothing is proven by it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import Any, Literal

from portal.domain.errors import Forbidden
from portal.domain.lifecycle import Role
from portal.services.cases import dossiers
from portal.services.identity.identity import Identity
from portal.tables.readings import Reading

AGAIN_AFTER = timedelta(minutes=10)
"""Pages and parts of one file, asked for within this time by the same person from one address, are one reading."""
READERS = frozenset({Role.AUDITOR, Role.MUNICIPALITY})
PAGE = 25
_nobody: ContextVar[bool] = ContextVar("nobody reads", default=False)

# Of the many pages that a reader fetches at once, the first leaves the line: the others wait for it, and find it.
_TURN = "SELECT pg_advisory_xact_lock(hashtext({}), hashtext({}))"
_NOTE = """
INSERT INTO readings (at, person, username, full_name, title, place, role, address, what, how, subject, name, number)
SELECT {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}
WHERE NOT EXISTS (
    SELECT 1 FROM readings WHERE person = {} AND what = {} AND subject = {} AND how = {} AND address = {} AND at > {}
)
"""


@contextmanager
def nobody_reads() -> Iterator[None]:
    """Within it no line is left: somebody asks about what is there, and gets none of it."""
    token = _nobody.set(True)
    try:
        yield
    finally:
        _nobody.reset(token)


async def note(
    what: Literal["document", "letter", "package"],
    how: Literal["opened", "downloaded"],
    *,
    by: Identity,
    subject: str,
    number: str,
    name: str = "",
    now: datetime,
) -> None:
    """Note that `by` read something of case `number`; `subject` is a document's id, else the number itself."""
    if _nobody.get():
        return
    who = (by.id, by.username, by.full_name, by.title, by.place_name, by.role, by.address[:64])
    again = (by.id, what, subject, how, by.address[:64], now - AGAIN_AFTER)
    async with Reading._meta.db.transaction():
        await Reading.raw(_TURN, str(by.id), subject)
        await Reading.raw(_NOTE, now, *who, what, how, subject, name[:255], number, *again)


async def note_document(
    row: dict[str, Any], how: Literal["opened", "downloaded"], *, by: Identity, now: datetime
) -> None:
    """Note that `by` read the document `row`, as `documents.readable` gives it."""
    await note("document", how, by=by, subject=str(row["id"]), number=row["number"], name=row["filename"], now=now)


async def of_case(number: str, *, by: Identity, before: int | None) -> dict[str, Any]:
    """A page of who read what of case `number`, the last first: `rows`, and `older` to go on with.

    Raises:
        NotFound: no such case in sight.
        Forbidden: `by` is neither the auditor nor the case's own municipality.
    """
    if by.role not in READERS:
        raise Forbidden("role")
    await dossiers.find(number, by)
    where: Any = Reading.number == number
    if before is not None:
        where = where & (Reading.id < before)
    rows = await Reading.select().where(where).order_by(Reading.id, ascending=False).limit(PAGE + 1)
    more, rows = len(rows) > PAGE, rows[:PAGE]
    return {"rows": rows, "older": rows[-1]["id"] if more else None}
