"""The picture of the house: its floors from .importlinter, its rooms and arrows from the code's own imports.

`python tests/house/architecture.py --write` draws docs/architecture.svg; a house test holds the two together.
"""

import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from configparser import ConfigParser
from dataclasses import dataclass
from html import escape
from pathlib import Path
from textwrap import wrap

import grimp

ROOT = Path(__file__).parent.parent.parent
PICTURE = ROOT / "docs" / "architecture.svg"
SERVICES = "portal.services"
WIDTH, MARGIN, GAP, LINE = 1240, 24, 26, 15  # pixels
HEAD = 30  # of a box, for its name
LETTER = 6.4  # pixels of the small print's mean letter
STYLE = """
  text { font: 12px/1 system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif; fill: #40484f }
  .name { font-size: 15px; font-weight: 600; fill: #1c2429 }
  .room { fill: #fff; stroke: #8a9ba5 }
  .hall { fill: #eef4f2; stroke: #1c6b5a }
  .arrow { stroke: #a9b6bd; stroke-width: 1.2; fill: none; marker-end: url(#head) }
"""

Arrows = dict[str, set[str]]


@dataclass(frozen=True, slots=True)
class Box:
    """A room on the sheet, in pixels from the upper left corner."""

    name: str
    x: float
    y: float
    width: float
    height: float
    print: tuple[str, ...] = ()


def floors(contract: str) -> list[list[str]]:
    """The layers of a contract of .importlinter, the highest first, by their last names."""
    config = ConfigParser()
    config.read(ROOT / ".importlinter")
    lines = config[f"importlinter:contract:{contract}"]["layers"].split("\n")
    return [[each.strip().rpartition(".")[2] for each in line.split("|")] for line in lines if line.strip()]


def arrows(graph: grimp.ImportGraph, package: str) -> Arrows:
    """Which rooms of `package` import which of the others, without what other arrows imply."""
    found: Arrows = defaultdict(set)
    for module in graph.modules:
        for imported in graph.find_modules_directly_imported_by(module):
            ours, theirs = _room(module, package), _room(imported, package)
            if ours and theirs and ours != theirs:
                found[ours].add(theirs)
    return {room: {each for each in known if not _is_implied(found, room, each)} for room, known in found.items()}


def _room(module: str, package: str) -> str | None:
    rest = module.removeprefix(f"{package}.")
    return None if rest == module else rest.partition(".")[0]


def _is_implied(found: Arrows, room: str, imported: str) -> bool:
    return any(imported in _reached(found, other) for other in found[room] - {imported})


def _reached(found: Arrows, room: str) -> set[str]:
    seen: set[str] = set()
    waiting = [room]
    while waiting:
        new = found.get(waiting.pop(), set()) - seen
        seen |= new
        waiting += new
    return seen


def modules(graph: grimp.ImportGraph, room: str) -> list[str]:
    """The modules of a room, by their last names."""
    return sorted(each.rpartition(".")[2] for each in graph.find_children(room))


def row(names: list[str], y: float, left: float, width: float, lists: dict[str, list[str]]) -> list[Box]:
    """Boxes side by side, all as high as the one with the longest small print."""
    wide = (width - GAP * (len(names) - 1)) / len(names)
    prints = [tuple(wrap(" · ".join(lists.get(name, [])), max(12, int((wide - 20) / LETTER)))) for name in names]
    high = HEAD + max(len(each) for each in prints) * LINE + 6
    return [Box(name, left + at * (wide + GAP), y, wide, high, prints[at]) for at, name in enumerate(names)]


def rows(names: Iterable[list[str]], y: float, left: float, width: float, lists: dict[str, list[str]]) -> list[Box]:
    """Rows of boxes from `y` downwards."""
    found: list[Box] = []
    for each in names:
        found += (line := row(each, y, left, width, lists))
        y = line[0].y + line[0].height + GAP
    return found


def drawn() -> str:
    """The picture, as SVG."""
    graph = grimp.build_graph("portal")
    inside = {name: modules(graph, f"{SERVICES}.{name}") for [*names] in floors("services") for name in names}
    rooms = {name: modules(graph, f"portal.{name}") for name in ("web", "storage", "embedded", "letters", "sandbox")}
    rooms |= {
        "routes": ["one module a noun; __init__.py is the site map"],
        "domain": ["what is allowed and what follows"],
    }
    rooms |= {"tables": ["the rows"], "cli": ["the portal command"]}
    outer = floors("floors")
    at = next(order for order, names in enumerate(outer) if names == ["services"])
    full = WIDTH - 2 * MARGIN
    above = rows(outer[:at], MARGIN, MARGIN, full, rooms)
    top = above[-1].y + above[-1].height + GAP
    hall = rows(floors("services"), top + HEAD + 6, MARGIN + GAP, full - 2 * GAP, inside)
    bottom = hall[-1].y + hall[-1].height + GAP / 2
    services = Box("services", MARGIN, top, full, bottom - top)
    below = rows(outer[at + 1 :], bottom + GAP, MARGIN, full, rooms)
    height = below[-1].y + below[-1].height + MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" role="img">',
        "<title>Floors and rooms of the portal, and who imports whom</title>",
        f"<style>{STYLE}</style>",
        '<marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<path d="M0 0 8 4 0 8z" fill="#a9b6bd"/></marker>',
        f'<rect width="{WIDTH}" height="{height:.0f}" fill="#fff"/>',
        *lines([*above, services, *below], arrows(graph, "portal")),
        *shown([services], "hall"),
        *lines(hall, arrows(graph, SERVICES)),
        *shown([*above, *hall, *below], "room"),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def lines(boxes: list[Box], found: Arrows) -> Iterator[str]:
    """An arrow from the foot of each box to the head of what it imports."""
    known = {box.name: box for box in boxes}
    for name in sorted(found.keys() & known.keys()):
        for other in sorted(found[name] & known.keys()):
            a, b = known[name], known[other]
            x, y = a.x + a.width / 2, a.y + a.height
            u, v = b.x + b.width / 2, b.y
            if v < y:  # side by side
                y, v = a.y + a.height / 2, b.y + b.height / 2
                x, u = (a.x, b.x + b.width) if u < x else (a.x + a.width, b.x)
            yield f'<path class="arrow" d="M{x:.0f} {y:.0f} {u:.0f} {v:.0f}"/>'


def shown(boxes: list[Box], kind: str) -> Iterator[str]:
    """The boxes, with their names and their small print."""
    for box in boxes:
        place = f'x="{box.x:.0f}" y="{box.y:.0f}" width="{box.width:.0f}" height="{box.height:.0f}"'
        yield f'<rect class="{kind}" {place} rx="6"/>'
        yield f'<text class="name" x="{box.x + 10:.0f}" y="{box.y + 21:.0f}">{escape(box.name)}</text>'
        for at, line in enumerate(box.print):
            yield f'<text x="{box.x + 10:.0f}" y="{box.y + HEAD + 10 + at * LINE:.0f}">{escape(line)}</text>'


if __name__ == "__main__":
    if "--write" in sys.argv:
        PICTURE.write_text(drawn(), "utf-8")
    else:
        print(drawn(), end="")
