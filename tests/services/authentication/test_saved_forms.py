"""What was typed when the session had ended: kept for its person and page, for an hour, and encrypted."""

from uuid import UUID, uuid4

import pytest

from portal.services.administration import accounts
from portal.services.authentication import saved_forms, sessions
from portal.tables.factors import KeptForm
from tests.world.cast import Cast
from tests.world.clock import Clock

PATH = "/cases/1405-00001/declaration"
TYPED = {"population": ["۵۵۷۰۳"], "note": ["سطر یک\nسطر دو", ""]}
TOKEN = sessions.digest("the clerk's")


@pytest.fixture
async def clerk(people: Cast, clock: Clock) -> UUID:
    """A clerk whose proved session behind TOKEN has ended."""
    person = people["clerk"]
    session = await sessions.begin(person.id, sessions.digest("before"), address="", agent="", now=clock())
    await sessions.prove(session, TOKEN, role=person.role, means="totp", factor=None, now=clock())
    await sessions.end(session, now=clock())
    return person.id


async def test_what_was_typed_is_found_again_by_its_person_on_its_page(clerk: UUID, people: Cast, clock: Clock) -> None:
    kept = await saved_forms.keep(TOKEN, PATH, TYPED, now=clock())
    assert kept is not None
    assert await saved_forms.find(kept, person=clerk, path=PATH, now=clock()) == TYPED
    neighbour = people["neighbour"].id
    for which, person, path in ((uuid4(), clerk, PATH), (kept, neighbour, PATH), (kept, clerk, "/cases/new")):
        assert await saved_forms.find(which, person=person, path=path, now=clock()) is None


async def test_it_is_kept_for_an_hour_and_then_deleted(clerk: UUID, clock: Clock) -> None:
    kept = await saved_forms.keep(TOKEN, PATH, TYPED, now=clock())
    assert kept is not None
    clock.tick(saved_forms.GOOD_FOR.total_seconds())
    assert await saved_forms.find(kept, person=clerk, path=PATH, now=clock())
    clock.tick(1)
    assert await saved_forms.find(kept, person=clerk, path=PATH, now=clock()) is None
    await saved_forms.keep(TOKEN, PATH, TYPED, now=clock())
    assert not await KeptForm.exists().where(KeptForm.id == kept)


async def test_nobody_reads_it_in_the_database(clerk: UUID, clock: Clock) -> None:
    kept = await saved_forms.keep(TOKEN, PATH, TYPED, now=clock())
    assert kept is not None
    [row] = await KeptForm.select().output(load_json=False)
    assert "۵۵۷۰۳".encode() not in row["typed"]
    await KeptForm.update({KeptForm.path: "/cases/new"}).where(KeptForm.id == kept)
    assert await saved_forms.find(kept, person=clerk, path="/cases/new", now=clock()) is None, "it is bound to its page"


async def test_whoever_had_no_proved_session_keeps_nothing(clerk: UUID, people: Cast, clock: Clock) -> None:
    half_way = sessions.digest("half way")
    await sessions.begin(people["officer"].id, half_way, address="", agent="", now=clock())
    assert await saved_forms.may_keep(TOKEN, now=clock())
    for token in (half_way, sessions.digest("nobody's")):
        assert not await saved_forms.may_keep(token, now=clock())
        assert await saved_forms.keep(token, PATH, TYPED, now=clock()) is None
    await accounts.close_by_machine(clerk, now=clock())
    assert not await saved_forms.may_keep(TOKEN, now=clock())


@pytest.mark.parametrize(("length", "kept"), [(0, False), (1, True), (200_000, True), (200_001, False)])
async def test_neither_nothing_nor_a_flood_is_kept(clerk: UUID, clock: Clock, length: int, kept: bool) -> None:
    found = await saved_forms.keep(TOKEN, PATH, {"note": ["س" * length]}, now=clock())
    assert (found is not None) is kept


async def test_twenty_forms_of_one_person_are_kept_at_once(clerk: UUID, clock: Clock) -> None:
    found = [await saved_forms.keep(TOKEN, PATH, TYPED, now=clock()) for _ in range(saved_forms.MOST + 1)]
    assert [each is None for each in found] == [*[False] * saved_forms.MOST, True]
    clock.tick(saved_forms.GOOD_FOR.total_seconds() + 1)
    assert await saved_forms.keep(TOKEN, PATH, TYPED, now=clock())
