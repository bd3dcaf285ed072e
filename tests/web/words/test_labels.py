"""Whatever belongs to a closed set has a name on screen."""

from enum import StrEnum

import pytest

from portal.domain.lifecycle import Outcome, State
from portal.web.words import labels, names


@pytest.mark.parametrize("of", names.NAMES, ids=lambda of: of.__name__)
def test_each_member_of_a_closed_set_is_named(of: type[StrEnum]) -> None:
    assert set(names.NAMES[of]) == set(of)
    assert all(text.strip() for text in names.NAMES[of].values())


def test_a_notified_case_wears_its_outcome_and_never_the_tick_of_a_verdict() -> None:
    worn = [labels.case_chip(State.NOTIFIED, outcome)[0] for outcome in Outcome]
    assert worn == ["up", "same", "down", "refused"]
    assert labels.case_chip(State.DECIDED, Outcome.REFUSED)[0] == labels.state_chip(State.DECIDED)
