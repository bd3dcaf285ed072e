"""Sessions over HTTP: their limits by role, their names, their ends; and the form that outlives one."""

from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from portal.app import create_app
from portal.domain.lifecycle import State
from portal.settings import Settings
from portal.tables.factors import KeptForm
from portal.tables.people import Session
from tests.world import cast
from tests.world.builders import Builder
from tests.world.cast import password_hash
from tests.world.client import Visitor
from tests.world.clock import Clock
from tests.world.portal import Portal

TOKEN = "daraje_session"


async def sign_in_again(visitor: Visitor, at: str) -> str:
    """Both steps, by the forms that stand at `at` and after; where they lead."""
    page = await visitor.get(at)
    action = next(each.get("action", "") for each in page.all("form") if "/login?" in (each.get("action") or ""))
    page = await visitor.post(action, {"username": visitor.username, "password": cast.PASSWORD})
    page = await visitor.get(page.location)
    action = next(each.get("action", "") for each in page.all("form") if "/login/code?" in (each.get("action") or ""))
    page = await visitor.post(action, {"code": visitor.code()})
    assert page.status == 303, page.words()
    return page.location


@pytest.mark.parametrize(
    ("username", "idle", "absolute"),
    [("clerk", timedelta(minutes=30), timedelta(hours=12)), ("head", timedelta(minutes=15), timedelta(hours=8))],
)
async def test_limits_go_by_role(portal: Portal, username: str, idle: timedelta, absolute: timedelta) -> None:
    visitor = await portal.as_(username)
    begun = portal.clock()
    portal.clock.tick(idle.total_seconds() - 1)
    assert (await visitor.get("/account")).status == 200
    while portal.clock() - begun < absolute - idle:
        portal.clock.tick(idle.total_seconds() - 1)
        assert (await visitor.get("/account")).status == 200
    portal.clock.now = begun + absolute + timedelta(seconds=1)
    assert (await visitor.get("/account")).location.startswith("/login?next=/account")
    visitor = await portal.as_(username)
    portal.clock.tick(idle.total_seconds() + 1)
    assert (await visitor.get("/account")).status == 303


async def test_the_identifier_is_renewed_at_each_step(portal: Portal) -> None:
    visitor, seen = portal.visit(), set()
    visitor.username = "clerk"
    await visitor.post("/login", {"username": "clerk", "password": cast.PASSWORD})
    seen.add(half := visitor.http.cookies[TOKEN])
    await visitor.post("/login/code", {"code": visitor.code()})
    seen.add(visitor.http.cookies[TOKEN])
    new = {"old_password": cast.PASSWORD, "password": "یک جملهٔ تازه و دراز", "password_again": "یک جملهٔ تازه و دراز"}
    assert (await visitor.post("/account/password", new)).status == 303
    seen.add(visitor.http.cookies[TOKEN])
    assert len(seen) == 3
    assert (await visitor.get("/account")).status == 200
    for old in seen - {visitor.http.cookies[TOKEN]}:
        thief = portal.visit()
        thief.http.cookies.set(TOKEN, old, domain="127.0.0.1", path="/")
        assert (await thief.get("/account")).status == 303
    assert half not in [row["token"] for row in await Session.select()]


async def test_a_cookie_replayed_after_signing_out_is_told_so(portal: Portal) -> None:
    clerk = await portal.as_("clerk")
    kept = clerk.http.cookies[TOKEN]
    await clerk.post("/logout")
    clerk.http.cookies.set(TOKEN, kept, domain="127.0.0.1", path="/")
    page = await clerk.get("/cases")
    assert page.location == "/login?next=/cases"
    assert "مهلت ورود شما پایان یافته است" in (await clerk.get(page.location)).words()


async def test_a_changed_password_and_factor_end_every_other_session(portal: Portal) -> None:
    first, second = await portal.as_("clerk"), await portal.as_("clerk")
    page = await second.post("/account/second-factor", {"code": second.code()})
    assert page.status == 303
    assert (await first.get("/account")).status == 303
    third = await portal.as_("clerk")
    new = {"old_password": cast.PASSWORD, "password": "یک جملهٔ تازه و دراز", "password_again": "یک جملهٔ تازه و دراز"}
    assert (await third.post("/account/password", new)).status == 303
    assert (await second.get("/account")).status == 303
    assert (await third.get("/account")).status == 200


async def test_sessions_are_one_persons_own(portal: Portal) -> None:
    clerk, other = await portal.as_("clerk"), await portal.as_("officer")
    page = await clerk.get("/account/sessions")
    assert "203.0.113.7" in page.words()
    mine = await Session.select(Session.id).where(Session.person == portal.people["clerk"].id).first()
    assert mine is not None
    assert (await other.post(f"/account/sessions/{mine['id']}/end")).status == 404
    assert (await clerk.get("/account")).status == 200


