"""What a municipality may send within a day: counted in one place, at once and on either way."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from portal.domain.uploads import LIFETIME
from portal.services.documents import intake, sweeping, uploads
from portal.services.documents.intake import IntakeLimits
from portal.tables.documents import Document
from portal.tables.uploads import IntakeDay, Upload
from tests.world.builders import Builder, scan
from tests.world.cast import TOWN
from tests.world.portal import Portal
from tests.world.tus import Tus
from tests.world.uploads import MIB, clerk


@pytest.fixture(autouse=True)
def usual() -> Iterator[None]:
    yield
    intake.allow(IntakeLimits())


async def counted() -> tuple[int, int]:
    row = await IntakeDay.select().where(IntakeDay.municipality == TOWN).first()
    return (row["documents"], row["size"]) if row else (0, 0)


async def by_form(tus: Tus, data: bytes, *, length: bool = True) -> httpx.Response:
    """One file by the page's own form; without its length, as a program may send it."""
    head = b'--x\r\nContent-Disposition: form-data; name="kind"\r\n\r\nother\r\n--x\r\nContent-Disposition: form-data; '
    body = head + b'name="file"; filename="a.pdf"\r\n\r\n' + data + b"\r\n--x--\r\n"

    async def pieces() -> AsyncIterator[bytes]:
        for at in range(0, len(body), 64 * 1024):
            yield body[at : at + 64 * 1024]

    return await tus.visitor.http.post(
        f"/cases/{tus.number}/documents",
        content=body if length else pieces(),
        headers={"Content-Type": "multipart/form-data; boundary=x"},
    )


async def objects(portal: Portal, number: str) -> int:
    return len([each for each in await portal.store.listing(f"cases/{number}/") if "/documents/" in each.key])


async def open_parts(portal: Portal, number: str) -> set[str]:
    """Of every test with this bucket: the first case of each has the same number."""
    return {each.parts for each in await portal.store.open_uploads(f"cases/{number}/")}


async def test_both_ways_count_the_same(portal: Portal) -> None:
    tus, data = await clerk(portal), scan()
    assert (await by_form(tus, data)).status_code == 303
    assert await counted() == (1, len(data))
    url = await tus.begin(len(data))
    assert (await tus.patch(url, 0, data)).status_code == 204
    assert await counted() == (2, 2 * len(data))


async def test_a_refused_file_counts_as_what_it_was(portal: Portal) -> None:
    tus, data = await clerk(portal), b"no picture at all" * 100
    assert (await by_form(tus, data)).status_code == 422
    url = await tus.begin(len(data))
    assert (await tus.patch(url, 0, data)).status_code == 422
    assert await counted() == (2, 2 * len(data))


@pytest.mark.parametrize("length", [True, False])
async def test_a_form_beyond_the_days_bytes_is_refused_and_nothing_of_it_stored(portal: Portal, length: bool) -> None:
    tus = await clerk(portal)
    before, parts = await objects(portal, tus.number), await open_parts(portal, tus.number)
    intake.allow(IntakeLimits(size=9 * MIB))
    answer = await by_form(tus, b"%PDF-" + b"a" * (20 * MIB), length=length)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= 24 * 3600
    assert "۹ مگابایت" in answer.text.replace("\u2068", "").replace("\u2069", "")
    assert await objects(portal, tus.number) == before
    assert (await counted())[1] <= (0 if length else 9 * MIB)
    assert await open_parts(portal, tus.number) == parts
    assert (await by_form(tus, scan())).status_code == 303


async def test_an_upload_beyond_the_days_bytes_is_refused_before_a_byte(portal: Portal) -> None:
    tus = await clerk(portal)
    intake.allow(IntakeLimits(size=1000))
    assert (await tus.create(600)).status_code == 201
    answer = await tus.create(600)
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0
    assert await Upload.count() == 1


async def test_requests_at_once_never_pass_a_limit(portal: Portal) -> None:
    tus, data = await clerk(portal), scan()
    intake.allow(IntakeLimits(documents=12, uploads=7))
    forms = [by_form(tus, data) for _ in range(12)]
    answers = await asyncio.gather(*forms, *(tus.create(1000) for _ in range(20)))
    statuses = Counter(each.status_code for each in answers)
    assert statuses[303] + statuses[201] == (await counted())[0] <= 12
    assert await Upload.count() == statuses[201] <= 7
    assert await Document.count() == statuses[303]
    assert statuses[429]
    assert set(statuses) <= {201, 303, 429}


async def test_a_new_day_begins_at_midnight_in_tehran(portal: Portal) -> None:
    portal.clock.now = datetime(2026, 11, 1, 20, 29, 0, tzinfo=UTC)  # 23:59 there
    tus = await clerk(portal)
    intake.allow(IntakeLimits(documents=1))
    await tus.begin(1000)
    portal.clock.now = datetime(2026, 11, 1, 20, 29, 30, tzinfo=UTC)
    answer = await tus.create(1000)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "30")
    portal.clock.now = datetime(2026, 11, 1, 20, 30, 0, tzinfo=UTC)
    assert (await tus.create(1000)).status_code == 201
    assert await IntakeDay.count() == 2
    await intake.forget(portal.clock.now + timedelta(days=40))
    assert await IntakeDay.count() == 0


async def test_more_uploads_on_their_way_than_allowed_are_429_and_say_when(portal: Portal) -> None:
    tus = await clerk(portal)
    intake.allow(IntakeLimits(uploads=2))
    first = await tus.begin(1000)
    await tus.begin(1000)
    answer = await tus.create(1000)
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) == LIFETIME.total_seconds()
    assert (await tus.ask("DELETE", first)).status_code == 204
    assert (await tus.create(1000)).status_code == 201


async def test_what_was_announced_and_never_came_is_given_back(portal: Portal) -> None:
    tus, data = await clerk(portal), b"%PDF-" + b"a" * (6 * MIB)
    url = await tus.begin(20 * MIB)
    assert await counted() == (1, 20 * MIB)
    assert (await tus.patch(url, 0, data)).status_code == 204
    assert (await tus.ask("DELETE", url)).status_code == 204
    assert await counted() == (1, len(data))


async def test_uploads_end_with_their_case_and_leave_nothing(portal: Portal) -> None:
    builder = Builder(portal.people, portal.store, portal.clock)
    tus, data = await clerk(portal), b"%PDF-" + b"a" * (6 * MIB)
    before = await open_parts(portal, tus.number)
    url = await tus.begin(20 * MIB)
    assert (await tus.patch(url, 0, data)).status_code == 204
    assert len(await open_parts(portal, tus.number) - before) == 1
    assert await uploads.expire(store=portal.store, now=portal.clock()) == 0
    await builder.withdraw(tus.number)
    assert await sweeping.expired(store=portal.store, now=portal.clock()) == 1
    assert await open_parts(portal, tus.number) == before
    gone = await tus.ask("HEAD", url)
    assert (gone.status_code, gone.headers["upload-ended"]) == (410, "closed")
    intake.allow(IntakeLimits(uploads=1))
    tus.number = await builder.draft()
    assert (await tus.create(1000)).status_code == 201


async def test_a_case_that_may_come_back_keeps_its_uploads(portal: Portal) -> None:
    builder = Builder(portal.people, portal.store, portal.clock)
    tus = Tus(await portal.as_("clerk"), await builder.draft())
    await tus.begin(1000)
    await builder.submit(tus.number)
    assert await uploads.expire(store=portal.store, now=portal.clock()) == 0
    await builder.attest(tus.number)
    await builder.confirm(tus.number)
    assert await uploads.expire(store=portal.store, now=portal.clock()) == 1
