"""A case as one person sees it: its declaration, documents and verdicts, read in a few queries.

While a case lies with its municipality, offices see what was last submitted, never the editing.
"""

from collections.abc import Sequence
from typing import Any

from portal.domain import attestations
from portal.domain.declarations import Declaration, DocumentKind, declaration_in, proven_by
from portal.domain.dossiers import CurrentDocument, Dossier, seen
from portal.domain.errors import NotFound
from portal.services.identity.identity import Identity
from portal.tables.acts import Attestation
from portal.tables.cases import Case, Declared, Submission
from portal.tables.documents import Document

_CASE_COLUMNS = (
    *Case.all_columns(),
    Case.municipality.name.as_alias("town"),
    Case.municipality.county.as_alias("county"),
    Case.province.name.as_alias("province_name"),
)


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
    await Case.select(Case.id).where(Case.number == number).lock_rows("UPDATE")
    return await find(number, by)


async def read(case: dict[str, Any], by: Identity) -> Dossier:
    """The dossier of `case` as the role of `by` sees it."""
    submissions = (
        await Submission.select()
        .where(Submission.case == case["id"])
        .order_by(Submission.ordinal, ascending=False)
        .limit(2)
    )
    version = seen(case, by.role, submissions)
    mine = (Document.case == case["id"]) & Document.ended_at.is_null()
    listed = mine if version.documents is None else Document.id.is_in(list(version.documents))
    declaration = await declared(version.declaration)
    before = await declared(version.before["declaration"]) if version.before else None
    known = frozenset(version.before["documents"]) if version.before else None
    documents = tuple(
        CurrentDocument(
            row,
            proven_by(DocumentKind(row["kind"]), row["year"], declaration),
            changed=known is not None and row["id"] not in known,
        )
        for row in sorted(await Document.select().where(listed), key=_order)
    )
    return Dossier(case, declaration, version.declaration, await _with_verdicts(documents), before)


async def declared(declaration: int | None) -> Declaration:
    """The declared values of the row with this id; all blank for None."""
    row = await Declared.select().where(Declared.id == declaration).first() if declaration else None
    return Declaration() if row is None else declaration_in(row)


async def open_dossier(number: str, by: Identity) -> Dossier:
    """`find` and `read` together.

    Raises:
        NotFound: no such case within the scope of `by`.
    """
    return await read(await find(number, by), by)


_KINDS = tuple(DocumentKind)


def _order(row: dict[str, Any]) -> tuple[int, int, Any]:
    return _KINDS.index(DocumentKind(row["kind"])), row["year"] or 0, row["uploaded_at"]


async def _with_verdicts(documents: Sequence[CurrentDocument]) -> tuple[CurrentDocument, ...]:
    """Each document under its last attestation."""
    if not documents:
        return ()
    rows = (
        await Attestation.select()
        .where(Attestation.document.is_in([each.id for each in documents]))
        .order_by(Attestation.id)
    )
    last = {row["document"]: row for row in rows}
    return tuple(attestations.judged(each, last.get(each.id)) for each in documents)
