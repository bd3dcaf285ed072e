"""A page that checks the QR code of a letter without network; it can be kept."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from litestar import Response, get

from portal.domain import offline
from portal.services.journal import checkpoints, log
from portal.web import self_contained
from portal.web.identity import AppRequest
from portal.web.responses import page
from portal.web.words import proofs as words


@dataclass(frozen=True, slots=True)
class OfflineCheckPage:
    template: ClassVar = "letter_check/offline.html"
    base_url: str
    keys: str  # JSON, as /journal/key has it
    words: Mapping[str, str]


@get("/verify/offline", public=True, compressed=True)
async def show(request: AppRequest) -> Response[Any]:
    told = offline.published(await checkpoints.history(), await log.signed_since())
    context = OfflineCheckPage(
        base_url=request.app.state.settings.base_url, keys=json.dumps(told["keys"]), words=words.of_codes()
    )
    response = page(request, context)
    response.content, policy = self_contained.contained(response.content)
    response.headers["Content-Security-Policy"] = policy
    response.headers["Permissions-Policy"] = "camera=(self), microphone=(), geolocation=()"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


HANDLERS = [show]
