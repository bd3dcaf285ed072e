"""What `portal sweep` finds and what it leaves alone."""

import asyncio
import contextvars
import os
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from portal.domain.declarations import DocumentKind
from portal.domain.documents import Filing
from portal.domain.lifecycle import State
from portal.domain.uploads import LIFETIME
from portal.embedded.servers import Embedded
from portal.services.documents import sweeping, uploads
from portal.services.documents.uploads import Announced
from portal.services.documents.writing import Chunk
from portal.settings import Settings
from portal.storage.calls import Missing
from portal.storage.keys import document_key, letter_key, letter_scan_key, tail_key, trial_key, written_key
from portal.storage.objects import ObjectStore
from portal.tables.documents import Document
from portal.tables.uploads import Upload
from tests.world.builders import Builder
from tests.world.cast import Cast
from tests.world.clock import Clock
from tests.world.letter_scans import attach
from tests.world.nodes import environment
from tests.world.tus import pdf

MIB = 1024 * 1024


def later() -> datetime:
    """The store writes its own time on objects: two days from now all of them are old."""
    return datetime.now(UTC) + timedelta(days=2)


@pytest.fixture
def bucket(settings: Settings, request: pytest.FixtureRequest) -> ObjectStore:
    """A bucket of this test's own: the sweep judges everything in it."""
    assert settings.s3 is not None
    return ObjectStore(replace(settings.s3, bucket=f"sweep-{uuid4().hex[:12]}"))


async def half_an_upload(people: Cast, clock: Clock, store: ObjectStore, number: str) -> dict[str, object]:
    """An upload of which 7 of 12 MiB have arrived: one whole part, and a tail."""
    data = pdf(12 * MIB)
    filing = Filing(DocumentKind.OTHER, None, None, "سند.pdf")
    announced = Announced(filing, len(data), None, "")
    upload = await uploads.begin(number, announced, by=people["clerk"], limit=100 * MIB, now=clock())

    async def chunks() -> AsyncIterator[bytes]:
        yield data[: 7 * MIB]

    piece = Chunk(0, chunks(), None)
    return await uploads.append(upload, piece, by=people["clerk"], store=store, memory=32 * MIB, clock=clock)


async def test_what_no_row_names_goes_and_all_else_stays(people: Cast, clock: Clock, bucket: ObjectStore) -> None:
    await bucket.ready()
    builder = Builder(people, bucket, clock)
    number = await builder.case(State.NOTIFIED)
    await attach(builder, number)
    second = await builder.draft()
    going = await half_an_upload(people, clock, bucket, second)
    nobodys = document_key(number, uuid4())
    letter, elsewhere = letter_key(number, uuid4()), "backups/1405/everything.tar"
    scanned = letter_scan_key(number, uuid4())
    late = written_key(number, uuid4(), uuid4())
    tail, older = tail_key(uuid4(), uuid4(), 100), f"uploads/{uuid4()}/100"
    for key in (nobodys, scanned, late, letter, elsewhere, tail, older):
        await bucket.put_bytes(key, b"bytes")
    parts = await bucket.open_parts(document_key(number, uuid4()))

    assert [each async for each in sweeping.strays(store=bucket, now=datetime.now(UTC))] == [], "all is young"
    found = [each async for each in sweeping.strays(store=bucket, now=later())]
    assert {each.key for each in found if each.parts is None} == {nobodys, scanned, late, tail, older}
    assert {each.parts for each in found if each.parts} == {parts}
    for each in found:
        assert await sweeping.remove(each, store=bucket)
    assert [each async for each in sweeping.strays(store=bucket, now=later())] == []
    assert await bucket.size(letter) == await bucket.size(elsewhere) == 5
    for document in await Document.select():
        assert await bucket.size(document["key"]) == document["size"]
    assert [each async for each in sweeping.missing(store=bucket)] == []
    row = await Upload.select().where(Upload.id == going["id"]).first()
    assert row is not None
    assert len(await bucket.get_bytes(row["tail"])) == 2 * MIB


