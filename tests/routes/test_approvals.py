"""Nobody makes himself Minister: two people, each with a code, neither of them the beneficiary."""

import asyncio
import re
from datetime import timedelta

import pytest

from portal.domain import persian
from portal.domain.approvals import Office
from portal.domain.lifecycle import Role, State
from portal.domain.mandates import MandateKind, Span
from portal.services.administration import accounts
from portal.services.administration.accounts import NewAccount
from portal.services.identity import mandates
from portal.tables.mandates import FactorConfirmation
from portal.tables.people import Person
from tests.world import cast
from tests.world.accounts import CLERK, NEW, PASSWORD, SECOND_HEAD, enrol, entered, link_of, person
from tests.world.approvals import agree, waiting
from tests.world.builders import Builder
from tests.world.journal import last_event
from tests.world.portal import Portal


async def test_a_new_officer_signs_once_the_superior_place_has_heard_his_fingerprint(portal: Portal) -> None:
    owner = await entered(portal, CLERK)
    page = await owner.get("/account")
    shown = re.search(r"[۰-۹]{4}(?: [۰-۹]{4}){5}", page.text)
    assert shown is not None
    page = await owner.get("/cases")
    assert page.status == 403
    assert "در انتظار تأیید است" in page.words()

    officer = await portal.as_("officer")
    [address] = await waiting(officer)
    page = await officer.get(address)
    assert shown.group() in page.text, "the second person reads the very digits that the owner sees"
    assert (await officer.post(f"{address}/approval", page.hidden(f"{address}/approval"))).status == 422
    assert await agree(officer, address, compared="phone") == 303
    assert await waiting(officer) == []

    row = await person("new.clerk")
    kept = await FactorConfirmation.select().where(FactorConfirmation.person == row["id"]).first()
    assert kept is not None
    assert kept["by"] == portal.people["officer"].id
    statement = await last_event("FactorConfirmed")
    assert statement["record"]["factor"]["kind"] == "totp"
    assert statement["intent"]["facts"]["fingerprint"] == kept["fingerprint"]
    assert statement["intent"]["values"] == {"compared": "phone"}
    assert "در انتظار تأیید است" not in (await owner.get("/cases")).words()
    assert (await owner.post("/cases")).status == 303


async def test_an_unconfirmed_account_reaches_nothing_but_itself(portal: Portal) -> None:
    owner, clerk = await entered(portal, SECOND_HEAD), await portal.as_("clerk")
    minister = f"/accounts/{portal.people['minister'].id}"
    for path in ("/accounts", "/accounts/new", "/approvals", minister, f"{minister}/reset"):
        page = await owner.get(path)
        assert page.status == 403, path
        assert "در انتظار تأیید است" in page.words()
    for path in ("/accounts", f"{minister}/sessions", f"/accounts/{portal.people['clerk'].id}/reset"):
        assert (await owner.post(path, {**NEW, "code": "123456"})).status == 403, path
    assert await Person.count().where(Person.username == NEW["username"]) == 0
    assert (await clerk.get("/cases")).status == 200
    for path in ("/account", "/account/passkeys", "/account/second-factor", "/account/sessions"):
        assert (await owner.get(path)).status == 200, path
    assert (await owner.get("/")).location == "/account"
    assert (await owner.post("/logout")).status == 303


@pytest.mark.parametrize("role", ["auditor", "archivist", "municipality"])
async def test_whoever_only_reads_waits_for_the_second_person_too(portal: Portal, role: str) -> None:
    number = await Builder(portal.people, portal.store, portal.clock).case(State.SUBMITTED)
    place = {"municipality": cast.TOWN} if role == "municipality" else {}
    owner = await entered(
        portal, {"username": "reader", "full_name": "خواننده", "title": "بازرس", "role": role, **place}
    )
    assert (await owner.get(f"/cases/{number}")).status == 403
    assert (await owner.post(f"/cases/{number}/withdrawal", {"reason": "منصرف شدیم"})).status == 403
    approver = await portal.as_("officer" if place else "second")
    [address] = await waiting(approver)
    assert await agree(approver, address, compared="face") == 303
    assert (await owner.get(f"/cases/{number}" if place or role == "auditor" else "/archive")).status == 200


