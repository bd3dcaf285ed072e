"""How long a reader waits: `python -m bench.reader [pages [dots per inch]]`.

A scan of A4 pages (100 at 300 dots per inch, unless said otherwise) is sent; then the check, the first page, the
pages after it drawn anew, and the same pages from the cache are timed as a visitor meets them (one raw ASGI request
each), and the memory of the cage's processes is read. The baseline of each figure is the same work without a cage:
PDFium in this very process.
"""

import asyncio
import random
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pypdfium2 as pdfium
from PIL import Image, ImageDraw

from bench.stage import TOKEN, person, signed_in, stage
from portal.app import create_app
from portal.domain.declarations import DocumentKind
from portal.domain.lifecycle import Role
from portal.sandbox import document_sessions, inspection, supervisor
from portal.services.administration.accounts import NewAccount
from portal.services.cases import cases
from portal.services.documents import documents
from portal.services.documents.documents import Filing
from portal.tables.places import Municipality

A4 = (2480, 3508)
MIB = 1024 * 1024
PDF = "application/pdf"
SKEW, AIMS = 1.3, {"check": 100, "first": 500, "ahead": 100}


def scan(pages: int, dots: int) -> bytes:
    """Grey, grainy, skewed pages of writing, as an office scans them."""
    chance = random.Random(1)
    grain = Image.frombytes("L", (620, 877), chance.randbytes(620 * 877)).resize(A4).point(lambda v: 206 + v // 28)
    draw = ImageDraw.Draw(grain)
    for y in range(200, 3300, 60):
        draw.text((200, y), "lorem ipsum dolor sit amet 1234567890 " * 3, fill=30, font_size=36)
    size = (A4[0] * dots // 300, A4[1] * dots // 300)
    sheets = [grain.rotate(chance.uniform(-SKEW, SKEW), fillcolor=220).resize(size) for _ in range(4)]
    out = BytesIO()
    more = [sheets[each % 4] for each in range(1, pages)]
    sheets[0].save(out, "PDF", save_all=True, append_images=more, resolution=dots, quality=45)
    return out.getvalue()


async def timed(work: Callable[[], Awaitable[Any]]) -> float:
    """Milliseconds."""
    begun = time.perf_counter()
    await work()
    return (time.perf_counter() - begun) * 1000


def resident(pid: int) -> tuple[float, float]:
    """Resident memory of a process, and how much of it is its own alone, in MiB."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii")
    found = {line.split(":")[0]: int(line.split()[1]) / 1024 for line in text.splitlines()[1:]}
    return found["Rss"], found["Private_Clean"] + found["Private_Dirty"]


def children(pid: int) -> list[int]:
    """The processes that `pid` forked and that still live."""
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()]


def bare(data: bytes, page: int) -> float:
    """Milliseconds to open, draw and pack a page in this very process."""
    begun = time.perf_counter()
    with pdfium.PdfDocument(data) as document:
        sheet = document[page]
        sheet.render(scale=1400 / sheet.get_width()).to_pil().convert("RGB").save(BytesIO(), "JPEG", quality=80)
    return (time.perf_counter() - begun) * 1000


async def checks(data: bytes, times: int = 20) -> list[float]:
    """Milliseconds of the whole check of a file on disk, a new child each."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "scan"
        path.write_bytes(data)
        await inspection.inspect(path, PDF)
        return [await timed(lambda: inspection.inspect(path, PDF)) for _ in range(times)]


async def main(pages: int = 100, dots: int = 300) -> None:
    begun = time.perf_counter()
    program = await asyncio.to_thread(supervisor.warm)
    print(f"warm in {(time.perf_counter() - begun) * 1000:.0f} ms; it stands: {', '.join(program.stands)}, seccomp")
    data = scan(pages, dots)
    for count in (1, 5, 30, pages):
        found = await checks(data if count == pages else scan(count, dots))
        print(f"check of {count} pages: {statistics.median(found):.1f} ms (most {max(found):.1f}), aim {AIMS['check']}")
    async with stage() as settings:
        app = create_app(settings)
        async with app.lifespan():
            await visit(app, data, pages)
    print(f"the same page without a cage, in this process: {statistics.median(bare(data, 1) for _ in range(5)):.0f} ms")


async def visit(app: Any, data: bytes, pages: int) -> None:
    """Send the scan, then read it."""
    town = await Municipality.select().first()
    assert town is not None
    by = await person(NewAccount("clerk", "نام", "کارشناس", Role.MUNICIPALITY, municipality=town["code"]))
    number, now = await cases.open_case(by=by, now=datetime.now(UTC)), datetime.now(UTC)

    async def chunks() -> AsyncIterator[bytes]:
        yield data

    store = app.state.store
    document, stored = await documents.receive(number, by=by, chunks=chunks(), limit=len(data), store=store, now=now)
    await documents.add(
        number, document, stored, Filing(DocumentKind.OTHER, None, None, "a.pdf"), by=by, store=store, now=now
    )
    await signed_in(by.id)
    document_sessions.close()
    transport = httpx.ASGITransport(app=app)
    cookies = {"daraje_session": TOKEN}
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000", cookies=cookies) as client:

        async def get(what: str) -> None:
            answer = await client.get(f"/documents/{document}/{what}")
            assert answer.status_code == 200, (what, answer.status_code)

        html = await timed(lambda: get("reader"))
        first = await timed(lambda: get("pages/1"))
        print(
            f"{pages} pages, {len(data) / MIB:.0f} MiB: the reader {html:.0f} ms, then its first page {first:.0f} ms;"
        )
        print(
            f"  together {html + first:.0f} ms, {(html + first) / AIMS['first']:.2f} of the aim of {AIMS['first']} ms"
        )
        drawn = [await timed(partial(get, f"pages/{page}")) for page in range(2, min(pages, 22))]
        print(f"a page drawn for the first time: {statistics.median(drawn):.0f} ms (most {max(drawn):.0f})")
        ahead = [await timed(partial(get, f"pages/{page}")) for page in range(2, min(pages, 22))]
        print(
            f"a page fetched ahead: {statistics.median(ahead):.0f} ms (most {max(ahead):.0f}), aim {AIMS['ahead']} ms"
        )
        close = await timed(lambda: get("pages/2?width=2800"))
        print(f"a page to look at closely (2800 pixels): {close:.0f} ms")
        warm = supervisor.warm().process.pid
        print("memory of the warm program: {:.0f} MiB, its own {:.0f}".format(*resident(warm)))
        for child in children(warm):
            print("memory of a child with this scan: {:.0f} MiB, its own {:.0f}".format(*resident(child)))


if __name__ == "__main__":
    asyncio.run(main(*map(int, sys.argv[1:3])))
