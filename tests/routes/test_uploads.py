"""tus 1.0 at /uploads: what the protocol asks for, and what is answered to whoever does not keep it."""

import hashlib

import pytest

from portal.tables.documents import Document
from tests.conftest import Portal
from tests.routes.test_documents import draft
from tests.tus import Tus, pdf

MIB = 1024 * 1024


async def clerk(portal: Portal) -> Tus:
    return Tus(*await draft(portal))


@pytest.mark.parametrize("size", [700, 6 * MIB, 15 * MIB, 15 * MIB + 1])
async def test_a_file_in_one_piece_becomes_a_document(portal: Portal, size: int) -> None:
    tus, data = await clerk(portal), pdf(size)
    url = await tus.begin(size)
    assert await tus.offset(url) == 0
    answer = await tus.patch(url, 0, data)
    assert (answer.status_code, answer.headers["upload-offset"]) == (204, str(size)), answer.text
    row = await Document.select().first()
    assert row is not None
    assert (row["size"], row["sha256"], row["pages"]) == (size, hashlib.sha256(data).hexdigest(), 1)
    assert await portal.store.get_bytes(row["key"]) == data
    assert await tus.offset(url) == size
