"""Work lists: whose cases, in which order, a page at a time, and what a search finds."""

import pytest

from portal.domain.lifecycle import Role, State
from portal.domain.lists import ALL, WAITING
from portal.services.cases import cases, worklists
from portal.services.cases.worklists import Cursor, Listing, Query
from tests.world.builders import Builder
from tests.world.cast import ABROAD, TOWN
from tests.world.services import today


async def find(builder: Builder, name: str, query: Query) -> Listing:
    return await worklists.find(builder.people[name], query, today(builder.clock))


async def found_counted(builder: Builder, name: str, query: Query) -> tuple[Listing, dict[str, int]]:
    return await worklists.find_counted(builder.people[name], query, today(builder.clock))


async def counts(builder: Builder, name: str, query: Query) -> dict[str, int]:
    return (await found_counted(builder, name, query))[1]


async def numbers(builder: Builder, name: str, query: Query) -> list[str]:
    return [row["number"] for row in (await find(builder, name, query)).rows]


async def given_up(builder: Builder, count: int) -> list[str]:
    """So many requests of one town, each given up at once, the last one first."""
    made = []
    for _ in range(count):
        made.append(await cases.open_case(by=builder.people["clerk"], now=builder.clock.tick(1)))
        await builder.withdraw(made[-1])
    return made[::-1]


async def test_each_reader_lists_what_has_reached_him(builder: Builder) -> None:
    here, abroad = await builder.case(State.SUBMITTED), await builder.draft("abroad")
    seen = {name: set(await numbers(builder, name, Query(ALL))) for name in builder.people}
    assert {name: found for name, found in seen.items() if found} == {
        "clerk": {here},
        "abroad": {abroad},
        "officer": {here},
        "colleague": {here},
        "auditor": {here, abroad},
    }
    assert await numbers(builder, "officer", Query(WAITING)) == [here]
    assert await numbers(builder, "officer", Query(State.CONFIRMED)) == []


async def test_waiting_cases_stand_the_oldest_first_and_with_who_has_them(builder: Builder) -> None:
    first, second = await builder.case(State.SUBMITTED), await builder.case(State.SUBMITTED, "neighbour")
    await builder.attest(first)
    rows = (await find(builder, "officer", Query(WAITING))).rows
    assert [(row["number"], row["holder"]) for row in rows] == [(first, "افسر استان"), (second, None)]
    assert await numbers(builder, "officer", Query(ALL)) == [second, first]
    counted = await counts(builder, "officer", Query(ALL))
    assert (counted[WAITING], counted[ALL], counted[State.CONFIRMED]) == (2, 2, 0)


async def test_a_list_comes_with_its_tabs_counts_or_without(builder: Builder) -> None:
    numbers = [await builder.case(State.SUBMITTED, name) for name in ("clerk", "neighbour")]
    for name in builder.people:
        for query in (Query(ALL), Query(WAITING), Query(State.RETURNED), Query(ALL, numbers[0])):
            listing, counted = await found_counted(builder, name, query)
            alone = await find(builder, name, query)
            assert [row["number"] for row in listing.rows] == [row["number"] for row in alone.rows]
            assert (listing.newer, listing.older) == (alone.newer, alone.older)
            for tab in counted:
                assert counted[tab] == len((await find(builder, name, Query(tab))).rows), (name, tab)
            assert tuple(counted) == worklists.tabs(builder.people[name].role)


async def test_pages_lead_there_and_back(builder: Builder) -> None:
    made = await given_up(builder, 2 * worklists.PAGE + 1)
    pages, at = list[Listing](), None
    for _ in range(3):
        pages.append(await find(builder, "auditor", Query(ALL, page=at)))
        at = pages[-1].older
    assert [row["number"] for page in pages for row in page.rows] == made
    assert [len(page.rows) for page in pages] == [worklists.PAGE, worklists.PAGE, 1]
    assert (pages[0].newer, pages[2].older) == (None, None)
    assert [row["number"] for row in (await find(builder, "auditor", Query(ALL, page=pages[2].newer))).rows] == [
        row["number"] for row in pages[1].rows
    ]
    back = await find(builder, "auditor", Query(ALL, page=pages[1].newer))
    for each in (pages[1].newer, pages[2].newer, pages[1].older):
        query = Query(ALL, page=each)
        counted = (await found_counted(builder, "auditor", query))[0]
        assert [row["number"] for row in counted.rows] == [
            row["number"] for row in (await find(builder, "auditor", query)).rows
        ]
    assert (back.rows, back.newer, back.older) == (pages[0].rows, None, pages[0].older)


async def test_hits_are_counted_beyond_a_page(builder: Builder) -> None:
    made = await given_up(builder, worklists.PAGE + 2)
    auditor, query = builder.people["auditor"], Query(ALL, "اسدآباد")
    for at in (None, (await find(builder, "auditor", query)).older):
        asked = Query(ALL, "اسدآباد", page=at)
        assert await worklists.hits(auditor, asked, await find(builder, "auditor", asked)) == len(made)
    assert await worklists.hits(auditor, Query(ALL, "٪"), Listing([], None, None)) == 0


async def test_a_search_finds_by_town_number_and_letter(builder: Builder) -> None:
    here, abroad = await builder.case(State.CONFIRMED), await builder.draft("abroad")
    for text in ("اسدآباد", "اسداباد", here, "42/1883"):
        assert await numbers(builder, "auditor", Query(ALL, text)) == [here], text
    assert await numbers(builder, "auditor", Query(ALL, "آباده")) == [abroad]
    assert await numbers(builder, "auditor", Query(ALL, "۱۴۰۵-")) == [abroad, here]
    for text in ("%", "_", "42/188", "شهری که نیست"):
        assert await numbers(builder, "auditor", Query(ALL, text)) == [], text


async def test_a_province_narrows_the_list_of_those_who_see_the_country(builder: Builder) -> None:
    here, abroad = await builder.case(State.SUBMITTED), await builder.draft("abroad")
    assert await numbers(builder, "auditor", Query(ALL, province=ABROAD[:2])) == [abroad]
    assert (await counts(builder, "auditor", Query(ALL, province=TOWN[:2])))[ALL] == 1
    assert (await counts(builder, "officer", Query(ALL, province=ABROAD[:2])))[ALL] == 1
    assert await numbers(builder, "officer", Query(ALL, province=ABROAD[:2])) == [here]
    assert dict(await worklists.provinces())[TOWN[:2]] == "همدان"


def test_what_a_role_is_offered_and_whose_turn_it_is() -> None:
    assert worklists.default_tab(Role.GOVERNORATE) == WAITING
    assert worklists.default_tab(Role.AUDITOR) == worklists.default_tab(Role.MUNICIPALITY) == ALL
    assert (worklists.tabs(Role.ADMINISTRATOR), worklists.tabs(Role.MUNICIPALITY)) == ((), ())
    assert (worklists.office(State.DECIDED), worklists.office(State.NOTIFIED)) == (Role.MINISTER, None)


@pytest.mark.parametrize(
    "text", ["", "a", "x1.5~3", "a1.5", "a~3", "a1.5~-1", f"a1.5~{2**63}", f"a{'9' * 400}~1", "anan~1"]
)
def test_what_is_no_cursor_is_the_first_page(text: str) -> None:
    assert worklists.cursor(text) is None


def test_a_cursor_is_read_as_it_was_written() -> None:
    for text in ("a1793520000.250000~17", "b1793520000.000000~0"):
        found = worklists.cursor(text)
        assert isinstance(found, Cursor)
        assert str(found) == text
