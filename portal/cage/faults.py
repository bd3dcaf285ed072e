"""What can be wrong with a file, and what a file may ask for."""


class Unreadable(Exception):
    """A file that is not what it says, or that is not taken. `code` is a word of `CODES`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


CODES = frozenset(
    {
        "broken",
        "encrypted",
        "no_pages",
        "too_many_pages",
        "absurd_dimensions",
        "too_heavy",
        "two_kinds",
        "scripts",
        "launch_actions",
        "embedded_files",
    }
)
MOST_PAGES = 2000  # unless the settings say otherwise
MOST_PIXELS = 200_000_000  # of one picture: A0 at 300 dots per inch and half as much again
MOST_POINTS = 14_400.0  # sides of a PDF page, in 1/72 inch (ISO 32000-1, annex C)
TALL = 4  # times as high as wide, at most
MOST_LETTERS = 20_000  # of one page's text
