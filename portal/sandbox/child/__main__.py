"""The warm program: `python -I -m portal.sandbox.child`, its control socket as standard input, its environment empty.

Each message on the control socket brings a document (open for reading) and a socket; a forked child serves that
socket until it closes. The warm program itself never reads a document.
"""

import gc
import json
import mmap
import os
import platform
import signal
import socket
import sys
import time
from dataclasses import asdict
from importlib.metadata import version
from io import BytesIO
from typing import Any, Protocol

import pikepdf
from PIL import Image

from portal.sandbox import protocol
from portal.sandbox.child import confinement, images, makers, pdfs, selftest, substitutes
from portal.sandbox.child.pages import Notes, Pages
from portal.sandbox.child.window import Mapped
from portal.sandbox.errors import MOST_LETTERS, MOST_TEXT, Checked, Unreadable

PDF = "application/pdf"
JPEG_QUALITY = 80
GLANCE = 200  # pixels: as wide as the check draws a first page, to see that it can be drawn
FORM = 2  # of our own drawing: raise it when the same page comes out differently
ROOM = 512 * 1024 * 1024  # bytes of address space that the warm program itself fills


class Opened(Protocol):
    """A document between two requests, so that the next page need not open it again."""

    def draw(self, page: int, width: int) -> Image.Image: ...

    def read(self, page: int) -> str: ...

    def notes(self, page: int) -> Notes: ...


class _Picture:
    def __init__(self, data: Mapped, media_type: str) -> None:
        self._data, self._media_type = data, media_type

    def draw(self, page: int, width: int) -> Image.Image:
        return images.draw(images.opened(self._data, self._media_type), page, width)

    def read(self, _page: int) -> str:
        return ""

    def notes(self, _page: int) -> Notes:
        return Notes(0, False, False)


class Child:
    """What a forked child does with its one document."""

    def __init__(self, data: Mapped) -> None:
        self._data = data
        self._opened: Opened | None = None

    def answer(self, asked: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        match asked["do"]:
            case "check":
                checked = self._check(asked["media_type"], asked["most_pages"])
                return {"pages": checked.pages, "mended": checked.mended}, b""
            case "draw":
                image = self._open(asked["media_type"]).draw(asked["page"], asked["width"])
                out = BytesIO()
                image.save(out, "JPEG", quality=JPEG_QUALITY)
                return {"across": image.width, "down": image.height}, out.getvalue()
            case "notes":
                return asdict(self._open(asked["media_type"]).notes(asked["page"])), b""
            case "read":
                return self._read(asked["media_type"], range(asked["first"], asked["last"] + 1), asked["seconds"])
            case _:
                return {"open": selftest.open_doors(asked["memory"])}, b""

    def _check(self, media_type: str, most_pages: int) -> Checked:
        try:
            if media_type != PDF:
                return images.check(self._data, media_type, most_pages)
            checked = pdfs.check(self._data, most_pages)
            self._open(PDF).draw(1, GLANCE).close()
        except Exception as error:
            raise _with_producer(error, makers.producer(self._data, media_type)) from error
        return checked

    def _open(self, media_type: str) -> Opened:
        if self._opened is None:
            is_pdf = media_type == PDF
            self._opened = Pages(self._data) if is_pdf else _Picture(self._data, media_type)
        return self._opened

    def _read(self, media_type: str, pages: range, seconds: float) -> tuple[dict[str, Any], bytes]:
        """The texts of `pages`, as many as there is time and room for."""
        texts: list[str] = []
        end, opened, room = time.monotonic() + seconds, self._open(media_type), MOST_TEXT
        for page in pages:
            texts.append(opened.read(page))
            room -= len(texts[-1])
            if time.monotonic() > end or room < MOST_LETTERS:
                break
        return {"pages": len(texts)}, json.dumps(texts).encode()


def _with_producer(error: Exception, producer: str) -> Unreadable:
    code = error.code if isinstance(error, Unreadable) else "too_heavy" if isinstance(error, MemoryError) else "broken"
    return Unreadable(code, producer)


def main() -> None:
    """Warm up, give rights up, report, then fork for each document until the control socket closes."""
    control = socket.socket(fileno=0)
    warm_up()
    renderer = f"pdfium {version('pypdfium2')}, pillow {version('pillow')}, form {FORM}, {platform.machine()}"
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    stands = confinement.give_up_rights()
    control.send(json.dumps({"stands": stands, "renderer": renderer}).encode())
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, 4096, 2)
        if not message:
            return
        warm = os.getpid()
        if os.fork() == 0:
            try:
                serve(json.loads(message), *descriptors, warm=warm)
            finally:
                os._exit(1)
        for each in descriptors:
            os.close(each)


