"""Notices: who finds the answer."""

from portal.domain.lifecycle import State
from portal.services.letters import notices
from tests.world.builders import Builder
from tests.world.cases import case_of


async def test_a_stranger_finds_the_answer_by_its_letter_alone(builder: Builder) -> None:
    number = await builder.case(State.NOTIFIED)
    notice = await notices.of_case((await case_of(number))["id"])
    found = await notices.by_digest(notice["sha256"])
    assert found is not None
    assert (found["case_number"], found["town"], found["grade"], found["outcome"]) == (number, "اسدآباد", 9, "raised")
    assert await notices.by_digest("0" * 64) is None
