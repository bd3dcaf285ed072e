"""A document's bytes for whoever opens it: fetched from the store, and digested on the way."""

import asyncio
import hashlib
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from portal.sandbox.document_sessions import Source
from portal.sandbox.supervisor import USUAL, Limits
from portal.storage.objects import ObjectStore

PIECE = 4 * 1024 * 1024  # bytes: somebody waits for the first page, and each piece waits for a thread


def of(document: Mapping[str, Any], store: ObjectStore, limits: Limits = USUAL) -> Source:
    """Where the document with this row is to be had."""
    key = document["key"]
    return Source(
        key, document["media_type"], document["sha256"], document["size"], partial(fetch, key, store=store), limits
    )


async def fetch(key: str, path: Path, *, store: ObjectStore) -> str:
    """Copies the object into the file `path`; its SHA-256 in hex.

    Raises:
        portal.storage.calls.Missing, portal.storage.calls.StoreUnavailable.
    """
    digest = hashlib.sha256()
    with path.open("wb") as file:

        def keep(piece: bytes) -> None:
            digest.update(piece)
            file.write(piece)

        async for piece in store.read(key, piece=PIECE):
            await asyncio.to_thread(keep, piece)
    return digest.hexdigest()
