"""What an uploaded file is, told by its bytes: its type, its pages, and a picture of each.

Files come from a thousand offices, so they are opened in a worker process with a time limit: a hostile one ends that
process and not the server.
"""

from collections.abc import Callable
from contextlib import closing
from io import BytesIO
from pathlib import Path

import anyio
import anyio.to_process
import pypdfium2 as pdfium
from anyio.lowlevel import RunVar
from PIL import Image, ImageSequence, UnidentifiedImageError

MAGIC = (
    (b"%PDF-", "application/pdf"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
)
FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/tiff": "TIFF"}
MOST_PAGES = 2000
MOST_PIXELS = 200_000_000
TRAILER = 2048  # bytes at the end in which a whole PDF says %%EOF
PATIENCE = 30.0  # seconds for one file
AT_ONCE = 2
WIDTH = 1400  # pixels of a page's picture

_limiter: RunVar[anyio.CapacityLimiter] = RunVar("inspection_limiter")


class Unreadable(Exception):
    """A file that is not what it says. `code`: encrypted, broken, no_pages, too_many_pages, absurd_dimensions."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def kind_of(head: bytes) -> str | None:
    """The media type that the first bytes of a file say, or None for any that is not taken."""
    return next((media_type for magic, media_type in MAGIC if head.startswith(magic)), None)


async def inspect(path: Path, media_type: str) -> int:
    """The number of pages of the file at `path`.

    Raises:
        Unreadable.
    """
    return int(await _apart(_count, str(path), media_type))


async def render(path: Path, media_type: str, page: int, width: int = WIDTH) -> bytes:
    """A JPEG of page `page` (from 1), at most `width` pixels wide.

    Raises:
        Unreadable.
    """
    picture = await _apart(_render, str(path), media_type, page, width)
    assert isinstance(picture, bytes)
    return picture


async def _apart(work: Callable[..., int | bytes | str], *arguments: object) -> int | bytes:
    """Do `work` in another process; whatever ends that process is the file's fault."""
    try:
        limiter = _limiter.get()
    except LookupError:
        limiter = anyio.CapacityLimiter(AT_ONCE)
        _limiter.set(limiter)
    try:
        with anyio.fail_after(PATIENCE):
            result: int | bytes | str = await anyio.to_process.run_sync(
                work, *arguments, cancellable=True, limiter=limiter
            )
    except (anyio.BrokenWorkerProcess, TimeoutError) as error:
        raise Unreadable("broken") from error
    if isinstance(result, str):
        raise Unreadable(result)
    return result


def _count(path: str, media_type: str) -> int | str:
    """Pages, or the code of what is wrong (an exception of ours does not cross processes)."""
    try:
        return _count_pdf(Path(path)) if media_type == "application/pdf" else _count_image(Path(path), media_type)
    except Unreadable as error:
        return error.code


def _count_pdf(path: Path) -> int:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - TRAILER))
        if b"%%EOF" not in file.read():
            raise Unreadable("broken")  # cut off: PDFium would mend it and show fewer pages than were scanned
    with closing(_open_pdf(path)) as pdf:
        pages = len(pdf)
        if pages == 0:
            raise Unreadable("no_pages")
        if pages > MOST_PAGES:
            raise Unreadable("too_many_pages")
        for page in {0, pages - 1}:
            try:
                pdf[page].get_size()
            except pdfium.PdfiumError as error:
                raise Unreadable("broken") from error
        return pages


def _open_pdf(path: Path) -> pdfium.PdfDocument:
    try:
        return pdfium.PdfDocument(path)
    except pdfium.PdfiumError as error:
        raise Unreadable("encrypted" if "password" in str(error).lower() else "broken") from error


def _open_image(path: Path, media_type: str) -> Image.Image:
    Image.MAX_IMAGE_PIXELS = None  # our own limit is checked before anything is decoded
    try:
        image = Image.open(path, formats=[FORMATS[media_type]])
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise Unreadable("broken") from error
    if image.width * image.height > MOST_PIXELS:
        raise Unreadable("absurd_dimensions")
    return image


def _count_image(path: Path, media_type: str) -> int:
    with _open_image(path, media_type) as image:
        pages = 0
        try:
            for frame in ImageSequence.Iterator(image):
                if frame.width * frame.height > MOST_PIXELS:
                    raise Unreadable("absurd_dimensions")
                frame.load()
                pages += 1
                if pages > MOST_PAGES:
                    raise Unreadable("too_many_pages")
        except (OSError, ValueError, SyntaxError, EOFError) as error:
            raise Unreadable("broken") from error
        return pages


def _render(path: str, media_type: str, page: int, width: int) -> bytes | str:
    try:
        picture = (
            _draw_pdf(Path(path), page, width)
            if media_type == "application/pdf"
            else _draw_image(Path(path), media_type, page, width)
        )
    except Unreadable as error:
        return error.code
    out = BytesIO()
    picture.save(out, "JPEG", quality=80)
    return out.getvalue()


def _draw_pdf(path: Path, page: int, width: int) -> Image.Image:
    with closing(_open_pdf(path)) as pdf:
        try:
            sheet = pdf[page - 1]
            across, down = sheet.get_size()
            scale = min(width / max(across, 1), 4 * width / max(down, 1))
            image: Image.Image = sheet.render(scale=scale).to_pil().convert("RGB")
        except (pdfium.PdfiumError, IndexError) as error:
            raise Unreadable("broken") from error
        return image


def _draw_image(path: Path, media_type: str, page: int, width: int) -> Image.Image:
    with _open_image(path, media_type) as image:
        try:
            image.seek(page - 1)
            picture = image.convert("RGB")
        except (OSError, ValueError, SyntaxError, EOFError) as error:
            raise Unreadable("broken") from error
        picture.thumbnail((width, 4 * width), Image.Resampling.BOX)
        return picture
