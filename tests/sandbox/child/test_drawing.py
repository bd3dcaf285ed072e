"""Pages as viewers show them: fields, notes, layers, letters whose font is not in the file. Judged by pixels."""

from io import BytesIO

import pytest
from PIL import Image, ImageChops

from portal.sandbox import inspection
from portal.sandbox.inspection import Notes
from tests.world.files import PAPERS

PDF = "application/pdf"
WIDTH = 1400
Box = tuple[float, float, float, float]
NOTHING = Notes()


async def shown(name: str, times: int = 1, width: int = WIDTH) -> tuple[Image.Image, Notes]:
    """The picture of the first page of a paper, asked for `times` times of one child, and what is said beside it."""
    reading = await inspection.read(PAPERS / name, PDF)
    try:
        pictures = [await reading.draw(1, width) for _ in range(times)]
        assert len({each.data for each in pictures}) == 1
        return Image.open(BytesIO(pictures[-1].data)).convert("RGB"), await reading.notes(1)
    finally:
        reading.close()


def part(image: Image.Image, box: Box, across: float = 400) -> Image.Image:
    """The part of a page's picture within `box` (left, low, right, high, in points of a page `across` wide)."""
    scale = image.width / across
    left, low, right, high = (each * scale for each in box)
    return image.crop((round(left), round(image.height - high), round(right), round(image.height - low)))


def ink(image: Image.Image) -> int:
    """How many pixels are not paper."""
    return sum(image.convert("L").histogram()[:160])


def unlike(one: Image.Image, other: Image.Image) -> float:
    """How much the ink of two pictures differs once it is as large: 0 for the same shapes, 1 for none in common."""
    both = [each.convert("L").point(lambda value: 255 if value < 128 else 0) for each in (one, other)]
    shapes = [each.crop(each.getbbox()).resize((400, 120)) for each in both]
    common = ink(ImageChops.invert(ImageChops.darker(*shapes)))
    return 1 - common / ink(ImageChops.invert(ImageChops.lighter(*shapes)))


FIELDS: dict[str, Box] = {
    "a number": (20, 550, 180, 575),
    "a Persian value": (20, 510, 180, 535),
    "several lines": (22, 432, 178, 498),
    "to the right": (300, 550, 380, 575),
    "a letter a cell": (202, 512, 300, 533),
    "a choice": (200, 470, 260, 495),
    "a list": (210, 402, 379, 458),
    "a tick": (22, 382, 38, 398),
    "a radio button": (64, 384, 76, 396),
    "a button": (110, 380, 180, 395),
    "a password": (20, 250, 180, 280),
    "Persian lines": (200, 330, 380, 380),
    "a size that fits": (20, 200, 180, 230),
    "in the middle": (240, 200, 340, 230),
}


@pytest.mark.parametrize("paper", ["fields/values-without-pictures.pdf", "fields/needs-pictures.pdf"])
async def test_values_without_pictures_are_drawn(paper: str) -> None:
    image, notes = await shown(paper, times=2)
    assert {name: ink(part(image, box)) > 40 for name, box in FIELDS.items()} == dict.fromkeys(FIELDS, True)
    assert ink(part(image, (20, 160, 180, 190))) == 0, "an empty field shows nothing"
    assert notes == Notes(undrawn=1), "the signature has nothing to show"


async def test_a_persian_value_is_joined_as_a_browser_joins_it() -> None:
    browser, _ = await shown("typefaces/chromium-embedded.pdf")
    ours, _ = await shown("fields/joined.pdf", width=2 * WIDTH)
    words = [part(browser, (0, 100, 225, 150), 225), part(browser, (0, 50, 225, 100), 225)]
    values = [part(ours, (20, 500, 380, 540)), part(ours, (20, 440, 380, 480))]
    apart, _ = await shown("typefaces/identity-h.pdf")  # the first words, each letter by itself
    found = [unlike(value, word) for value, word in zip(values, words, strict=True)]
    assert max(found) < 0.4, found  # the space between words is another one
    assert unlike(apart, words[0]) > 0.5


async def test_a_form_by_reportlab_looks_filled_in() -> None:
    image, notes = await shown("fields/reportlab-form.pdf")
    assert notes == NOTHING
    on, off = part(image, (24, 204, 40, 220), 300), part(image, (64, 204, 80, 220), 300)
    assert ink(on) > 5 * max(1, ink(off))
    for box in ((120, 260, 270, 284), (110, 206, 118, 218), (22, 155, 60, 172), (152, 125, 180, 178)):
        assert ink(part(image, box, 300)) > 40, box


