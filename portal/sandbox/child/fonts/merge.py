"""How the faces in this folder were made: `uv run --with fonttools …/fonts/merge.py LIBERATION VAZIRMATN`.

The two arguments are folders of TrueType files. Nothing runs this but whoever renews the faces. PDFium looks for a
letter in one face alone, so that one face has to hold both scripts; both have 2,048 units an em.
"""

import sys
from io import BytesIO
from pathlib import Path

from fontTools.merge import Merger
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

HERE = Path(__file__).parent
NAME = "Daraje Substitute"  # the names of both sources are reserved, or as good as (OFL, 3)
LATIN = {
    *range(0x20, 0x250),
    *range(0x2B0, 0x2E0),
    *range(0x370, 0x460),
    *range(0x1E00, 0x1F00),
    *range(0x2000, 0x2070),
    *range(0x20A0, 0x20C0),
    *range(0x2100, 0x2300),
    *range(0x2500, 0x2670),
    *range(0xFB00, 0xFB05),
}


def part(path: Path, letters: set[int], features: list[str]) -> tuple[BytesIO, set[int]]:
    """The face at `path` with these letters alone, and those of them that it has."""
    font = TTFont(path)
    options = Options(hinting=False, layout_features=features, name_IDs=["*"], notdef_outline=True)
    options.drop_tables += [
        "gasp",
        "PCLT",
        "DSIG",
        "kern",
        "FFTM",
        "meta",
        *([] if features else ["GDEF", "GSUB", "GPOS"]),
    ]
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=letters)
    subsetter.subset(font)
    out = BytesIO()
    font.save(out)
    out.seek(0)
    return out, set(font.getBestCmap())


def merged(liberation: Path, vazirmatn: Path, style: str, weight: str) -> TTFont:
    """One face: Latin, Greek and Cyrillic letters of the first, Persian ones with their joining of the second."""
    latin, has = part(liberation / f"Liberation{style}-{weight}.ttf", LATIN, [])
    source = vazirmatn / f"Vazirmatn-{weight}.ttf"
    joining = ["ccmp", "isol", "init", "medi", "fina", "rlig", "mark", "mkmk"]
    persian, _ = part(source, set(TTFont(source).getBestCmap()) - has, joining)
    font = Merger().merge([latin, persian])
    font["name"].names = []
    notice = "Copyright 2010 Google, 2012 Red Hat (Latin); 2015 The Vazirmatn Project Authors (Persian). SIL OFL 1.1."
    names = {0: notice, 1: f"{NAME} {style}", 2: weight, 4: f"{NAME} {style} {weight}", 6: f"{style}-{weight}"}
    for number, text in names.items():
        font["name"].setName(text, number, 3, 1, 0x409)
    font["post"].formatType = 3.0
    return font


if __name__ == "__main__":
    for style in ("Sans", "Serif"):
        for weight in ("Regular", "Bold"):
            merged(Path(sys.argv[1]), Path(sys.argv[2]), style, weight).save(HERE / f"{style}-{weight}.ttf")
