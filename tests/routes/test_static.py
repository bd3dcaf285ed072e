"""Static files: under the digest of their content, in the coding that is asked for, asked again by their tags."""

import gzip
import re

import brotli
import pytest

from portal.web import assets
from tests.world.portal import Portal

SHEET = assets.address(assets.SHEET)


@pytest.mark.parametrize(
    ("asked", "coding"),
    [
        ("br, gzip", "br"),
        ("gzip, deflate, br, zstd", "br"),
        ("gzip", "gzip"),
        ("GZIP;q=0.5", "gzip"),
        ("*", "br"),
        ("br;q=0, *", "gzip"),
        ("br;q=0, gzip;q=0.0", None),
        ("deflate", None),
        ("br;q=x", None),
        ("identity", None),
    ],
)
async def test_a_file_comes_in_the_coding_that_is_asked_for(portal: Portal, asked: str, coding: str | None) -> None:
    http, whole = portal.visit().http, assets.asset(assets.SHEET).content
    head = await http.head(SHEET, headers={"Accept-Encoding": asked})
    async with http.stream("GET", SHEET, headers={"Accept-Encoding": asked}) as answer:
        raw = b"".join([piece async for piece in answer.aiter_raw()])
    assert answer.headers.get("content-encoding") == coding
    assert answer.headers["vary"] == "Accept-Encoding"
    assert int(answer.headers["content-length"]) == len(raw)
    assert {None: bytes, "br": brotli.decompress, "gzip": gzip.decompress}[coding](raw) == whole
    assert dict(head.headers) == dict(answer.headers)
    again = {"Accept-Encoding": asked, "If-None-Match": answer.headers["etag"]}
    for ask in (http.get, http.head):
        answer = await ask(SHEET, headers=again)
        assert (answer.status_code, answer.content, answer.headers["vary"]) == (304, b"", "Accept-Encoding")


async def test_each_coding_has_a_tag_of_its_own(portal: Portal) -> None:
    http = portal.visit().http
    tags = {(await http.head(SHEET, headers={"Accept-Encoding": each})).headers["etag"] for each in ("br", "gzip", "")}
    assert len(tags) == 3
    part = {"Accept-Encoding": "identity", "Range": "bytes=0-9"}
    assert (await http.get(SHEET, headers=part)).content == assets.asset(assets.SHEET).content[:10]


async def test_for_ever_under_the_digest_of_its_content_alone(portal: Portal) -> None:
    http = portal.visit().http
    for path in ("css/all.css", "fonts/Vazirmatn.woff2", "js/upload.js", "img/emblem.svg"):
        named = await http.get(assets.address(path))
        assert named.headers["cache-control"] == "public, max-age=31536000, immutable", path
        for other in (f"/static/{path}", f"/static/{path}?v=", f"/static/{path}?v=0123456789ab"):
            answer = await http.get(other)
            assert answer.content == named.content
            assert answer.headers["cache-control"] == "public, max-age=3600", other


async def test_static_files_are_asked_again(portal: Portal) -> None:
    http = portal.visit().http
    whole = await http.get("/static/css/base.css")
    tag = {"If-None-Match": whole.headers["etag"]}
    again = await http.get("/static/css/base.css", headers=tag)
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", whole.headers["etag"])
    assert (await http.head("/static/css/base.css", headers=tag)).status_code == 304
    assert (await http.get("/static/css/base.css", headers={"If-Match": '"x"'})).status_code == 412
    missing = await http.get("/static/none.css", headers={"If-None-Match": "*"})
    assert (missing.status_code, missing.headers["cache-control"]) == (404, "no-store")


@pytest.mark.parametrize(
    "path", ["../pyproject.toml", "..%2Fpyproject.toml", "css", "", "css/../../pyproject.toml", "/etc/hosts"]
)
async def test_nothing_else_is_delivered(portal: Portal, path: str) -> None:
    assert (await portal.visit().http.get(f"/static/{path}")).status_code == 404


async def test_what_a_file_names_is_there_under_its_digest(portal: Portal) -> None:
    """What the sheet and the modules ask for, and what those ask for in turn."""
    http, found = portal.visit().http, set[str]()
    waiting = [assets.address(each) for each in assets.files() if each.endswith((".css", ".js"))]
    while waiting:
        address = waiting.pop()
        if address in found:
            continue
        found.add(address)
        answer = await http.get(address)
        assert (answer.status_code, "immutable" in answer.headers["cache-control"]) == (200, True), address
        if address.partition("?")[0].endswith((".css", ".js")):
            waiting += re.findall(r'(?:url\(|from )"(/[^"]+)"', answer.text)
    assert assets.address("fonts/Vazirmatn.woff2") in found
    assert assets.address("vendor/noble-hashes/_u64.js") in found


async def test_the_font_is_fetched_once(portal: Portal) -> None:
    page = await portal.visit().get("/login")
    [preload] = [each.get("href") for each in page.all("link") if each.get("rel") == "preload"]
    assert f'url("{preload}")' in assets.asset(assets.SHEET).content.decode()
    assert [each.get("href") for each in page.all("link") if each.get("rel") == "stylesheet"] == [SHEET]
