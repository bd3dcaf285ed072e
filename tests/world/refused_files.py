"""Refusals of files, left in the journal as the check leaves them."""

from typing import Any
from uuid import uuid4

from portal.domain.declarations import DocumentKind
from portal.domain.documents import Filing
from portal.services.documents import checks
from portal.services.documents.checks import Incoming
from portal.storage.spool import Stored
from tests.world.builders import Builder
from tests.world.portal import Portal

PDF = b"%PDF-1.7"
WORD, SCANNER = "Microsoft® Word 2013", "Canon iR-ADV C3530 <b>"
DAY = 86_400


async def refuse(portal: Portal, number: str, code: str, producer: str | None = None, head: bytes = PDF) -> None:
    """Leave a refusal in the journal of case `number`, as the check does."""
    by = portal.people["clerk"]
    facts: dict[str, Any] = {} if producer is None else {"most": 2000, "producer": producer}
    stored = Stored("key", 48_000, "0" * 64, head)
    filing = Filing(DocumentKind.CENSUS, None, None, "محرمانه.pdf")
    await checks.record(code, facts, Incoming(number, uuid4(), stored, filing), by=by, now=portal.clock.tick(1))


async def case_with_refusals(portal: Portal) -> str:
    """A case with six files, and seven that were refused of it: one long ago."""
    number = await Builder(portal.people, portal.store, portal.clock).draft()
    await refuse(portal, number, "encrypted", WORD)
    portal.clock.tick(100 * DAY)
    for code, producer in (
        ("broken", SCANNER),
        ("broken", SCANNER),
        ("broken", ""),
        ("scripts", "Nobody knows me 1.0"),
        ("unknown-type", None),
        ("embedded_files", "LibreOffice 7.4 / Writer"),
    ):
        await refuse(portal, number, code, producer, b"MZ" if producer is None else PDF)
    return number
