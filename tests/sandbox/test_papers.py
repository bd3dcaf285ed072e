"""Papers that we did not make: whatever a viewer opens is taken, and whatever is taken is drawn."""

import csv
from io import BytesIO

import pytest
from PIL import Image, ImageStat

from portal.sandbox import inspection
from portal.sandbox.errors import Checked
from tests.world.files import PAPERS

PDF = "application/pdf"
PROGRAMS = PAPERS / "programs"
ROWS = list(csv.reader((PROGRAMS / "pages.csv").read_text("utf-8").splitlines()))
FOUND = [(name, Checked(int(pages))) for name, pages in ROWS]


def test_they_are_made_by_many_programs() -> None:
    assert len(FOUND) == len(list(PROGRAMS.glob("*.pdf"))) >= 60
    assert len({name.split("-")[0] for name, _ in FOUND}) >= 15


@pytest.mark.parametrize(("name", "found"), FOUND, ids=[name for name, _ in FOUND])
async def test_a_paper_is_taken_as_it_is_and_every_page_is_drawn(name: str, found: Checked) -> None:
    opened = await inspection.read(PROGRAMS / name, PDF)
    try:
        assert await opened.check() == found
        for page in range(1, found.pages + 1):
            picture = await opened.draw(page, 400)
            drawn = Image.open(BytesIO(picture.data)).convert("L")
            assert ImageStat.Stat(drawn).extrema[0][0] < 128, f"page {page} is blank"
    finally:
        opened.close()
