"""How long a picture takes: `python -m bench.images`.

A3 at 600 dots per inch (7016 × 9921; PNG in colour and grey, JPEG in one and in many scans) and A0 at 400 in black and
white (13244 × 18724; PNG, TIFF) are checked and drawn in the cage. The baseline of each figure, in the same run, is
what others take for the same: Pillow's plain `load` and `thumbnail`; for a JPEG also `djpeg -scale 1/8`, where it is
installed. Prints seconds, ratios and the memory of the child.
"""

import asyncio
import os
import random
import shutil
import subprocess
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from PIL import Image, ImageDraw

from bench.reader import children, resident
from portal.sandbox import inspection, supervisor
from portal.sandbox.supervisor import Limits

PATIENT = Limits(patience=120.0)  # this machine may have other work
A3, A0 = (7016, 9921), (13_244, 18_724)
AIM = 5.0  # seconds for A3


def grey() -> Image.Image:
    """A grainy page of writing, as an office scans it."""
    chance = random.Random(1)
    grain = Image.frombytes("L", (1754, 2480), chance.randbytes(1754 * 2480)).resize(A3).point(lambda v: 206 + v // 28)
    draw = ImageDraw.Draw(grain)
    for y in range(200, 9800, 140):
        draw.text((300, y), "lorem ipsum dolor sit amet 1234567890 " * 4, fill=30, font_size=80)
    return grain


def plan() -> Image.Image:
    """A map of many lines."""
    chance = random.Random(1)
    sheet = Image.new("1", A0, 1)
    draw = ImageDraw.Draw(sheet)
    for _ in range(6000):
        x, y = chance.randrange(A0[0]), chance.randrange(A0[1])
        to = (x + chance.randrange(-800, 800), y + chance.randrange(-800, 800))
        draw.line((x, y, *to), fill=0, width=chance.randrange(1, 8))
    return sheet


def write(folder: Path) -> list[Path]:
    """The files, slowest first."""
    page = grey()
    coloured = Image.merge("RGB", (page, page.point(lambda v: v - 6), page.point(lambda v: v - 14)))
    coloured.save(folder / "a3-colour.png", compress_level=3)
    page.save(folder / "a3-grey.png", compress_level=3)
    coloured.save(folder / "a3-progressive.jpg", quality=85, progressive=True)
    coloured.save(folder / "a3.jpg", quality=85)
    (folder / "a3-without-end.jpg").write_bytes((folder / "a3-progressive.jpg").read_bytes()[:-2])
    chart = plan()
    chart.save(folder / "a0-black.png")
    chart.save(folder / "a0-black.tif", compression="group4")
    return sorted(folder.iterdir())


async def timed(work: Callable[[], Awaitable[object]]) -> float:
    """Seconds."""
    begun = time.perf_counter()
    await work()
    return time.perf_counter() - begun


def processor(pid: int) -> float:
    """Seconds of processor time that a process has taken: apart from them, it waited for others."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def plain(path: Path) -> float:
    """Seconds of Pillow's own way, in this very process; zero where it does not open the file."""
    Image.MAX_IMAGE_PIXELS = None
    begun = time.perf_counter()
    try:
        with Image.open(path) as image:
            image.load()
            small = image.convert("L") if image.mode == "1" else image
            small.thumbnail((inspection.WIDTH, 4 * inspection.WIDTH))
    except OSError:
        return 0.0
    return time.perf_counter() - begun


def djpeg(path: Path) -> float:
    """Seconds of libjpeg-turbo's own program; zero where there is none."""
    program = shutil.which("djpeg")
    if program is None or path.suffix != ".jpg":
        return 0.0
    begun = time.perf_counter()
    subprocess.run([program, "-scale", "1/8", path], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return time.perf_counter() - begun


async def measure(path: Path) -> None:
    with path.open("rb") as file:
        media_type = inspection.kind_of(file.read(16))
    assert media_type is not None
    check = await timed(lambda: inspection.inspect(path, media_type, PATIENT))
    reading = await inspection.read(path, media_type, PATIENT)
    (child,) = children(supervisor.warm().process.pid)
    begun = processor(child)
    draw = await timed(lambda: reading.draw(1))
    busy = processor(child) - begun
    close = await timed(lambda: reading.draw(1, inspection.CLOSE))
    memory, _ = resident(child)
    reading.close()
    bare, other = plain(path), djpeg(path)
    ratios = ", ".join(
        f"{draw / each:.2f} of {name}'s time" for name, each in (("Pillow", bare), ("djpeg", other)) if each
    )
    print(f"{path.name}: checked in {check:.2f} s, drawn in {draw:.2f} s ({ratios}), closely in {close:.2f} s;")
    print(f"  {draw / AIM:.2f} of the aim of {AIM:.0f} s, {busy:.2f} s of them worked; {memory:.0f} MiB are left")


async def main() -> None:
    await asyncio.to_thread(supervisor.warm)
    with tempfile.TemporaryDirectory() as folder:
        for path in write(Path(folder)):
            await measure(path)
    inspection.shut()


if __name__ == "__main__":
    asyncio.run(main())
