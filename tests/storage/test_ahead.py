"""A large file is searched while it comes in, and what the check then finds is the same."""

import asyncio
from collections.abc import Iterator

import pytest

from portal.storage import ahead, inspection, spool
from portal.storage.inspection import Checked, OpenFile, Unreadable
from portal.storage.spool import Running
from tests.hostile import GOTO_JS, pdf, stream

STEP = 1000


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What is followed is small here."""
    monkeypatch.setattr(ahead, "LEAST", 2 * STEP)
    monkeypatch.setattr(ahead, "STEP", STEP)
    before = spool._most
    spool.take_at_most(1_000_000)
    yield
    spool.take_at_most(before)


def large(catalog: bytes = b"") -> bytes:
    return pdf(3, catalog=catalog, more={50 + each: stream(bytes(700)) for each in range(9)})


async def searched(content: bytes, monkeypatch: pytest.MonkeyPatch) -> tuple[list[int], Checked | str]:
    """How far the searches went, and what was found at the end."""
    far: list[int] = []
    search = OpenFile.search

    async def noted(self: OpenFile, upto: int) -> None:
        await search(self, upto)
        far.append(upto)

    monkeypatch.setattr(OpenFile, "search", noted)
    running = Running(spool.begin(len(content)))
    async with ahead.following(running, len(content)) as following:
        for at in range(0, len(content), 777):
            await asyncio.to_thread(running.add, content[at : at + 777])
            await asyncio.sleep(2 * ahead.PAUSE)
        assert following.reading is not None
        try:
            found: Checked | str = await following.reading.check()
        except Unreadable as refusal:
            found = refusal.code
    assert following.reading is None
    running.drop_spool()
    return far, found


async def test_it_is_searched_on_its_way(monkeypatch: pytest.MonkeyPatch) -> None:
    content = large()
    far, found = await searched(content, monkeypatch)
    assert len(far) >= 3
    assert far == sorted(far)
    assert far[0] < len(content) / 2
    assert found == Checked(3)


async def test_what_came_early_and_what_came_late_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (await searched(large(GOTO_JS), monkeypatch))[1] == "scripts"
    loose = b"99 0 obj\n<< /S /JavaScript /JS (1) >>\nendobj\n"
    assert (await searched(large().replace(b"xref\n0 1", loose + b"xref\n0 1"), monkeypatch))[1] == "scripts"


async def test_a_small_file_and_one_without_a_spool_are_not_followed() -> None:
    async with ahead.following(Running(spool.begin(STEP)), STEP) as following:
        assert following.reading is None
    async with ahead.following(Running(None), 10 * STEP) as following:
        assert following.reading is None


async def test_a_picture_is_not_followed_and_a_fault_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    running = Running(spool.begin(5 * STEP))
    async with ahead.following(running, 5 * STEP) as following:
        await asyncio.to_thread(running.add, b"\xff\xd8\xff" + bytes(2 * STEP))
        await asyncio.sleep(3 * ahead.PAUSE)
        assert following.reading is None
    running.drop_spool()
    running = Running(spool.begin(5 * STEP))
    async with ahead.following(running, 5 * STEP) as following:
        await asyncio.to_thread(running.add, b"%PDF-1.7\n" + bytes(2 * STEP))
        while following.reading is None:
            await asyncio.sleep(ahead.PAUSE)
        inspection.shut()
        await asyncio.to_thread(running.add, bytes(2 * STEP))
        await asyncio.sleep(3 * ahead.PAUSE)
    running.drop_spool()