async def test_parts_that_are_not_its_own_go_though_an_upload_has_their_key(
    people: Cast, clock: Clock, bucket: ObjectStore
) -> None:
    """The answer to a first beginning was lost, and the upload began once more under the same key."""
    await bucket.ready()
    row = await half_an_upload(people, clock, bucket, await Builder(people, bucket, clock).draft())
    others = await bucket.open_parts(str(row["key"]))
    (stray,) = [each async for each in sweeping.strays(store=bucket, now=later())]
    assert (stray.key, stray.parts) == (row["key"], others)
    assert await sweeping.remove(stray, store=bucket)
    assert [each.parts for each in await bucket.open_uploads("cases/")] == [row["parts"]], "its own stay"


async def test_what_a_trial_of_the_store_left_goes(people: Cast, bucket: ObjectStore) -> None:
    await bucket.ready()
    key = trial_key()
    await bucket.put_bytes(key, b"bytes")
    await bucket.open_parts(trial_key())
    found = [each async for each in sweeping.strays(store=bucket, now=later())]
    assert len(found) == 2
    for each in found:
        assert await sweeping.remove(each, store=bucket)
    assert [each async for each in sweeping.strays(store=bucket, now=later())] == []


async def test_a_row_that_came_meanwhile_saves_its_object(people: Cast, clock: Clock, bucket: ObjectStore) -> None:
    await bucket.ready()
    number = await Builder(people, bucket, clock).draft()
    row = await Document.select().first()
    assert row is not None
    assert number in row["key"]
    assert not await sweeping.remove(sweeping.Stray(row["key"], 5), store=bucket)
    assert await bucket.size(row["key"]) == row["size"]


async def test_documents_without_their_object_are_told(people: Cast, clock: Clock, bucket: ObjectStore) -> None:
    await bucket.ready()
    await Builder(people, bucket, clock).draft()
    rows = await Document.select()
    lost = {rows[1]["key"], rows[4]["key"]}
    for key in lost:
        await bucket.remove(key)
    assert {each async for each in sweeping.missing(store=bucket)} == lost


async def test_abandoned_uploads_end(people: Cast, clock: Clock, bucket: ObjectStore) -> None:
    await bucket.ready()
    number = await Builder(people, bucket, clock).draft()
    row = await half_an_upload(people, clock, bucket, number)
    assert await sweeping.expired(store=bucket, now=clock()) == 0
    assert await sweeping.expired(store=bucket, now=clock.tick(8 * 24 * 3600)) == 1
    assert [each async for each in sweeping.strays(store=bucket, now=later())] == []
    with pytest.raises(Missing):
        await bucket.put_part(str(row["key"]), str(row["parts"]), 2, b"x")


async def test_an_upload_that_went_on_meanwhile_does_not_end(people: Cast, clock: Clock, bucket: ObjectStore) -> None:
    """A piece is acknowledged between the look at the clock and the lease."""
    await bucket.ready()
    row = await half_an_upload(people, clock, bucket, await Builder(people, bucket, clock).draft())
    late = clock.tick(8 * 24 * 3600)
    async with Upload._meta.db.transaction():
        await Upload.update({Upload.expires_at: late + LIFETIME}).where(Upload.id == row["id"])
        ending = contextvars.Context().run(asyncio.create_task, uploads.expire(store=bucket, now=late))
        while not await Upload.raw("SELECT 1 FROM pg_locks WHERE NOT granted"):
            await asyncio.sleep(0.02)
    assert await ending == 0
    still = await uploads.look(row["id"], by=people["clerk"], now=late)  # type: ignore[arg-type]
    assert (still["ended_as"], still["received"]) == (None, 7 * MIB)


async def test_the_command_says_what_it_did(
    engine: Settings, servers: Embedded, people: Cast, clock: Clock, bucket: ObjectStore, tmp_path: object
) -> None:
    await bucket.ready()
    await Builder(people, bucket, clock).draft()
    rows = await Document.select()
    told = environment(engine, servers, tmp_path) | {"PORTAL_LOCALE": "en", "PORTAL_S3_BUCKET": bucket.bucket}  # type: ignore[arg-type]

    async def sweep(*options: str) -> tuple[int | None, str]:
        command = (sys.executable, "-m", "portal", "sweep", *options)
        process = await asyncio.create_subprocess_exec(
            *command, env=os.environ | told, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
        said, _ = await process.communicate()
        return process.returncode, said.decode()

    status, said = await sweep()
    assert (status, "0 documents without their object" in said) == (0, True), said
    await bucket.remove(rows[0]["key"])
    status, said = await sweep("--dry-run")
    assert (status, f"MISSING: {rows[0]['key']}" in said) == (1, True), said
