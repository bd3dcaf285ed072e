"""Letters that were signed."""

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


async def by_code(code: str) -> dict[str, Any]:
    """The notice whose letter has this short code.

    Raises:
        NotFound.
    """
    row = await Notice.select().where(Notice.code == code).first()
    if row is None:
        raise NotFound("notice")
    return row
