"""The second factor over HTTP: other programs' codes, replays, wrong clocks, budgets, and a factor that rests."""

import asyncio
import shutil
import subprocess
from datetime import datetime, timedelta

import httpx
import pyotp
import pytest

from portal.domain import totp
from portal.domain.lifecycle import State
from portal.services.administration import demo
from portal.tables.events import Event
from portal.tables.people import SecondFactor
from tests.world import cast
from tests.world.accounts import half_way
from tests.world.builders import Builder
from tests.world.client import Page, Visitor
from tests.world.portal import Portal

WRONG = "000000"


def oathtool(secret: str, at: datetime) -> str:
    program = shutil.which("oathtool")
    assert program, "apt-get install oathtool"
    told = [program, "--totp", "--base32", f"--now={at:%Y-%m-%d %H:%M:%S} UTC", secret]
    return subprocess.run(told, capture_output=True, text=True, check=True).stdout.strip()


def of_pyotp(secret: str, at: datetime) -> str:
    return pyotp.TOTP(secret).at(at)


async def elsewhere(portal: Portal, address: str, username: str = "clerk") -> Visitor:
    """A stranger at another address, who knows the password."""
    transport = httpx.ASGITransport(app=portal.app, client=(address, 4711))  # type: ignore[arg-type]
    client = httpx.AsyncClient(transport=transport, base_url=portal.settings.base_url)
    return await half_way(portal, username, Visitor(client, portal.clock))


async def try_code(visitor: Visitor, code: str) -> Page:
    return await visitor.post("/login/code", {"code": code})


async def wrongs(visitor: Visitor, times: int) -> Page:
    """So many wrong codes, one after another."""
    for _ in range(times):
        page = await try_code(visitor, WRONG)
    return page


async def factor(portal: Portal) -> dict[str, object]:
    row = await SecondFactor.select().where(SecondFactor.person == portal.people["clerk"].id).first()
    assert row is not None
    return row


async def events(kind: str) -> list[Event]:
    return await Event.objects().where(Event.kind == kind).order_by(Event.position)


@pytest.mark.parametrize("program", [oathtool, of_pyotp])
@pytest.mark.parametrize("steps", [-1, 0, 1])
async def test_codes_of_other_programs_sign_in_and_are_spent(portal: Portal, program, steps: int) -> None:  # type: ignore[no-untyped-def]
    code = program(demo.secret_of("clerk"), portal.clock() + timedelta(seconds=30 * steps))
    visitor = await half_way(portal)
    assert (await try_code(visitor, code)).status == 303
    assert (await visitor.get("/account")).status == 200
    page = await try_code(await half_way(portal), code)
    assert page.status == 422
    assert "پیش‌تر به کار رفته" in page.errors()["code"]


@pytest.mark.parametrize("shape", ["{} {}", "{}-{}", " {}{} "])
@pytest.mark.parametrize("digits", ["0123456789", "۰۱۲۳۴۵۶۷۸۹", "٠١٢٣٤٥٦٧٨٩"])
async def test_a_code_is_the_same_in_any_digits(portal: Portal, shape: str, digits: str) -> None:
    code = cast.code("clerk", portal.clock()).translate(str.maketrans("0123456789", digits))
    assert (await try_code(await half_way(portal), shape.format(code[:3], code[3:]))).status == 303


async def test_an_earlier_step_is_refused_after_a_later_one(portal: Portal) -> None:
    before, after = (cast.code("clerk", portal.clock() + timedelta(seconds=30 * n)) for n in (0, 1))
    assert (await try_code(await half_way(portal), after)).status == 303
    assert "پیش‌تر به کار رفته" in (await try_code(await half_way(portal), before)).words()


async def test_of_a_thousand_at_once_one_signs(portal: Portal) -> None:
    number = await Builder(portal.people, portal.store, portal.clock).case(State.DRAFT)
    clerk = await portal.as_("clerk")
    url = f"/cases/{number}/submission"
    fields = {**(await clerk.get(url)).hidden(url), "code": clerk.code()}
    answers = await asyncio.gather(*(clerk.http.post(url, data=fields) for _ in range(1000)))
    assert {each.status_code for each in answers} <= {303, 503}  # 503: no connection came free in time
    assert len(await events("CaseSubmitted")) == 1
    assert not await events("CodeReplayed"), "one and the same intent"
    assert (await factor(portal))["failures"] == 0


