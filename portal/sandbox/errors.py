"""What can be wrong with a file, what is mended of it, and what a file may ask for."""

from dataclasses import dataclass


class Unreadable(Exception):
    """A file that is not what it says, or that is not taken. `code` is a word of `CODES`.

    `producer` is the program that made the file, as its metadata name it, where that is known.
    """

    def __init__(self, code: str, producer: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.producer = producer


@dataclass(frozen=True, slots=True)
class Checked:
    """What the check found of a file that is taken: its pages, and what was `mended` to open it, words of `MENDS`."""

    pages: int
    mended: tuple[str, ...] = ()


CODES = frozenset(
    {
        "broken",
        "cut_off",
        "encrypted",
        "no_pages",
        "too_many_pages",
        "absurd_dimensions",
        "too_heavy",
        "unfamiliar",
        "two_kinds",
        "scripts",
        "dynamic_form",
        "launch_actions",
        "acts_by_itself",
        "embedded_files",
        "media",
    }
)
MENDS = frozenset({"leading_bytes", "trailing_bytes", "cross_references", "jpeg_end", "png_end"})
"""What viewers mend without a word, and the check with one."""
MOST_PRODUCER = 120  # letters of a program's name
MOST_PAGES = 2000  # unless the settings say otherwise
MOST_PIXELS = 200_000_000  # of one picture: A0 at 300 dots per inch and half as much again
MOST_BYTES = 4 * MOST_PIXELS  # of one picture in memory: the same in colours, and four times as many in black and white
MOST_POINTS = 14_400.0  # sides of a PDF page, in 1/72 inch (ISO 32000-1, annex C)
TALL = 4  # times as high as wide, at most
MOST_LETTERS = 20_000  # of one page's text
MOST_TEXT = 2_000_000  # letters of all pages of a document that are read: a thousand close-written pages


def fits(width: int, height: int, bits: int) -> bool:
    """Whether a picture of so many pixels, `bits` each, may be decoded.

    Decoders spread what they read: black and white to a byte for each pixel, colours to four.
    """
    spread = next((each for each in (8, 16, 32) if bits <= each), bits)
    return width * height * spread <= 8 * MOST_BYTES
