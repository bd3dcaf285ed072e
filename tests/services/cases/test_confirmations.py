"""Confirmations: every document authentic, under the governorate's letter, and by two people where asked."""

from datetime import date

import pytest

from portal.domain.declarations import DocumentKind
from portal.domain.errors import Conflict, Forbidden, NotFound
from portal.domain.lifecycle import State
from portal.tables.acts import Confirmation
from tests.world import acts
from tests.world.builders import SLOTS, Builder
from tests.world.cases import case_of, statement_at


async def review(builder: Builder, number: str, by: str = "officer", four_eyes: bool = False) -> None:
    who = builder.people[by]
    letter = {"letter_number": "1", "letter_date": date(2026, 10, 1)}
    await acts.confirm(number, by=who, **letter, four_eyes=four_eyes)  # type: ignore[arg-type]


async def test_a_case_is_confirmed_under_the_letter_that_is_signed(builder: Builder) -> None:
    number = await builder.case(State.CONFIRMED)
    (kept,) = await Confirmation.select()
    case = await case_of(number)
    assert (case["state"], kept["case"], kept["at"]) == (State.CONFIRMED, case["id"], case["confirmed_at"])
    assert (kept["letter_number"], kept["letter_date"]) == ("42/1883", date(2026, 10, 1))
    signed = (await statement_at(kept["event"]))["intent"]["values"]
    assert signed == {"letter_number": "42/1883", "letter_date": "2026-10-01"}


async def test_what_is_not_found_authentic_is_named(builder: Builder) -> None:
    number = await builder.case(State.SUBMITTED)
    with pytest.raises(Conflict, match="not-all-authentic") as refusal:
        await review(builder, number)
    assert set(refusal.value.facts["slots"]) == set(SLOTS)
    await builder.attest(number, refuse=DocumentKind.CENSUS)
    with pytest.raises(Conflict, match="not-all-authentic") as refusal:
        await review(builder, number)
    assert refusal.value.facts["slots"] == ((DocumentKind.CENSUS, None),)


async def test_under_four_eyes_whoever_attested_does_not_confirm(builder: Builder) -> None:
    number = await builder.case(State.SUBMITTED)
    await builder.attest(number)
    with pytest.raises(Conflict, match="four-eyes"):
        await review(builder, number, four_eyes=True)
    by = builder.people["colleague"]
    await builder.sign(
        by,
        lambda now: acts.confirm(number, by=by, letter_number="1", letter_date=date(2026, 10, 1), four_eyes=True),
    )
    assert (await case_of(number))["state"] == State.CONFIRMED


async def test_the_doors_before_a_confirmation(builder: Builder) -> None:
    number = await builder.case(State.CONFIRMED)
    refused = {"clerk": Forbidden, "examiner": Forbidden, "stranger": NotFound, "officer": Conflict}
    for name, refusal in refused.items():
        with pytest.raises(refusal):
            await review(builder, number, name)
    assert await Confirmation.count() == 1
