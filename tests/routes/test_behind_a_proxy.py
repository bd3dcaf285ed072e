"""Behind a proxy: budgets and sessions see the visitor, and a header that he forges counts for nothing."""

from dataclasses import replace

import httpx
import pytest

from portal.app import create_app
from portal.settings import Settings
from portal.tables.people import LoginBudget, Session
from tests.world import cast
from tests.world.cast import password_hash
from tests.world.clock import Clock

PROXY, FORGED = "10.0.0.7", "198.51.100.66"


async def try_from(settings: Settings, clock: Clock, peer: str, forwarded: str, password: str) -> httpx.Response:
    app = create_app(settings, clock=clock)
    transport = httpx.ASGITransport(app=app, client=(peer, 4711))  # type: ignore[arg-type]
    async with app.lifespan(), httpx.AsyncClient(transport=transport, base_url=settings.base_url) as client:
        if not await Session.count() and not await LoginBudget.count():
            await cast.enter(await password_hash(), clock())
        headers = {"X-Forwarded-For": forwarded} if forwarded else {}
        return await client.post("/login", data={"username": "clerk", "password": password}, headers=headers)


@pytest.mark.parametrize(
    ("peer", "forwarded", "seen"),
    [
        (PROXY, "203.0.113.9", "203.0.113.9"),
        (PROXY, f"{FORGED}, 203.0.113.9", "203.0.113.9"),
        (PROXY, f"{FORGED}, 203.0.113.9, 10.0.0.8", "203.0.113.9"),
        (PROXY, "no address", PROXY),
        ("203.0.113.9", FORGED, "203.0.113.9"),
        ("203.0.113.9", f"{FORGED}, {PROXY}", "203.0.113.9"),
    ],
)
async def test_a_session_and_a_budget_have_the_visitors_address(
    fresh: Settings, clock: Clock, peer: str, forwarded: str, seen: str
) -> None:
    settings = replace(fresh, trusted_proxies=("10.0.0.0/24",))
    assert (await try_from(settings, clock, peer, forwarded, "wrong")).status_code == 422
    keys = {row["key"] for row in await LoginBudget.select(LoginBudget.key)}
    assert f"sign-in|clerk|{seen}" in keys
    assert not any(FORGED in key for key in keys)
    assert (await try_from(settings, clock, peer, forwarded, cast.PASSWORD)).status_code == 303
    assert [row["address"] for row in await Session.select(Session.address)] == [seen]


async def test_without_trusted_proxies_no_header_counts(fresh: Settings, clock: Clock) -> None:
    await try_from(fresh, clock, PROXY, FORGED, cast.PASSWORD)
    assert [row["address"] for row in await Session.select(Session.address)] == [PROXY]
