"""Whoever has copied a session's cookie is shown no secret of an authenticator that its owner will enrol."""

from portal.tables.people import Session
from tests.world.accounts import CLERK, FACTOR, PASSWORDS, enrol, opened, secret_on
from tests.world.client import Visitor
from tests.world.portal import Portal
from tests.world.recovery_codes import issued


def thief_of(portal: Portal, owner: Visitor) -> Visitor:
    """Another browser with the same cookies."""
    thief = portal.visit()
    for each in owner.http.cookies.jar:
        thief.http.cookies.jar.set_cookie(each)
    return thief


async def test_who_begins_a_replacement_goes_on_alone(portal: Portal) -> None:
    owner = await portal.as_("clerk")
    thief = thief_of(portal, owner)
    assert (await thief.get("/cases")).status == 200
    assert (await owner.submit(FACTOR, {"code": owner.code()})).status == 303
    assert (await thief.get(FACTOR)).location.startswith("/login"), "the secret is vouched for already"
    assert (await enrol(owner, portal)).status == 303
    assert (await owner.get("/cases")).status == 200


async def test_who_begins_it_by_a_recovery_code_goes_on_alone(portal: Portal) -> None:
    owner = await portal.as_("clerk")
    codes = await issued(owner)
    thief = thief_of(portal, owner)
    assert (await owner.submit(FACTOR, {"recovery_code": codes[0]})).status == 303
    assert (await thief.get(FACTOR)).location.startswith("/login")
    assert secret_on(await owner.get(FACTOR))


async def test_a_first_secret_is_shown_to_who_drew_it_alone(portal: Portal) -> None:
    owner = portal.visit()
    await owner.post(await opened(await portal.as_("head"), CLERK), PASSWORDS)
    thief = thief_of(portal, owner)
    seen = secret_on(await owner.get(FACTOR))
    assert (await thief.get(FACTOR)).location.startswith("/login")
    assert (await owner.post(FACTOR, {"code": "000000"})).status == 422
    assert secret_on(await owner.get(FACTOR)) == seen, "the same, for whoever looks at his phone meanwhile"
    assert (await enrol(owner, portal)).status == 303


async def test_a_thief_who_draws_it_first_has_thrown_the_owner_out(portal: Portal) -> None:
    owner = portal.visit()
    await owner.post(await opened(await portal.as_("head"), CLERK), PASSWORDS)
    thief = thief_of(portal, owner)
    seen = secret_on(await thief.get(FACTOR))
    assert (await owner.get(FACTOR)).location.startswith("/login")
    page = await owner.post("/login", {"username": CLERK["username"], "password": PASSWORDS["password"]})
    assert page.status == 303
    assert secret_on(await owner.get(FACTOR)) != seen
    assert (await enrol(owner, portal)).status == 303
    assert (await thief.get(FACTOR)).location.startswith("/login")
    proved = Session.proved_at.is_not_null() & Session.ended_at.is_null()
    assert await Session.count().where(proved) == 2, "the head's and the owner's"
