"""Which pages of a paper were seen, and which were not."""

from collections.abc import Iterable, Mapping
from typing import Any


def pages_of(pictures: Iterable[Mapping[str, Any]]) -> frozenset[int]:
    """The pages, from 1, of which there are pictures; a page may have several."""
    return frozenset(each["page"] for each in pictures)


def gaps(seen: Iterable[int], count: int) -> list[tuple[int, int]]:
    """The runs of pages from 1 to `count` that are not among `seen`, each by its first and its last page."""
    found: list[tuple[int, int]] = []
    last = 0
    for page in [*sorted({each for each in seen if 1 <= each <= count}), count + 1]:
        if page - last > 1:
            found.append((last + 1, page - 1))
        last = page
    return found
