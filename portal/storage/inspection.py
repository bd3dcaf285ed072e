"""What an uploaded file is, told by its bytes: its type, its pages, and a picture of each.

Files come from a thousand offices, so they are opened in a worker process with a time limit: a hostile one ends that
process and not the server.
"""

import re
import resource
from collections.abc import Callable
from contextlib import closing, suppress
from io import BytesIO
from pathlib import Path

import anyio
import anyio.to_process
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
from anyio.lowlevel import RunVar
from PIL import Image, ImageOps

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
MOST_POINTS = 14_400.0  # sides of a PDF page, in 1/72 inch (ISO 32000-1, annex C)
TRAILER = 2048  # bytes at the end in which a whole PDF says %%EOF
ENDING = re.compile(rb"startxref\s+([0-9]{1,12})\s+%%EOF")
PDFIUM = {  # why it did not open a file
    pdfium_c.FPDF_ERR_FILE: "no_pages",  # see _open_pdf
    pdfium_c.FPDF_ERR_PASSWORD: "encrypted",
    pdfium_c.FPDF_ERR_SECURITY: "encrypted",  # a handler that it does not know
}
PATIENCE = 30.0  # seconds for one file, once its turn has come
AT_ONCE = 2
ORIENTATION = 0x0112  # the EXIF tag; from 5 on, the camera was held upright
MEMORY = 4 * 1024**3  # bytes of address space for the process that opens files
WIDTH = 1400  # pixels of a page's picture, which is at most TALL times as high
TALL = 4

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
    """The number of pages of the file at `path`, found whole.

    Raises:
        Unreadable.
    """
    return int(await _apart(_answer, count_pages, path, media_type))


async def render(path: Path, media_type: str, page: int, width: int = WIDTH) -> bytes:
    """A JPEG of page `page` (from 1), at most `width` pixels wide.

    Raises:
        Unreadable.
    """
    picture = await _apart(_answer, render_page, path, media_type, page, width)
    assert isinstance(picture, bytes)
    return picture


async def _apart(work: Callable[..., int | bytes | str], *arguments: object) -> int | bytes:
    """Do `work` in another process; whatever ends that process, or never ends, is the file's fault."""
    async with _turn():
        try:
            with anyio.fail_after(PATIENCE):
                result = await _patiently(work, *arguments)
        except (anyio.BrokenWorkerProcess, TimeoutError) as error:
            raise Unreadable("broken") from error
    if isinstance(result, str):
        raise Unreadable(result)
    return result


async def _patiently(work: Callable[..., int | bytes | str], *arguments: object) -> int | bytes | str:
    """Do `work` in a worker process. One that had died while it was idle fails alike: only a fresh one can tell."""
    alone = anyio.CapacityLimiter(1)  # the turn is ours already
    for _ in range(AT_ONCE):
        with suppress(anyio.BrokenWorkerProcess):
            return await anyio.to_process.run_sync(work, *arguments, cancellable=True, limiter=alone)
    return await anyio.to_process.run_sync(work, *arguments, cancellable=True, limiter=alone)


def _turn() -> anyio.CapacityLimiter:
    """The event loop's limit of files that are open at once."""
    try:
        return _limiter.get()
    except LookupError:
        limiter = anyio.CapacityLimiter(AT_ONCE)
        _limiter.set(limiter)
        return limiter


def _answer(work: Callable[..., int | bytes], path: Path, *arguments: object) -> int | bytes | str:
    """The answer of `work`, or the code of what is wrong (an exception of ours does not cross processes).

    Raises:
        OSError: the file is not there; that is our fault, not its own.
    """
    path.stat()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, resource.getrlimit(resource.RLIMIT_AS)[1]))
    try:
        return work(path, *arguments)
    except Unreadable as error:
        return error.code
    except Exception:  # decoders meet hostile bytes with whatever comes to hand: struct.error, KeyError, MemoryError …
        return "broken"


def count_pages(path: Path, media_type: str) -> int:
    """The number of pages of the file at `path`, found whole. Blocking, and for a process of its own.

    Raises:
        Unreadable, or what a decoder raises for a broken file.
    """
    return _count_pdf(path) if media_type == "application/pdf" else _count_image(path, media_type)