NOTES: dict[str, Box] = {
    "free text": (22, 552, 178, 578),
    "Persian free text": (300, 560, 378, 588),
    "line": (20, 500, 180, 530),
    "polygon": (20, 440, 100, 490),
    "polyline": (120, 440, 200, 490),
    "ink": (220, 440, 300, 490),
    "square": (19, 379, 101, 431),
    "circle": (119, 379, 201, 431),
    "underline": (310, 398, 380, 404),
    "strike-out": (20, 350, 100, 360),
    "squiggly": (120, 338, 200, 346),
    "caret": (219, 339, 241, 371),
    "stamp": (30, 280, 170, 310),
    "note": (219, 289, 241, 311),
    "link": (258, 288, 302, 312),
    "redaction": (19, 219, 101, 251),
}


async def test_notes_without_pictures_are_drawn() -> None:
    image, notes = await shown("fields/notes-without-pictures.pdf", times=2)
    assert {name: ink(part(image, box)) > 40 for name, box in NOTES.items()} == dict.fromkeys(NOTES, True)
    assert ink(part(image, (318, 288, 362, 312))) == 0, "a link without a border shows nothing"
    assert ink(part(image, (118, 218, 222, 252))) == 0, "hidden, and not for screens"
    assert part(image, (222, 402, 298, 428)).resize((1, 1)).getpixel((0, 0))[2] < 60, "a highlight is yellow"  # type: ignore[index]
    assert notes == NOTHING


async def test_ink_outside_of_its_rectangle_is_drawn() -> None:
    image, notes = await shown("fields/fpdf2-notes.pdf")
    assert ink(part(image, (18, 238, 102, 262), 300)) > 400
    assert notes == NOTHING


async def test_fields_that_no_form_leads_to_are_drawn() -> None:
    image, notes = await shown("fields/outside-of-form.pdf", times=2)
    assert ink(part(image, (20, 500, 320, 520))) > 0.9 * part(image, (20, 500, 320, 520)).width * 60
    assert ink(part(image, (20, 440, 320, 470))) > 40
    assert notes == NOTHING


async def test_turned_fields_stand_in_their_places() -> None:
    image, notes = await shown("fields/turned.pdf")
    for box in ((24, 480, 56, 556), (104, 505, 300, 525), (250, 450, 390, 480)):
        assert ink(part(image, box)) > 100, box
    assert ink(part(image, (24, 310, 56, 400))) == 0
    assert notes == NOTHING


@pytest.mark.parametrize("paper", ["fields/not-to-be-drawn.pdf", "fields/not-to-be-drawn-outside.pdf"])
async def test_what_cannot_be_drawn_is_counted(paper: str) -> None:
    _, notes = await shown(paper, times=2)
    assert notes.undrawn == 3


LAYERS = {  # whether what stands at this height is shown
    **{570: True, 545: False, 520: False, 495: True, 470: False, 445: True, 420: False},
    **{360: False, 335: True, 305: False, 280: True, 255: False, 230: True},
    **{205: False, 180: False, 155: True, 130: True, 105: False, 80: False, 55: True},
}


@pytest.mark.parametrize("paper", ["layers/layers.pdf", "layers/without-form.pdf"])
async def test_layers_that_are_off_stay_hidden(paper: str) -> None:
    image, notes = await shown(paper, times=2)
    assert {y: ink(part(image, (15, y - 4, 300, y + 11))) > 100 for y in LAYERS} == LAYERS
    assert notes == NOTHING


REPLACED, LACKING = Notes(is_replaced=True), Notes(is_replaced=True, is_lacking=True)


@pytest.mark.parametrize(
    ("paper", "notes", "is_drawn"),
    [
        ("chromium-embedded", NOTHING, True),
        ("chromium-stripped", REPLACED, True),
        ("ghostscript-not-embedded", REPLACED, True),
        ("reportlab-standard", NOTHING, True),
        ("identity-h", REPLACED, True),
        ("presentation-forms", REPLACED, True),
        ("afii-names", REPLACED, True),
        ("uni-names", REPLACED, True),
        ("times", REPLACED, True),
        ("chinese", LACKING, False),
        ("unknown-names", LACKING, False),
        ("without-tounicode", LACKING, True),
        ("wingdings", LACKING, True),
        ("type3", NOTHING, True),
        ("unpainted", NOTHING, False),
    ],
)
async def test_letters_without_their_font(paper: str, notes: Notes, is_drawn: bool) -> None:
    image, said = await shown(f"typefaces/{paper}.pdf")
    assert said == notes
    assert (ink(image) > 1000) == is_drawn


@pytest.mark.parametrize("paper", ["chromium-stripped", "ghostscript-not-embedded"])
async def test_a_substitute_has_the_shapes_of_the_words(paper: str) -> None:
    """Both were made of the first file by taking its font out of it."""
    embedded, _ = await shown("typefaces/chromium-embedded.pdf")
    replaced, _ = await shown(f"typefaces/{paper}.pdf")
    assert unlike(replaced, embedded) < 0.4
