"""What an uploaded file is, told by its bytes: its type, its pages, a picture and the text of each.

Files come from a thousand offices, so they are opened in the sandbox (`child`): a hostile one ends a child that holds
nothing, and not the server. What a child answers is a stranger's word and is looked at before it is used.
"""

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path

import anyio
from anyio.lowlevel import RunVar

from portal.sandbox import supervisor
from portal.sandbox.child.window import FRONT
from portal.sandbox.child.window import HEADER as PDF_HEADER
from portal.sandbox.errors import MENDS, MOST_LETTERS, MOST_PAGES, MOST_TEXT, TALL, Checked, Unreadable
from portal.sandbox.supervisor import USUAL, CageError, Limits, Session
from portal.sandbox.turns import turns_at

MAGIC = (
    (b"%PDF-", "application/pdf"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"II+\x00", "image/tiff"),  # BigTIFF: offsets of 64 bits
    (b"MM\x00+", "image/tiff"),
)
JPEG = b"\xff\xd8\xff"
WIDTH, CLOSE = 1400, 2800  # pixels of a page's picture: as wide as a desk shows it, and to look at closely
WIDTHS = (WIDTH, CLOSE)
AT_ONCE = 2  # children at work for one event loop, of those that draw and of those that check
MOST_UNDRAWN = 1_000_000  # of one page
READ_WITHIN = 2.0  # seconds for the text of one document
MOST_WRITTEN = 6 * MOST_TEXT + 400_000  # bytes of all texts as JSON: each letter escaped, each page in quotes

_most_pages = MOST_PAGES
_weakness: str | None = None
_drawings: RunVar[anyio.CapacityLimiter] = RunVar("inspection_drawings")
_checks: RunVar[anyio.CapacityLimiter] = RunVar("inspection_checks")


@dataclass(frozen=True, slots=True)
class Notes:
    """What the picture of a page does not show as the file has it.

    `undrawn`: notes and fields without a picture. `is_replaced`: letters of a font that is not in the file, shown in
    another one. `is_lacking`: letters that no font here has.
    """

    undrawn: int = 0
    is_replaced: bool = False
    is_lacking: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """A page as a JPEG, with its size in pixels."""

    data: bytes
    across: int
    down: int


def take_at_most(pages: int) -> None:
    """Sets how many pages a document may have (`PORTAL_PAGE_LIMIT`)."""
    global _most_pages
    _most_pages = pages


def most_pages() -> int:
    """How many pages a document may have."""
    return _most_pages


def kind_of(head: bytes) -> str | None:
    """The media type that the first bytes of a file say, or None for any that is not taken.

    A PDF's header may stand behind what copiers and mail programs put before it.
    """
    known = next((media_type for magic, media_type in MAGIC if head.startswith(magic)), None)
    return known or ("application/pdf" if PDF_HEADER in head[: FRONT + len(PDF_HEADER)] else None)


def renderer() -> str:
    """What draws pages here, with its versions. Blocking when the cage is not warm yet; raises CageError."""
    return supervisor.warm().renderer


