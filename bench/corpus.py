"""What becomes of papers that others made: `python -m bench.corpus FOLDER [--most N] [--pages N] [--sheet FILE.png]`.

Every PDF, JPEG, PNG and TIFF below FOLDER goes through the portal's own check and reader, in the cage, and through
another program: poppler for PDFs, ImageMagick for images. What the other opens and the portal refuses, but by a stated
rule, is refused wrongly. The first page and the last (more with `--pages`, none with `--pages 0`) are compared, and the
least alike come first in the list and on the sheet. `--list FILE.tsv` writes a line for each file.
"""

import argparse
import asyncio
import csv
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path

from PIL import Image

from bench.likeness import Likeness, Pair, compare, rank, sheet, small
from bench.verdicts import DEFECTS, Ours, Outcome, looked_at, outcome
from bench.witnesses import Witness, witnesses
from portal.sandbox import inspection
from portal.sandbox.errors import Unreadable
from portal.sandbox.inspection import OpenFile

SUFFIXES = {
    ".pdf": "application/pdf",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
}
HEAD = 64 * 1024  # bytes at which the portal looks to know a kind
AT_ONCE = 2
AIM = 0.5  # percent refused wrongly, of what the other program opens
STRIKING, SKEWED = 0.5, 0.03  # beyond these a pair is listed
LONG = 60  # lines of one list


@dataclass(frozen=True, slots=True)
class Finding:
    """What became of the file `name`. `other` is how many pages the other program opens, `page` the one least alike."""

    name: str
    outcome: Outcome
    ours: Ours
    other: int | None = None
    page: int = 0
    likeness: Likeness | None = None
    pair: Pair | None = None

    @property
    def caption(self) -> str:
        alike = self.likeness
        said = " (said)" if self.ours.is_said else ""
        return f"{alike.apart:.2f} {alike.skew:.0%} p{self.page}{said} {self.name}" if alike else self.name

    @property
    def is_striking(self) -> bool:
        alike = self.likeness
        return alike is not None and (alike.is_blank or alike.apart > STRIKING or alike.skew > SKEWED)


async def judged(path: Path, name: str, other: Witness | None, most: int) -> Finding:
    """Sends one file both ways, and compares `most` of its pages."""
    with path.open("rb") as file:
        media_type = inspection.kind_of(file.read(HEAD))
    ours = await checked(path, media_type)
    if other is None:
        return Finding(name, Outcome.UNJUDGED, ours)
    pages = await other.count(path)
    if ours.pages is None or media_type is None:
        opened = pages if pages and await other.draw(path, 1) is not None else None
        return Finding(name, outcome(ours, opened, None), ours, opened)
    reading = await inspection.read(path, media_type)
    try:
        found = await compared(Finding(name, Outcome.TAKEN, ours, pages), reading, path, other, most)
    except Unreadable as error:
        found = Finding(name, Outcome.UNDRAWN, replace(ours, code=error.code), pages)
    finally:
        reading.close()
    return replace(found, outcome=outcome(found.ours, found.other, found.likeness))


async def checked(path: Path, media_type: str | None) -> Ours:
    """The portal's check of a file."""
    if media_type is None:
        return Ours(code="unknown-type")
    try:
        found = await inspection.inspect(path, media_type)
    except Unreadable as error:
        return Ours(code=error.code)
    return Ours(found.pages, found.mended)


async def compared(finding: Finding, reading: OpenFile, path: Path, other: Witness, most: int) -> Finding:
    """The finding with the pages that are least alike. Raises Unreadable for a page that the portal does not draw."""
    for page in looked_at(finding.ours.pages or 0, most):
        mine = Image.open(BytesIO((await reading.draw(page)).data))
        its = await other.draw(path, page) if finding.other else None
        if its is None:
            finding = replace(finding, other=None if page == 1 else finding.other)
            continue
        likeness = compare(mine, its.image, its.stretch)
        if finding.likeness is None or rank(likeness) > rank(finding.likeness):
            notes = await reading.notes(page)
            ours = replace(finding.ours, is_said=notes.undrawn > 0 or notes.is_lacking)
            pair = Pair(small(mine), small(its.image))
            finding = replace(finding, ours=ours, page=page, likeness=likeness, pair=pair)
    return finding


