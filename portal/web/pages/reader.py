"""How a page of a document is looked at, and the address of each way to look at it."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from portal.domain import persian
from portal.sandbox.inspection import CLOSE, WIDTH

ZOOMS = ("page", "1", "1.5", "2", "3")
"""The whole page, then its width and multiples of it."""
TURNS = ("0", "90", "180", "270")
LONGEST_SEARCH = 100


@dataclass(frozen=True, slots=True)
class View:
    """How a page is looked at: which one, how large, which way up, and what is searched for."""

    document: UUID
    page: int
    zoom: str
    turn: str
    q: str

    def to(self, **other: object) -> str:
        """The address of this view with something else."""
        plain = {"page": 1, "zoom": "1", "turn": "0", "q": ""}
        asked = {name: other.get(name, getattr(self, name)) for name in plain}
        query = urlencode({name: value for name, value in asked.items() if str(value) != str(plain[name])})
        return f"/documents/{self.document}/reader" + (f"?{query}" if query else "")

    @property
    def larger(self) -> str:
        return ZOOMS[min(ZOOMS.index(self.zoom) + 1, len(ZOOMS) - 1)]

    @property
    def smaller(self) -> str:
        return ZOOMS[max(ZOOMS.index(self.zoom) - 1, 0)]

    @property
    def turned(self) -> str:
        return TURNS[(TURNS.index(self.turn) + 1) % len(TURNS)]

    @property
    def width(self) -> int:
        return WIDTH if self.zoom in ("page", "1") else CLOSE


def view_of(asked: Mapping[str, str], document: UUID, count: int) -> View:
    """The view that a query asks for; what makes no sense is left out, and a page too far is the last one."""
    typed = persian.fold_digits(asked.get("page", "")).strip()
    number = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 9 else 1
    zoom, turn = asked.get("zoom", "1"), asked.get("turn", "0")
    return View(
        document,
        min(max(number, 1), count),
        zoom if zoom in ZOOMS else "1",
        turn if turn in TURNS else "0",
        asked.get("q", "").strip()[:LONGEST_SEARCH],
    )