async def test_of_many_sessions_at_once_one_signs_in(portal: Portal) -> None:
    """Each with a session of its own, so that only the code decides; what came second is a replay, journalled once."""
    visitors = [await half_way(portal) for _ in range(30)]
    code = cast.code("clerk", portal.clock.tick(31))
    answers = await asyncio.gather(*(each.http.post("/login/code", data={"code": code}) for each in visitors))
    assert [each.status_code for each in answers].count(303) == 1
    assert [each.status_code for each in answers].count(422) == len(visitors) - 1
    assert len(await events("CodeReplayed")) == 1
    assert (await factor(portal))["failures"] == 0


async def test_a_replay_warns_its_owner_until_he_puts_it_away(portal: Portal) -> None:
    clerk = await portal.as_("clerk")
    stranger = await elsewhere(portal, "198.51.100.9")
    assert (await try_code(stranger, cast.code("clerk", portal.clock()))).status == 422
    for _ in range(2):
        page = await clerk.get("/account")
        assert "دوباره وارد شد" in page.words()
    action = next(each.get("action", "") for each in page.all("form") if "cautions" in (each.get("action") or ""))
    assert (await (await portal.as_("officer")).post(action)).status == 404
    assert (await clerk.post(action)).location == "/account"
    assert "دوباره وارد شد" not in (await clerk.get("/account")).words()
    assert (await clerk.post(action)).status == 303, "it is away"
    traced = await events("CodeReplayed")
    assert [each.subject for each in traced] == [str(portal.people["clerk"].id)]


async def test_wrong_codes_pause_longer_and_longer_and_warn(portal: Portal) -> None:
    clerk = await portal.as_("clerk")
    stranger = await elsewhere(portal, "198.51.100.9")
    page = await wrongs(stranger, 4)
    assert "ثانیه" not in page.errors()["code"]
    await wrongs(stranger, 1)
    for pause in (30, 60, 120, 240, 300, 300):
        page = await try_code(stranger, cast.code("clerk", portal.clock.tick(1)))
        assert page.status == 422, "a right code waits, too"
        assert "ثانیهٔ دیگر" in page.errors()["code"]
        portal.clock.tick(pause)
        await half_way(portal, "clerk", stranger)
        await wrongs(stranger, 1)
    # Each step of the pause has one entry, with its count.
    assert len(await events("CodesFailed")) == 7
    assert '"failures":11' in (await events("CodesFailed"))[-1].statement
    portal.clock.tick(10)
    assert "پیاپی رمز نادرست" in (await clerk.get("/account")).words()


async def test_no_stranger_shuts_a_known_device_out(portal: Portal) -> None:
    clerk = await portal.as_("clerk")
    await clerk.post("/logout")
    for number in range(6):  # so many addresses that all unknown devices together pause
        await wrongs(await elsewhere(portal, f"198.51.100.{number}"), 5)
    newcomer = await elsewhere(portal, "192.0.2.77")
    unspent = cast.code("clerk", portal.clock() + timedelta(seconds=30))
    assert "ثانیهٔ دیگر" in (await try_code(newcomer, unspent)).words()
    await half_way(portal, "clerk", clerk)
    assert (await try_code(clerk, unspent)).status == 303
    assert (await factor(portal))["failures"] == 0


async def test_a_known_device_has_a_budget_too_and_vouches_for_its_own_person(portal: Portal) -> None:
    clerk = await portal.as_("clerk")
    await clerk.post("/logout")
    await half_way(portal, "clerk", clerk)
    await wrongs(clerk, 5)
    unspent = cast.code("clerk", portal.clock() + timedelta(seconds=30))
    assert "ثانیهٔ دیگر" in (await try_code(clerk, unspent)).words()
    assert (await try_code(await elsewhere(portal, "192.0.2.8"), unspent)).status == 303, "but no other waits for it"
    officer = await portal.as_("officer")
    kept = officer.http.cookies["daraje_device"]
    forger = await elsewhere(portal, "198.51.100.1")
    await wrongs(forger, 5)
    forger.http.cookies.set("daraje_device", kept, domain="127.0.0.1", path="/")
    page = await try_code(forger, WRONG)
    assert "ثانیهٔ دیگر" in page.words(), "a mark of someone else's device is worth nothing"
    forger.http.cookies.set("daraje_device", kept[:-2] + "xx", domain="127.0.0.1", path="/")
    assert "ثانیهٔ دیگر" in (await try_code(forger, WRONG)).words()


