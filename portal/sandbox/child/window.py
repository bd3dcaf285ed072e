"""The part of a file that is the PDF: without what copiers and transfers put before its header and behind its end.

Readers look for the header within the first 1,024 bytes and count offsets from it (ISO 32000-2, annex on implementation
limits, and every viewer); here both parsers are given the same part, so that they cannot disagree about where it lies.
"""

import ctypes
import io
import mmap
import re
from dataclasses import dataclass, replace
from typing import BinaryIO, cast

HEADER, TABLE, END = b"%PDF-", b"startxref", b"%%EOF"
FRONT = 1024  # bytes in which the header begins
HEAD = re.compile(rb"[0-9][\s\0]+[0-9]+[\s\0]+obj")
BEGUN = re.compile(rb"[\s\0]*[0-9]+([\s\0]+[0-9]+([\s\0]+ob?)?)?[\s\0]*")  # a head that was cut off itself
BUFFER = 16 * 1024  # bytes that qpdf is given at once: it asks for very little, very often
BLANK = b"\r\n\t\f\0 "


class Mapped(mmap.mmap):
    """A document in memory, as a file that qpdf reads. Writes stay in this process."""

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:
        piece = self.read(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)


@dataclass(frozen=True, slots=True)
class Window:
    """`data[start:end]` is the PDF. `mended` names what was left aside; `is_ended`: it says %%EOF at its end.

    `is_cut`: objects stand behind the last %%EOF, so a later part began there and never came to its end.
    """

    data: Mapped
    start: int
    end: int
    is_ended: bool
    is_cut: bool
    mended: tuple[str, ...]

    def __len__(self) -> int:
        return self.end - self.start

    def buffer(self) -> "ctypes.Array[ctypes.c_ubyte]":
        """The part as PDFium takes it, nothing copied."""
        return (ctypes.c_ubyte * len(self)).from_buffer(self.data, self.start)

    def without_table(self) -> "Window":
        """The part without the line that leads to its tables: whoever reads it makes them anew."""
        at = self.data.rfind(TABLE, self.start, self.end)
        return self if at < 0 else replace(self, end=at)

    def file(self, padding: int = 0) -> BinaryIO:
        """The part as qpdf takes it, with `padding` blanks before the line that leads to its tables.

        They stand behind all else, so that nothing is moved.
        """
        if len(self) == len(self.data) and not padding:
            self.data.seek(0)
            return cast(BinaryIO, self.data)
        return cast(BinaryIO, io.BufferedReader(_Part(self, padding), BUFFER))


def window(data: Mapped) -> Window:
    """Where the PDF lies in `data`, whose header has been seen in its first `FRONT` bytes."""
    start = max(0, data.find(HEADER, 0, FRONT + len(HEADER)))
    last = data.rfind(END, start)
    end = len(data) if last < 0 else _line_end(data, last + len(END))
    rest = data[end : end + 65_536] if end < len(data) else b""
    mended = (("leading_bytes",) if data[:start].strip(BLANK) or start else ()) + (
        ("trailing_bytes",) if rest.strip(b"\r\n\t ") else ()
    )
    is_cut = last >= 0 and (HEAD.search(data, end) is not None or BEGUN.fullmatch(rest) is not None)
    return Window(data, start, end, last >= 0, is_cut, mended)


def _line_end(data: mmap.mmap, at: int) -> int:
    if data[at : at + 2] == b"\r\n":
        return at + 2
    return at + 1 if data[at : at + 1] in (b"\r", b"\n") else at


class _Part(io.RawIOBase):
    """A window that is less than its file, or more by so many blanks."""

    def __init__(self, seen: Window, padding: int) -> None:
        self._seen, self._at, self._padding = seen, 0, padding
        self._padded = max(0, seen.data.rfind(TABLE, seen.start, seen.end) - seen.start) if padding else len(seen)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: len(self._seen) + self._padding}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        piece = self._piece(len(buffer))
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)

    def _piece(self, most: int) -> bytes:
        """What comes next, at most so many bytes; not across an end of the padding."""
        seen, behind = self._seen, self._at - self._padded
        if 0 <= behind < self._padding:
            return b" " * min(most, self._padding - behind)
        first = seen.start + (self._at if behind < 0 else self._at - self._padding)
        return seen.data[first : min(first + most, seen.end if behind >= 0 else seen.start + self._padded)]
