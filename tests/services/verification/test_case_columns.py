"""The columns of a case, and how its acts point at one another: what says something else than the journal is named."""

from portal.domain.lifecycle import State
from portal.storage.objects import ObjectStore
from tests.world import acts
from tests.world.builders import Builder
from tests.world.cast import NEIGHBOUR, Cast
from tests.world.clock import Clock
from tests.world.verification import World, of, overlooked

NOTIFIED = "state = 'notified'"
EARLIER = "interval '1 hour'"


OF_COLUMNS = [
        (f"UPDATE cases SET municipality = '{NEIGHBOUR}' WHERE {NOTIFIED}", "case-column"),
        (f"UPDATE cases SET province = '07' WHERE {NOTIFIED}", "case-column"),
        (f"UPDATE cases SET follows = '1404-00001' WHERE {NOTIFIED}", "case-column"),
        (f"UPDATE cases SET submitted_at = submitted_at - {EARLIER} WHERE {NOTIFIED}", "case-column"),
        (f"UPDATE cases SET submitted_at = NULL WHERE {NOTIFIED}", "case-column"),
        (f"UPDATE cases SET confirmed_at = confirmed_at - {EARLIER} WHERE {NOTIFIED}", "case-column"),
        ("UPDATE cases SET archived_at = NULL WHERE archived_at IS NOT NULL", "case-column"),
        ("UPDATE cases SET opened_at = opened_at - interval '1 year'", "case-column"),
        (f"UPDATE cases SET opened_by = {of('minister')}", "case-column"),
        ("UPDATE cases SET since = since - interval '1 year'", "case-column"),
        ("UPDATE cases SET current_grade = 1", "case-column"),
        ("UPDATE cases SET requested_grade = 12", "case-column"),
        (f"UPDATE cases SET sitting = gen_random_uuid() WHERE {NOTIFIED}", "case-column"),
        ("UPDATE cases SET reopened = '{declaration}' WHERE state = 'draft'", "case-column"),
        (f"UPDATE cases SET submission = NULL WHERE {NOTIFIED}", "case-column"),
        ("UPDATE declarations SET population = 1 WHERE fixed_at IS NULL", "declaration-differs"),
]  # fmt: skip


async def test_a_column_of_a_case_that_says_something_else(world: World) -> None:
    assert await overlooked(world, OF_COLUMNS) == []


async def test_what_points_at_another_act(world: World, people: Cast, store: ObjectStore, clock: Clock) -> None:
    builder = Builder(people, store, clock)
    number = await builder.case(State.DECIDED, clerk="abroad", officer="stranger")
    minister = people["minister"]
    await builder.sign(minister, lambda now: acts.refuse(number, by=minister, reason="نه"))
    await builder.decide(number)
    assert await world.found() == []
    await world.tamper("UPDATE notices SET decision = (SELECT max(id) FROM decisions)")
    assert [each.split()[:2] for each in await world.found()] == [["act-differs", "notices"]]
    await world.tamper("UPDATE refusals SET decision = (SELECT max(id) FROM decisions)")
    assert ["act-differs", "refusals"] in [each.split()[:2] for each in await world.found()]
    await world.tamper("UPDATE decisions SET standing = false")
    assert ["act-differs", "decisions"] in [each.split()[:2] for each in await world.found()]
