"""Recorded scores against what was signed."""

from portal.services.verification import scores
from tests.world.verification import World


async def test_a_score_whose_statement_cannot_be_read_is_not_signed(world: World) -> None:
    assert [each.code async for each in scores.all_scores()] == [None]
    await world.tamper(
        """UPDATE events SET statement = replace(statement, '"values"', '"gone"') WHERE kind = 'CaseAssessed'"""
    )
    assert [(each.number, each.code) async for each in scores.all_scores()] == [(world.number, "signed")]
