"""Whether a PDF whose tables are damaged is whole all the same: everything that its pages name stands in it.

A file that was cut off and one whose last lines a mail gateway spoilt look the same at their ends. What tells them
apart is what they hold: readers rebuild the tables of both, and of the first they show fewer pages, or hollow ones.
"""

from portal.sandbox.child.packed import filters, is_whole
from portal.sandbox.child.standing import Standing
from portal.sandbox.child.tokens import Dictionary, Ref, Value
from portal.sandbox.errors import Unreadable

OF_PAGES = ("Kids", "Contents", "Resources", "Annots")
ELSEWHERE = frozenset(
    ("Parent", "P", "Prev", "Next", "Dest", "D", "A", "AA", "Popup", "IRT", "B", "Metadata", "PieceInfo", "Thumb")
)
"""Keys that lead away from what is on a page."""
MOST_LOOKED_UP = 100_000  # objects; a file of more is believed


def require_whole(found: Standing, root: int, pages: int) -> None:
    """Looks up whatever the pages below the catalog of number `root` need; PDFium found `pages` of them.

    Raises:
        Unreadable: cut_off, too_heavy.
    """
    tops = [each for catalog in _last(found, root) for each in catalog.get("Pages", ())]
    declared = [
        count
        for top in tops
        if isinstance(top, Ref)
        for each in _last(found, top.number)
        for count in each.numbers("Count")
    ]
    if max(declared, default=0) > pages:
        raise Unreadable("cut_off")
    waiting: list[Value] = list(tops)
    looked_up: set[int] = set()
    while waiting and len(looked_up) < MOST_LOOKED_UP:
        now = waiting.pop()
        if isinstance(now, Ref) and now.number and now.number not in looked_up:
            looked_up.add(now.number)
            standing = found.of(now.number)
            if not standing:
                raise Unreadable("cut_off")
            waiting.append(standing[-1])
        elif isinstance(now, list):
            waiting += now
        elif isinstance(now, Dictionary):
            _require_end(found, now)
            waiting += _parts(now)


def _last(found: Standing, number: int) -> list[Dictionary]:
    """The dictionary that a reader finds under this number when it rebuilds the tables: the last one."""
    return [each for each in found.of(number)[-1:] if isinstance(each, Dictionary)]


def _parts(held: Dictionary) -> list[Value]:
    is_page = any(name in ("Page", "Pages") for name in held.names("Type"))
    keys = [key for key in held if (key in OF_PAGES if is_page else key not in ELSEWHERE)]
    return [each for key in keys for each in held[key]]


def _require_end(found: Standing, held: Dictionary) -> None:
    """Refuses a stream that nothing ends, or that lacks bytes: it says more than stands there, and does not unpack."""
    if held.content is None:
        return
    end = found.data.find(b"endstream", held.content)
    if end < 0:
        raise Unreadable("cut_off")
    lengths = [each for value in held.get("Length", ()) for each in found.meant(value) if type(each) is int]
    if lengths and min(lengths) > end - held.content and not found.is_encrypted and not _unpacks(found, held, end):
        raise Unreadable("cut_off")


def _unpacks(found: Standing, held: Dictionary, end: int) -> bool:
    """Whether what stands before `end` comes to an end of its own; what is not deflated is believed."""
    assert held.content is not None
    return filters(held)[:1] != ["FlateDecode"] or is_whole(found.data, held.content, end)
