"""What the bench of papers says of a file."""

import pytest

from bench.likeness import Likeness
from bench.verdicts import DEFECTS, RULES, Ours, Outcome, looked_at, outcome
from portal.sandbox.errors import CODES

BLANK, SAME = Likeness(1.0, 0.0, True), Likeness(0.0, 0.0, False)


@pytest.mark.parametrize(
    ("ours", "pages", "least", "expected"),
    [
        (Ours(3), 3, SAME, Outcome.TAKEN),
        (Ours(3), 3, None, Outcome.TAKEN),
        (Ours(3), 3, BLANK, Outcome.BLANK),
        (Ours(3, is_said=True), 3, BLANK, Outcome.LACKING),
        (Ours(3), 4, BLANK, Outcome.COUNTS),
        (Ours(3, code="broken"), 3, SAME, Outcome.UNDRAWN),
        (Ours(3), None, None, Outcome.ALONE),
        (Ours(code="broken"), 1, None, Outcome.WRONGLY),
        (Ours(code="unknown-type"), 1, None, Outcome.WRONGLY),
        (Ours(code="too_heavy"), 1, None, Outcome.WRONGLY),
        (Ours(code="scripts"), 1, None, Outcome.RULE),
        (Ours(code="encrypted"), None, None, Outcome.RULE),
        (Ours(code="broken"), None, None, Outcome.NEITHER),
        (Ours(code="broken"), 0, None, Outcome.NEITHER),
    ],
)
def test_verdict(ours: Ours, pages: int | None, least: Likeness | None, expected: Outcome) -> None:
    assert outcome(ours, pages, least) is expected


def test_a_rule_is_a_code_with_a_reason() -> None:
    assert RULES < CODES
    assert not RULES & {"broken", "too_heavy"}
    assert Outcome.TAKEN not in DEFECTS


@pytest.mark.parametrize(
    ("pages", "most", "expected"),
    [
        (1, 2, [1]),
        (9, 2, [1, 9]),
        (9, 4, [1, 2, 3, 9]),
        (2, 9, [1, 2]),
        (9, 1, [1]),
        (9, 0, []),
    ],
)
def test_pages_that_are_drawn(pages: int, most: int, expected: list[int]) -> None:
    assert looked_at(pages, most) == expected
