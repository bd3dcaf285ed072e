"""How the faces of the letters were made: `make fonts`, or `python …/fonts/derive.py FOLDER` with Vazirmatn's TrueType.

A reader of a PDF turns a right-to-left line around glyph by glyph, and so turns what one glyph stands for: «لا» becomes
«ال». Here each glyph stands for one character: of every ligature the first glyph draws the whole, the others are blank.
Half-space, the hamza of «هٔ» and the direction mark, which a shaper hides, moves or drops, are blank letters that do not
join, under code points that Persian does not use (`portal.letters.text_shaping.STAND_INS`).
"""

import sys
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from fontTools.ttLib import TTFont
from fontTools.ttLib.tables import otTables
from fontTools.ttLib.tables._g_l_y_f import Glyph, GlyphCoordinates
from fontTools.ttLib.tables.ttProgram import Program

HERE = Path(__file__).parent
SOURCE, FAMILY = "Vazirmatn", "Daraje Text"
FACES = ("Regular", "Bold")
THIN = 16  # of 2,048: no eye sees it, and no reader of a PDF takes it for nothing
HALF_SPACE, HAMZA, MARK = "halfspace", "hamza.blank", "directionmark"
PARTED = ".parted"  # a letter with the half-space after it
BLANKS = {0x0674: HALF_SPACE, 0x08AD: HAMZA, 0x0608: MARK}
LAM = {"uniFEDF", "uniFEE0", "uni06B5.init", "uni06B5.medi"}
ALLAH = ("uni0627", "uniFEDF", "uniFEE0", "uniFEEA")
WITH_HAMZA = {"uni06C0": ("uni0647", HAMZA), "uniFBA5.fina": ("uniFEEA", HAMZA)}
IGNORE_MARKS, PARTED_BY_MARKS = 9, 1  # both from right to left


def derive(source: Path, target: Path) -> None:
    font = TTFont(source, recalcTimestamp=False)
    for code, name in BLANKS.items():
        _add(font, name, THIN, Glyph())
        for table in font["cmap"].tables:
            if table.isUnicode():
                table.cmap[code] = name
    ligatures = dict(sorted(_ligatures(font["GSUB"].table), key=lambda each: -len(each[1]))) | WITH_HAMZA
    parts = {name: _split(font, name, letters) for name, letters in ligatures.items()}
    _substitute(font["GSUB"].table, ligatures, parts)
    _join(font, parts)
    _place_marks(font, parts)
    _join(font, _parted(font, [each[-1] for name, each in parts.items() if name not in WITH_HAMZA]))
    for record in font["name"].names:
        said = record.toUnicode().replace(f"{SOURCE}-", f"{FAMILY.replace(' ', '')}-").replace(SOURCE, FAMILY)
        record.string = said if record.nameID != 0 else record.toUnicode()
    font.save(target)


def _add(font: TTFont, name: str, width: int, glyph: Glyph) -> None:
    if name not in font["glyf"].glyphs:
        font.setGlyphOrder([*font.getGlyphOrder(), name])
        font["glyf"].glyphs[name] = glyph
        font["GDEF"].table.GlyphClassDef.classDefs[name] = 1
    font["hmtx"][name] = (width, getattr(glyph, "xMin", 0))


