"""Figures and grades that an operator loads: kept once, and every correction told."""

from datetime import date

from portal.domain.town_tables import Figure, HeldGrade
from portal.services.register import census, shipped, towns
from portal.tables.events import Event
from tests.world.builders import Builder
from tests.world.cast import NEIGHBOUR, TOWN
from tests.world.services import kinds


async def test_census_figures_are_loaded_once_and_corrections_are_told(builder: Builder) -> None:
    figures = [Figure(TOWN, 1395, 55_703), Figure(TOWN, 1385, 59_911)]
    assert await census.load(figures, now=builder.clock()) == census.Loaded(2, 0)
    assert await census.load(figures, now=builder.clock()) == census.Loaded(0, 0)
    assert await census.load([Figure(TOWN, 1395, 55_704)], now=builder.clock()) == census.Loaded(0, 1)
    assert (await towns.known(TOWN)).census == {1395: 55_704, 1385: 59_911}
    events = await Event.select().where(Event.kind == "CensusLoaded").order_by(Event.position)
    assert len(events) == 2
    assert f'"{TOWN}/1395":[55703,55704]' in events[1]["statement"]


async def test_grades_are_kept_and_replaced_and_told_once(builder: Builder) -> None:
    held = [HeldGrade(TOWN, 7, date(2020, 1, 13)), HeldGrade(NEIGHBOUR, 2, None)]
    assert await census.load_grades(held, now=builder.clock()) == census.Loaded(2, 0)
    assert await census.load_grades(held, now=builder.clock()) == census.Loaded(0, 0)
    assert await census.load_grades([HeldGrade(NEIGHBOUR, 3, None)], now=builder.clock()) == census.Loaded(0, 1)
    known = await towns.known(NEIGHBOUR)
    assert (known.register_grade, known.register_notified_on) == (3, None)
    assert await kinds("municipalities") == ["CensusLoaded"] * 2


async def test_every_town_of_the_register_can_be_named(builder: Builder) -> None:
    found = await census.towns()
    assert (found[TOWN], len(found)) == (("اسدآباد", "همدان"), await shipped.load())