@pytest.mark.parametrize(
    ("new", "approver", "others"),
    [
        (CLERK, "officer", ("examiner", "second", "stranger")),
        (NEW, "examiner", ("officer", "second")),
        (SECOND_HEAD, "second", ("officer", "examiner")),
    ],
)
async def test_only_the_office_of_the_table_agrees(
    portal: Portal, new: dict[str, str], approver: str, others: tuple[str, ...]
) -> None:
    await entered(portal, new)
    right = await portal.as_(approver)
    [address] = await waiting(right)
    for username in others:
        other = await portal.as_(username)
        assert await waiting(other) == []
        assert (await other.get(address)).status == 404
        assert (await other.post(f"{address}/approval", {"code": other.code()})).status == 404
        assert (await other.post(f"{address}/decline", {"code": other.code()})).status == 404
    for username in ("clerk", "minister", "auditor", "keeper"):
        other = await portal.as_(username)
        assert (await other.get("/approvals")).status == 403
        assert (await other.get(address)).status == 403
    assert await agree(right, address, compared="face") == 303
    assert (await right.get(address)).status == 404, "what is done waits no more"


async def test_neither_the_first_person_nor_the_beneficiary_is_the_second(portal: Portal) -> None:
    owner = await entered(portal, SECOND_HEAD)
    second = await portal.as_("second")
    [address] = await waiting(second)
    head = await portal.as_("head")
    assert await waiting(head) == [], "it waits for a colleague"
    assert "new.head" in (await head.get("/approvals")).words()
    for visitor, status in ((head, 409), (owner, 403)):
        page = await visitor.get(address)
        assert page.status == status
        assert (await visitor.post(f"{address}/approval", {"compared": "phone", "code": "123456"})).status == status
    row = await person("new.head")
    assert await FactorConfirmation.count().where(FactorConfirmation.person == row["id"]) == 0


async def test_nobody_acts_on_his_own_account(portal: Portal) -> None:
    head = await portal.as_("head")
    own = f"/accounts/{portal.people['head'].id}"
    for act in ("reset", "restoration", "mandate", "end"):
        assert (await head.get(f"{own}/{act}")).status == 409, act
        assert (await head.post(f"{own}/{act}", {"reason": "x", "code": head.code()})).status == 409, act


async def test_of_two_who_agree_at_once_one_counts(portal: Portal) -> None:
    await entered(portal, SECOND_HEAD)
    tries = []
    for username in ("second", "third"):
        visitor = await portal.as_(username)
        [address] = await waiting(visitor)
        url = f"{address}/approval"
        page = await visitor.review(url, {"compared": "phone"}, at=address)
        tries.append((visitor, url, page.hidden(url)))
    portal.clock.tick(31)
    posts = (
        visitor.http.post(url, data={**hidden, "code": cast.code(visitor.username, portal.clock())})
        for visitor, url, hidden in tries
    )
    answers = await asyncio.gather(*posts)
    assert sorted(each.status_code for each in answers) == [303, 404]
    row = await person("new.head")
    assert await FactorConfirmation.count().where(FactorConfirmation.person == row["id"]) == 1


async def test_a_refused_authenticator_ends(portal: Portal) -> None:
    owner = await entered(portal, NEW)
    examiner = await portal.as_("examiner")
    [address] = await waiting(examiner)
    assert (await examiner.submit(f"{address}/decline", {"reason": ""})).status == 422
    page = await examiner.sign(f"{address}/decline", {"reason": "صدای او نبود"})
    assert page.status == 303, page.words()
    assert (await owner.get("/cases")).status == 303, "he is signed out"
    assert address not in await waiting(examiner)
    statement = await last_event("ApprovalDeclined")
    assert statement["intent"]["values"] == {"reason": "صدای او نبود"}


