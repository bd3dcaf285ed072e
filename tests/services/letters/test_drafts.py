"""Drafts: the same facts give the same bytes, and the Organization reads a place where the Minister's name will be."""

import hashlib
import io
from dataclasses import replace

import pikepdf
import pytest

from portal.domain.errors import Conflict
from portal.domain.lifecycle import State
from portal.letters.decision import typeset
from portal.services.letters import drafts
from portal.services.letters.drafts import Draft
from tests.world.builders import Builder
from tests.world.letters import REFUSED


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


def test_what_the_signature_adds_may_take_a_page_more() -> None:
    """So the pages of a letter are counted on the letter, and not on its draft."""
    letter = replace(REFUSED, reason="مدرک ناخواناست و باید دوباره ارسال شود " * 18)
    counted = [drafts.pages_of(typeset(each)) for each in (replace(letter, issue=None), letter)]
    assert counted == [2, 3]
