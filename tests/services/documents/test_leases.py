"""The right to write to an upload: one holder at a time, and whoever lost it changes nothing."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from portal.domain.uploads import LIFETIME, Locked
from portal.services.documents import leases
from portal.storage.kept import Kept
from portal.tables.uploads import Upload
from tests.world.cast import Cast
from tests.world.clock import Clock
from tests.world.uploads import begun

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
async def upload(people: Cast, clock: Clock) -> UUID:
    return await begun(people["clerk"], 1000, clock)


async def row_of(upload: UUID) -> dict[str, object]:
    row = await Upload.select().where(Upload.id == upload).first()
    assert row is not None
    return row


async def test_one_holds_it_at_a_time(upload: UUID, clock: Clock) -> None:
    async with leases.held(upload, clock) as lease:
        assert lease.row["number"].startswith("14")
        with pytest.raises(Locked):
            async with leases.held(upload, clock):
                raise AssertionError("two hold it")
        assert (await row_of(upload))["writer"] == lease.token
    assert (await row_of(upload))["writer"] is None
    async with leases.held(upload, clock) as other:
        assert other.token != lease.token
        assert other.tail(10) != lease.tail(10), "no two writers name a tail alike"


async def test_what_is_kept_stands_in_the_row_and_lives_on(upload: UUID, clock: Clock) -> None:
    async with leases.held(upload, clock) as lease:
        assert lease.kept == Kept()
        await lease.keep(Kept(100, "id", ("one",), None))
        now = clock.tick(5)
        await lease.keep(Kept(250, "id", ("one", "two"), "tail"))
    row = await row_of(upload)
    assert [row[name] for name in ("received", "parts", "tags", "tail")] == [250, "id", ["one", "two"], "tail"]
    assert row["expires_at"] == now + LIFETIME
    async with leases.held(upload, clock) as later:
        assert later.kept == lease.kept


async def test_whoever_lost_it_changes_nothing(upload: UUID, clock: Clock) -> None:
    async with leases.held(upload, clock) as late:
        await Upload.update({Upload.writer_until: LONG_AGO}, force=True)
        async with leases.held(upload, clock):
            for attempt in (late.renew(), late.keep(Kept(1)), late.change(is_being_checked=True)):
                with pytest.raises(Locked):
                    await attempt
    row = await row_of(upload)
    assert (row["received"], row["is_being_checked"], row["writer"]) == (0, False, None)


async def test_an_ended_upload_has_no_writer(upload: UUID, clock: Clock) -> None:
    async with leases.held(upload, clock) as lease:
        await lease.change(ended_at=clock(), ended_as="terminated")
    with pytest.raises(Locked):
        async with leases.held(upload, clock):
            raise AssertionError("it has ended")
