"""Pictures of a letter's pages: drawn from the stored bytes, in the cage."""

import io

import pytest
from PIL import Image

from portal.domain.lifecycle import State
from portal.sandbox.document_sessions import Altered
from portal.services.letters import notices, pictures
from tests.world.builders import Builder
from tests.world.cases import case_of


async def test_a_page_of_a_stored_letter_is_drawn(builder: Builder) -> None:
    notice = await notices.of_case((await case_of(await builder.case(State.NOTIFIED)))["id"])
    for page in (1, notice["pages"]):
        drawn = await pictures.of_stored(notice["key"], notice["sha256"], notice["size"], page, store=builder.store)
        with Image.open(io.BytesIO(drawn.data)) as image:
            assert (image.width, image.format) == (1400, "JPEG")
    with pytest.raises(Altered):
        await pictures.of_stored(notice["key"], "0" * 64, notice["size"], 1, store=builder.store)


async def test_a_page_of_a_draft_is_drawn(builder: Builder) -> None:
    notice = await notices.of_case((await case_of(await builder.case(State.NOTIFIED)))["id"])
    pdf = await builder.store.get_bytes(notice["key"])
    stored = await pictures.of_stored(notice["key"], notice["sha256"], len(pdf), 1, store=builder.store)
    assert (await pictures.of_bytes(pdf, 1)).data == stored.data
