"""Accounts over HTTP: invited by a one-time link, enrolled before anything else, closed but never the last one."""

from portal.tables.people import Person
from tests.world import cast
from tests.world.accounts import NEW, PASSWORD, enrol, link_of
from tests.world.client import Visitor
from tests.world.portal import Portal


async def invited(portal: Portal) -> tuple[Visitor, str]:
    """An administrator who has opened an account, and the path of its one-time link."""
    head = await portal.as_("head")
    page = await head.sign("/accounts", NEW, at="/accounts/new")
    assert page.status == 200, page.words()
    return head, link_of(page)


async def test_a_link_leads_in_once(portal: Portal) -> None:
    _, link = await invited(portal)
    visitor = portal.visit()
    assert (await visitor.get(link)).status == 200
    assert (await visitor.get(link)).status == 200  # looking uses nothing up
    page = await visitor.post(link, {"password": PASSWORD, "password_again": PASSWORD})
    assert (page.status, page.location) == (303, "/account/second-factor")
    assert (await visitor.get("/cases")).status == 303  # not before the authenticator
    page = await enrol(visitor, portal)
    assert page.status == 303, page.words()
    assert (await visitor.get("/cases")).status == 403, "not before the second person"
    assert (await visitor.get("/account")).status == 200
    assert (await portal.visit().get(link)).status in (404, 410)
    again = await portal.visit().post(link, {"password": PASSWORD, "password_again": PASSWORD})
    assert again.status in (404, 410)


async def test_a_late_link_leads_nowhere(portal: Portal) -> None:
    _, link = await invited(portal)
    portal.clock.tick(8 * 24 * 3600)
    assert (await portal.visit().get(link)).status in (404, 410)


async def test_weak_passwords_are_told_so(portal: Portal) -> None:
    _, link = await invited(portal)
    visitor = portal.visit()
    for password, again in (("short", "short"), ("new.officer-1405", "new.officer-1405"), (PASSWORD, PASSWORD + "!")):
        page = await visitor.post(link, {"password": password, "password_again": again})
        assert page.status == 422
        assert page.errors()


async def test_a_taken_username_keeps_what_was_typed(portal: Portal) -> None:
    head, _ = await invited(portal)
    page = await head.submit("/accounts", NEW, at="/accounts/new")
    assert page.status == 422
    assert "username" in page.errors()
    assert NEW["full_name"] in page.text


async def test_wrong_passwords_pause_and_say_one_thing(portal: Portal) -> None:
    said = set()
    for username in ("clerk", "nobody"):
        page = await portal.visit().post("/login", {"username": username, "password": "wrong"})
        assert page.status == 422
        said.add(page.errors()["password"])
    assert len(said) == 1
    visitor = portal.visit()
    for _ in range(5):
        page = await visitor.post("/login", {"username": "clerk", "password": "wrong"})
    assert page.status == 429
    page = await visitor.post("/login", {"username": "clerk", "password": cast.PASSWORD})
    assert page.status == 429
    portal.clock.tick(61)
    assert (await visitor.post("/login", {"username": "clerk", "password": cast.PASSWORD})).status == 303


async def test_sessions_are_listed_and_ended(portal: Portal) -> None:
    first = await portal.as_("clerk")
    second = await portal.as_("clerk")
    assert (await first.get("/cases")).status == 200
    page = await second.post("/account/sessions")
    assert page.status == 303
    assert (await first.get("/cases")).status == 303
    assert (await second.get("/cases")).status == 200
    await second.post("/logout")
    assert (await second.get("/cases")).status == 303


async def test_a_session_ends_by_itself(portal: Portal) -> None:
    clerk = await portal.as_("clerk")
    portal.clock.tick(31 * 60)
    page = await clerk.get("/cases")
    assert page.location.startswith("/login?next=/cases")