def render_page(path: Path, media_type: str, page: int, width: int = WIDTH) -> bytes:
    """A JPEG of page `page` (from 1), at most `width` pixels wide. Blocking, and for a process of its own.

    Raises:
        Unreadable, or what a decoder raises for a broken file.
    """
    draw = _draw_pdf if media_type == "application/pdf" else _draw_image
    out = BytesIO()
    draw(path, media_type, page, width).save(out, "JPEG", quality=80)
    return out.getvalue()


def _count_pdf(path: Path) -> int:
    _require_ending(path)
    with closing(_open_pdf(path)) as pdf:
        pages = len(pdf)
        if pages == 0:
            raise Unreadable("no_pages")
        if pages > MOST_PAGES:
            raise Unreadable("too_many_pages")
        for page in range(pages):
            _require_size(*pdf.get_page_size(page))
        for page in {0, pages - 1}:
            pdf[page].close()  # opening parses what is on it
        return pages


def _require_ending(path: Path) -> None:
    """Refuse a PDF that was cut off: PDFium would mend it and show fewer pages than were scanned."""
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, size - TRAILER))
        endings = ENDING.findall(file.read())
    if not endings or not 0 < int(endings[-1]) < size:  # a linearized file's first part says 0 (ISO 32000-1, annex F)
        raise Unreadable("broken")


def _require_size(across: float, down: float) -> None:
    if not (0 < across <= MOST_POINTS and 0 < down <= MOST_POINTS):
        raise Unreadable("absurd_dimensions")


def _open_pdf(path: Path) -> pdfium.PdfDocument:
    pdfium_c.FPDF_LoadDocument(b"", None)  # a file without pages leaves the last error as it was: let that be known
    try:
        pdf = pdfium.PdfDocument(path)
    except pdfium.PdfiumError as error:
        raise Unreadable(PDFIUM.get(error.err_code, "broken")) from error
    if pdfium_c.FPDF_GetSecurityHandlerRevision(pdf) != -1:  # an empty password opens it today; an archive needs none
        pdf.close()
        raise Unreadable("encrypted")
    return pdf


def _draw_pdf(path: Path, _media_type: str, page: int, width: int) -> Image.Image:
    with closing(_open_pdf(path)) as pdf:
        sheet = pdf[page - 1]
        across, down = sheet.get_size()
        _require_size(across, down)
        image: Image.Image = sheet.render(scale=min(width / across, TALL * width / down)).to_pil().convert("RGB")
        return image.crop((0, 0, min(image.width, width), image.height))  # PDFium rounds up


def _open_image(path: Path, media_type: str) -> Image.Image:
    """The image, nothing of it decoded yet."""
    Image.MAX_IMAGE_PIXELS = None  # our own limit stands instead, and this process does nothing else
    image = Image.open(path, formats=[FORMATS[media_type]])
    _require_pixels(image)
    return image


def _require_pixels(image: Image.Image) -> None:
    if image.width * image.height > MOST_PIXELS:
        raise Unreadable("absurd_dimensions")


def _count_image(path: Path, media_type: str) -> int:
    with _open_image(path, media_type) as image:
        pages = getattr(image, "n_frames", 1) if media_type == "image/tiff" else 1  # a phone's JPEG hides a second one
        if pages > MOST_PAGES:
            raise Unreadable("too_many_pages")
        for page in range(pages):
            image.seek(page)
            _require_pixels(image)
            image.load()
        return pages


def _draw_image(path: Path, media_type: str, page: int, width: int) -> Image.Image:
    """The page upright, transparent parts white. It is made small before it is made RGB: a scan may be huge."""
    with _open_image(path, media_type) as image:
        image.seek(page - 1)
        _require_pixels(image)
        turned = image.getexif().get(ORIENTATION, 1) >= 5
        most = (TALL * width, width) if turned else (width, TALL * width)
        image.draft("RGB", most)
        smooth = _smooth(image)
        smooth.thumbnail(most, Image.Resampling.BOX)
        upright = ImageOps.exif_transpose(smooth)
    if not upright.has_transparency_data:
        return upright.convert("RGB")
    sheet = Image.new("RGBA", upright.size, "white")
    return Image.alpha_composite(sheet, upright.convert("RGBA")).convert("RGB")


def _smooth(image: Image.Image) -> Image.Image:
    """The image in a mode that shrinks well: black and white becomes grey, a palette colours, 16 bits become 8."""
    match image.mode:
        case "1":
            return image.convert("L")
        case "P" | "PA":
            return image.convert("RGBA")
        case mode if mode.startswith("I;16"):
            return image.point(lambda value: value / 256).convert("L")
        case _:
            return image.copy()
