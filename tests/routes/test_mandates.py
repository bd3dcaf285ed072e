"""Mandates over HTTP: granted by one and agreed to by another, ended in the middle of a case, held by deputies."""

import json
from typing import Any

import pytest

from portal.domain.lifecycle import State
from portal.tables.cases import Case
from portal.tables.events import Event
from portal.tables.mandates import Mandate
from portal.tables.people import Person
from tests.world import cast
from tests.world.accounts import PASSWORD, code_of, entered
from tests.world.approvals import agree, waiting
from tests.world.builders import Builder
from tests.world.journal import last_event
from tests.world.mandates import DEPUTY, day, end, fields, mandate_of
from tests.world.portal import Portal


async def test_a_mandate_ends_in_the_middle_of_a_case_and_the_office_goes_on(portal: Portal) -> None:
    builder = Builder(portal.people, portal.store, portal.clock)
    number = await builder.case(State.SUBMITTED)
    officer, head = await portal.as_("officer"), await portal.as_("head")
    await builder.attest(number)
    url = f"/cases/{number}/confirmation"
    letter = {"letter_number": "42/1", "letter_date": "1405/08/01"}
    review = await officer.review(url, letter)
    assert "رسیدگی با شما" in (await officer.get(f"/cases/{number}")).words()

    await end(portal, head, "officer")
    page = await officer.post(url, {**review.hidden(url), "code": officer.code()})
    assert (page.status, page.location.partition("?")[0]) == (303, "/login"), "his sessions ended with it"
    page = await officer.post("/login", {"username": "officer", "password": cast.PASSWORD})
    assert page.status == 409
    assert "حکم شما پایان یافته" in page.words()
    assert await Event.count().where(Event.kind == "CaseConfirmed") == 0

    colleague = await portal.as_("colleague")
    assert number in (await colleague.get("/cases")).text
    assert "کارشناس رسیدگی‌کننده هنوز مشخص نیست" in (await colleague.get(f"/cases/{number}")).words()
    page = await colleague.sign(url, letter)
    assert page.status == 303, page.words()
    row = await Case.select(Case.state).where(Case.number == number).first()
    assert row is not None
    assert row["state"] == "confirmed"


async def test_a_mandate_ends_by_itself_after_its_last_day(portal: Portal) -> None:
    head, officer = await portal.as_("head"), await portal.as_("officer")
    await end(portal, head, "officer", day(portal, 1))
    assert (await officer.get("/cases")).status == 200
    portal.clock.tick(24 * 3600)
    officer = await portal.as_("officer")
    assert (await officer.get("/cases")).status == 200, "its last day is included"
    portal.clock.tick(24 * 3600)
    page = await portal.visit().post("/login", {"username": "officer", "password": cast.PASSWORD})
    assert page.status == 409


async def test_a_session_does_not_outlive_the_last_day(portal: Portal) -> None:
    head, officer = await portal.as_("head"), await portal.as_("officer")
    await end(portal, head, "officer", day(portal, 0))
    assert (await officer.get("/cases")).status == 200
    midnight = portal.clock().replace(hour=20, minute=20)  # 23:50 in Tehran
    portal.clock.now = midnight
    officer = await portal.as_("officer")
    assert (await officer.get("/cases")).status == 200
    portal.clock.tick(15 * 60)
    assert (await officer.get("/cases")).location.startswith("/login")


