"""What a file passes before it becomes a document: its type, the cage, the virus scanner. Refusals leave a reason."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from portal.domain.declarations import Slot
from portal.domain.errors import DomainError, Invalid
from portal.domain.events import EventKind
from portal.domain.lifecycle import Act
from portal.sandbox import inspection, scanner, scratch
from portal.services.cases import cases
from portal.services.identity.identity import Identity
from portal.services.journal import log
from portal.storage.objects import ObjectStore, Stored
from portal.tables.cases import Case


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found of a file that is taken: its media type, its pages, what was mended (words of the cage)."""

    media_type: str
    pages: int
    mended: tuple[str, ...]


NOT_THE_FILES_FAULT = "scanner-away"


async def check(
    number: str, stored: Stored, slot: Slot, filename: str, *, by: Identity, store: ObjectStore, now: datetime
) -> Looked:
    """What is found of a file that was sent for `slot` of case `number`, told by its bytes.

    Raises:
        Invalid: `file`, with the reason, which stands in the case's history then.
        StoreUnavailable, CageError.
    """
    try:
        return await _look_at(stored, store)
    except Invalid as refusal:
        given = refusal.errors["file"]
        code, facts = (given, {}) if isinstance(given, str) else given
        if code != NOT_THE_FILES_FAULT:
            await record(code, facts, number, stored, slot, filename, by, now)
        raise


async def _look_at(stored: Stored, store: ObjectStore) -> Looked:
    if stored.size == 0:
        raise Invalid({"file": "empty"})
    media_type = inspection.kind_of(stored.head)
    if media_type is None:
        raise Invalid({"file": "unknown-type"})
    async with _at_hand(stored, store) as path:
        try:
            found = await inspection.inspect(path, media_type)
            await scanner.scan(path)
        except inspection.Unreadable as error:
            facts = {"most": inspection.most_pages(), "producer": error.producer}
            raise Invalid({"file": (error.code, facts)}) from error
        except scanner.Infected as error:
            raise Invalid({"file": ("infected", {"virus": error.name})}) from error
        except scanner.ScannerAway as error:
            raise Invalid({"file": NOT_THE_FILES_FAULT}) from error
    return Looked(media_type, found.pages, found.mended)


@asynccontextmanager
async def _at_hand(stored: Stored, store: ObjectStore) -> AsyncIterator[Path]:
    """Where the bytes can be opened: in their spool, which goes then, else in a file to which they are fetched."""
    if stored.spool:
        with closing(stored.spool), stored.spool.opened(stored.size) as spooled:
            if spooled:
                yield spooled
                return
    with scratch.place(stored.size) as path:
        await store.fetch(stored.key, path)
        yield path


async def record(
    code: str,
    facts: dict[str, Any],
    number: str,
    stored: Stored,
    slot: Slot,
    filename: str,
    by: Identity,
    now: datetime,
) -> None:
    """Write why a file was refused, unless the case can no longer be edited: then that is what the person is told."""
    about = {"size": stored.size, "sha256": stored.sha256, "kind": slot[0], "year": slot[1], "filename": filename}
    media_type = inspection.kind_of(stored.head)
    values: dict[str, Any] = {"reason_code": code, "facts": facts, "media_type": media_type, **about}
    with suppress(DomainError):
        async with Case._meta.db.transaction():
            dossier = await cases.editing(number, Act.DOCUMENT, by)
            state = (dossier.state, dossier.state)
            await log.note(EventKind.DOCUMENT_REFUSED, ("case", number), by=by, now=now, values=values, state=state)
