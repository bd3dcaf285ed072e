"""How alike two pictures of a page are."""

from PIL import Image, ImageDraw

from bench.likeness import ABREAST, Pair, compare, rank, sheet, small

SHEET = (700, 990)


def page(*strokes: tuple[int, int], size: tuple[int, int] = SHEET) -> Image.Image:
    """White, with a line of writing at each place."""
    image = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(image)
    for place in strokes:
        draw.text(place, "Settled budget of the year 1404", fill="black", font_size=28)
    return image


def test_the_same_page_in_another_size_is_alike() -> None:
    mine = page((60, 80), (60, 400))
    found = compare(mine, mine.resize((350, 495), Image.Resampling.BOX))
    assert found.apart < 0.05
    assert found.skew < 0.01
    assert not found.is_blank


def test_half_a_pixel_is_nothing_and_a_missing_line_is_seen() -> None:
    whole = page((60, 80), (60, 400))
    assert compare(page((61, 80), (60, 401)), whole).apart < 0.15
    assert compare(page((60, 80)), whole).apart > 0.3
    assert compare(page((60, 600)), page((60, 80))).apart > 0.9


def test_a_white_page_is_blank_only_where_the_other_is_not() -> None:
    assert compare(page(), page((60, 80))).is_blank
    assert not compare(page(), page()).is_blank
    assert not compare(page((60, 80)), page()).is_blank
    red = Image.new("RGB", SHEET, "red")
    assert compare(page(), red).is_blank
    assert not compare(red, red).is_blank
    assert compare(page(), page()).apart == 0


def test_shape_counts_as_it_should_be_shown() -> None:
    squeezed = page(size=(700, 495))
    assert compare(squeezed, page()).skew > 0.9
    assert compare(page(), squeezed, stretch=0.5).skew < 0.01


def test_blank_pages_rank_as_least_alike() -> None:
    blank, moved = compare(page(), page((60, 80))), compare(page((60, 600)), page((60, 80)))
    assert rank(blank) > rank(moved) > rank(compare(page(), page()))


def test_the_sheet_holds_every_pair() -> None:
    pair = Pair(small(page((60, 80))), small(page()))
    one = sheet([(pair, "آ very long caption " * 9)])
    many = sheet([(pair, "a.pdf")] * (ABREAST + 1))
    assert many.size == (one.width, 2 * one.height)
    assert one.getpixel((6, 6)) == (255, 255, 255)