async def test_a_closed_account_is_out_at_once_but_never_the_last_administrator(portal: Portal) -> None:
    head, clerk = await portal.as_("head"), await portal.as_("clerk")
    page = await head.sign(f"/accounts/{portal.people['clerk'].id}/end")
    assert page.status == 303, page.words()
    assert (await clerk.get("/cases")).status == 303
    page = await portal.visit().post("/login", {"username": "clerk", "password": cast.PASSWORD})
    assert page.status == 422
    for other in ("second", "third"):
        page = await head.sign(f"/accounts/{portal.people[other].id}/end")
        assert page.status == 303, page.words()
    page = await head.get(f"/accounts/{portal.people['head'].id}/end")
    assert page.status == 409
    assert "آخرین مدیر" in page.words()
    assert "تنها مدیر" in (await head.get("/accounts")).words()


async def test_another_site_cannot_write(portal: Portal) -> None:
    clerk = await portal.as_("clerk")
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        assert (await clerk.post("/cases", headers=headers)).status == 403
    assert (await clerk.post("/cases", headers={"Origin": "http://127.0.0.1:8000"})).status == 303


async def test_only_administrators_administer(portal: Portal) -> None:
    person = portal.people["keeper"].id
    pages = ["/accounts", "/accounts/new"]
    pages += [f"/accounts/{person}{act}" for act in ("", "/invitation", "/reset", "/restoration", "/mandate", "/end")]
    for username in ("clerk", "officer", "examiner", "minister", "auditor"):
        visitor = await portal.as_(username)
        for path in pages:
            assert (await visitor.get(path)).status == 403, path
        assert (await visitor.post(f"/accounts/{person}/sessions")).status == 403


async def test_nothing_is_opened_before_the_code(portal: Portal) -> None:
    head = await portal.as_("head")
    page = await head.review("/accounts", NEW, at="/accounts/new")
    assert "/invitations/" not in page.text
    page = await head.post("/accounts", {**page.hidden("/accounts"), "code": "000000"})
    assert page.status == 303
    assert (await head.get(page.location)).errors()["code"]
    assert await Person.count().where(Person.username == NEW["username"]) == 0


async def test_one_post_with_values_and_code_opens_too(portal: Portal) -> None:
    head = await portal.as_("head")
    page = await head.get("/accounts/new")
    page = await head.post("/accounts", {**page.hidden("/accounts"), **NEW, "code": head.code()})
    assert page.status == 200, page.words()
    assert link_of(page)


async def test_a_robot_that_follows_the_link_uses_nothing_up(portal: Portal) -> None:
    _, link = await invited(portal)
    for method in ("GET", "HEAD", "OPTIONS"):
        await portal.visit().http.request(method, link)
    page = await portal.visit().post(link, {"password": PASSWORD, "password_again": PASSWORD})
    assert page.status == 303


async def test_the_administrator_sees_whom_to_look_after(portal: Portal) -> None:
    head, link = await invited(portal)
    page = await head.get("/accounts?show=unenrolled")
    assert "new.officer" in page.words()
    assert "clerk" not in page.words()
    visitor = portal.visit()
    await visitor.post(link, {"password": PASSWORD, "password_again": PASSWORD})
    await enrol(visitor, portal)
    assert "new.officer" in (await head.get("/accounts?show=unconfirmed")).words()
    portal.clock.tick(91 * 24 * 3600)
    head = await portal.as_("head")
    page = await head.get("/accounts?show=quiet")
    assert "clerk" in page.words()
    assert " head " not in page.words()


async def test_the_administrator_sees_and_ends_the_sessions_of_a_person(portal: Portal) -> None:
    head, clerk = await portal.as_("head"), await portal.as_("clerk")
    path = f"/accounts/{portal.people['clerk'].id}"
    assert "203.0.113.7" in (await head.get(path)).words()
    assert (await head.post(f"{path}/sessions")).status == 303
    assert (await clerk.get("/cases")).status == 303
    assert "203.0.113.7" not in (await head.get(path)).words()