async def test_a_deputy_signs_as_one_until_his_last_day(portal: Portal) -> None:
    number = await Builder(portal.people, portal.store, portal.clock).case(State.DECIDED)
    owner = await entered(portal, {**DEPUTY, "ends_on": day(portal, 5)})
    page = await owner.post(f"/cases/{number}/signature", {"code": "123456"})
    assert page.status == 403, "not before the second administrator has confirmed him"
    second = await portal.as_("second")
    [address] = await waiting(second)
    assert await agree(second, address, compared="face") == 303

    page = await owner.get(f"/cases/{number}/signature")
    assert page.status == 200
    assert "جانشین وزیر کشور" in page.words()
    row = await Person.select(Person.id).where(Person.username == "deputy").first()
    assert row is not None
    code = await code_of(portal, row["id"])
    url = f"/cases/{number}/signature"
    page = await owner.post(url, {**page.hidden(url), "code": code})
    assert page.status == 303, page.words()
    signer = (await last_event("DecisionSigned"))["intent"]["signer"]
    held = await Mandate.select().where(Mandate.person == row["id"]).first()
    assert held is not None
    assert signer["mandate"] == {"id": str(held["id"]), "kind": "deputy"}
    assert signer["title"] == "جانشین وزیر کشور"
    assert "جانشین وزیر کشور" in (await owner.get(f"/cases/{number}")).words(), "the history says so too"


async def test_every_signature_names_its_mandate(portal: Portal) -> None:
    await Builder(portal.people, portal.store, portal.clock).case(State.CONFIRMED)
    rows = await Event.select(Event.statement).where(Event.kind.is_in(["CaseSubmitted", "CaseConfirmed"]))
    signers = [json.loads(row["statement"])["intent"]["signer"] for row in rows]
    held = {str(portal.people[name].mandate) for name in ("clerk", "officer")}
    assert {each["mandate"]["id"] for each in signers} == held
    assert {each["mandate"]["kind"] for each in signers} == {"regular"}


async def test_a_change_of_office_waits_for_the_second_person(portal: Portal) -> None:
    head, keeper = await portal.as_("head"), await portal.as_("keeper")
    url = f"/accounts/{portal.people['keeper'].id}/mandate"
    await end(portal, head, "keeper", day(portal, 9))
    page = await head.sign(url, fields(portal, role="minister", kind="deputy", ends_on=day(portal, 20)))
    assert page.status == 303, page.words()
    assert (await keeper.get("/archive")).status == 200
    page = await head.get(url.rpartition("/")[0])
    assert "در انتظار تأییدکنندهٔ دوم" in page.words()
    assert (await head.get(url)).status == 200
    page = await head.submit(url, fields(portal))
    assert page.status == 409, "one at a time"

    assert await waiting(head) == []
    second = await portal.as_("second")
    [address] = await waiting(second)
    page = await second.get(address)
    assert "جانشین" in page.words()
    assert await agree(second, address) == 303
    portal.clock.tick(10 * 24 * 3600)
    keeper = await portal.as_("keeper")
    assert (await keeper.get("/cases")).status == 200
    assert (await keeper.get("/archive")).status == 403, "the former office ended on the day before"


async def test_what_the_second_person_refuses_has_no_effect(portal: Portal) -> None:
    head = await portal.as_("head")
    await end(portal, head, "officer", day(portal, 3))
    person = f"/accounts/{portal.people['officer'].id}"
    assert (await head.sign(f"{person}/mandate", fields(portal))).status == 303
    examiner = await portal.as_("examiner")
    [address] = await waiting(examiner)
    assert (await examiner.sign(f"{address}/decline", {"reason": "چنین ابلاغی نیست"})).status == 303
    assert "تأیید نشد" in (await head.get(person)).words()
    portal.clock.tick(11 * 24 * 3600)
    page = await portal.visit().post("/login", {"username": "officer", "password": cast.PASSWORD})
    assert page.status == 409


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"starts_on": -1}, "starts_on"),
        ({"starts_on": 10, "ends_on": -1}, "ends_on"),
        ({"starts_on": 10, "ends_on": 9}, "ends_on"),
        ({"kind": "deputy"}, "ends_on"),
        ({"kind": "acting", "title": "سرپرست اداره", "starts_on": 10, "ends_on": 600}, "ends_on"),
        ({"kind": "acting", "title": "وزیر کشور", "starts_on": 10, "ends_on": 20}, "title"),
        ({"starts_on": 2}, "starts_on"),  # overlaps the present mandate
        ({"role": "municipality", "province": ""}, "municipality"),
        ({"province": "99"}, "province"),
        ({"title": ""}, "title"),
        ({"title": "س" * 200}, "title"),
        ({"role": "king"}, "role"),
        ({"kind": "king"}, "kind"),
        ({"starts_on": "2026-11-01"}, "starts_on"),
        ({"role": "minister"}, "starts_on"),  # somebody holds that seat
    ],
)
async def test_a_mandate_that_cannot_be_is_told_beside_its_field(
    portal: Portal, changed: dict[str, Any], field: str
) -> None:
    head = await portal.as_("head")
    await end(portal, head, "officer", day(portal, 5))
    url = f"/accounts/{portal.people['officer'].id}/mandate"
    typed = {name: day(portal, value) if isinstance(value, int) else value for name, value in changed.items()}
    page = await head.submit(url, fields(portal, **typed))
    assert page.status == 422, page.words()
    assert field in page.errors(), page.errors()
    if "title" not in changed:
        assert "کارشناس ارشد احراز" in page.text, "what was typed stays"
    page = await head.post(url, {**page.hidden(url), **fields(portal, **typed), "code": head.code()})
    assert page.status == 422
    assert await Mandate.count().where(Mandate.person == portal.people["officer"].id) == 1


