"""What one of the two people, or a password alone, must not be able to do."""

import pytest

from portal.domain import totp
from portal.domain.assertions import encode
from portal.domain.lifecycle import State
from portal.services.administration import invitations
from portal.services.authentication import encryption, factor_confirmations
from portal.tables.mandates import FactorConfirmation
from portal.tables.people import Person, SecondFactor
from tests.world import cast
from tests.world.accounts import (
    EXAMINER,
    FACTOR,
    NEW,
    PASSWORD,
    PASSWORDS,
    enrol,
    entered,
    follow,
    half_way,
    link_of,
    opened,
    person,
    reset,
    secret_on,
)
from tests.world.approvals import agree, waiting
from tests.world.builders import Builder
from tests.world.mandates import DEPUTY, day, end, fields, mandate_of
from tests.world.passkeys import HOST, PASSKEYS, sign_in, with_passkey
from tests.world.portal import Portal


async def test_a_secret_that_somebody_looked_at_is_not_offered_to_the_next_one(portal: Portal) -> None:
    head, impostor = await portal.as_("head"), portal.visit()
    assert (await impostor.post(await opened(head, NEW), PASSWORDS)).status == 303
    seen = secret_on(await impostor.get(FACTOR))
    assert secret_on(await impostor.get(FACTOR)) == seen, "the same for whoever has drawn it"
    owner, link = portal.visit(), await reset(head, (await person("new.officer"))["id"])
    assert (await owner.post(link, PASSWORDS)).status == 303
    assert secret_on(await owner.get(FACTOR)) != seen
    assert (await enrol(owner, portal)).status == 303
    code = totp.current_code(seen, portal.clock.now)
    assert (await impostor.post(FACTOR, {"code": code})).status == 303, "his session ended with the link"


async def test_a_link_ends_what_waits_to_be_enrolled(portal: Portal) -> None:
    head, impostor = await portal.as_("head"), portal.visit()
    await impostor.post(await opened(head, NEW), PASSWORDS)
    await impostor.get(FACTOR)
    row = await person("new.officer")
    await portal.visit().post(await reset(head, row["id"]), PASSWORDS)
    waiting = SecondFactor.ended_at.is_null() & (SecondFactor.person == row["id"])
    assert await SecondFactor.count().where(waiting) == 0


async def test_every_session_draws_its_own_secret(portal: Portal) -> None:
    first = portal.visit()
    await first.post(await opened(await portal.as_("head"), NEW), PASSWORDS)
    seen = secret_on(await first.get(FACTOR))
    other = portal.visit()
    await other.post("/login", {"username": NEW["username"], "password": PASSWORD})
    assert secret_on(await other.get(FACTOR)) != seen
    page = await other.post(FACTOR, {"code": totp.current_code(seen, portal.clock())})
    assert page.status == 422, "a code of what another session was shown"


@pytest.mark.parametrize("maker", ["third", "machine"])
async def test_whoever_opened_the_account_is_not_its_second_person(portal: Portal, maker: str) -> None:
    await entered(portal, EXAMINER)
    owner = (await person("new.examiner"))["id"]
    portal.clock.tick()
    if maker == "third":
        await reset(await portal.as_("third"), owner)
    else:
        await invitations.invite(owner, purpose=invitations.RESET, by=None, now=portal.clock())
    for username in ("head", "third") if maker == "third" else ("head",):
        visitor = await portal.as_(username)
        assert await waiting(visitor) == []
        page = await visitor.get("/approvals")
        assert "new.examiner" in page.words()
        assert not [each for each in page.all("bdi") if each.get("class") == "count"]
        second = await portal.as_("second")
        [address] = await waiting(second)
        assert (await visitor.get(address)).status == 409
        assert (await visitor.post(f"{address}/approval", {"compared": "phone", "code": visitor.code()})).status == 409
    assert await agree(second, address, compared="phone") == 303


async def test_once_confirmed_the_first_people_begin_anew(portal: Portal) -> None:
    await entered(portal, EXAMINER)
    owner = (await person("new.examiner"))["id"]
    second, third = await portal.as_("second"), await portal.as_("third")
    [address] = await waiting(second)
    assert await agree(second, address, compared="face") == 303
    again = portal.visit()
    await again.post(await reset(third, owner), PASSWORDS)
    assert await waiting(third) == []
    [address] = await waiting(await portal.as_("head"))
    assert await agree(await portal.as_("head"), address, compared="face") == 303


