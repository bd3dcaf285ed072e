"""What a file passes before it becomes a document: its type, the cage, the virus scanner. Refusals leave a reason."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from portal.domain.documents import Filing
from portal.domain.errors import DomainError, Invalid
from portal.domain.events import EventKind
from portal.domain.lifecycle import Act
from portal.sandbox import errors, inspection, scanner, scratch
from portal.services.cases import cases
from portal.services.identity.identity import Identity
from portal.services.journal import log
from portal.storage.objects import ObjectStore
from portal.storage.spool import Stored
from portal.tables.cases import Case


@dataclass(frozen=True, slots=True)
class Incoming:
    """A file that is to become the document `id` of case `number`; `sha256` as its sender computed it, or None."""

    number: str
    id: UUID
    stored: Stored
    filing: Filing
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found of a file that is taken: its media type, its pages, what was mended (words of the cage)."""

    media_type: str
    pages: int
    mended: tuple[str, ...]


class CheckUnavailable(Invalid):
    """Nobody could look at the file, through no fault of its own: the same bytes may be taken later."""


async def check(incoming: Incoming, *, by: Identity, store: ObjectStore, now: datetime) -> Looked:
    """What is found of a file, told by its bytes.

    Raises:
        Invalid: `sha256` or `file`, with the reason, which stands in the case's history then.
        CheckUnavailable, StoreUnavailable, CageError.
    """
    try:
        if incoming.sha256 not in (None, incoming.stored.sha256):
            raise Invalid({"sha256": "digest-differs"})
        return await look_at(incoming.stored, store)
    except CheckUnavailable:
        raise
    except Invalid as refusal:
        (given,) = refusal.errors.values()
        code, facts = (given, {}) if isinstance(given, str) else given
        await record(code, facts, incoming, by=by, now=now)
        raise


async def look_at(stored: Stored, store: ObjectStore) -> Looked:
    """What is found of a file, told by its bytes; a refusal leaves no line.

    Raises:
        Invalid: `file`, with the reason.
        CheckUnavailable, StoreUnavailable, CageError.
    """
    if stored.size == 0:
        raise Invalid({"file": "empty"})
    media_type = inspection.kind_of(stored.head)
    if media_type is None:
        raise Invalid({"file": "unknown-type"})
    async with _at_hand(stored, store) as path:
        try:
            found = await inspection.inspect(path, media_type)
            await scanner.scan(path)
        except errors.Unreadable as error:
            facts = {"most": inspection.most_pages(), "producer": error.producer}
            raise Invalid({"file": (error.code, facts)}) from error
        except scanner.Infected as error:
            raise Invalid({"file": ("infected", {"virus": error.name})}) from error
        except scanner.ScannerAway as error:
            raise CheckUnavailable({"file": "scanner-away"}) from error
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


async def record(code: str, facts: dict[str, Any], incoming: Incoming, *, by: Identity, now: datetime) -> None:
    """Write why a file was refused, unless the case can no longer be edited: then that is what the person is told."""
    stored, filing = incoming.stored, incoming.filing
    values: dict[str, Any] = {
        "reason_code": code,
        "facts": facts,
        "media_type": inspection.kind_of(stored.head),
        "size": stored.size,
        "sha256": stored.sha256,
        "kind": filing.kind,
        "year": filing.year,
        "filename": filing.filename,
    }
    with suppress(DomainError):
        async with Case._meta.db.transaction():
            dossier = await cases.editing(incoming.number, Act.DOCUMENT, by)
            state, subject = (dossier.state, dossier.state), ("case", incoming.number)
            await log.note(EventKind.DOCUMENT_REFUSED, subject, by=by, now=now, values=values, state=state)
