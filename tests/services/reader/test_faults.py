"""Pages that cannot be drawn: remembered by page, by width and by renderer."""

from uuid import uuid4

import pytest

from portal.domain.errors import Invalid
from portal.sandbox.inspection import WIDTH
from portal.services.reader import faults, images
from portal.services.reader.faults import HEAVY_DOCUMENT, MOST_HEAVY, TOO_HEAVY
from portal.settings import Settings
from portal.tables.pages import PageImage
from tests.world.builders import Builder, scan
from tests.world.clock import Clock
from tests.world.documents import sent


async def test_a_fault_is_told_of_this_page_and_of_no_other(builder: Builder) -> None:
    row = await sent(builder, scan(3))
    await faults.keep(row["id"], 2, WIDTH, "broken", builder.clock())
    assert [await faults.why_not(row["id"], page, WIDTH) for page in (1, 2, 3)] == [None, "broken", None]
    with pytest.raises(Invalid) as refusal:
        await images.picture(row, 2, WIDTH, store=builder.store, now=builder.clock())
    assert refusal.value.errors == {"page": "broken"}


async def test_a_larger_picture_is_no_lighter_one_and_a_smaller_may_be(builder: Builder) -> None:
    row = await sent(builder, scan(1))
    await faults.keep(row["id"], 1, WIDTH, TOO_HEAVY, builder.clock())
    found = {width: await faults.why_not(row["id"], 1, width) for width in (WIDTH // 2, WIDTH, WIDTH * 2)}
    assert found == {WIDTH // 2: None, WIDTH: TOO_HEAVY, WIDTH * 2: TOO_HEAVY}


async def test_after_so_many_heavy_pages_only_what_was_drawn_is_shown(builder: Builder) -> None:
    row = await sent(builder, scan(MOST_HEAVY + 2))
    last = MOST_HEAVY + 2
    await images.picture(row, last, WIDTH, store=builder.store, now=builder.clock())
    for page in range(1, MOST_HEAVY + 1):
        assert await faults.why_not(row["id"], page, WIDTH) is None
        await faults.keep(row["id"], page, WIDTH, TOO_HEAVY, builder.clock())
    assert await faults.why_not(row["id"], 1, WIDTH) == TOO_HEAVY
    assert await faults.why_not(row["id"], MOST_HEAVY + 1, WIDTH) == HEAVY_DOCUMENT
    assert await faults.why_not(row["id"], last, WIDTH) is None


async def test_a_fault_is_kept_once_and_of_the_renderer_of_today(builder: Builder) -> None:
    row = await sent(builder, scan(1))
    for code in ("broken", "too_heavy"):
        await faults.keep(row["id"], 1, WIDTH, code, builder.clock())
    assert [each["fault"] for each in await PageImage.select()] == ["broken"]
    await PageImage.update({PageImage.renderer: "an older one"}).where(PageImage.document == row["id"])
    assert await faults.why_not(row["id"], 1, WIDTH) is None


async def test_nothing_is_known_against_what_nobody_looked_at(engine: Settings, clock: Clock) -> None:
    assert await faults.why_not(uuid4(), 1, WIDTH) is None
