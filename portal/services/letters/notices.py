"""Letters that were signed, and what a stranger may know of them."""

from typing import Any

from portal.domain.errors import NotFound
from portal.tables.acts import Notice


async def of_case(case: int) -> dict[str, Any]:
    """The notice of the case with this row id.

    Raises:
        NotFound: it is not notified.
    """
    row = (
        await Notice.select(*Notice.all_columns(), Notice.by.full_name.as_alias("minister"))
        .where(Notice.case == case)
        .first()
    )
    if row is None:
        raise NotFound("notice")
    return row


async def by_digest(sha256: str) -> dict[str, Any] | None:
    """The notice whose letter has this hex SHA-256, with what a stranger may know of it; None for no such letter."""
    return (
        await Notice.select(
            Notice.number,
            Notice.at,
            Notice.case.number.as_alias("case_number"),
            Notice.case._.municipality._.display_name.as_alias("town"),
            Notice.case._.province._.name.as_alias("province_name"),
            Notice.decision.outcome.as_alias("outcome"),
            Notice.decision.grade.as_alias("grade"),
        )
        .where(Notice.sha256 == sha256)
        .first()
    )