@pytest.mark.parametrize("referer", [True, False], ids=["browser", "program"])
async def test_a_form_that_outlives_its_session_is_not_lost(portal: Portal, referer: bool) -> None:
    clerk = await portal.as_("clerk")
    number = (await clerk.submit("/cases", at="/cases/new")).location.rsplit("/", 1)[-1]
    url = f"/cases/{number}/declaration"
    await clerk.get(url)
    portal.clock.tick(31 * 60)
    headers = {"Referer": f"{portal.settings.base_url}{url}"} if referer else {}
    page = await clerk.post(url, {"population": "55703", "settled_year_1": "۱۴۰۲"}, headers=headers)
    assert page.status == 303
    assert "حفظ شده" in (await clerk.get(page.location)).words()
    row = await KeptForm.select().first()
    assert row is not None
    assert b"55703" not in row["typed"]

    back = await sign_in_again(clerk, page.location)
    page = await clerk.get(back)
    assert "دوباره در فرم آمده است" in page.words()
    fields = {each.get("name"): each.get("value") for each in page.all("input")}
    assert fields["population"] == "55703"
    assert fields["settled_year_1"] == "۱۴۰۲"
    assert "55703" not in (await clerk.get(url)).text, "asked for without what was kept, the page is as it is stored"
    assert (await clerk.submit(url, {"population": "55703"}, at=back)).status == 303

    stranger = await portal.as_("neighbour")
    assert (await stranger.get(back)).status == 404
    portal.clock.tick(3601)
    clerk = await portal.as_("clerk")
    assert "دوباره در فرم آمده است" not in (await clerk.get(back)).words()


async def test_values_under_review_outlive_the_session_but_codes_do_not(portal: Portal) -> None:
    builder = Builder(portal.people, portal.store, portal.clock)
    number = await builder.case(State.SUBMITTED)
    await builder.attest(number)
    officer = await portal.as_("officer")
    url = f"/cases/{number}/confirmation"
    page = await officer.review(url, {"letter_number": "42/1883", "letter_date": "1405/08/01"})
    portal.clock.tick(31 * 60)
    page = await officer.post(url, {**page.hidden(url), "code": officer.code()})
    page = await officer.get(await sign_in_again(officer, page.location))
    page = await officer.get(page.location)  # the review has lapsed as well
    fields = {each.get("name"): each.get("value") for each in page.all("input")}
    assert fields["letter_number"] == "42/1883"
    assert not fields.get("code")


async def test_a_form_whose_page_has_an_address_too_long_to_keep_is_not_lost(portal: Portal) -> None:
    clerk = await portal.as_("clerk")
    portal.clock.tick(31 * 60)
    headers = {"Referer": f"{portal.settings.base_url}/{'x' * 300}"}
    page = await clerk.post("/cases", {"municipality": "1301012467"}, headers=headers)
    assert page.location.startswith("/login?next=/cases/new")
    assert await KeptForm.count() == 1


async def test_what_one_person_typed_is_shown_to_no_other(portal: Portal) -> None:
    officer = await portal.as_("officer")
    number = await Builder(portal.people, portal.store, portal.clock).case(State.SUBMITTED)
    await officer.get("/account")
    portal.clock.tick(31 * 60)
    page = await officer.post(f"/cases/{number}/return", {"reason": "گزارش ناخواناست"})
    colleague = await portal.as_("colleague")
    back = httpx.URL(page.location).params["next"]
    assert "kept=" in back
    page = await colleague.get(back)
    assert page.status == 200
    assert "گزارش ناخواناست" not in page.text


async def test_a_stranger_keeps_nothing(portal: Portal) -> None:
    visitor = portal.visit()
    assert (await visitor.post("/cases/1405-00001/return", {"reason": "بی‌نشست"})).status == 303
    visitor.http.cookies.set(TOKEN, "forged", domain="127.0.0.1", path="/")
    assert (await visitor.post("/cases/1405-00001/return", {"reason": "بی‌نشست"})).status == 303
    assert await KeptForm.count() == 0


async def test_passwords_are_never_kept(portal: Portal) -> None:
    clerk = await portal.as_("clerk")
    portal.clock.tick(31 * 60)
    await clerk.post("/account/password", {"old_password": cast.PASSWORD, "password": "x" * 20, "password_again": ""})
    assert await KeptForm.count() == 0


@pytest.mark.parametrize(
    ("base_url", "name", "flags"),
    [
        ("https://daraje.example.ir", "__Host-daraje_session", {"Secure", "HttpOnly", "SameSite=lax", "Path=/"}),
        ("http://127.0.0.1:8000", "daraje_session", {"HttpOnly", "SameSite=lax", "Path=/"}),
    ],
)
async def test_the_cookie_follows_the_base_url(
    fresh: Settings, clock: Clock, base_url: str, name: str, flags: set[str]
) -> None:
    app = create_app(replace(fresh, base_url=base_url), clock=clock)
    transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]
    async with app.lifespan(), httpx.AsyncClient(transport=transport, base_url=base_url) as client:
        await cast.enter(await password_hash(), clock())
        answer = await client.post("/login", data={"username": "clerk", "password": cast.PASSWORD})
        given = [each for each in answer.headers.get_list("set-cookie") if each.startswith(f"{name}=")]
        assert len(given) == 1
        assert set(given[0].split("; ")[1:]) == flags
        code = cast.code("clerk", clock())
        answer = await client.post("/login/code", data={"code": code})
        assert answer.status_code == 303
        assert all(("Secure" in each) == ("Secure" in flags) for each in answer.headers.get_list("set-cookie"))
        assert (await client.get("/account")).status_code == 200
