"""What other programs make of a file: poppler of a PDF, ImageMagick of an image. Each call is bounded."""

import asyncio
import re
import shutil
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Protocol

from PIL import Image

SIDE = 600  # pixels of the longer side of a picture
WITHIN = 30.0  # seconds of one call
MEMORY = 3 * 1024**3  # bytes of address space of one call
MOST = 64 * 1024 * 1024  # bytes that a call may say
PAGES = re.compile(rb"^Pages:\s+(\d+)", re.MULTILINE)
BOUNDED = ("prlimit", f"--as={MEMORY}", f"--cpu={int(WITHIN)}", "--core=0")
FORMATS = {"image/jpeg": "jpeg", "image/png": "png", "image/tiff": "tiff"}
UPRIGHT = ("-auto-orient", "-background", "white", "-alpha", "remove", "-resize", f"{SIDE}x{SIDE}", "-depth", "8")
ON_ITS_SIDE = (b"LeftTop", b"RightTop", b"RightBottom", b"LeftBottom")


@dataclass(frozen=True, slots=True)
class Picture:
    """A page. `stretch` is how many times as wide it should be shown."""

    image: Image.Image
    stretch: float = 1.0


class Witness(Protocol):
    """Another program that opens files; paths are absolute. `count` and `draw` say None for what it does not open."""

    async def count(self, path: Path) -> int | None: ...

    async def draw(self, path: Path, page: int) -> Picture | None: ...


class Poppler:
    """PDFs by pdfinfo and pdftoppm, which share nothing with PDFium and qpdf."""

    async def count(self, path: Path) -> int | None:
        found = PAGES.search(await said("pdfinfo", str(path)))
        return int(found[1]) if found else None

    async def draw(self, path: Path, page: int) -> Picture | None:
        one = ("-f", str(page), "-l", str(page), "-scale-to", str(SIDE))
        image = _decoded(await said("pdftoppm", "-cropbox", *one, str(path)))
        return None if image is None else Picture(image)


class ImageMagick:
    """Images of one format by ImageMagick, with the decoders of the system instead of Pillow's own."""

    def __init__(self, form: str) -> None:
        self._form = form

    async def count(self, path: Path) -> int | None:
        return (await said("identify", "-ping", "-format", "x", f"{self._form}:-", given=path)).count(b"x") or None

    async def draw(self, path: Path, page: int) -> Picture | None:
        one = f"{self._form}:-[{page - 1}]"
        image = _decoded(await said("convert", one, *UPRIGHT, "ppm:-", given=path))
        if image is None:
            return None
        shape = await said("identify", "-ping", "-format", "%x %y %[orientation]", one, given=path)
        return Picture(image, stretch(shape.split()))


def witnesses() -> dict[str, Witness]:
    """By media type, whoever is installed here."""
    found: dict[str, Witness] = {}
    if shutil.which("pdfinfo") and shutil.which("pdftoppm"):
        found["application/pdf"] = Poppler()
    if shutil.which("identify") and shutil.which("convert"):
        found |= {media_type: ImageMagick(form) for media_type, form in FORMATS.items()}
    return found


def stretch(words: list[bytes]) -> float:
    """How many times as wide an image should be shown: `words` are its dots per unit across and down, and how it lies.

    A fax has twice as many dots across as down.
    """
    try:
        across, down = float(words[0]), float(words[1])
    except (IndexError, ValueError):
        return 1.0
    if across <= 0 or down <= 0:
        return 1.0
    return across / down if words[-1] in ON_ITS_SIDE else down / across


async def said(*command: str, given: Path | None = None) -> bytes:
    """What a program writes, nothing where it takes too long or says too much; `given` is its standard input."""
    with (given or Path("/dev/null")).open("rb") as file:
        process = await asyncio.create_subprocess_exec(
            *BOUNDED, *command, stdin=file, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
        )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(WITHIN):
            data = await _until(process.stdout, MOST)
            await process.wait()
            return data
    except TimeoutError:
        return b""
    finally:
        if process.returncode is None:
            process.kill()
            while await process.stdout.read(1 << 16):  # nobody hears of its end while its pipe is full
                pass
            await process.wait()


async def _until(stream: asyncio.StreamReader, most: int) -> bytes:
    """All of it, or nothing where it is more than `most` bytes."""
    data = bytearray()
    while piece := await stream.read(1 << 16):
        data += piece
        if len(data) > most:
            raise TimeoutError
    return bytes(data)


def _decoded(data: bytes) -> Image.Image | None:
    try:
        image = Image.open(BytesIO(data), formats=["PPM"])
        image.load()
    except (OSError, ValueError):
        return None
    return image
