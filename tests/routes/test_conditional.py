"""Every file that the portal hands out: asked again, in part, by HEAD (RFC 9110 §9.3.2, §13, §14)."""

import zipfile
from datetime import timedelta
from io import BytesIO
from typing import Any

import httpx
import pytest
from litestar.handlers import HTTPRouteHandler

from portal.domain.lifecycle import State
from portal.routes import ROUTES
from portal.services.journal import checkpoints
from portal.tables.documents import Document
from portal.tables.events import Event
from portal.tables.readings import Reading
from tests.world.builders import Builder
from tests.world.portal import Portal

SETTLED = [
    "/documents/{id}",
    "/documents/{id}?view",
    "/documents/{id}/pages/1",
    "{case}/notice.pdf",
    "{case}/archive.zip",
]
FILES = [*SETTLED, "/receipts/{receipt}/receipt.pdf"]


async def scene(portal: Portal) -> tuple[httpx.AsyncClient, dict[str, Any]]:
    number = await Builder(portal.people, portal.store, portal.clock).case(State.NOTIFIED)
    document = (await Document.select().order_by(Document.id))[0]["id"]
    receipt = (await Event.select().where(Event.kind == "CaseSubmitted"))[0]["position"]
    clerk = await portal.as_("clerk")
    return clerk.http, {"id": document, "case": f"/cases/{number}", "number": number, "receipt": receipt}


@pytest.mark.parametrize("path", FILES)
async def test_a_file_is_asked_again_by_its_tag(portal: Portal, path: str) -> None:
    http, names = await scene(portal)
    url = path.format(**names)
    whole = await http.get(url)
    tag = whole.headers["etag"]
    assert (whole.status_code, whole.headers["content-length"]) == (200, str(len(whole.content)))
    assert tag.startswith('"'), "a strong one"
    before = await Reading.count()
    for headers, status in (
        ({"If-None-Match": tag}, 304),
        ({"If-None-Match": f'"x", W/{tag}'}, 304),
        ({"If-None-Match": "*"}, 304),
        ({"If-None-Match": '"x"'}, 200),
        ({"If-Match": tag}, 200),
        ({"If-Match": '"x"'}, 412),
        ({"If-Match": '"x"', "If-None-Match": tag}, 412),
    ):
        answer = await http.get(url, headers=headers)
        assert answer.status_code == status, headers
        assert answer.headers["etag"] == tag
        assert answer.content == (whole.content if status == 200 else b"")
    if modified := whole.headers.get("last-modified"):
        assert (await http.get(url, headers={"If-Modified-Since": modified})).status_code == 304
        assert (
            await http.get(url, headers={"If-Unmodified-Since": "Sun, 06 Nov 1994 08:49:37 GMT"})
        ).status_code == 412
    assert await Reading.count() == before, "within ten minutes one reading"


@pytest.mark.parametrize("path", SETTLED)
async def test_a_file_is_sent_in_part(portal: Portal, path: str) -> None:
    http, names = await scene(portal)
    url = path.format(**names)
    whole = await http.get(url)
    data, tag = whole.content, whole.headers["etag"]
    assert whole.headers["accept-ranges"] == "bytes"
    size = len(data)
    for asked, part in (("bytes=0-99", data[:100]), ("bytes=-7", data[-7:]), ("bytes=50-", data[50:])):
        answer = await http.get(url, headers={"Range": asked})
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (206, part, tag)
        assert answer.headers["content-length"] == str(len(part))
        start = data.find(part) if asked != "bytes=-7" else size - 7
        assert answer.headers["content-range"] == f"bytes {start}-{start + len(part) - 1}/{size}"
    for asked in (f"bytes={size}-", "bytes=-0"):
        answer = await http.get(url, headers={"Range": asked})
        assert (answer.status_code, answer.headers["content-range"]) == (416, f"bytes */{size}")
    for headers in ({"If-Range": '"x"'}, {"If-Range": f"W/{tag}"}, {"Range": "bytes=0-1,5-6"}, {"Range": "bytes=5-1"}):
        answer = await http.get(url, headers={"Range": "bytes=50-", **headers})
        assert (answer.status_code, answer.content) == (200, data), headers
    answer = await http.get(url, headers={"Range": "bytes=50-", "If-Range": tag})
    assert (answer.status_code, answer.content) == (206, data[50:])
    assert (await http.get(url, headers={"Range": "bytes=50-", "If-None-Match": tag})).status_code == 304


