"""What one process remembers of unfinished uploads between two requests."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest

from portal.services.documents import digests
from portal.storage import spool

ROOM = 1000


@pytest.fixture(autouse=True)
def room() -> Iterator[None]:
    """Room for spools; none of it is taken afterwards."""
    spool.take_at_most(10 * ROOM)
    yield
    digests.close()
    assert free()
    spool.take_at_most(0)


def free() -> bool:
    spool._closing.submit(lambda: None).result(10)
    return spool.taken() == 0


def row(upload: UUID, tags: int = 0) -> dict[str, Any]:
    return {"id": upload, "length": ROOM, "tags": ["tag"] * tags}


async def test_a_new_upload_begins_with_nothing() -> None:
    running = digests.recall(row(uuid4()))
    assert running is not None
    assert (running.parts, running.head, running.spool is not None) == (0, b"", True)
    running.drop_spool()


async def test_what_another_process_wrote_is_not_known() -> None:
    assert digests.recall(row(uuid4(), tags=1)) is None


async def test_what_is_remembered_is_recalled_once() -> None:
    upload = uuid4()
    running = digests.recall(row(upload))
    assert running is not None
    running.add(b"a part")
    running.parts = 1
    digests.remember(upload, running, spooled=True)
    assert not free()
    assert digests.recall(row(upload, tags=1)) is running
    assert digests.recall(row(upload, tags=1)) is None
    running.drop_spool()


async def test_a_part_of_another_process_makes_it_useless() -> None:
    upload = uuid4()
    running = digests.recall(row(upload))
    assert running is not None
    digests.remember(upload, running, spooled=True)
    assert digests.recall(row(upload, tags=2)) is None
    assert free()


async def test_after_a_cut_the_spool_goes_and_the_digest_stays() -> None:
    upload = uuid4()
    running = digests.recall(row(upload))
    assert running is not None
    digests.remember(upload, running, spooled=False)
    assert free()
    assert digests.recall(row(upload)) is running


async def test_the_oldest_are_forgotten_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digests, "REMEMBERED", 2)
    known: dict[UUID, spool.Running] = {}
    for _ in range(3):
        upload = uuid4()
        running = digests.recall(row(upload))
        assert running is not None
        known[upload] = running
        running.parts = 1
        digests.remember(upload, running, spooled=True)
    first, *others = known
    assert digests.recall(row(first, tags=1)) is None
    for upload in others:
        assert digests.recall(row(upload, tags=1)) is known[upload], "what came after it is kept"
        digests.remember(upload, known[upload], spooled=True)
    digests.forget(others[0])
    assert digests.recall(row(others[0], tags=1)) is None
    assert digests.recall(row(others[1], tags=1)) is known[others[1]]
    digests.remember(others[1], known[others[1]], spooled=True)
    digests.close()
    assert digests.recall(row(others[1], tags=1)) is None
