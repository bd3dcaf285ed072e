"""Styles, scripts, fonts and pictures; and what programs ask for at the root without having read a page."""

from typing import Any

from litestar import Response, get

from portal.domain.errors import NotFound
from portal.web import assets, encodings
from portal.web.downloads import File, in_memory, sent, unnoted
from portal.web.identity import AppRequest
from portal.web.validators import Validators, quoted

YEAR = 31_536_000
HOUR = 3600


@get("/static/{name:path}", public=True)
async def static(request: AppRequest, name: str) -> Response[Any]:
    """A file of static/: for ever under the digest of its content, else for an hour and asked again by its tag."""
    try:
        asset = assets.asset(name.lstrip("/"))
    except KeyError:
        raise NotFound("page") from None
    is_named = request.query_params.get("v") == asset.version
    return await delivered(request, asset, f"max-age={YEAR}, immutable" if is_named else f"max-age={HOUR}")


async def delivered(request: AppRequest, asset: assets.Asset, kept: str) -> Response[Any]:
    """The answer that carries `asset` in a coding that the reader takes; each coding has a tag of its own."""
    coding = encodings.chosen(request.headers.get("accept-encoding", ""), asset.encoded)
    data = asset.encoded[coding] if coding else asset.content
    tag = f"{asset.digest}-{coding}" if coding else asset.digest
    headers = {"Cache-Control": f"public, {kept}"}
    if asset.encoded:
        headers["Vary"] = "Accept-Encoding"
    if coding:
        headers["Content-Encoding"] = coding
    file = File(asset.media_type, len(data), Validators(quoted(tag)), in_memory(data), headers)
    return await sent(request, file, unnoted)


HANDLERS = [static]
