"""Mandates by plain calls and properties: which days they may have, and when two of them meet."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.errors import Invalid
from portal.domain.lifecycle import Role
from portal.domain.mandates import LONGEST, MandateKind, Span, require_span, require_title, shares_a_seat, styled

TODAY = date(2026, 11, 1)
DAYS = st.dates(TODAY - timedelta(days=40), TODAY + timedelta(days=40))


@st.composite
def spans(draw: st.DrawFn) -> Span:
    starts = draw(DAYS)
    length = draw(st.none() | st.integers(0, 30))
    return Span(starts, None if length is None else starts + timedelta(days=length))


@given(spans(), spans())
def test_two_spans_meet_exactly_when_a_day_lies_in_both(one: Span, other: Span) -> None:
    days = [TODAY + timedelta(days=offset) for offset in range(-45, 120)]
    assert one.meets(other) == any(one.holds(day) and other.holds(day) for day in days)
    assert one.meets(other) == other.meets(one)


@pytest.mark.parametrize(
    ("kind", "span", "refused"),
    [
        (MandateKind.REGULAR, Span(TODAY), None),
        (MandateKind.REGULAR, Span(TODAY, TODAY), None),
        (MandateKind.REGULAR, Span(TODAY - timedelta(days=1)), {"starts_on": "past-day"}),
        (MandateKind.REGULAR, Span(TODAY, TODAY - timedelta(days=1)), {"ends_on": "past-day"}),
        (
            MandateKind.REGULAR,
            Span(TODAY + timedelta(days=9), TODAY + timedelta(days=8)),
            {"ends_on": "ends-before-start"},
        ),
        (MandateKind.ACTING, Span(TODAY), {"ends_on": "end-needed"}),
        (MandateKind.DEPUTY, Span(TODAY), {"ends_on": "end-needed"}),
        (MandateKind.DEPUTY, Span(TODAY, TODAY + LONGEST), None),
        (
            MandateKind.DEPUTY,
            Span(TODAY, TODAY + LONGEST + timedelta(days=1)),
            {"ends_on": ("too-long-mandate", {"days": LONGEST.days})},
        ),
        (MandateKind.REGULAR, Span(TODAY, TODAY + 9 * LONGEST), None),
    ],
)
def test_days_that_a_mandate_may_have(kind: MandateKind, span: Span, refused: Any) -> None:
    if refused is None:
        require_span(kind, span, TODAY)
        return
    with pytest.raises(Invalid) as error:
        require_span(kind, span, TODAY)
    assert error.value.errors == refused


def test_who_stands_in_signs_so() -> None:
    assert styled(MandateKind.REGULAR, "وزیر کشور") == "وزیر کشور"
    assert styled(MandateKind.ACTING, "دفتر امور شهری") == "سرپرست دفتر امور شهری"
    assert styled(MandateKind.ACTING, "سرپرست وزارت کشور") == "سرپرست وزارت کشور"
    assert styled(MandateKind.DEPUTY, "وزیر کشور") == "جانشین وزیر کشور"
    assert styled(MandateKind.DEPUTY, "جانشین وزیر کشور") == "جانشین وزیر کشور"


def test_one_minister_at_a_time_and_a_deputy_beside_him() -> None:
    regular, acting, deputy = MandateKind.REGULAR, MandateKind.ACTING, MandateKind.DEPUTY
    assert shares_a_seat(Role.MINISTER, regular, acting)
    assert shares_a_seat(Role.MINISTER, regular, regular)
    assert not shares_a_seat(Role.MINISTER, deputy, regular)
    assert not shares_a_seat(Role.GOVERNORATE, regular, regular)


def test_an_acting_officers_whole_title_is_typed() -> None:
    with pytest.raises(Invalid) as refused:
        require_title(MandateKind.ACTING, "وزیر کشور")
    assert refused.value.errors == {"title": "acting-title"}
    for kind, title in (
        (MandateKind.ACTING, "سرپرست وزارت کشور"),
        (MandateKind.DEPUTY, "وزیر کشور"),
        (MandateKind.REGULAR, "وزیر کشور"),
    ):
        require_title(kind, title)