async def test_whoever_is_declined_is_out_with_his_password(portal: Portal) -> None:
    await entered(portal, NEW)
    examiner = await portal.as_("examiner")
    [address] = await waiting(examiner)
    assert (await examiner.sign(f"{address}/decline", {"reason": "صدای او نبود"})).status == 303
    page = await portal.visit().post("/login", {"username": NEW["username"], "password": PASSWORD})
    assert page.status == 422
    row = await person(NEW["username"])
    assert row["password_hash"] is None
    head = await portal.as_("head")
    link = link_of(await head.sign(f"/accounts/{row['id']}/invitation"))
    await follow(portal, link)
    assert len(await waiting(await portal.as_("examiner"))) == 1, "the owner is invited anew"


async def test_a_declined_passkey_leaves_a_confirmed_authenticator_alone(portal: Portal) -> None:
    await with_passkey(portal)
    clerk = portal.people["clerk"].id
    [passkey] = [each for each in await factor_confirmations.of_person(clerk) if each.kind == "passkey"]
    await FactorConfirmation.update({FactorConfirmation.ended_at: portal.clock()}).where(
        FactorConfirmation.factor == passkey.id
    )
    officer = await portal.as_("officer")
    [address] = await waiting(officer)
    assert (await officer.sign(f"{address}/decline", {"reason": "این دستگاه او نیست"})).status == 303
    assert [each.kind for each in await factor_confirmations.of_person(clerk)] == ["totp"]
    assert (await (await portal.as_("clerk")).get("/cases")).status == 200


async def test_a_password_alone_does_not_pass_a_passkey(portal: Portal) -> None:
    _, device = await with_passkey(portal)
    clerk = portal.people["clerk"].id
    await SecondFactor.update({SecondFactor.ended_at: portal.clock()}).where(SecondFactor.person == clerk)
    visitor = await half_way(portal)
    assert (await visitor.get(FACTOR)).location == "/login/code"
    assert (await visitor.post(FACTOR, {"code": "123456"})).status == 409
    assert await SecondFactor.count().where((SecondFactor.person == clerk) & SecondFactor.ended_at.is_null()) == 0
    assert (await sign_in(visitor, device)).status == 303
    page = await visitor.get(FACTOR, headers=HOST)
    assert page.status == 200
    assert "secret=" not in page.text, "the next authenticator takes a proof by the passkey"
    assert (await visitor.post(FACTOR, {"code": "123456"})).status == 422


async def test_each_office_of_a_person_is_confirmed_by_its_own_superior(portal: Portal) -> None:
    head = await portal.as_("head")
    minister = portal.people["minister"].id
    await end(portal, head, "minister", day(portal, 9))
    grant = fields(portal, role="municipality", municipality=cast.TOWN, province="")
    assert (await head.sign(f"/accounts/{minister}/mandate", grant)).status == 303
    officer = await portal.as_("officer")
    [address] = await waiting(officer)
    assert await agree(officer, address) == 303
    row = await Person.select().where(Person.id == minister).first()
    assert row is not None
    assert row["role"] == "minister", "he is Minister for nine days more"

    [address] = await waiting(officer)
    assert "احراز" in (await officer.get(address)).words()
    await portal.visit().post(await reset(head, minister), PASSWORDS)
    second = await portal.as_("second")
    assert await waiting(officer) == await waiting(second) == [address], "one factor, of two offices"
    for visitor in (officer, second):
        page = await visitor.get(address)
        assert "وزیر کشور" in page.words(), "whoever agrees sees all that its owner holds"
        assert fields(portal)["title"] in page.words(), "and all that he is still to hold"
    assert await agree(second, address, compared="phone") == 303
    assert await waiting(second) == []
    assert await waiting(officer) == [address]

    portal.clock.tick(10 * 24 * 3600)
    officer = await portal.as_("officer")
    assert await waiting(officer) == [address]
    await portal.visit().post("/login", {"username": "minister", "password": PASSWORD})
    row = await Person.select().where(Person.id == minister).first()
    assert row is not None
    assert (row["role"], row["municipality"]) == ("municipality", cast.TOWN)