def serve(job: dict[str, int], document: int, channel: int, *, warm: int) -> None:
    """The child's life: `job` holds the document's `size`, and `cpu` and `memory` as `confinement.limit` takes them."""
    data = Mapped(document, job["size"], access=mmap.ACCESS_COPY)
    os.dup2(channel, 0)
    os.closerange(1, os.sysconf("SC_OPEN_MAX"))
    confinement.die_with(warm)
    _say_who()
    confinement.limit(cpu=job["cpu"], memory=job["memory"] + ROOM + 2 * job["size"])
    filtered = confinement.filter_calls()
    protocol.send(0, {"filtered": filtered})
    child = Child(data)
    while asked := protocol.receive(0):
        protocol.send(0, *_answered(child, asked))
    os._exit(0)


def _say_who() -> None:
    """Hands the server a handle by which this very process can be ended."""
    handle = os.pidfd_open(os.getpid())
    with socket.socket(fileno=os.dup(0)) as channel:
        socket.send_fds(channel, [b"!"], [handle])
    os.close(handle)


def _answered(child: Child, asked: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    try:
        return child.answer(asked)
    except Unreadable as error:
        return {"fault": error.code, "producer": error.producer}, b""
    except MemoryError:
        return {"fault": "too_heavy"}, b""
    except Exception as error:  # decoders meet hostile bytes with whatever comes to hand: struct.error, KeyError …
        return {"fault": "broken", "error": type(error).__name__}, b""


def warm_up() -> None:
    """Opens one of each kind, so that nothing is left to be loaded once files are out of reach."""
    substitutes.install()
    for form, media_type in (("PDF", PDF), *((form, kind) for kind, form in images.FORMATS.items())):
        out = BytesIO()
        Image.new("RGB", (8, 8)).save(out, form, **({"compression": "tiff_lzw"} if form == "TIFF" else {}))
        _try(out.getvalue(), media_type)
    written = _written()
    _try(written.getvalue(), PDF)
    _try(_locked(written), PDF)


def _try(content: bytes, media_type: str) -> None:
    data = Mapped(-1, len(content))
    data[:] = content
    child = Child(data)
    for asked in ({"do": "check", "most_pages": 9}, {"do": "draw", "page": 1, "width": 8}, {"do": "notes", "page": 1}):
        child.answer({**asked, "media_type": media_type})
    child.answer({"do": "read", "media_type": media_type, "first": 1, "last": 1, "seconds": 1.0})


def _written() -> BytesIO:
    """A PDF with letters on it and a field to fill in: fonts, shaping and the codec of texts are loaded late."""
    out, named, array = BytesIO(), pikepdf.Name, pikepdf.Array
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page()
        page.Contents = pdf.make_stream(b"BT /F 9 Tf 9 9 Td (warm) Tj ET")
        font = pikepdf.Dictionary(Type=named.Font, Subtype=named.Type1, BaseFont=named("/Warm"))
        page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F=font))
        field = pikepdf.Dictionary(Type=named.Annot, Subtype=named.Widget, FT=named.Tx, T=pikepdf.String("warm"))
        field.Rect, field.V = array([9, 9, 99, 30]), pikepdf.String("گرم")
        page.Annots = array([pdf.make_indirect(field)])
        pdf.Root.AcroForm = pikepdf.Dictionary(Fields=page.Annots)
        pdf.save(out)
    return out


def _locked(plain: BytesIO) -> bytes:
    """The same PDF, encrypted: its ciphers are loaded late."""
    out = BytesIO()
    with pikepdf.open(plain) as pdf:
        pdf.save(out, encryption=pikepdf.Encryption(owner="owner", user="", R=6))
    return out.getvalue()


if __name__ == "__main__":
    sys.tracebacklimit = 3
    main()
