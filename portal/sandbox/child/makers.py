"""The program that made a file, as the file itself says: a stranger's word, for the list of refusals alone."""

import re
from collections.abc import Iterator
from itertools import islice

import pikepdf
from PIL import Image

from portal.sandbox.child.images import opened
from portal.sandbox.child.window import Mapped, window
from portal.sandbox.errors import MOST_PRODUCER

NAMED = re.compile(rb"/(?:Producer|Creator)\s*(?:\(((?:[^()\\]|\\.){1,400})\)|<([0-9A-Fa-f\s]{2,800})>)", re.DOTALL)
TOLD = re.compile(
    rb"(?<!/)(?:pdf:Producer|xmp:CreatorTool)(?:>|=[\"'])([^<>\"']{1,400})"
)  # in XMP, which stays readable
KEYS = ("/Producer", "/Creator")
SOFTWARE = (0x0131, 0x010F, 0x0110)  # EXIF and TIFF: Software, Make, Model


def producer(data: Mapped, media_type: str) -> str:
    """The names of the programs that made the file, at most `MOST_PRODUCER` letters; empty where none is found."""
    try:
        names = list(_of_pdf(data) if media_type == "application/pdf" else _of_picture(data, media_type))
    except Exception:  # a file that was refused may be anything
        names = []
    text = " / ".join(dict.fromkeys(each for name in names if (each := _plain(name))))
    return text[:MOST_PRODUCER]


def _of_pdf(data: Mapped) -> Iterator[str]:
    try:
        with pikepdf.open(window(data).file(), suppress_warnings=True) as pdf:
            found = [str(pdf.docinfo[key]) for key in KEYS if key in pdf.docinfo]
    except Exception:
        found = []
    found = found or [each[1].decode("utf-8", "replace") for each in islice(TOLD.finditer(data), 2)]
    if not found and data.find(b"/Encrypt") < 0:  # the names of an encrypted file are encrypted
        found = [_text(each[1], each[2]) for each in islice(NAMED.finditer(data), 4)]
    yield from found


def _text(raw: bytes | None, digits: bytes | None) -> str:
    held = bytes.fromhex((digits or b"").decode("ascii")) if raw is None else raw
    return str(pikepdf.String(held)) if held.startswith(b"\xfe\xff") else held.decode("latin-1")


def _of_picture(data: Mapped, media_type: str) -> Iterator[str]:
    image: Image.Image = opened(data, media_type)
    exif = image.getexif()
    yield from (str(exif[tag]) for tag in SOFTWARE if tag in exif)
    yield from (str(image.info[key]) for key in ("Software", "software") if key in image.info)


def _plain(name: str) -> str:
    return " ".join("".join(each for each in name if each.isprintable()).split())
