"""What anyone may ask of the journal: its checkpoint, its keys, and proofs. Roots and proofs are public, leaves not."""

import base64
from dataclasses import dataclass
from typing import Any, ClassVar

from litestar import Response, get

from portal.domain import offline
from portal.domain.errors import Unavailable
from portal.domain.journal_keys import JournalKey
from portal.services.journal import checkpoints, log, witnesses
from portal.web.identity import AppRequest
from portal.web.negotiation import json_of, plain, prefers, whole
from portal.web.responses import page


@get("/journal/checkpoint", public=True)
async def checkpoint() -> Response[Any]:
    """The journal as it is now, as a signed note (C2SP tlog-checkpoint)."""
    return plain((await checkpoints.note())[1])


@dataclass(frozen=True, slots=True)
class JournalKeyPage:
    template: ClassVar = "journal/key.html"
    keys: list[JournalKey]  # the one in force first
    last: dict[str, Any] | None


@get("/journal/key", public=True, compressed=True)
async def key(request: AppRequest) -> Response[Any]:
    """The key that checkpoints are checked with, and every one before it with its time."""
    keys = await checkpoints.history()
    if not keys:
        raise Unavailable("no-journal-key")
    match prefers(request):
        case "html":
            return page(request, JournalKeyPage(keys=keys[::-1], last=await witnesses.last()))
        case "json":
            return json_of(offline.published(keys, await log.signed_since()))
    before = "".join(f"# {_in_a_line(each)}\n" for each in reversed(keys[:-1]))
    return plain(f"{keys[-1].key.text()}\n{before}")


def _in_a_line(each: JournalKey) -> str:
    until = each.until_at.isoformat() if each.until_at else "now"
    return f"{offline.status(each)}, {each.since_at.isoformat()} to {until}: {each.key.text()}"


@get("/journal/entries/{position:int}/proof", public=True)
async def proof(request: AppRequest, position: int) -> Response[Any]:
    """That the entry is in the journal: JSON after RFC 9162, or text (C2SP tlog-proof) for who asks for it."""
    found = await checkpoints.prove(position)
    wants_text = prefers(request) == "text" and "text/plain" in request.headers.get("accept", "")
    return plain(found.as_text()) if wants_text or "text" in request.query_params else json_of(found.as_dict())


@get("/journal/consistency", public=True)
async def consistency(request: AppRequest) -> Response[Any]:
    """That the journal of `from` leaves is the beginning of that of `to` leaves (default: all that there are)."""
    first = whole(request, "from")
    second = whole(request, "to") if "to" in request.query_params else await log.size()
    path = await log.consistency(first, second)
    return json_of(
        {
            "first": first,
            "second": second,
            "first_root": base64.b64encode(await log.root_at(first)).decode(),
            "second_root": base64.b64encode(await log.root_at(second)).decode(),
            "consistency_path": [base64.b64encode(each).decode() for each in path],
        }
    )


HANDLERS = [checkpoint, key, proof, consistency]