class OpenFile:
    """A document that is open in the cage. Requests wait for one another."""

    def __init__(self, session: Session, media_type: str) -> None:
        self._session, self._media_type = session, media_type
        self._alone = asyncio.Lock()

    @property
    def is_open(self) -> bool:
        """Whether it can still be asked: a fault of the child, or `close`, ends it."""
        return self._session.is_open

    @property
    def limits(self) -> Limits:
        """What the child was allowed when it began."""
        return self._session.limits

    @property
    def is_worn(self) -> bool:
        """Whether it has worked so long that the next request deserves a new child."""
        return self._session.worked > self._session.limits.cpu / 4

    def close(self) -> None:
        """Ends the child."""
        self._session.end()

    async def check(self) -> Checked:
        """What is found of a file that is whole, or as good as whole, and harmless. Raises Unreadable."""
        async with self._alone, turns_at(_checks, AT_ONCE):
            head, _ = await self._session.ask(do="check", media_type=self._media_type, most_pages=_most_pages)
        pages, mended = head.get("pages"), head.get("mended")
        if not (isinstance(pages, int) and 0 < pages <= _most_pages and isinstance(mended, list)):
            raise Unreadable("broken")
        return Checked(pages, tuple(each for each in sorted(MENDS) if each in mended))

    async def draw(self, page: int, width: int = WIDTH) -> Picture:
        """Page `page` (from 1), at most `width` pixels wide. Raises Unreadable."""
        async with self._alone, turns_at(_drawings, AT_ONCE):
            head, data = await self._session.ask(do="draw", media_type=self._media_type, page=page, width=width)
        across, down = head.get("across"), head.get("down")
        sizes = isinstance(across, int) and isinstance(down, int) and 0 < across <= width and 0 < down <= TALL * width
        if not sizes or not data.startswith(JPEG):
            raise Unreadable("broken")
        return Picture(data, across, down)  # type: ignore[arg-type]

    async def notes(self, page: int) -> Notes:
        """What has to be said beside the picture of page `page` (from 1). Raises Unreadable."""
        async with self._alone, turns_at(_drawings, AT_ONCE):
            head, _ = await self._session.ask(do="notes", media_type=self._media_type, page=page)
        undrawn = head.get("undrawn")
        if not (isinstance(undrawn, int) and 0 <= undrawn <= MOST_UNDRAWN):
            raise Unreadable("broken")
        return Notes(undrawn, head.get("is_replaced") is True, head.get("is_lacking") is True)

    async def texts(self, first: int, last: int) -> list[str]:
        """The text layers of pages `first` to `last`, as many as there was time for. Raises Unreadable."""
        asked = {"do": "read", "media_type": self._media_type, "first": first, "last": last, "seconds": READ_WITHIN}
        async with self._alone, turns_at(_drawings, AT_ONCE):
            _, data = await self._session.ask(**asked)
        if len(data) > MOST_WRITTEN:
            raise Unreadable("broken")
        try:
            texts = await asyncio.to_thread(json.loads, data)
        except (ValueError, RecursionError):
            raise Unreadable("broken") from None
        if not isinstance(texts, list) or len(texts) > last or not all(isinstance(each, str) for each in texts):
            raise Unreadable("broken")
        return [each[:MOST_LETTERS] for each in texts]


async def read(path: Path, media_type: str, limits: Limits = USUAL) -> OpenFile:
    """Open the file at `path` in the cage; whoever opens it closes it.

    Raises:
        Unreadable: it is empty. OSError: it is not there, which is our fault. CageError.
    """
    if not await asyncio.to_thread(lambda: path.stat().st_size):
        raise Unreadable("broken")
    return OpenFile(await supervisor.open_session(path, limits), media_type)


async def inspect(path: Path, media_type: str, limits: Limits = USUAL) -> Checked:
    """What the check finds of the file at `path`.

    Raises:
        Unreadable, OSError, CageError.
    """
    reading = await read(path, media_type, limits)
    try:
        return await reading.check()
    finally:
        reading.close()


async def render(path: Path, media_type: str, page: int, width: int = WIDTH) -> Picture:
    """The picture of one page of the file at `path`; raises as `read` and `OpenFile.draw` do."""
    reading = await read(path, media_type)
    try:
        return await reading.draw(page, width)
    finally:
        reading.close()


async def prove_cage() -> str | None:
    """Try every door from inside; which ones are open, in English, None for a sound cage.

    What it finds is known to `weakness` from then on.
    """
    global _weakness
    try:
        doors = await _open_doors()
    except CageError as error:
        _weakness = str(error)
    else:
        _weakness = f"a file that took its reader over could still use {', '.join(doors)}" if doors else None
    return _weakness


def weakness() -> str | None:
    """What `prove_cage` found last."""
    return _weakness


async def _open_doors() -> list[str]:
    session = await supervisor.open_session(Path(__file__))
    try:
        head, _ = await session.ask(do="probe", memory=4 * session.limits.memory)
    except Unreadable as error:
        raise CageError("The program that opens files does not answer.") from error
    finally:
        session.end()
    return [str(each) for each in head["open"]]


def shut() -> None:
    """Ends the cage of this process; the next file starts another one."""
    supervisor.close()
