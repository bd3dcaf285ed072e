"""Anyone proves a letter genuine: the file's digest is looked for among the letters that were notified."""

import hashlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from litestar import Response, get, post

from portal.domain.errors import DomainError
from portal.services.letters import notices
from portal.web import multipart
from portal.web.form_state import NOTHING, FormState
from portal.web.identity import AppRequest
from portal.web.rerender import rerender_on_error
from portal.web.responses import page

LIMIT = 20 * 1024 * 1024  # bytes: a letter is far smaller


@get("/verify", public=True, compressed=True)
async def show(request: AppRequest) -> Response[Any]:
    return await draw(request=request)


@dataclass(frozen=True, slots=True)
class LetterCheckPage:
    template: ClassVar = "letter_check/form.html"
    checked: bool = False
    notice: dict[str, Any] | None = None
    sha256: str | None = None  # of the file that was given
    limit: int = LIMIT
    errors: Mapping[str, str] = field(default_factory=dict)


async def draw(request: AppRequest, said: FormState = NOTHING) -> Response[Any]:
    return page(request, LetterCheckPage(errors=said.errors), said.status)


@post("/verify", public=True, request_max_body_size=LIMIT + multipart.OVERHEAD)
@rerender_on_error(draw)
async def check(request: AppRequest) -> Response[Any]:
    """Hash the file and say whether it is, byte for byte, a letter of this portal. Nothing is kept of it."""
    try:
        _, _, sha256 = await multipart.read(request, "file", LIMIT, _digest)
    except DomainError:
        await multipart.drain(request)
        raise
    notice = await notices.by_digest(sha256)
    return page(request, LetterCheckPage(checked=True, notice=notice, sha256=sha256))


async def _digest(_filename: str, chunks: AsyncIterator[bytes]) -> str:
    digest = hashlib.sha256()
    async for chunk in chunks:
        digest.update(chunk)
    return digest.hexdigest()


HANDLERS = [show, check]
