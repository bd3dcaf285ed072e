"""What browsers and programs ask for without having read a page, and what the head of a page tells them."""

import re
from io import BytesIO

import pytest
from litestar.handlers import HTTPRouteHandler
from PIL import Image

from portal.routes import ROUTES
from portal.routes.static import PAPER, PUBLIC
from portal.web.assets import STATIC
from tests.world.portal import Portal


@pytest.mark.parametrize(
    ("path", "kind", "sizes"),
    [
        ("/favicon.ico", "ICO", {(16, 16), (32, 32)}),
        ("/apple-touch-icon.png", "PNG", {(180, 180)}),
        ("/apple-touch-icon-precomposed.png", "PNG", {(180, 180)}),
    ],
)
async def test_icons_stand_where_browsers_look(
    portal: Portal, path: str, kind: str, sizes: set[tuple[int, int]]
) -> None:
    http = portal.visit().http
    answer = await http.get(path)
    picture = Image.open(BytesIO(answer.content))
    assert (answer.status_code, picture.format) == (200, kind)
    assert picture.info.get("sizes", {picture.size}) == sizes
    assert answer.headers["content-type"].startswith("image/")
    head = await http.head(path)
    assert (head.status_code, head.headers["content-length"]) == (200, str(len(answer.content)))


async def test_the_manifest_names_what_is_there(portal: Portal) -> None:
    http = portal.visit().http
    for locale, direction in (("fa", "rtl"), ("en", "ltr")):
        answer = await http.get("/manifest.webmanifest", headers={"Cookie": f"daraje_language={locale}"})
        assert answer.headers["content-type"] == "application/manifest+json"
        manifest = answer.json()
        assert (manifest["lang"], manifest["dir"], manifest["start_url"]) == (locale, direction, "/")
        for icon in manifest["icons"]:
            drawn = await http.get(icon["src"])
            assert "immutable" in drawn.headers["cache-control"]
            if icon["sizes"] != "any":
                width, height = Image.open(BytesIO(drawn.content)).size
                assert icon["sizes"] == f"{width}x{height}"


async def test_programs_that_search_read_public_pages_alone(portal: Portal) -> None:
    answer = await portal.visit().http.get("/robots.txt")
    assert answer.headers["content-type"].startswith("text/plain")
    lines = answer.text.splitlines()
    assert lines == ["User-agent: *", *(f"Allow: {each}$" for each in PUBLIC), "Allow: /static/", "Disallow: /"]
    public = {
        path
        for each in ROUTES
        if isinstance(each, HTTPRouteHandler) and each.opt.get("public")
        for path in each.paths
        if "GET" in {str(method) for method in each.http_methods}
    }
    assert set(PUBLIC) <= public


async def test_the_head_of_a_page(portal: Portal) -> None:
    page = await portal.visit().get("/")
    named = {(each.get("name"), each.get("media")): each.get("content") or "" for each in page.all("meta")}
    tokens = (STATIC / "css/tokens.css").read_text("utf-8")
    light, dark = re.findall(r"--paper: (#[0-9a-f]{6});", tokens)
    assert named["theme-color", "(prefers-color-scheme: light)"] == light == PAPER
    assert named["theme-color", "(prefers-color-scheme: dark)"] == dark
    assert len(named["description", None]) > 50
    for link in page.all("link"):
        assert (await portal.visit().http.get(link.get("href") or "")).status_code == 200, link.attrib
    assert (await portal.visit().http.head("/")).status_code == 200
