"""Anyone proves a letter genuine: the file's digest is looked for among the letters that were notified."""

import hashlib
from collections.abc import AsyncIterator
from typing import Any

from litestar import Response, get, post

from portal.domain.errors import DomainError
from portal.services.cases import notices
from portal.web import multipart
from portal.web.identity import AppRequest
from portal.web.rerender import rerender_on_error
from portal.web.responses import page
from portal.web.signoffs import NOTHING, FormState

LIMIT = 20_000_000  # bytes: a letter is far smaller


@get("/verify", public=True)
async def show(request: AppRequest) -> Response[Any]:
    return await draw(request=request)


async def draw(request: AppRequest, said: FormState = NOTHING) -> Response[Any]:
    return _page(request, said.status, errors=said.errors, checked=False, notice=None, sha256=None)


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
    return _page(request, errors={}, checked=True, notice=notice, sha256=sha256)


def _page(request: AppRequest, status: int = 200, **context: Any) -> Response[Any]:
    return page(request, "letter_check/form.html", status, limit=LIMIT, **context)


async def _digest(_filename: str, chunks: AsyncIterator[bytes]) -> str:
    digest = hashlib.sha256()
    async for chunk in chunks:
        digest.update(chunk)
    return digest.hexdigest()


HANDLERS = [show, check]
