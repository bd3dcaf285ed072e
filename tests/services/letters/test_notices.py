"""Notices: the letter of a case."""

import pytest

from portal.domain.errors import NotFound
from portal.domain.lifecycle import State
from portal.services.letters import notices
from tests.world.builders import Builder
from tests.world.cases import case_of


async def test_a_case_has_a_letter_once_it_is_notified(builder: Builder) -> None:
    number = await builder.case(State.DECIDED)
    with pytest.raises(NotFound):
        await notices.of_case((await case_of(number))["id"])
    await builder.notify(number)
    assert (await notices.of_case((await case_of(number))["id"]))["minister"] == "وزیر"
