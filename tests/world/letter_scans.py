"""Scans of letters that were signed by hand, attached by the service's own verb."""

from collections.abc import AsyncIterator
from datetime import date
from uuid import UUID

from portal.domain import persian
from portal.services.documents import letter_scans
from portal.services.documents.letter_scans import Paper
from tests.world.builders import Builder, scan


async def attach(
    builder: Builder,
    number: str,
    *,
    data: bytes | None = None,
    letter_number: str = "۱۲/۳۴۵",
    letter_date: date | None = None,
    once: UUID | None = None,
    by: str = "examiner",
) -> bool:
    """Attach a scan of two pages, or `data`, to the letter of case `number`, dated today."""
    file, limit = scan(2) if data is None else data, 10_000_000

    async def chunks() -> AsyncIterator[bytes]:
        yield file

    now = builder.clock.tick(1)
    made, stored = await letter_scans.receive(number, chunks=chunks(), limit=limit, store=builder.store)
    paper = Paper(letter_number, letter_date or persian.tehran_date(now), "نامه.pdf", once)
    return await letter_scans.attach(number, made, stored, paper, by=builder.people[by], store=builder.store, now=now)
