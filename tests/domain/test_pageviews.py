"""Pages that were not seen, in runs."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain import pageviews


@pytest.mark.parametrize(
    ("seen", "count", "gaps"),
    [
        ((), 1, [(1, 1)]),
        ((), 5, [(1, 5)]),
        ((1,), 1, []),
        ((2, 1), 2, []),
        ((1,), 2, [(2, 2)]),
        ((3,), 6, [(1, 2), (4, 6)]),
        ((1, 2, 9, 0, -4), 3, [(3, 3)]),
    ],
)
def test_gaps(seen: tuple[int, ...], count: int, gaps: list[tuple[int, int]]) -> None:
    assert pageviews.gaps(seen, count) == gaps


@given(st.sets(st.integers(1, 60)), st.integers(1, 60))
def test_gaps_are_the_pages_that_were_not_seen(seen: set[int], count: int) -> None:
    runs = pageviews.gaps(seen, count)
    assert [page for first, last in runs for page in range(first, last + 1)] == sorted(set(range(1, count + 1)) - seen)
    assert all(this[1] + 1 < following[0] for this, following in pairwise(runs))


def test_a_page_with_two_pictures_is_one_page() -> None:
    assert pageviews.pages_of([{"page": 2, "width": 1400}, {"page": 2, "width": 2800}, {"page": 5}]) == {2, 5}