async def test_a_clerk_of_today_is_not_made_the_deputy_of_tomorrow(portal: Portal) -> None:
    """One administrator opens a deputy of the Minister for tomorrow, and lets the governorate confirm a clerk today."""
    head = await portal.as_("head")
    coming = {**DEPUTY, "starts_on": day(portal, 1), "ends_on": day(portal, 30)}
    link = await opened(head, coming)
    owner = await person("deputy")
    town = fields(portal, role="municipality", municipality=cast.TOWN, province="", starts_on=day(portal, 0))
    assert (await head.sign(f"/accounts/{owner['id']}/mandate", {**town, "ends_on": day(portal, 0)})).status == 303
    officer = await portal.as_("officer")
    [address] = await waiting(officer)
    assert DEPUTY["title"] in (await officer.get(address)).words(), "he sees what else the clerk will hold"
    assert await agree(officer, address) == 303
    clerk = await follow(portal, link)
    [address] = await waiting(officer)
    assert await agree(officer, address, compared="phone") == 303
    assert (await clerk.get("/cases")).status == 200, "a clerk for the day"

    portal.clock.tick(24 * 3600)
    deputy = portal.visit()
    await deputy.post("/login", {"username": "deputy", "password": PASSWORD})
    secret = encryption.decrypt((await SecondFactor.select().where(SecondFactor.person == owner["id"]))[0]["secret"])
    assert (await deputy.post("/login/code", {"code": totp.current_code(secret, portal.clock())})).status == 303
    assert (await deputy.get("/cases")).status == 403
    head, second = await portal.as_("head"), await portal.as_("second")
    assert await waiting(head) == [], "who opened it is not its second person either"
    assert await waiting(second) == [address]
    assert await agree(second, address, compared="face") == 303
    assert (await deputy.get("/cases")).status == 200


async def test_no_restoration_while_its_owner_cannot_object(portal: Portal) -> None:
    head, clerk = await portal.as_("head"), portal.people["clerk"].id
    await portal.visit().post(await reset(head, clerk), PASSWORDS)
    url = f"/accounts/{clerk}/restoration"
    page = await head.get(url)
    assert page.status == 409
    assert "وارد نشده است" in page.words()
    assert (await head.post(url, {"reason": "گوشی گم شد", "code": head.code()})).status == 409
    owner = portal.visit()
    owner.username = "clerk"
    await owner.post("/login", {"username": "clerk", "password": PASSWORD})
    assert (await owner.post("/login/code", {"code": owner.code()})).status == 303
    assert (await head.sign(url, {"reason": "گوشی گم شد"})).status == 200


async def test_two_administrators_do_not_end_each_other(portal: Portal) -> None:
    head = await portal.as_("head")
    await end(portal, head, "third")
    second = await portal.as_("second")
    await end(portal, head, "second", day(portal, 0))
    url = f"/mandates/{await mandate_of(portal, 'head')}/end"
    for last_day in (day(portal, 0), day(portal, 1), ""):
        page = await second.submit(url, {"last_day": last_day})
        assert page.status == 409, last_day
        assert "آخرین مدیر" in page.words()
    assert (await second.get(f"/accounts/{portal.people['head'].id}/end")).status == 409
    portal.clock.tick(24 * 3600)
    assert (await (await portal.as_("head")).get("/accounts")).status == 200


async def test_an_exchanged_secret_signs_nothing(portal: Portal) -> None:
    number = await Builder(portal.people, portal.store, portal.clock).case(State.DRAFT)
    clerk = await portal.as_("clerk")
    sealed = await SecondFactor.select(SecondFactor.secret).where(SecondFactor.person == portal.people["neighbour"].id)
    await SecondFactor.update({SecondFactor.secret: sealed[0]["secret"]}).where(
        SecondFactor.person == portal.people["clerk"].id
    )
    clerk.username = "neighbour"  # whose phone it is
    page = await clerk.sign(f"/cases/{number}/submission")
    assert page.status == 409
    assert "تأیید نشده" in page.words()
    assert not (await factor_confirmations.of_person(portal.people["clerk"].id))[0].heard_by


DEEP = "[" * 100_000
NESTED = '{"id":"AAAA","response":{"authenticatorData":"AAAA","signature":"AAAA","clientDataJSON":"%s"}}'


@pytest.mark.parametrize("given", [DEEP, "[" * 5_000, NESTED % encode(b"[" * 4_000)])
async def test_a_bottomless_answer_is_refused(portal: Portal, given: str) -> None:
    await with_passkey(portal)
    visitor = await half_way(portal)
    page = await visitor.get("/login/code", headers=HOST)
    assert (await visitor.post("/login/code", {**page.hidden("/login/code"), "assertion": given})).status == 422
    clerk = await portal.as_("clerk")
    page = await clerk.get(PASSKEYS, headers=HOST)
    made = {**page.hidden(PASSKEYS), "name": "کلید", "credential": given, "code": clerk.code()}
    assert (await clerk.post(PASSKEYS, made)).status == 422


async def test_a_device_with_bottomless_client_data_is_refused(portal: Portal) -> None:
    _, device = await with_passkey(portal)
    visitor = await half_way(portal)
    page = await visitor.get("/login/code", headers=HOST)
    given = (NESTED % encode(b"[" * 4_000)).replace('"id":"AAAA"', f'"id":"{encode(device.id)}"')
    assert (await visitor.post("/login/code", {**page.hidden("/login/code"), "assertion": given})).status == 422
