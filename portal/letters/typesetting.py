"""Text set by Typst as a PDF whose text can be read by machines: archival, accessible, and word for word.

The face gives one glyph to each character (`fonts/derive.py`); what no shaper would draw goes in as stand-ins, and the
finished file says what they stand for. Equal inputs give equal bytes.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pikepdf
import typst

from portal.letters.text_shaping import HALF_SPACE_STAND_IN, in_source, spoken, with_stand_ins

FONTS = Path(__file__).parent / "fonts"
FONT = "Daraje Text"  # as the sources name it
_PAIR = re.compile(rb"<([0-9A-F]{4})> <((?:[0-9A-F]{4})+)>")  # of a ToUnicode map
_UNSEEN = dict.fromkeys((0x200D, *range(0x2066, 0x206A)))  # a joiner and isolates, which came with a neighbour's glyph


def pdf(
    source: Path,
    texts: Mapping[str, str],
    *,
    standards: Iterable[str],
    on: date,
    attached: Mapping[str, str] | None = None,
    identifier: str = "",
) -> bytes:
    """The page of `source`, dated `on` (a moment, or a day's midnight in UTC). Blocking: call it in a worker thread.

    `texts` (JSON or plain) are drawn; `attached` go in as they are. Both are found in `sys.inputs`.
    `identifier` stands in the metadata (`dc:identifier`), which is not compressed.
    """
    return _readable(compiled(source, texts, standards=standards, on=on, attached=attached), identifier)


def compiled(
    source: Path, texts: Mapping[str, str], *, standards: Iterable[str], on: date, attached: Mapping[str, str] | None
) -> bytes:
    """As `pdf`, as Typst leaves it."""
    stamp = int(_moment(on).timestamp())
    options = {"format": "pdf", "pdf_standards": list(standards), "timestamp": stamp}
    return _compile(source, texts, attached or {}, **options)[0]


def png(source: Path, texts: Mapping[str, str], *, ppi: float) -> list[bytes]:
    """The pages of `source` as images. Blocking."""
    return _compile(source, texts, {}, format="png", ppi=ppi)


def _compile(source: Path, texts: Mapping[str, str], attached: Mapping[str, str], **options: Any) -> list[bytes]:
    made: Any = typst.compile(
        in_source(source.read_text()).encode(),
        root=str(source.parent),
        font_paths=[str(FONTS)],
        ignore_system_fonts=True,
        sys_inputs={name: with_stand_ins(each) for name, each in texts.items()} | dict(attached),
        **options,
    )
    return made if isinstance(made, list) else [made]


def _moment(on: date) -> datetime:
    return on if isinstance(on, datetime) else datetime(on.year, on.month, on.day, tzinfo=UTC)


def _readable(made: bytes, identifier: str) -> bytes:
    out = BytesIO()
    with pikepdf.open(BytesIO(made)) as document:
        # PDFium turns the pieces of a digest around in a document that says to be read from right to left.
        document.Root.ViewerPreferences.Direction = pikepdf.Name.L2R
        for each in document.objects:
            if isinstance(each, pikepdf.Dictionary | pikepdf.Stream | pikepdf.Array):
                _speak(each)
            if isinstance(each, pikepdf.Dictionary) and each.get("/Subtype") == "/Type0":
                _map(each)
        for page in document.pages:
            page.Contents = document.make_stream(_unmarked(page))
        metadata = document.Root.Metadata
        metadata.write(_identified(spoken(metadata.read_bytes().decode()), identifier).encode())
        document.save(out, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return out.getvalue()


def _identified(xmp: str, identifier: str) -> str:
    if not identifier:
        return xmp
    return xmp.replace(
        "<xmp:CreatorTool>", f"<dc:identifier>{escape(identifier)}</dc:identifier>\n      <xmp:CreatorTool>"
    )


def _speak(holder: Any) -> None:
    """Stand-ins in names, titles and alternative texts turn back into what they stand for."""
    entries = holder.items() if not isinstance(holder, pikepdf.Array) else enumerate(holder)
    for key, value in list(entries):
        if isinstance(value, pikepdf.String) and spoken(str(value)) != str(value):
            holder[key] = pikepdf.String(spoken(str(value)))
        elif isinstance(value, pikepdf.Dictionary | pikepdf.Array) and not value.is_indirect:
            _speak(value)


def _map(font: pikepdf.Dictionary) -> None:
    """The characters of a face's glyphs: a mark is its own, without the letter that it stands on.

    A half-space with its letter stands as every reader finds it in a right-to-left line before turning it around.
    """
    widths = _widths(font.DescendantFonts[0])

    def one(pair: re.Match[bytes]) -> bytes:
        code, text = int(pair[1], 16), bytes.fromhex(pair[2].decode()).decode("utf-16-be").translate(_UNSEEN)
        if text[1:] == HALF_SPACE_STAND_IN:
            text = text[::-1]
        elif len(text) > 1:
            text = text[:1] if widths.get(code, font.DescendantFonts[0].get("/DW", 1000)) else text[1:]
        return b"<%s> <%s>" % (pair[1], spoken(text).encode("utf-16-be").hex().upper().encode())

    cmap = font.ToUnicode
    cmap.write(_PAIR.sub(one, cmap.read_bytes()))


def _widths(font: Any) -> dict[int, float]:
    """Advances by glyph, of `W`: `first [width …]` or `first last width`."""
    found: dict[int, float] = {}
    entries = list(font.W)
    while entries:
        first, second = int(entries.pop(0)), entries.pop(0)
        if isinstance(second, pikepdf.Array):
            found |= {first + at: float(width) for at, width in enumerate(second)}
        else:
            found |= dict.fromkeys(range(first, int(second) + 1), float(entries.pop(0)))
    return found


def _unmarked(page: pikepdf.Page) -> bytes:
    """The page's drawing without the marks that part words: each glyph tells its character by itself."""
    kept, dropped = [], []
    for each in pikepdf.parse_content_stream(page):
        match str(each.operator):
            case "BMC" | "BDC":
                dropped.append(_parts_words(each))
                if dropped[-1]:
                    continue
            case "EMC" if dropped.pop():
                continue
        kept.append(each)
    return pikepdf.unparse_content_stream(kept)


def _parts_words(mark: Any) -> bool:
    """One around each word: pdf.js would take every one for a piece of its own."""
    tag, *properties = mark.operands
    return tag == "/ReversedChars" or any("/ActualText" in each for each in properties)
