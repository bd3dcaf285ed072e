"""What is said beside a page: found once by each renderer, and never more than the page deserves."""

import pytest

from portal.domain.errors import Conflict
from portal.sandbox import document_sessions, inspection
from portal.sandbox.inspection import Notes
from portal.services.reader import images, notes
from portal.tables.pages import PageImage, PageNote
from tests.world.builders import Builder, scan
from tests.world.documents import overwrite, sent
from tests.world.files import PAPERS
from tests.world.hostile import pdf
from tests.world.verification import wrong_objects


async def test_notes_are_found_once_and_kept(builder: Builder) -> None:
    row = await sent(builder, (PAPERS / "typefaces/identity-h.pdf").read_bytes())
    first = await notes.notes_of(row, 1, store=builder.store, now=builder.clock())
    assert first == Notes(is_replaced=True)
    overwrite(builder.store, row["key"], scan(1))
    document_sessions.close()
    assert await notes.notes_of(row, 1, store=builder.store, now=builder.clock()) == first
    kept = await PageNote.select().where(PageNote.document == row["id"])
    assert [(each["page"], each["renderer"]) for each in kept] == [(1, inspection.renderer())]


async def test_another_renderer_finds_its_own_and_leaves_the_others_picture(builder: Builder) -> None:
    """What an older renderer drew stays named in statements; the page is drawn and noted anew beside it."""
    row = await sent(builder, (PAPERS / "fields/not-to-be-drawn.pdf").read_bytes())
    await images.picture(row, 1, 1400, store=builder.store, now=builder.clock())
    assert (await notes.notes_of(row, 1, store=builder.store, now=builder.clock())).undrawn == 3
    await PageNote.update({PageNote.renderer: "an older one"}).where(PageNote.document == row["id"])
    await PageImage.update({PageImage.renderer: "an older one"}).where(PageImage.document == row["id"])
    (before,) = await PageImage.select().where(PageImage.document == row["id"])
    await images.picture(row, 1, 1400, store=builder.store, now=builder.clock())
    assert (await notes.notes_of(row, 1, store=builder.store, now=builder.clock())).undrawn == 3
    found = await PageImage.select().where(PageImage.document == row["id"]).order_by(PageImage.id)
    assert [each["renderer"] for each in found] == ["an older one", inspection.renderer()]
    assert found[0] == before
    assert await PageNote.count().where(PageNote.document == row["id"]) == 2
    assert await wrong_objects(builder.store) == []


async def test_a_scan_has_no_notes(builder: Builder) -> None:
    row = await sent(builder, scan(2))
    assert await notes.notes_of(row, 2, store=builder.store, now=builder.clock()) == Notes()


async def test_a_page_that_cannot_be_drawn_is_said_otherwise(builder: Builder) -> None:
    row = await sent(builder, pdf())
    await PageImage.raw(
        "INSERT INTO page_images (document, page, width, renderer, fault, drawn_at) VALUES ({}, 1, 1400, {}, {}, {})",
        row["id"],
        inspection.renderer(),
        "too_heavy",
        builder.clock(),
    )
    assert await notes.notes_of(row, 1, store=builder.store, now=builder.clock()) == Notes()


async def test_a_swapped_original_is_not_noted(builder: Builder) -> None:
    row = await sent(builder, scan(2))
    overwrite(builder.store, row["key"], scan(2, shade=30))
    with pytest.raises(Conflict, match="altered"):
        await notes.notes_of(row, 1, store=builder.store, now=builder.clock())
    assert not await PageNote.exists().where(PageNote.document == row["id"])
