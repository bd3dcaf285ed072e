"""Rulings: what the Minister is shown before they sign or refuse."""

from portal.domain.lifecycle import Act, State
from portal.services.cases import assessments, dossiers
from portal.services.letters import rulings
from tests.world.builders import Builder


async def test_the_minister_is_shown_the_decision_and_what_it_rests_on(builder: Builder) -> None:
    number = await builder.case(State.DECIDED)
    dossier = await dossiers.open_dossier(number, builder.people["minister"])
    assessment = await assessments.latest(dossier.case["id"])
    facts = rulings.facts(await rulings.ruling(dossier, Act.SIGNATURE))
    assert assessment is not None
    assert facts["assessment"]["event"] == assessment["event"]
    shown = facts["decision"]
    assert (shown["grade"], shown["outcome"], shown["reason"]) == (9, "raised", "به تشخیص کارگروه")
    assert shown["sitting"]["title"] == "جلسهٔ ششم"