async def test_what_is_made_anew_is_not_sent_in_part(portal: Portal) -> None:
    http, names = await scene(portal)
    answer = await http.get(f"/receipts/{names['receipt']}/receipt.pdf", headers={"Range": "bytes=0-9"})
    assert (answer.status_code, answer.headers["accept-ranges"]) == (200, "none")


@pytest.mark.parametrize("path", FILES)
async def test_head_has_the_fields_of_get_and_nobody_reads_by_it(portal: Portal, path: str) -> None:
    http, names = await scene(portal)
    url = path.format(**names)
    head = await http.head(url)
    ranged = await http.head(url, headers={"Range": "bytes=0-9"})
    assert await Reading.count() == 0
    got = await http.get(url)
    assert (head.status_code, head.content, dict(head.headers)) == (200, b"", dict(got.headers))
    assert (ranged.status_code, dict(ranged.headers)) == (200, dict(got.headers)), "ranges are GET's (§14.2)"
    assert (await http.head(url, headers={"If-None-Match": got.headers["etag"]})).status_code == 304
    assert (await http.head(url, headers={"If-Match": '"x"'})).status_code == 412


def pages() -> list[str]:
    found = [each for each in ROUTES if isinstance(each, HTTPRouteHandler)]
    return sorted({path for each in found if "GET" in {str(m) for m in each.http_methods} for path in each.paths})


async def test_head_is_answered_wherever_get_is(portal: Portal) -> None:
    """The same status and fields; what a page draws anew each time (a seal, a nonce) changes at most its length."""
    http, names = await scene(portal)
    found = pages()
    assert len(found) > 50
    for path in found:
        if path.startswith("/uploads"):
            continue
        url = path.replace("{number:str}", names["number"]).replace("{document:uuid}", str(names["id"]))
        url = url.replace("{position:int}", str(names["receipt"])).replace("{number:int}", "1")
        head, got = await http.head(url), await http.get(url)
        assert (head.status_code, head.content) == (got.status_code, b""), url
        assert head.headers.keys() == got.headers.keys(), url
        assert head.headers.get("location") == got.headers.get("location"), url


async def test_head_leaves_the_word_of_the_last_act_for_the_page(portal: Portal) -> None:
    clerk = await portal.as_("clerk")
    place = (await clerk.submit("/cases", at="/cases/new")).location
    await clerk.post(f"{place}/declaration", {"population": "5"})
    await clerk.http.head(place)
    assert "ثبت شد" in (await clerk.get(place)).words() or "ذخیره شد" in (await clerk.get(place)).words()


async def test_head_sees_no_more_than_get(portal: Portal) -> None:
    _, names = await scene(portal)
    stranger = (await portal.as_("stranger")).http
    assert (await stranger.head(f"/documents/{names['id']}")).status_code == 404
    assert (await portal.visit().http.head(f"/documents/{names['id']}")).status_code == 303
    assert (await (await portal.as_("head")).http.head(f"/documents/{names['id']}")).status_code == 403
    clerk = (await portal.as_("clerk")).http
    assert (await clerk.head("/logout")).status_code == (await clerk.get("/logout")).status_code == 405
    assert "HEAD" in (await clerk.options("/cases")).headers["allow"]


async def test_a_package_has_the_same_bytes_while_the_journal_grows(portal: Portal) -> None:
    http, names = await scene(portal)
    url = f"{names['case']}/archive.zip"
    first = await http.get(url)
    portal.clock.tick(timedelta(days=3).total_seconds())
    await Builder(portal.people, portal.store, portal.clock).draft("abroad")
    clerk = await portal.as_("clerk")
    second = await clerk.http.get(url)
    assert (second.headers["etag"], second.content) == (first.headers["etag"], first.content)
    half = len(first.content) // 2
    rest = await clerk.http.get(url, headers={"Range": f"bytes={half}-", "If-Range": first.headers["etag"]})
    assert rest.status_code == 206
    assert zipfile.ZipFile(BytesIO(first.content[:half] + rest.content)).testzip() is None


async def test_a_package_under_another_key_is_another_file(portal: Portal) -> None:
    http, names = await scene(portal)
    url = f"{names['case']}/archive.zip"
    first = await http.get(url)
    held = portal.settings.journal_keys
    try:
        checkpoints.sign_with((*held, "B" * 43 + "="))
        await checkpoints.rotate(reason="نو", now=portal.clock())
        tag = {"If-Range": first.headers["etag"], "Range": "bytes=10-"}
        second = await http.get(url, headers=tag)
    finally:
        checkpoints.sign_with(held)
    assert second.status_code == 200, "the whole of the new one"
    assert second.headers["etag"] != first.headers["etag"]
