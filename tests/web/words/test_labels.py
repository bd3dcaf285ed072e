"""Whatever belongs to a closed set has a name on screen."""

from enum import StrEnum

import pytest

from portal.web.words import labels


@pytest.mark.parametrize("of", labels.LABELS, ids=lambda of: of.__name__)
def test_each_member_of_a_closed_set_is_named(of: type[StrEnum]) -> None:
    assert set(labels.LABELS[of]) == set(of)
    assert all(text.strip() for text in labels.LABELS[of].values())
