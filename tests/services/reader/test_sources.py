"""A document's bytes on their way to whoever opens it."""

import hashlib
from pathlib import Path

import pytest

from portal.services.reader import sources
from portal.storage.calls import Missing
from portal.storage.objects import ObjectStore
from tests.world.builders import Builder, scan
from tests.world.documents import IMPATIENT, overwrite, sent


async def test_more_than_one_piece_is_copied_whole_and_digested_on_the_way(store: ObjectStore, tmp_path: Path) -> None:
    data = b"0123456789abcdef" * (sources.PIECE // 8) + b"the end"
    await store.put_bytes("tests/source", data)
    sha256 = await sources.fetch("tests/source", tmp_path / "copy", store=store)
    assert sha256 == hashlib.sha256(data).hexdigest()
    assert (tmp_path / "copy").read_bytes() == data
    await store.remove("tests/source")


async def test_what_is_not_there_is_missing(store: ObjectStore, tmp_path: Path) -> None:
    with pytest.raises(Missing):
        await sources.fetch("tests/nowhere", tmp_path / "copy", store=store)


async def test_a_document_says_what_was_recorded_of_it_and_fetches_what_is_there(
    builder: Builder, tmp_path: Path
) -> None:
    row, other = await sent(builder, scan(2)), scan(2, shade=30)
    source = sources.of(row, builder.store, IMPATIENT)
    assert (source.sha256, source.size, source.media_type) == (row["sha256"], row["size"], row["media_type"])
    assert source.limits == IMPATIENT
    assert await source.fetch(tmp_path / "copy") == row["sha256"]
    overwrite(builder.store, row["key"], other)
    assert await source.fetch(tmp_path / "copy") == hashlib.sha256(other).hexdigest()