def files(folder: Path, most: int | None) -> list[Path]:
    """What is sent, in the order of the names."""
    found = sorted(each for each in folder.rglob("*") if each.suffix.lower() in SUFFIXES and each.is_file())
    return found[:most]


async def run(folder: Path, *, most: int | None = None, pages: int = 2) -> list[Finding]:
    """A finding for each file, in the order of their names."""
    others, turns, sent, done = witnesses(), asyncio.Semaphore(AT_ONCE), files(folder, most), 0

    async def one(path: Path) -> Finding:
        nonlocal done
        async with turns:
            other = others.get(SUFFIXES[path.suffix.lower()])
            finding = await judged(path, str(path.relative_to(folder)), other, pages)
        done += 1
        if done % 100 == 0:
            print(f"{done} of {len(sent)}", file=sys.stderr, flush=True)
        return finding

    try:
        return await asyncio.gather(*map(one, sent))
    finally:
        inspection.shut()


def least_alike(findings: Sequence[Finding]) -> list[Finding]:
    """Those with pictures, least alike first."""
    ranked = [(rank(each.likeness), each) for each in findings if each.likeness is not None]
    return [each for _, each in sorted(ranked, key=lambda pair: pair[0], reverse=True)]


def write(findings: Sequence[Finding], path: Path) -> None:
    """A line for each file."""
    with path.open("w", encoding="utf-8", errors="replace", newline="") as file:
        out = csv.writer(file, delimiter="\t", lineterminator="\n")
        out.writerow(["outcome", "code", "mended", "pages", "other", "page", "apart", "skew", "name"])
        for each in findings:
            alike = (f"{each.likeness.apart:.3f}", f"{each.likeness.skew:.3f}") if each.likeness else ("", "")
            ours = (each.ours.code, " ".join(each.ours.mended), each.ours.pages)
            out.writerow([each.outcome, *ours, each.other, each.page or "", *alike, each.name])


def tell(findings: Sequence[Finding]) -> None:
    """Counts, aims, then the names behind them."""
    outcomes = Counter(each.outcome for each in findings)
    print(f"{len(findings)} files")
    for each in Outcome:
        print(f"{outcomes[each]:7}  {each}")
        codes = Counter(one.ours.code for one in findings if one.outcome is each and one.ours.code)
        print("".join(f"{count:15}  {code}\n" for code, count in sorted(codes.items())), end="")
    mends = Counter(mend for each in findings for mend in each.ours.mended)
    print("mended: " + (", ".join(f"{count} {mend}" for mend, count in sorted(mends.items())) or "none"))
    opened = sum(bool(each.other) for each in findings)
    ratio = 100 * outcomes[Outcome.WRONGLY] / max(opened, 1)
    print(f"refused wrongly, of {opened} that the other program opens: {ratio:.2f} % (aim: at most {AIM} %)")
    for each in DEFECTS[1:]:
        print(f"{each}: {outcomes[each]} (aim: 0)")
    for each in DEFECTS:
        told = [
            f"{one.ours.code or (one.ours.pages, one.other)}  {one.name}" for one in findings if one.outcome is each
        ]
        tell_list(each, told)
    tell_list("refused as cut off", [each.name for each in findings if each.ours.code == "cut_off"])
    tell_list("least alike", [each.caption for each in least_alike(findings) if each.is_striking])


def tell_list(heading: str, told: Sequence[str]) -> None:
    if told:
        print(f"\n{heading}: {len(told)}", *told[:LONG], sep="\n  ")
        if len(told) > LONG:
            print(f"  and {len(told) - LONG} more")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.corpus", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--most", type=int, help="the first so many files, by name")
    parser.add_argument("--pages", type=int, default=2, help="pages of each file that are drawn and compared")
    parser.add_argument("--sheet", type=Path, help="where the contact sheet goes, a PNG")
    parser.add_argument("--pairs", type=int, default=60, help="pairs on the sheet")
    parser.add_argument("--list", type=Path, help="where a line for each file goes, a TSV")
    chosen = parser.parse_args()
    findings = asyncio.run(run(chosen.folder.resolve(), most=chosen.most, pages=chosen.pages))
    if chosen.list:
        write(findings, chosen.list)
    if chosen.sheet:
        shown = least_alike(findings)[: chosen.pairs]
        sheet([(each.pair, each.caption) for each in shown if each.pair]).save(chosen.sheet)
    tell(findings)


if __name__ == "__main__":
    main()
