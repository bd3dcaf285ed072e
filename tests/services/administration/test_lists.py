"""The lists of accounts: whom to look after, from when on, and as many as their numbers say."""

from datetime import timedelta

import pytest

from portal.domain.lifecycle import Role
from portal.domain.lists import Show
from portal.domain.mandates import MandateKind
from portal.services.administration import accounts, lists
from portal.services.administration.accounts import NewAccount
from portal.services.administration.mandates import Grant
from portal.services.authentication import factor_confirmations
from portal.services.identity import mandates
from tests.world.cast import TOWN, Cast
from tests.world.clock import Clock
from tests.world.services import agree, end_mandate, grant, signed_in, today


async def shown(clock: Clock, show: Show, **given: str) -> set[str]:
    return {row["username"] for row in await lists.listing(clock(), show=show, **given)}


async def test_every_narrowed_list_is_as_long_as_its_number(people: Cast, clock: Clock) -> None:
    new = NewAccount("leaving", "نام", "بازرس", Role.AUDITOR, ends_on=today(clock, 3))
    await accounts.open_by_machine(new, now=clock())
    await factor_confirmations.revoke(people["clerk"].id, now=clock())
    await end_mandate((await mandates.of_person(people["abroad"].id))[0]["id"], people["head"], clock)
    await accounts.close_by_machine(people["keeper"].id, now=clock())
    counts = await lists.counts(clock())
    assert counts.keys() == set(Show) - {Show.ALL}
    for show, count in counts.items():
        assert count == len(await shown(clock, show)), show
    assert {show: await shown(clock, show) for show in counts} == {
        Show.UNENROLLED: {"leaving"},
        Show.UNCONFIRMED: {"clerk", "abroad"},  # who holds no office is confirmed for none
        Show.QUIET: set(),
        Show.ENDING: {"leaving"},
        Show.WITHOUT: {"abroad"},
    }


async def test_who_was_not_seen_for_ninety_days_is_quiet(people: Cast, clock: Clock) -> None:
    await signed_in(people["clerk"], clock)
    clock.tick(lists.QUIET.total_seconds())
    assert await shown(clock, Show.QUIET) == set()
    clock.tick(1)
    assert await shown(clock, Show.QUIET) == set(people), "who never signed in, since the account was opened"
    await signed_in(people["clerk"], clock)
    assert await shown(clock, Show.QUIET) == set(people) - {"clerk"}


@pytest.mark.parametrize(("days", "expected"), [(0, True), (30, True), (31, False)])
async def test_a_mandate_that_ends_within_thirty_days_is_listed(
    people: Cast, clock: Clock, days: int, expected: bool
) -> None:
    new = NewAccount("leaving", "نام", "بازرس", Role.AUDITOR, ends_on=today(clock, days))
    await accounts.open_by_machine(new, now=clock())
    assert (await shown(clock, Show.ENDING) == {"leaving"}) is expected


async def test_a_row_tells_the_office_of_today(people: Cast, clock: Clock) -> None:
    clerk = people["clerk"].id
    await end_mandate((await mandates.of_person(clerk))[0]["id"], people["head"], clock)
    acting = Grant(
        MandateKind.ACTING, "سرپرست اداره‌کل", Role.GOVERNORATE, None, TOWN[:2], today(clock), today(clock, 9)
    )
    await agree(await grant(clerk, acting, people["head"], clock), people["examiner"], clock)
    [row] = await lists.listing(clock(), text="clerk")
    told = {name: row[name] for name in ("role", "kind", "title", "place_name", "ends_on")}
    assert told == {
        "role": "governorate",
        "kind": "acting",
        "title": "سرپرست اداره‌کل",
        "place_name": "همدان",
        "ends_on": today(clock, 9),
    }
    assert (row["entered"], row["enrolled"], row["confirmed"]) == (True, True, False), "heard for the other office"
    assert "clerk" in await shown(clock, Show.ALL, role="governorate")
    assert "clerk" not in await shown(clock, Show.ALL, role="municipality")


async def test_a_closed_account_is_in_the_whole_list_alone(people: Cast, clock: Clock) -> None:
    await accounts.close_by_machine(people["clerk"].id, now=clock.tick(timedelta(days=91).total_seconds()))
    [row] = await lists.listing(clock(), text="clerk")
    assert row["ended_at"] == clock()
    for show in set(Show) - {Show.ALL}:
        assert "clerk" not in await shown(clock, show)


async def test_the_list_is_paged_searched_and_filtered(people: Cast, clock: Clock) -> None:
    for n in range(30):
        await accounts.open_by_machine(NewAccount(f"reader-{n:02}", "خواننده", "بازرس", Role.AUDITOR), now=clock())
    first = await lists.listing(clock(), role="auditor")
    assert len(first) == lists.PAGE + 1
    rest = await lists.listing(clock(), after=first[lists.PAGE - 1]["username"], role="auditor")
    seen = [row["username"] for row in first[: lists.PAGE] + rest]
    assert seen == sorted(set(seen))
    assert len(seen) == 31

    async def found(text: str) -> set[str]:
        return {row["username"] for row in await lists.listing(clock(), text=text)}

    assert await found("CLE") == {"clerk"}
    assert await found("اسدآباد") == {"clerk"}
    assert await found("همدان") >= {"clerk", "officer", "colleague"}
    assert await found("وزير") == {"minister"}
    for wild in ("c%k", "cl_rk"):
        assert await found(wild) == set(), wild
    for odd in ("%", "_", "\\", "\0", "'", "100%\\"):
        await lists.listing(clock(), text=odd, after=odd)
    unenrolled = {row["username"] for row in await lists.listing(clock(), show=Show.UNENROLLED)}
    assert "reader-00" in unenrolled
    assert "clerk" not in unenrolled
