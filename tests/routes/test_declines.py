"""The second person does not agree: what ends with it, and what does not."""

from typing import Any

from portal.services.authentication import factor_confirmations
from portal.services.verification import accounts
from portal.services.verification.statements import Finding
from portal.tables.mandates import Mandate
from tests.world import cast
from tests.world.accounts import CLERK, EXAMINER, PASSWORD, code_of, entered, follow, link_of, person
from tests.world.approvals import agree, waiting
from tests.world.authenticators import Device
from tests.world.mandates import DEPUTY, day, end, fields
from tests.world.passkeys import HOST, PASSKEYS, block
from tests.world.portal import Portal

FAKE = {**DEPUTY, "kind": "regular", "username": "fake.minister"}


async def test_a_governorate_does_not_end_what_proves_the_minister(portal: Portal) -> None:
    head, minister = await portal.as_("head"), portal.people["minister"].id
    await end(portal, head, "minister", day(portal, 9))
    town = fields(portal, role="municipality", municipality=cast.TOWN, province="")
    assert (await head.sign(f"/accounts/{minister}/mandate", town)).status == 303
    officer, signed_in = await portal.as_("officer"), await portal.as_("minister")
    [address] = await waiting(officer)
    assert await agree(officer, address) == 303
    [address] = await waiting(officer)
    page = await officer.get(f"{address}/decline")
    assert "می‌ماند" in page.words(), "what does not end is said before it is signed"
    assert (await officer.sign(f"{address}/decline", {"reason": "صدای او نبود"})).status == 303
    assert [each.kind for each in await factor_confirmations.of_person(minister)] == ["totp"]
    assert (await signed_in.get("/cases")).status == 200, "he is Minister for nine days more"
    assert (await (await portal.as_("minister")).get("/cases")).status == 200


async def test_whoever_is_declined_keeps_no_seat(portal: Portal) -> None:
    head = await portal.as_("head")
    await end(portal, head, "minister", day(portal, 2))
    await follow_opening(portal, {**FAKE, "starts_on": day(portal, 3)})
    second = await portal.as_("second")
    [address] = await waiting(second)
    assert (await second.sign(f"{address}/decline", {"reason": "چنین وزیری نیست"})).status == 303
    held = await mandate(FAKE["username"])
    assert (held["confirmed_at"], held["ended_at"]) == (None, None), "it waits for an agreement of its own"
    real = {**FAKE, "username": "real.minister", "starts_on": day(portal, 3)}
    assert (await second.sign("/accounts", real, at="/accounts/new")).status == 200

    third = await portal.as_("third")
    [address] = await waiting(third)
    page = await third.submit(f"{address}/approval", at=address)
    assert page.status in (409, 422), "the seat is taken"
    assert (await third.sign(f"{address}/decline", {"reason": "وزیر دیگری است"})).status == 303
    assert await journal_findings() == []


async def test_a_declined_opening_is_agreed_to_before_it_is_heard_anew(portal: Portal) -> None:
    await follow_opening(portal, EXAMINER)
    second = await portal.as_("second")
    [address] = await waiting(second)
    assert (await second.sign(f"{address}/decline", {"reason": "صدای او نبود"})).status == 303
    row = await person(EXAMINER["username"])
    assert row["password_hash"] is None
    [address] = await waiting(second)
    assert await agree(second, address) == 303
    head = await portal.as_("head")
    owner = await follow(portal, link_of(await head.sign(f"/accounts/{row['id']}/invitation")))
    [address] = await waiting(second)
    assert await agree(second, address, compared="face") == 303
    assert (await owner.get("/cases")).status == 200
    assert await journal_findings() == []


async def test_a_mandate_that_was_heard_once_outlasts_a_decline(portal: Portal) -> None:
    head, clerk = await portal.as_("head"), portal.people["clerk"].id
    link = link_of(await head.sign(f"/accounts/{clerk}/reset"))
    assert (await portal.visit().post(link, {"password": PASSWORD, "password_again": PASSWORD})).status == 303
    officer = await portal.as_("officer")
    [address] = await waiting(officer)
    assert (await officer.sign(f"{address}/decline", {"reason": "صدای او نبود"})).status == 303
    assert (await mandate("clerk"))["confirmed_at"] is not None


async def test_of_two_authenticators_one_is_declined(portal: Portal) -> None:
    owner = await entered(portal, CLERK)
    who = (await person(CLERK["username"]))["id"]
    page = await owner.get(PASSKEYS, headers=HOST)
    made = {**page.hidden(PASSKEYS), "name": "کلید", "credential": Device().make(block(page)["challenge"])}
    assert (await owner.post(PASSKEYS, {**made, "code": await code_of(portal, who)})).status == 303
    officer = await portal.as_("officer")
    kinds = {f"/approvals/{each.id}": each.kind for each in await factor_confirmations.of_person(who)}
    key, phone = sorted(kinds, key=lambda each: kinds[each])
    for one, other in ((key, phone), (phone, key)):
        page = await officer.get(one)
        assert "گذرکلید" in page.words()
        assert "برنامهٔ رمزساز" in page.words()
        assert other in {each.get("href") for each in page.all("a")}, "the other one is a link away"
    listed = (await officer.get("/approvals")).words()
    assert "گذرکلید" in listed
    assert (await officer.sign(f"{key}/decline", {"reason": "رقم‌ها یکی نبود"})).status == 303
    assert [each.kind for each in await factor_confirmations.of_person(who)] == ["totp"], (
        "the other one is still to be heard"
    )
    assert (await person(CLERK["username"]))["password_hash"] is not None

    page = await officer.get(f"{phone}/decline")
    assert "گذرواژه" in page.words(), "with the last one everything ends, and the page says so"
    assert (await officer.sign(f"{phone}/decline", {"reason": "صدای او نبود"})).status == 303
    assert await factor_confirmations.of_person(who) == []
    assert (await person(CLERK["username"]))["password_hash"] is None


async def follow_opening(portal: Portal, new: dict[str, str]) -> None:
    """Open an account, and have whoever holds its link enrol."""
    page = await (await portal.as_("head")).sign("/accounts", new, at="/accounts/new")
    await follow(portal, link_of(page))


async def mandate(username: str) -> dict[str, Any]:
    row = await Mandate.select().where(Mandate.person == (await person(username))["id"]).first()
    assert row is not None
    return row


async def journal_findings() -> list[str]:
    """What the accounts are found to say otherwise than the journal."""
    found: list[Finding] = []
    await accounts.walk(found, lambda count: None)
    return [each.code for each in found]
