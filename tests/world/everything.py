"""A portal with a case in every state, and with something in each of its lists."""

from portal.domain.decisions import RefusalCode, Ruling
from portal.domain.declarations import DocumentKind
from portal.domain.lifecycle import Outcome, Role, State
from portal.domain.mandates import MandateKind
from portal.services.administration import demo
from portal.services.administration.accounts import NewAccount
from portal.services.administration.mandates import Grant
from portal.services.cases import cases
from tests.world import cast
from tests.world.builders import Builder
from tests.world.portal import Portal
from tests.world.refused_files import refuse
from tests.world.services import grant, open_account, restore, today

TOWNS = {
    "1301012467": "draft",
    "1301021464": "ready",
    "1301021465": "submitted",
    "1302012253": "attested",
    "1302012468": "returned",
    "1302021466": "confirmed",
    "1302031467": "assessed",
    "1302032871": "decided",
    "1302042658": "refused",
    "1303012206": "withdrawn",
    cast.TOWN: "notified",
}
"""What becomes of the case of each town, by the town's code; all of them lie in one province."""


async def fill(site: Portal) -> dict[str, str]:
    """One town for each state of a case, each with a clerk named as the state; states by the cases' numbers."""
    builder = Builder(site.people, site.store, site.clock)
    states = {}
    for code, state in TOWNS.items():
        clerk = "clerk" if code == cast.TOWN else state
        if clerk not in site.people:
            new = NewAccount(clerk, "کارشناس شهرداری", "کارشناس برنامه", Role.MUNICIPALITY, municipality=code)
            hashed = await cast.password_hash()
            site.people[clerk] = await demo.open_account(new, password_hash=hashed, now=site.clock())
        states[await _case(builder, state, clerk)] = state
    await _accounts(site)
    await refuse(site, next(number for number, state in states.items() if state == "notified"), "encrypted", "Word")
    return states


async def _case(builder: Builder, state: str, clerk: str) -> str:
    match state:
        case "draft":
            return await cases.open_case(by=builder.people[clerk], now=builder.clock.tick(1))
        case "ready":
            return await builder.draft(clerk)
        case "attested":
            number = await builder.case(State.SUBMITTED, clerk)
            await builder.attest(number)
            return number
        case "returned":
            number = await builder.case(State.SUBMITTED, clerk)
            await builder.attest(number, refuse=DocumentKind.CENSUS)
            await builder.send_back(number)
            return number
        case "refused":
            number = await builder.case(State.ASSESSED, clerk)
            few = Ruling(await builder.sitting(), Outcome.REFUSED, None, None, "امتیاز کم است", RefusalCode.FEW_POINTS)
            await builder.decide(number, few)
            await builder.notify(number)
            return number
    return await builder.case(State(state), clerk)


async def _accounts(site: Portal) -> None:
    """An account that nobody has entered, a second mandate and a restoration that wait for a second person."""
    head, clock = site.people["head"], site.clock
    new = NewAccount("newcomer", "تازه‌وارد", "بایگان", Role.ARCHIVIST, ends_on=today(clock, 10))
    person, _ = await open_account(new, head, clock)
    later = (today(clock, 20), today(clock, 29))
    acting = Grant(MandateKind.ACTING, "سرپرست بازرسی", Role.AUDITOR, None, None, *later)
    await grant(person, acting, head, clock)
    await restore(site.people["colleague"].id, head, clock)
