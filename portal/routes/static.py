"""Styles, scripts, fonts and pictures; and what programs ask for at the root without having read a page."""

from typing import Any

from litestar import MediaType, Response, get

from portal import texts
from portal.domain.errors import NotFound
from portal.texts import gettext
from portal.web import assets, encodings
from portal.web.downloads import File, in_memory, sent, unnoted
from portal.web.formats import direction
from portal.web.identity import AppRequest
from portal.web.validators import Validators, quoted

YEAR = 31_536_000
HOUR = 3600
PUBLIC = ("/", "/service", "/verify", "/journal/key")
PAPER = "#f7f4ee"  # tokens.css


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


def _at_the_root(path: str, file: str) -> Any:
    """What browsers ask for at `path`, whatever a page says: `file`."""

    @get(path, public=True)
    async def icon(request: AppRequest) -> Response[Any]:
        return await delivered(request, assets.asset(file), f"max-age={HOUR}")

    return icon


@get("/robots.txt", public=True)
async def robots() -> Response[str]:
    """What searching programs may read: pages that are the same for everybody, and no list or form."""
    allowed = "".join(f"Allow: {path}$\n" for path in PUBLIC)
    return Response(f"User-agent: *\n{allowed}Allow: /static/\nDisallow: /\n", media_type=MediaType.TEXT)


@get("/manifest.webmanifest", public=True)
async def manifest() -> Response[Any]:
    """The portal's name and picture, for whoever keeps it on a phone's first page (W3C Web Application Manifest)."""
    sizes = (("img/icon-192.png", "192x192"), ("img/icon-512.png", "512x512"), ("img/emblem.svg", "any"))
    said = {
        "name": gettext("Grading of municipalities (Daraje)"),
        "short_name": gettext("Daraje"),
        "lang": texts.locale.get(),
        "dir": direction(),
        "start_url": "/",
        "display": "minimal-ui",
        "background_color": PAPER,
        "theme_color": PAPER,
        "icons": [{"src": assets.address(path), "sizes": size} for path, size in sizes],
    }
    return Response(said, media_type="application/manifest+json", headers={"Cache-Control": f"public, max-age={HOUR}"})


ICONS = [
    _at_the_root("/favicon.ico", "img/favicon.ico"),
    _at_the_root("/apple-touch-icon.png", "img/touch-icon.png"),
    _at_the_root("/apple-touch-icon-precomposed.png", "img/touch-icon.png"),
]
HANDLERS = [static, robots, manifest, *ICONS]