@pytest.mark.parametrize(("steps", "word"), [(10, "جلو"), (-10, "عقب"), (120, "۶۰ دقیقه جلو"), (-119, "عقب")])
async def test_a_clock_that_is_off_is_told_at_the_second_code(portal: Portal, steps: int, word: str) -> None:
    visitor = await half_way(portal)
    off = timedelta(seconds=30 * steps)
    page = await try_code(visitor, cast.code("clerk", portal.clock() + off))
    assert "ساعت گوشی" not in page.words()
    page = await try_code(visitor, cast.code("clerk", portal.clock.tick(30) + off))
    assert page.status == 422
    assert "ساعت گوشی" in page.errors()["code"]
    assert word in page.errors()["code"]
    assert (await factor(portal))["failures"] == 2


async def test_a_clock_is_not_told_of_where_the_two_differ(portal: Portal) -> None:
    far = timedelta(minutes=5)
    visitor = await half_way(portal)
    first = cast.code("clerk", portal.clock() + far)
    await try_code(visitor, first)
    assert "ساعت گوشی" not in (await try_code(visitor, first)).words(), "the same code twice"
    await try_code(visitor, WRONG)
    assert "ساعت گوشی" not in (await try_code(visitor, cast.code("clerk", portal.clock.tick(30) + far))).words()
    portal.clock.tick(31)
    other = cast.code("clerk", portal.clock() + far + timedelta(minutes=2))
    assert "ساعت گوشی" not in (await try_code(visitor, other)).words(), "another offset"


async def test_a_code_of_a_clock_too_far_off_is_a_wrong_one(portal: Portal) -> None:
    visitor = await half_way(portal)
    for _ in range(2):
        page = await try_code(visitor, cast.code("clerk", portal.clock.tick(30) + timedelta(hours=2)))
        assert "ساعت گوشی" not in page.words()


async def test_a_code_that_came_too_early_is_burnt(portal: Portal) -> None:
    early = portal.clock() + timedelta(minutes=2)
    assert (await try_code(await half_way(portal), cast.code("clerk", early))).status == 422
    portal.clock.tick(120)
    page = await try_code(await half_way(portal), cast.code("clerk", early))
    assert "پیش‌تر به کار رفته" in page.words()
    visitor = await half_way(portal)
    assert (await try_code(visitor, visitor.code())).status == 303, "the next one is good"


async def test_after_a_hundred_wrong_codes_the_factor_rests(portal: Portal) -> None:
    clerk = await portal.as_("clerk")
    stranger = await elsewhere(portal, "198.51.100.9")
    for _ in range(totp.RESTS_AFTER):
        portal.clock.tick(301)
        if portal.clock().minute % 20 < 6:
            await half_way(portal, "clerk", stranger)
        page = await wrongs(stranger, 1)
        if page.status == 303:
            await half_way(portal, "clerk", stranger)
            page = await wrongs(stranger, 1)
    assert "غیرفعال شده" in page.words()
    assert len(await events("FactorRested")) == 1
    await half_way(portal, "clerk", clerk)
    page = await try_code(clerk, clerk.code())
    assert page.status == 422
    assert "غیرفعال شده" in page.words()


async def test_a_failure_outlives_the_act_that_it_refused(portal: Portal) -> None:
    number = await Builder(portal.people, portal.store, portal.clock).case(State.DRAFT)
    clerk = await portal.as_("clerk")
    url = f"/cases/{number}/submission"
    page = await clerk.get(url)
    for _ in range(5):
        page = await clerk.post(url, {**page.hidden(url), "code": WRONG})
    assert (await factor(portal))["failures"] == 5
    assert len(await events("CodesFailed")) == 1
    assert await events("CaseSubmitted") == []