async def test_a_new_password_is_confirmed_anew(portal: Portal) -> None:
    clerk, head = await portal.as_("clerk"), await portal.as_("head")
    page = await head.sign(f"/accounts/{portal.people['clerk'].id}/reset")
    link = link_of(page)
    assert (await clerk.get("/cases")).status == 200, "nothing ends before the link is used"
    page = await portal.visit().post(link, {"password": PASSWORD, "password_again": PASSWORD})
    assert page.status == 303
    assert (await clerk.get("/cases")).status == 303
    again = portal.visit()
    again.username = "clerk"
    assert (await again.post("/login", {"username": "clerk", "password": cast.PASSWORD})).status == 422
    await again.post("/login", {"username": "clerk", "password": PASSWORD})
    assert (await again.post("/login/code", {"code": again.code()})).status == 303, "the authenticator is the same"
    assert "در انتظار تأیید است" in (await again.get("/cases")).words()
    officer = await portal.as_("officer")
    [address] = await waiting(officer)
    assert await agree(officer, address, compared="phone") == 303
    assert "در انتظار تأیید است" not in (await again.get("/cases")).words()


async def test_a_link_used_after_the_page_was_shown_is_a_change(portal: Portal) -> None:
    owner = await entered(portal, CLERK)
    officer = await portal.as_("officer")
    [address] = await waiting(officer)
    url = f"{address}/approval"
    page = await officer.review(url, {"compared": "phone"}, at=address)
    reviewed = page.hidden(url)
    link = link_of(await (await portal.as_("head")).sign(f"/accounts/{(await person(CLERK['username']))['id']}/reset"))
    assert (await portal.visit().post(link, {"password": PASSWORD, "password_again": PASSWORD})).status == 303
    page = await officer.post(url, {**reviewed, "code": officer.code()})
    assert page.status == 422
    assert "چیزی تغییر کرده است" in page.words()
    assert "تعیین گذرواژه با پیوند" in (await officer.get(address)).words()
    assert await agree(officer, address, compared="phone") == 303
    assert (await owner.get("/account")).status == 303


async def test_whatever_waits_is_found_however_much_waits(portal: Portal) -> None:
    """Over a page of openings wait; the last one is listed, found and agreed to."""
    now, head = portal.clock(), portal.people["head"].id
    for number in range(60):
        new = NewAccount(f"many{number}", "کارشناس", "کارشناس", Role.MUNICIPALITY, municipality=cast.TOWN)
        who = await accounts.open_by_machine(new, now=now)
        later = Span(persian.tehran_date(now) + timedelta(days=9))
        office, kind = Office(Role.MUNICIPALITY, cast.TOWN), MandateKind.REGULAR
        await mandates.write(
            who, office, kind=kind, title="کارشناس", span=later, granted_by=head, now=now, confirmed=False
        )
    portal.clock.tick()
    await entered(portal, CLERK)
    officer = await portal.as_("officer")
    listed: list[str] = []
    at = "/approvals"
    while at:
        page = await officer.get(at)
        listed += [each.get("href", "") for each in page.all("a") if "/approvals/" in each.get("href", "")]
        at = next((each.get("href", "") for each in page.all("a") if each.get("rel") == "next"), "")
    assert len(listed) == len(set(listed)) == 61
    assert CLERK["username"] in page.words(), "the newest is the last"
    assert await agree(officer, listed[-1], compared="phone") == 303
    for odd in ("-1", "9" * 30, "x", "۹۹۹"):
        assert (await officer.get(f"/approvals?page={odd}")).status == 200


async def test_whose_mandate_is_to_come_is_shown_the_digits_that_he_is_asked_for(portal: Portal) -> None:
    head = await portal.as_("head")
    coming = {**SECOND_HEAD, "starts_on": persian.jalali_text(persian.tehran_date(portal.clock()) + timedelta(days=2))}
    owner = portal.visit()
    link = link_of(await head.sign("/accounts", coming, at="/accounts/new"))
    assert (await owner.post(link, {"password": PASSWORD, "password_again": PASSWORD})).status == 303
    page = await enrol(owner, portal)
    shown = re.search(r"[۰-۹]{4}(?: [۰-۹]{4}){5}", page.text)
    assert shown is not None, "he cannot open his account's page before his first day"
    second = await portal.as_("second")
    [address] = await waiting(second)
    page = await second.get(address)
    assert shown.group() in page.text
    assert "پس از ثبت رمزساز" in page.words(), "nor is the second person told that he reads them there"
