"""A case as one person sees it: its declaration, documents and verdicts, read in one statement.

While a case lies with its municipality, offices see what was last submitted, never the editing.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from piccolo import columns
from piccolo.columns import Array
from piccolo.table import Table

from portal.domain import attestations
from portal.domain.declarations import Declaration, DocumentKind, declaration_in, proven_by
from portal.domain.dossiers import CurrentDocument, Dossier, seen
from portal.domain.errors import NotFound
from portal.domain.lifecycle import State
from portal.services.identity.identity import Identity
from portal.tables.acts import Attestation
from portal.tables.cases import Case, Declared, Submission
from portal.tables.documents import Document

_CASE_COLUMNS = (
    *Case.all_columns(),
    Case.municipality.display_name.as_alias("town"),
    Case.municipality.display_county.as_alias("county"),
    Case.province.name.as_alias("province_name"),
)


def _plain(value: Any) -> Any:
    return value


def _array(column: Array) -> Callable[[str | None], list[Any] | None]:
    """Reads what `_rows` makes of an array."""
    is_ids = isinstance(column.base_column, columns.UUID)

    def read(value: str | None) -> list[Any] | None:
        found = json.loads(value) if value is not None else None
        return [UUID(each) for each in found] if found and is_ids else found

    return read


def _shape(table: type[Table]) -> list[tuple[str, Callable[[Any], Any]]]:
    """The names of the columns of `table`, and how each is read out of a record."""
    return [
        (each._meta.db_column_name, _array(each) if isinstance(each, Array) else _plain) for each in table._meta.columns
    ]


_READ = {
    "submissions": _shape(Submission),
    "papers": _shape(Document),
    "declarations": _shape(Declared),
    "verdicts": _shape(Attestation),
}


def _rows(table: type[Table], of: str) -> str:
    """The rows of `table` that the clause `of` finds, each as a record of its columns.

    asyncpg knows what lies in a record but for arrays, which therefore come as JSON.
    """
    name = table._meta.tablename
    listed = (
        f'{name}."{column}"' if read is _plain else f'array_to_json({name}."{column}")::text'
        for column, read in _shape(table)
    )
    return f"ARRAY(SELECT ROW({', '.join(listed)}) FROM {name} {of})"


# A case, and whatever any role may see of it: its last two submissions, their papers and the current ones, each under
# its last attestation, the declarations behind them, and the position of the last event about it.
_DOSSIER = f"""
WITH sent AS MATERIALIZED (
    SELECT s.* FROM submissions s JOIN cases ON cases.id = s."case" WHERE cases.number = {{}}
    ORDER BY s.ordinal DESC LIMIT 2
), papers AS MATERIALIZED (
    SELECT d.* FROM documents d JOIN cases ON cases.id = d."case" WHERE cases.number = {{}}
    AND (d.ended_at IS NULL OR d.id IN (SELECT unnest(documents) FROM sent))
)
SELECT cases.*, m.display_name AS town, m.display_county AS county, p.name AS province_name,
    (SELECT max(e.position) FROM events e WHERE e.subject = cases.number AND e.subject_type = 'case') AS version,
    {_rows(Submission, "JOIN sent ON sent.id = submissions.id ORDER BY submissions.ordinal DESC")} AS submissions,
    {_rows(Document, "JOIN papers ON papers.id = documents.id")} AS papers,
    {_rows(Declared, "WHERE declarations.id = cases.declaration OR declarations.id IN (SELECT declaration FROM sent)")}
        AS declarations,
    {
    _rows(
        Attestation,
        "WHERE attestations.id IN (SELECT max(a.id) FROM attestations a JOIN papers ON papers.id = a.document"
        " GROUP BY a.document)",
    )
} AS verdicts
FROM cases JOIN municipalities m ON m.code = cases.municipality JOIN provinces p ON p.code = cases.province
WHERE {{}} AND cases.number = {{}}
"""


async def find(number: str, by: Identity) -> dict[str, Any]:
    """The row of case `number` with its place's names, if `by` may see it.

    Raises:
        NotFound: no such case within the scope of `by`.
    """
    visible = Case.visible_to(by)
    if visible is None:
        raise NotFound("case")
    row = await Case.select(*_CASE_COLUMNS).where(visible & (Case.number == number)).first()
    if row is None:
        raise NotFound("case")
    return row


async def lock(number: str, by: Identity) -> dict[str, Any]:
    """As `find`, and nobody else changes the case until the transaction ends."""
    await lock_state(number)
    return await find(number, by)


async def lock_state(number: str) -> State | None:
    """The state of the case, which nobody else changes until the transaction ends; None where there is no such case."""
    rows = await Case.raw("SELECT state FROM cases WHERE number = {} FOR UPDATE", number)
    return State(rows[0]["state"]) if rows else None


async def open_dossier(number: str, by: Identity) -> Dossier:
    """The dossier of case `number` as the role of `by` sees it.

    Raises:
        NotFound: no such case within the scope of `by`.
    """
    visible = Case.visible_to(by)
    if visible is None:
        raise NotFound("case")
    rows = await Case.raw(_DOSSIER, number, number, visible.querystring, number)
    if not rows:
        raise NotFound("case")
    return _read(rows[0], by)


async def declared(declaration: int | None) -> Declaration:
    """The declared values of the row with this id; all blank for None."""
    row = await Declared.select().where(Declared.id == declaration).first() if declaration else None
    return Declaration() if row is None else declaration_in(row)


def _read(row: dict[str, Any], by: Identity) -> Dossier:
    found = {
        name: [{column: read(value) for (column, read), value in zip(shape, each, strict=True)} for each in row[name]]
        for name, shape in _READ.items()
    }
    case = {name: value for name, value in row.items() if name not in (*_READ, "version")}
    declarations = {each["id"]: declaration_in(each) for each in found["declarations"]}
    verdicts = {each["document"]: each for each in found["verdicts"]}
    version = seen(case, by.role, found["submissions"])
    declaration = declarations.get(version.declaration, Declaration())
    before = declarations.get(version.before["declaration"]) if version.before else None
    papers = _current(found["papers"], version.documents, version.before["documents"] if version.before else None)
    documents = tuple(_judged(each, is_new, declaration, verdicts.get(each["id"])) for each, is_new in papers)
    return Dossier(case, declaration, version.declaration, documents, before, row["version"])


def _current(
    papers: Sequence[dict[str, Any]], listed: Sequence[Any] | None, known: Sequence[Any] | None
) -> list[tuple[dict[str, Any], bool]]:
    """The papers that are `listed` (None: those in force) in their order, and whether each was not `known` before."""
    mine = [each for each in papers if (each["ended_at"] is None if listed is None else each["id"] in listed)]
    return [(each, known is not None and each["id"] not in known) for each in sorted(mine, key=_order)]


def _judged(
    row: dict[str, Any], is_new: bool, declaration: Declaration, verdict: Mapping[str, Any] | None
) -> CurrentDocument:
    proves = proven_by(DocumentKind(row["kind"]), row["year"], declaration)
    return attestations.judged(CurrentDocument(row, proves, changed=is_new), verdict)


_KINDS = tuple(DocumentKind)


def _order(row: dict[str, Any]) -> tuple[int, int, Any]:
    return _KINDS.index(DocumentKind(row["kind"])), row["year"] or 0, row["uploaded_at"]
