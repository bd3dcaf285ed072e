"""Returns: what a case that is sent back opens, and what of it stays as it was."""

import pytest

from portal.domain.declarations import DocumentKind
from portal.domain.errors import Conflict, Forbidden, Invalid, NotFound
from portal.domain.lifecycle import State, Verdict
from portal.services.cases import dossiers, sittings
from portal.tables.acts import Return
from tests.world import acts
from tests.world.builders import DECLARED, Builder
from tests.world.cases import case_of


async def review(builder: Builder, number: str, by: str = "officer", reopen: tuple[str, ...] = ()) -> None:
    who = builder.people[by]
    await acts.send_back(number, by=who, reason="نقص", reopen=reopen)


async def test_what_was_refused_is_opened_and_what_was_accepted_stands(builder: Builder) -> None:
    number = await builder.case(State.RETURNED)  # the census was refused
    dossier = await dossiers.open_dossier(number, builder.people["clerk"])
    (census,) = dossier.rejected()
    assert census.slot == (DocumentKind.CENSUS, None)
    assert dossier.reopened == {str(census.id)}
    assert [row["reopened"] for row in await Return.select()] == [[str(census.id)]]
    assert sum(held.verdict is Verdict.AUTHENTIC for held in dossier.documents) == 5


async def test_where_nothing_was_refused_the_whole_case_is_opened_on_a_copy(builder: Builder) -> None:
    number = await builder.case(State.SUBMITTED)
    before = await dossiers.open_dossier(number, builder.people["clerk"])
    await builder.send_back(number)
    after = await dossiers.open_dossier(number, builder.people["clerk"])
    assert after.reopened == {"declaration", *(str(held.id) for held in before.documents)}
    assert after.declaration == before.declaration == DECLARED
    assert after.declaration_id != before.declaration_id, "what was sent is not what is edited"


async def test_what_is_named_is_opened_beside_what_was_refused(builder: Builder) -> None:
    number = await builder.case(State.SUBMITTED)
    with pytest.raises(Invalid) as refusal:
        await review(builder, number, reopen=("declaration", "strange"))
    assert refusal.value.errors == {"reopen": "not-in-case"}
    await builder.attest(number, refuse=DocumentKind.CENSUS)
    await builder.send_back(number, reopen=("declaration",))
    dossier = await dossiers.open_dossier(number, builder.people["clerk"])
    assert dossier.reopened == {"declaration", *(str(held.id) for held in dossier.rejected())}


async def test_a_case_that_is_sent_back_leaves_the_agenda(builder: Builder) -> None:
    number, sitting = await builder.case(State.ASSESSED), await builder.sitting()
    by = builder.people["examiner"]
    await sittings.keep(sitting, by=by, agenda=[number], minutes=None, attendance=None, now=builder.clock.tick(1))
    assert len(await sittings.agenda(sitting)) == 1
    await builder.send_back(number, "examiner")
    case = await case_of(number)
    assert (case["state"], case["desk"], case["sitting"]) == (State.RETURNED, "municipality", None)
    assert await sittings.agenda(sitting) == []


async def test_only_the_office_that_it_lies_with_sends_it_back(builder: Builder) -> None:
    number = await builder.case(State.CONFIRMED)
    refused = {"clerk": Forbidden, "minister": Forbidden, "stranger": NotFound, "officer": Conflict}
    for name, refusal in refused.items():
        with pytest.raises(refusal):
            await review(builder, number, name)
    assert await Return.count() == 0
