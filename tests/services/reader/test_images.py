"""Page pictures: drawn once, checked each time, found out when somebody swaps them."""

import asyncio
import hashlib
import signal
from typing import Any
from uuid import UUID

import pytest

from portal.domain.errors import Conflict, Invalid
from portal.sandbox import document_sessions, inspection, supervisor
from portal.sandbox.inspection import OpenFile
from portal.sandbox.supervisor import Limits
from portal.services.reader import images, texts
from portal.tables.pages import PageImage
from tests.world.builders import Builder, scan
from tests.world.documents import IMPATIENT, overwrite, sent
from tests.world.hostile import spinning
from tests.world.verification import wrong_objects


async def image_of(document: UUID, page: int = 1) -> dict[str, Any]:
    row = await PageImage.select().where((PageImage.document == document) & (PageImage.page == page)).first()
    assert row is not None
    return row


async def test_a_page_is_drawn_once_and_named_by_its_digest(builder: Builder) -> None:
    row = await sent(builder, scan(3))
    shown = await images.picture(row, 2, 1400, store=builder.store, now=builder.clock())
    again = await images.picture(row, 2, 1400, store=builder.store, now=builder.clock())
    kept = await image_of(row["id"], 2)
    assert shown == again
    assert hashlib.sha256(shown.data).hexdigest() == shown.sha256 == kept["sha256"]
    assert kept["renderer"] == inspection.renderer()
    assert "pdfium" in kept["renderer"]
    assert await PageImage.count().where(PageImage.document == row["id"]) == 1
    assert await wrong_objects(builder.store) == []


async def test_of_two_at_once_one_picture_is_kept(builder: Builder) -> None:
    row = await sent(builder, scan(3))
    ask = [images.picture(row, 1, 1400, store=builder.store, now=builder.clock()) for _ in range(5)]
    assert len({each.sha256 for each in await asyncio.gather(*ask)}) == 1
    assert await PageImage.count().where(PageImage.document == row["id"]) == 1
    assert len(await builder.store.listing(f"pages/{row['id']}/")) == 1


async def test_a_swapped_picture_is_found_and_never_shown(builder: Builder) -> None:
    row = await sent(builder, scan(2, shade=90))
    shown = await images.picture(row, 1, 1400, store=builder.store, now=builder.clock())
    other = await images.picture(
        await sent(builder, scan(1, shade=220), row_number(row)), 1, 1400, store=builder.store, now=builder.clock()
    )
    key = (await image_of(row["id"]))["key"]
    overwrite(builder.store, key, other.data)
    assert await wrong_objects(builder.store) == [("object-differs", key)]
    assert await images.picture(row, 1, 1400, store=builder.store, now=builder.clock()) == shown
    key = (await image_of(row["id"]))["key"]
    await builder.store.remove(key)
    assert await wrong_objects(builder.store) == [("object-missing", key)]
    assert await images.picture(row, 1, 1400, store=builder.store, now=builder.clock()) == shown
    assert await wrong_objects(builder.store) == []


def row_number(row: dict[str, Any]) -> str:
    return str(row["key"]).split("/")[1]


async def test_a_swapped_original_is_not_drawn(builder: Builder) -> None:
    row = await sent(builder, scan(2))
    overwrite(builder.store, row["key"], scan(2, shade=30))
    with pytest.raises(Conflict, match="altered"):
        await images.picture(row, 1, 1400, store=builder.store, now=builder.clock())
    assert not await PageImage.exists().where(PageImage.document == row["id"])


async def test_a_digest_that_was_changed_in_the_row_is_not_believed(builder: Builder) -> None:
    row = await sent(builder, scan(2))
    await images.picture(row, 1, 1400, store=builder.store, now=builder.clock())
    await PageImage.update({PageImage.sha256: "0" * 64}).where(PageImage.document == row["id"])
    with pytest.raises(Conflict, match="altered"):
        await images.picture(row, 1, 1400, store=builder.store, now=builder.clock())


async def asked(builder: Builder, row: dict[str, Any], page: int, limits: Limits = supervisor.USUAL) -> str:
    """What becomes of asking for that page: `drawn`, or why not."""
    try:
        shown = await images.picture(row, page, 1400, store=builder.store, now=builder.clock(), limits=limits)
    except Invalid as refusal:
        return str(refusal.errors["page"])
    return "drawn" if shown.across == 1400 else "wrong"


async def test_a_page_that_takes_its_child_down_does_so_once(builder: Builder) -> None:
    """Its fault is told and remembered, and the other pages are drawn all the same."""
    row = await sent(builder, spinning(3))
    assert await asked(builder, row, 1) == "drawn"
    assert await asked(builder, row, 2, IMPATIENT) == "too_heavy"
    assert (await image_of(row["id"], 2))["fault"] == "too_heavy"
    assert await asked(builder, row, 2) == "too_heavy"
    assert await asked(builder, row, 3) == "drawn"


async def reading_of(row: dict[str, Any]) -> OpenFile:
    """What the document is open in."""
    async with document_sessions.session(row["id"]) as desk:
        assert desk.reading is not None
        return desk.reading


async def until_asked(row: dict[str, Any], readers: int) -> None:
    """Waits until a request is under way, and all the readers have come."""
    desk = document_sessions._all()[row["id"]]
    while desk.users < readers or desk.reading is None or not desk.reading._alone.locked():
        await asyncio.sleep(0.001)


async def test_a_child_that_dies_makes_no_page_unreadable(builder: Builder) -> None:
    row = await sent(builder, scan(4))
    assert await asked(builder, row, 1) == "drawn"
    reading = await reading_of(row)
    signal.pidfd_send_signal(reading._session._handle, signal.SIGSTOP)
    together = [asyncio.ensure_future(asked(builder, row, page)) for page in (2, 3, 4)]
    await until_asked(row, 3)
    signal.pidfd_send_signal(reading._session._handle, signal.SIGKILL)
    assert await asyncio.gather(*together) == ["drawn"] * 3
    assert not await PageImage.exists().where(PageImage.fault.is_not_null())


async def test_one_who_goes_away_makes_no_page_unreadable(builder: Builder) -> None:
    row = await sent(builder, scan(4))
    assert await asked(builder, row, 1) == "drawn"
    reading = await reading_of(row)
    signal.pidfd_send_signal(reading._session._handle, signal.SIGSTOP)
    leaving, staying = (asyncio.ensure_future(asked(builder, row, page)) for page in (2, 3))
    await until_asked(row, 2)
    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    assert await staying == "drawn"
    assert await asked(builder, row, 2) == "drawn"


async def test_after_a_few_heavy_pages_the_others_are_refused_at_once(builder: Builder) -> None:
    row = await sent(builder, spinning(8))
    assert await asked(builder, row, 1) == "drawn"
    became = await asyncio.gather(*(asked(builder, row, page, IMPATIENT) for page in range(2, 8)))
    assert sorted(became) == ["heavy-document"] * 3 + ["too_heavy"] * 3
    assert await PageImage.count().where((PageImage.document == row["id"]) & PageImage.fault.is_not_null()) == 3
    document_sessions.close()
    assert await asked(builder, row, 8) == "heavy-document"
    assert await texts.text_of(row, 2, store=builder.store, now=builder.clock()) == ("", True)
    assert document_sessions._all() == {}
    assert await asked(builder, row, 1) == "drawn"
