"""The receipt of a sign-off: what was signed, by whom, with what, and the proof that the journal holds it."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any, ClassVar

import anyio
from litestar import Response, get

from portal.domain.errors import Conflict
from portal.letters import receipt as letter
from portal.services.archive import receipts
from portal.services.archive.receipts import Receipt
from portal.services.identity.identity import Identity
from portal.settings import Settings
from portal.web.downloads import File, in_memory, sent, unnoted
from portal.web.guards import EVERYBODY
from portal.web.identity import AppRequest
from portal.web.responses import disposition, page
from portal.web.statements import receipt_sheet, tell
from portal.web.statements.tell import Sealed, Told
from portal.web.validators import Validators, quoted


@dataclass(frozen=True, slots=True)
class ReceiptPage:
    template: ClassVar = "receipt/show.html"
    receipt: Receipt
    act: str | None
    told: Told | None
    record: Sealed | None


@get("/receipts/{position:int}", may=EVERYBODY)
async def show(request: AppRequest, by: Identity, position: int) -> Response[Any]:
    found = await receipts.find(position, by)
    return page(request, ReceiptPage(receipt=found, **tell.words(found.statement)))


@get("/receipts/{position:int}/receipt.pdf", may=EVERYBODY)
async def download(request: AppRequest, by: Identity, position: int, settings: Settings) -> Response[Any]:
    """The same as PDF/A, with the checkpoint that it was made under."""
    found = await receipts.find(position, by)
    if not found.holds:
        raise Conflict("receipt-does-not-hold")
    sheet = receipt_sheet.sheet(found, settings.base_url)
    pdf = await anyio.to_thread.run_sync(letter.typeset, sheet)
    headers = {"Content-Disposition": disposition(f"receipt-{position}.pdf", inline="view" in request.query_params)}
    known = Validators(quoted(sha256(pdf).hexdigest()))
    # Under another checkpoint it is another file: what has begun cannot be taken up again.
    file = File("application/pdf", len(pdf), known, in_memory(pdf), headers, is_settled=False)
    return await sent(request, file, unnoted)


HANDLERS = [show, download]
