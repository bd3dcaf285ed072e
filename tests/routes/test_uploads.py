"""tus 1.0 at /uploads: what the protocol asks for, and what is answered to whoever does not keep it."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest

from portal.domain.events import EventKind
from portal.domain.lifecycle import State
from portal.services.documents import digests, uploads
from portal.tables.documents import Document
from portal.tables.events import Event
from portal.tables.uploads import Upload
from tests.world.builders import Builder, scan
from tests.world.documents import only_document
from tests.world.portal import Portal
from tests.world.tus import BYTES, Tus, checksum, metadata, pdf
from tests.world.uploads import MIB, Slow, clerk, remains

WEEK = 7 * 24 * 3600


# The protocol as it should be spoken


async def test_what_the_server_can_do_is_told_to_anyone(portal: Portal) -> None:
    for url in ("/uploads", f"/uploads/{uuid4()}"):
        answer = await portal.visit().http.options(url)
        assert answer.status_code == 204
        said = answer.headers
        assert said["tus-resumable"] == said["tus-version"] == "1.0.0"
        assert said["tus-extension"].split(",") == [
            "creation",
            "creation-with-upload",
            "termination",
            "checksum",
            "expiration",
        ]
        assert said["tus-checksum-algorithm"] == "sha1,sha256"
        assert int(said["tus-max-size"]) == portal.settings.upload_limit


@pytest.mark.parametrize("size", [700, 6 * MIB, 15 * MIB, 15 * MIB + 1])
async def test_a_file_in_one_piece_becomes_a_document(portal: Portal, size: int) -> None:
    tus, data = await clerk(portal), pdf(size)
    url = await tus.begin(size)
    assert await tus.offset(url) == 0
    answer = await tus.patch(url, 0, data)
    assert (answer.status_code, answer.headers["upload-offset"]) == (204, str(size)), answer.text
    row = await only_document()
    assert (row["size"], row["sha256"], row["pages"]) == (size, hashlib.sha256(data).hexdigest(), 1)
    assert await portal.store.get_bytes(row["key"]) == data
    assert await portal.store.labelled(row["key"]) == row["sha256"]
    assert await tus.offset(url) == size
    assert answer.headers["content-location"] == f"/documents/{row['id']}"


@pytest.mark.parametrize("step", [1 * MIB, 5 * MIB, 5 * MIB + 1, 7 * MIB])
async def test_a_file_in_many_pieces_becomes_the_same_document(portal: Portal, step: int) -> None:
    tus, data = await clerk(portal), pdf(16 * MIB)
    url = await tus.begin(len(data))
    for offset in range(0, len(data), step):
        answer = await tus.patch(url, offset, data[offset : offset + step])
        assert (answer.status_code, answer.headers["tus-resumable"]) == (204, "1.0.0"), answer.text
        assert int(answer.headers["upload-offset"]) == min(offset + step, len(data))
        assert await tus.offset(url) == min(offset + step, len(data))
    row = await only_document()
    assert row["sha256"] == hashlib.sha256(data).hexdigest()
    assert await portal.store.get_bytes(row["key"]) == data
    assert not [each for each in remains(portal) if str(row["id"]) in each and each != row["key"]]


async def test_another_process_takes_the_next_piece(portal: Portal) -> None:
    tus, data = await clerk(portal), pdf(13 * MIB)
    url = await tus.begin(len(data))
    assert (await tus.patch(url, 0, data[: 11 * MIB])).status_code == 204
    digests.forget(UUID(url.rsplit("/", 1)[1]))  # all that one process knows and another does not
    assert (await tus.patch(url, 11 * MIB, data[11 * MIB :])).status_code == 204
    assert (await only_document())["sha256"] == hashlib.sha256(data).hexdigest()


async def test_the_head_of_an_upload_says_all_about_it(portal: Portal) -> None:
    tus = await clerk(portal)
    url = await tus.begin(1000, filename="سند «۱».pdf")
    answer = await tus.ask("HEAD", url)
    said = answer.headers
    assert (said["upload-offset"], said["upload-length"], said["cache-control"]) == ("0", "1000", "no-store")
    assert said["upload-metadata"] == metadata(case=tus.number, kind="census", filename="سند «۱».pdf")
    assert said["upload-expires"] == "Sun, 08 Nov 2026 08:00:31 GMT"


async def test_a_piece_may_come_with_the_creation(portal: Portal) -> None:
    tus, data = await clerk(portal), pdf(6 * MIB)
    part = await tus.create(len(data), data[:1000])
    assert (part.status_code, part.headers["upload-offset"]) == (201, "1000")
    url = part.headers["location"]
    assert (await tus.patch(url, 1000, data[1000:])).status_code == 204
    whole = await tus.create(len(data), data, kind="justification")
    assert (whole.status_code, whole.headers["upload-offset"]) == (201, str(len(data)))
    assert await Document.count() == 2


async def test_what_comes_with_the_creation_says_that_it_is_bytes(portal: Portal) -> None:
    tus = await clerk(portal)
    said = {"Upload_Length": "9", "Upload_Metadata": metadata(case=tus.number, kind="census")}
    assert (await tus.ask("POST", "/uploads", b"hello", Content_Type="text/plain", **said)).status_code == 415
    assert await Upload.count() == 0


async def test_a_client_without_patch_overrides_the_method(portal: Portal) -> None:
    tus, data = await clerk(portal), pdf(800)
    url = await tus.begin(len(data))
    said = {"Content_Type": BYTES, "Upload_Offset": "0", "X_HTTP_Method_Override": "PATCH"}
    assert (await tus.ask("POST", url, data[:100], **said)).status_code == 204
    answer = await tus.ask("POST", url, X_HTTP_Method_Override="HEAD")
    assert answer.headers["upload-offset"] == "100"
    assert (await tus.ask("POST", url, X_HTTP_Method_Override="DELETE")).status_code == 204
    assert (await tus.ask("POST", url)).status_code == 405


# Who may


async def test_nobody_uploads_unsigned(portal: Portal) -> None:
    tus = Tus(portal.visit(), "1405-00001")
    url = f"/uploads/{uuid4()}"
    for method, where in (("POST", "/uploads"), ("HEAD", url), ("PATCH", url), ("DELETE", url), ("GET", url)):
        answer = await tus.ask(method, where)
        assert (answer.status_code, answer.headers["tus-resumable"]) == (401, "1.0.0"), method


@pytest.mark.parametrize("username", ["officer", "examiner", "minister", "keeper", "auditor", "head"])
async def test_other_offices_upload_nothing(portal: Portal, username: str) -> None:
    url = await (await clerk(portal)).begin(1000)
    other = Tus(await portal.as_(username), "1405-00001")
    assert (await other.create(1000)).status_code == 403
    assert (await other.patch(url, 0, b"x")).status_code == 403
    assert (await other.ask("HEAD", url)).status_code == 403


async def test_a_foreign_upload_does_not_exist(portal: Portal) -> None:
    tus = await clerk(portal)
    url = await tus.begin(1000)
    stranger = Tus(await portal.as_("neighbour"), tus.number)
    assert (await stranger.create(1000)).status_code == 404
    for method in ("HEAD", "GET", "DELETE"):
        assert (await stranger.ask(method, url)).status_code == 404
    assert (await stranger.patch(url, 0, b"x")).status_code == 404
    assert await tus.offset(url) == 0


async def test_another_sites_page_writes_nothing(portal: Portal) -> None:
    tus = await clerk(portal)
    url = await tus.begin(1000)
    answer = await tus.patch(url, 0, b"x", Origin="https://evil.example", Sec_Fetch_Site="cross-site")
    assert (answer.status_code, answer.headers["tus-resumable"]) == (403, "1.0.0")
    assert await tus.offset(url) == 0


async def test_a_case_in_the_wrong_state_is_422(portal: Portal) -> None:
    number = await Builder(portal.people, portal.store, portal.clock).case(State.SUBMITTED)
    tus = Tus(await portal.as_("clerk"), number)
    answer = await tus.create(1000)
    assert answer.status_code == 422
    assert "وضعیت کنونی" in answer.text
    assert await Upload.count() == 0


async def test_the_state_is_asked_for_again_at_the_end(portal: Portal) -> None:
    builder = Builder(portal.people, portal.store, portal.clock)
    number = await builder.draft()
    tus, data = Tus(await portal.as_("clerk"), number), pdf(6 * MIB)
    url = await tus.begin(len(data))
    assert (await tus.patch(url, 0, data[:-1])).status_code == 204
    documents = await Document.count()
    await builder.submit(number)
    answer = await tus.patch(url, len(data) - 1, data[-1:])
    assert answer.status_code == 422
    assert "وضعیت کنونی" in answer.text
    assert await Document.count() == documents
    assert (await tus.ask("HEAD", url)).status_code == 410
    assert not [each for each in remains(portal) if url.rsplit("/", 1)[1] in each]


# Refusals, endings


async def test_the_senders_digest_must_agree(portal: Portal) -> None:
    tus, data = await clerk(portal), pdf(6 * MIB)
    right, wrong = hashlib.sha256(data).hexdigest(), hashlib.sha256(b"").hexdigest()
    url = await tus.begin(len(data), sha256=wrong)
    answer = await tus.patch(url, 0, data)
    assert answer.status_code == 422
    assert "چکیده" in answer.text
    assert await Document.count() == 0
    assert not [each for each in remains(portal) if url.rsplit("/", 1)[1] in each]
    assert "چکیده" in (await tus.visitor.get(f"/cases/{tus.number}")).text
    event = (await Event.select().order_by(Event.position, ascending=False))[0]
    assert event["kind"] == EventKind.DOCUMENT_REFUSED
    url = await tus.begin(len(data), sha256=right.upper())
    assert (await tus.patch(url, 0, data)).status_code == 204
    row = await only_document()
    assert (row["sha256"], row["agreed"]) == (right, True)


async def test_without_the_senders_digest_the_document_says_so(portal: Portal) -> None:
    tus, data = await clerk(portal), scan()
    assert (await tus.create(len(data), data)).status_code == 201
    assert (await only_document())["agreed"] is False


@pytest.mark.parametrize(
    ("data", "sentence"),
    [(scan()[:-60], "بخش پایانی فایل"), (b"<html>" * 300, "با یکی از این قالب‌ها اسکن"), (bytes(6 * MIB), "نیست")],
    ids=["truncated", "renamed", "zeros"],
)
async def test_a_refused_file_says_why_until_it_expires(portal: Portal, data: bytes, sentence: str) -> None:
    tus = await clerk(portal)
    url = await tus.begin(len(data))
    answer = await tus.patch(url, 0, data)
    assert answer.status_code == 422
    assert sentence in answer.text
    head = await tus.ask("HEAD", url)
    assert (head.status_code, head.headers["upload-ended"]) == (410, "refused")
    assert "upload-offset" not in head.headers
    for again in (await tus.patch(url, 0, data), await tus.ask("GET", url)):
        assert again.status_code == 410
        assert sentence in again.text
    assert await Document.count() == 0
    assert not [each for each in remains(portal) if url.rsplit("/", 1)[1] in each]
    now = portal.clock.tick(WEEK + 1)
    await uploads.expire(store=portal.store, now=now)
    assert await Upload.count() == 0


async def test_a_terminated_upload_is_gone(portal: Portal) -> None:
    tus, data = await clerk(portal), pdf(12 * MIB)
    url = await tus.begin(len(data))
    assert (await tus.patch(url, 0, data[: 7 * MIB])).status_code == 204
    assert [each for each in remains(portal) if url.rsplit("/", 1)[1] in each]
    assert (await tus.ask("DELETE", url)).status_code == 204
    assert not [each for each in remains(portal) if url.rsplit("/", 1)[1] in each]
    for method in ("HEAD", "DELETE", "GET"):
        assert (await tus.ask(method, url)).status_code == 410
    assert (await tus.patch(url, 7 * MIB, data[7 * MIB :])).status_code == 410


async def test_terminating_a_recorded_upload_leaves_its_document(portal: Portal) -> None:
    tus, data = await clerk(portal), scan()
    url = (await tus.create(len(data), data)).headers["location"]
    assert (await tus.ask("DELETE", url)).status_code == 204
    row = await only_document()
    assert row["ended_at"] is None
    assert await portal.store.get_bytes(row["key"]) == data


async def test_an_abandoned_upload_expires_and_its_parts_go(portal: Portal) -> None:
    tus, data = await clerk(portal), pdf(12 * MIB)
    url = await tus.begin(len(data))
    assert (await tus.patch(url, 0, data[: 7 * MIB])).status_code == 204
    portal.clock.tick(WEEK - 60)
    await tus.visitor.sign_in("clerk")
    assert (await tus.patch(url, 7 * MIB, data[7 * MIB : 8 * MIB])).status_code == 204  # lives on
    now = portal.clock.tick(WEEK + 1)
    await tus.visitor.sign_in("clerk")
    assert (await tus.ask("HEAD", url)).status_code == 410
    assert (await tus.patch(url, 8 * MIB, b"x")).status_code == 410
    assert await uploads.expire(store=portal.store, now=now) == 1
    assert not [each for each in remains(portal) if url.rsplit("/", 1)[1] in each]
    answer = await tus.ask("GET", url)
    assert answer.status_code == 410
    assert "لغو شد" in answer.text


# At once


async def test_two_clients_write_one_after_the_other(portal: Portal) -> None:
    tus, data = await clerk(portal), pdf(6 * MIB)
    url = await tus.begin(len(data))
    slow = Slow(data)
    first = asyncio.create_task(tus.patch(url, 0, slow))
    await slow.begun.wait()
    second = await tus.patch(url, 0, data)
    assert second.status_code == 423
    assert "پنجرهٔ دیگری" in second.text
    assert (await tus.ask("DELETE", url)).status_code == 423
    assert (await tus.ask("HEAD", url)).status_code == 200
    slow.go.set()
    assert (await first).status_code == 204
    assert (await only_document())["sha256"] == hashlib.sha256(data).hexdigest()


async def test_two_clients_at_once_record_one_document(portal: Portal) -> None:
    tus, data = await clerk(portal), pdf(6 * MIB)
    url = await tus.begin(len(data))
    answers = await asyncio.gather(*(tus.patch(url, 0, data) for _ in range(4)))
    statuses = sorted(each.status_code for each in answers)
    assert statuses.count(204) == 1
    assert set(statuses) <= {204, 409, 423}
    assert (await only_document())["sha256"] == hashlib.sha256(data).hexdigest()


async def test_while_it_is_checked_the_head_waits(portal: Portal) -> None:
    tus, data = await clerk(portal), pdf(40 * MIB)
    url = await tus.begin(len(data))
    last = asyncio.create_task(tus.patch(url, 0, data))
    seen = set()
    while not last.done():
        answer = await tus.ask("HEAD", url)
        seen.add(answer.status_code)
        if answer.status_code == 200 and not last.done():
            assert int(answer.headers["upload-offset"]) < len(data) or await Document.count() == 1
    assert (await last).status_code == 204
    assert 423 in seen
    assert await tus.offset(url) == len(data)


async def silent_after(half: bytes, until: asyncio.Event) -> AsyncIterator[bytes]:
    yield half
    await until.wait()


@pytest.mark.parametrize("is_held", [False, True], ids=["plain", "with a checksum"])
async def test_on_a_silent_line_what_came_is_kept_unless_its_checksum_is_to_come(portal: Portal, is_held: bool) -> None:
    tus, data = await clerk(portal), pdf(9 * MIB)
    url, over = await tus.begin(len(data)), asyncio.Event()
    said = {"Content_Length": str(len(data))} | ({"Upload_Checksum": checksum("sha1", data)} if is_held else {})
    sending = asyncio.create_task(tus.patch(url, 0, silent_after(data[: 8 * MIB], over), **said))
    for _ in range(60):
        if await tus.offset(url) == 8 * MIB:
            break
        await asyncio.sleep(0.1)
    assert await tus.offset(url) == (0 if is_held else 8 * MIB)
    over.set()
    await sending
    assert await tus.offset(url) == (0 if is_held else 8 * MIB)
