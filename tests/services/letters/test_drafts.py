"""Drafts: the same facts give the same bytes, and the Organization reads a place where the Minister's name will be."""

import hashlib
import io

import pikepdf
import pytest

from portal.domain.errors import Conflict
from portal.domain.lifecycle import State
from portal.services.letters import drafts
from portal.services.letters.drafts import Draft
from tests.world.builders import Builder


async def draft(builder: Builder, number: str, name: str) -> Draft:
    by = builder.people[name]
    _, made = await drafts.of_case(number, by=by, base_url="https://daraje.example", seal="none")
    return made


async def test_a_draft_is_the_same_whenever_it_is_asked_for(builder: Builder) -> None:
    number = await builder.case(State.DECIDED)
    first = await draft(builder, number, "minister")
    builder.clock.tick(3600)
    second = await draft(builder, number, "minister")
    assert (first.sha256, first.pages) == (hashlib.sha256(second.pdf).hexdigest(), 2)
    with pikepdf.open(io.BytesIO(first.pdf)) as opened:
        assert len(opened.pages) == 2
    assert (await draft(builder, number, "examiner")).sha256 != first.sha256


@pytest.mark.parametrize("state", [State.ASSESSED, State.NOTIFIED])
async def test_there_is_a_draft_only_while_a_decision_waits_for_its_signature(builder: Builder, state: State) -> None:
    number = await builder.case(state)
    with pytest.raises(Conflict, match="wrong-state"):
        await draft(builder, number, "minister")