def _ligatures(gsub: Any) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every ligature of Arabic letters, with its parts in the order of writing."""
    for table in _subtables(gsub, {"rlig", "liga"}):
        for first, found in table.ligatures.items():
            for each in found:
                letters = (first, *each.Component)
                if first in LAM or letters == ALLAH:
                    yield each.LigGlyph, letters


def _lookups(table: Any, tags: set[str]) -> list[int]:
    records = table.FeatureList.FeatureRecord
    return sorted({each for record in records if record.FeatureTag in tags for each in record.Feature.LookupListIndex})


def _split(font: TTFont, ligature: str, parts: tuple[str, ...]) -> tuple[str, ...]:
    """As many glyphs as the ligature has letters, together as wide: the first, to the right, draws it."""
    width, _ = font["hmtx"][ligature]
    others = [THIN] if parts[-1] == HAMZA else [width // len(parts)] * (len(parts) - 1)
    names = tuple(f"{ligature}.of{at}" for at in range(1, len(parts) + 1))
    _add(font, names[0], width - sum(others), _moved(font, ligature, -sum(others)))
    for name, each in zip(names[1:], others, strict=True):
        _add(font, name, each, Glyph())
    return names


def _moved(font: TTFont, name: str, by: int) -> Glyph:
    coordinates, ends, flags = font["glyf"][name].getCoordinates(font["glyf"])
    glyph = Glyph()
    glyph.numberOfContours, glyph.endPtsOfContours = len(ends), list(ends)
    glyph.coordinates, glyph.flags = GlyphCoordinates((x + by, y) for x, y in coordinates), flags
    glyph.program = Program()
    glyph.program.fromBytecode(b"")
    glyph.recalcBounds(font["glyf"])
    return glyph


def _coverage(glyphs: Iterable[str]) -> Any:
    made = otTables.Coverage()
    made.glyphs = list(glyphs)
    return made


def _lookup(kind: int, flag: int, tables: list[Any]) -> Any:
    made = otTables.Lookup()
    made.LookupType, made.LookupFlag, made.SubTable, made.SubTableCount = kind, flag, tables, len(tables)
    return made


def _append(table: Any, lookup: Any) -> int:
    table.LookupList.Lookup.append(lookup)
    table.LookupList.LookupCount = len(table.LookupList.Lookup)
    return len(table.LookupList.Lookup) - 1


def _give(table: Any, tag: str, index: int, like: int | None = None) -> None:
    """Let a feature have the lookup `index`; of several of that name, those with the lookup `like`."""
    for record in table.FeatureList.FeatureRecord:
        if record.FeatureTag == tag and (like is None or like in record.Feature.LookupListIndex):
            record.Feature.LookupListIndex.append(index)
            record.Feature.LookupCount = len(record.Feature.LookupListIndex)


def _substitute(gsub: Any, ligatures: dict[str, tuple[str, ...]], parts: dict[str, tuple[str, ...]]) -> None:
    """Where the letters of a ligature meet, its parts stand instead; no glyph of several characters is left."""
    contexts: dict[bool, list[Any]] = {True: [], False: []}
    for ligature, letters in ligatures.items():
        context = otTables.ChainContextSubst()
        context.Format, context.BacktrackCoverage, context.LookAheadCoverage = 3, [], []
        context.InputCoverage, context.SubstLookupRecord = [_coverage([each]) for each in letters], []
        for at, (letter, part) in enumerate(zip(letters, parts[ligature], strict=True)):
            single, record = otTables.SingleSubst(), otTables.SubstLookupRecord()
            single.mapping = {letter: part}
            record.SequenceIndex, record.LookupListIndex = at, _append(gsub, _lookup(1, IGNORE_MARKS, [single]))
            context.SubstLookupRecord.append(record)
        contexts[letters == ALLAH].append(context)
    (rlig,) = _lookups(gsub, {"rlig"})
    gsub.LookupList.Lookup[rlig] = _lookup(6, IGNORE_MARKS, contexts[False])
    _give(gsub, "rlig", _append(gsub, _lookup(6, PARTED_BY_MARKS, contexts[True])))
    for record in gsub.FeatureList.FeatureRecord:
        if record.FeatureTag in {"liga", "dlig"}:
            record.Feature.LookupListIndex, record.Feature.LookupCount = [], 0


def _parted(font: TTFont, blanks: list[str]) -> dict[str, tuple[str, ...]]:
    """Each letter that can end a word, with a half-space, in one glyph that looks like it: pdf.js drops a lone one."""
    gsub, order = font["GSUB"].table, font.getGlyphOrder()
    finals = {name for table in _subtables(gsub, {"fina"}) for pair in table.mapping.items() for name in pair}
    lone = {name for code, name in font.getBestCmap().items() if unicodedata.bidirectional(chr(code)) == "AL"}
    found = sorted((finals | lone | set(blanks)) - set(BLANKS.values()), key=order.index)
    table = otTables.LigatureSubst()
    table.ligatures = {}
    for name in found:
        glyph = Glyph() if name in blanks else _moved(font, name, 0)
        _add(font, name + PARTED, font["hmtx"][name][0], glyph)
        each = otTables.Ligature()
        each.Component, each.LigGlyph = [HALF_SPACE], name + PARTED
        table.ligatures[name] = [each]
    _give(gsub, "rlig", _append(gsub, _lookup(4, IGNORE_MARKS, [table])))
    return {name: (name + PARTED,) for name in found}


def _join(font: TTFont, parts: dict[str, tuple[str, ...]]) -> None:
    """What holds before a glyph holds before the first of its parts; what holds after it, after the last."""
    sides = ((0, "InputCoverage"), (0, "LookAheadCoverage"), (-1, "BacktrackCoverage"))
    for each in [*_subtables(font["GSUB"].table), *_subtables(font["GPOS"].table)]:
        match type(each).__name__:
            case "ChainContextSubst" | "ChainContextPos":
                for at, side in sides:
                    for coverage in getattr(each, side, []):
                        _cover(font, coverage, parts, at)
            case "SinglePos":
                like = _cover(font, each.Coverage, parts)
                if each.Format == 2:
                    each.Value += [each.Value[at] for at in like]
                    each.ValueCount = len(each.Value)
            case "MarkBasePos":
                bases = each.BaseArray
                bases.BaseRecord += [bases.BaseRecord[at] for at in _cover(font, each.BaseCoverage, parts)]
                bases.BaseCount = len(bases.BaseRecord)


def _cover(font: TTFont, coverage: Any, parts: dict[str, tuple[str, ...]], which: int = 0) -> list[int]:
    """Add the parts of what is covered; for each, in order, the place of what it is like."""
    found = {parts[name][which]: at for at, name in enumerate(coverage.glyphs) if name in parts}
    added = sorted(found.keys() - set(coverage.glyphs), key=font.getGlyphID)
    coverage.glyphs += added
    return [found[name] for name in added]


def _subtables(table: Any, tags: set[str] | None = None) -> Iterator[Any]:
    for index, lookup in enumerate(table.LookupList.Lookup):
        if tags is None or index in _lookups(table, tags):
            yield from (getattr(each, "ExtSubTable", each) for each in lookup.SubTable)


def _place_marks(font: TTFont, parts: dict[str, tuple[str, ...]]) -> None:
    """A mark finds its place on the part that its letter has become: anchors move as the drawing did."""
    gpos = font["GPOS"].table
    old = {index: gpos.LookupList.Lookup[index].SubTable[0] for index in _lookups(gpos, {"mark"})}
    for index, table in old.items():
        table = getattr(table, "ExtSubTable", table)
        if type(table).__name__ != "MarkLigPos":
            continue
        places = {}
        for name, attach in zip(table.LigatureCoverage.glyphs, table.LigatureArray.LigatureAttach, strict=True):
            if name in parts:
                first, second = parts[name]
                right, left = (component.LigatureAnchor for component in attach.ComponentRecord)
                places[first] = [_shifted(each, -font["hmtx"][second][0]) for each in right]
                places[second] = left
        _give(gpos, "mark", _append(gpos, _lookup(4, PARTED_BY_MARKS, [_marks_on(table, places, font)])), index)


def _shifted(anchor: Any, by: int) -> Any:
    made = otTables.Anchor()
    made.Format, made.XCoordinate, made.YCoordinate = 1, anchor.XCoordinate + by, anchor.YCoordinate
    return made


def _marks_on(ligatures: Any, places: dict[str, list[Any]], font: TTFont) -> Any:
    made = otTables.MarkBasePos()
    made.Format, made.ClassCount = 1, ligatures.ClassCount
    made.MarkCoverage, made.MarkArray = _coverage(ligatures.MarkCoverage.glyphs), ligatures.MarkArray
    made.BaseCoverage, made.BaseArray = _coverage(sorted(places, key=font.getGlyphID)), otTables.BaseArray()
    made.BaseArray.BaseRecord = []
    for name in made.BaseCoverage.glyphs:
        record = otTables.BaseRecord()
        record.BaseAnchor = places[name]
        made.BaseArray.BaseRecord.append(record)
    made.BaseArray.BaseCount = len(places)
    return made


if __name__ == "__main__":
    for face in FACES:
        derive(Path(sys.argv[1]) / f"{SOURCE}-{face}.ttf", HERE / f"{FAMILY.replace(' ', '')}-{face}.ttf")