async def test_a_second_minister_beside_the_first_is_refused(portal: Portal) -> None:
    head = await portal.as_("head")
    new = {"username": "minister2", "full_name": "وزیر دوم", "title": "وزیر کشور", "role": "minister"}
    page = await head.submit("/accounts", new, at="/accounts/new")
    assert page.status == 422
    assert "starts_on" in page.errors()
    assert await head.review("/accounts", {**new, "kind": "deputy", "ends_on": day(portal, 9)}, at="/accounts/new")


async def test_a_mandate_that_is_still_to_come_lets_nobody_in(portal: Portal) -> None:
    new = {"username": "later", "full_name": "بازرس آینده", "title": "بازرس", "role": "auditor"}
    owner = await entered(portal, {**new, "starts_on": day(portal, 4)})
    assert (await owner.get("/cases")).status == 303
    page = await owner.post("/login", {"username": "later", "password": PASSWORD})
    assert page.status == 409
    assert "حکم شما از" in page.words()
    portal.clock.tick(4 * 24 * 3600)
    page = await owner.post("/login", {"username": "later", "password": PASSWORD})
    assert page.status == 303


async def test_mandates_are_ended_once_shortened_and_never_the_last_administrators(portal: Portal) -> None:
    head = await portal.as_("head")
    url = f"/mandates/{await mandate_of(portal, 'officer')}/end"
    assert (await head.submit(url, {"last_day": day(portal, -1)})).status == 422
    await end(portal, head, "officer", day(portal, 5))
    assert (await head.submit(url, {"last_day": day(portal, 6)})).status == 422, "a longer one is another grant"
    await end(portal, head, "officer")
    assert (await head.get(url)).status == 409
    assert (await head.post(url, {"code": head.code()})).status == 409
    for username in ("second", "third"):
        await end(portal, head, username)
    second = await portal.visit().post("/login", {"username": "second", "password": cast.PASSWORD})
    assert second.status == 409
    page = await head.get(f"/mandates/{await mandate_of(portal, 'head')}/end")
    assert page.status == 409


async def test_only_administrators_grant_and_end(portal: Portal) -> None:
    grant = f"/accounts/{portal.people['clerk'].id}/mandate"
    over = f"/mandates/{await mandate_of(portal, 'clerk')}/end"
    for username in ("clerk", "officer", "examiner", "minister", "keeper", "auditor"):
        visitor = await portal.as_(username)
        for url in (grant, over):
            assert (await visitor.get(url)).status == 403
            assert (await visitor.post(url, {**fields(portal), "code": visitor.code()})).status == 403
    head = await portal.as_("head")
    unknown = "00000000-0000-0000-0000-000000000000"
    assert (await head.get(f"/accounts/{unknown}/mandate")).status == 404
    assert (await head.get(f"/mandates/{unknown}/end")).status == 404
