"""What the second person ought to know: offices and who agrees to each, earlier refusals, others of the same name."""

from portal.domain.lifecycle import Role
from portal.services.administration import accounts, background
from portal.services.administration.accounts import NewAccount
from portal.services.identity import accounts as identities
from portal.services.identity import mandates
from tests.world.cast import TOWN, Cast
from tests.world.clock import Clock
from tests.world.services import auditor, decline, end_mandate, grant, today

NAME = "کارشناس شهرداری"


async def test_what_is_held_and_proposed_is_told_with_who_agrees(people: Cast, clock: Clock) -> None:
    clerk = people["clerk"].id
    [held] = await mandates.of_person(clerk)
    await end_mandate(held["id"], people["head"], clock, today(clock, 4))
    await grant(clerk, auditor(clock, 5), people["head"], clock)
    seen = await background.of(clerk, NAME, clock())
    assert seen.keys() == {"mandates"}, "what is rare is told only where there is any"
    told = [(each["role"], each["status"], each["place"], each["approver"]) for each in seen["mandates"]]
    assert told == [
        ("municipality", "now", "اسدآباد", {"role": "governorate", "province": TOWN[:2]}),
        ("auditor", "waiting", "", {"role": "administrator", "province": None}),
    ]


async def test_refusals_are_told_the_last_first_and_ten_at_most(people: Cast, clock: Clock) -> None:
    clerk, second = people["clerk"].id, people["second"]
    await end_mandate((await mandates.of_person(clerk))[0]["id"], people["head"], clock)
    for n in range(11):
        await decline(await grant(clerk, auditor(clock), people["head"], clock), second, clock, f"دلیل {n}")
    told = (await background.of(clerk, NAME, clock()))["declined"]
    assert [each["reason"] for each in told] == [f"دلیل {n}" for n in range(10, 0, -1)]
    assert (told[0]["what"], told[0]["by"], told[0]["title"]) == ("mandate", second.full_name, second.title)
    assert told[0]["at"] == clock().isoformat(timespec="microseconds").replace("+00:00", "Z")
    assert "declined" not in await background.of(people["neighbour"].id, "کارشناس همسایه", clock())


async def test_namesakes_are_open_accounts_however_their_names_are_spaced(people: Cast, clock: Clock) -> None:
    for username, name in (("joined", "کارشناس\u200cشهرداری"), ("spaced", "کار شناس شهرداری"), ("other", "شهرداری")):
        await accounts.open_by_machine(NewAccount(username, name, "بازرس", Role.AUDITOR), now=clock())
    found = (await background.of(people["clerk"].id, NAME, clock()))["namesakes"]
    assert [each["username"] for each in found] == ["joined", "spaced"]
    assert found[0] == {"username": "joined", "title": "بازرس", "role": "auditor"}
    for each in found:
        row = await identities.of_username(each["username"])
        assert row is not None
        await accounts.close_by_machine(row["id"], now=clock())
    assert "namesakes" not in await background.of(people["clerk"].id, NAME, clock())
