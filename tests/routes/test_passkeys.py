"""Passkeys over HTTP: enrolled, signing in, signing; and every answer that is another's, another site's or a copy."""

import asyncio
import base64
import hashlib
import json
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from portal.domain import events as domain_events
from portal.domain.assertions import Assertion, AssertionRefused, verify_assertion, verify_record
from portal.tables.events import Event
from portal.tables.factors import Passkey
from tests.world.accounts import half_way
from tests.world.authenticators import PRESENT, Device
from tests.world.builders import scan
from tests.world.journal import last_event
from tests.world.passkeys import HOST, PASSKEYS, block, review, sign_in, with_passkey
from tests.world.portal import Portal


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


async def test_a_passkey_signs_in_and_signs_the_very_statement(portal: Portal) -> None:
    _, device = await with_passkey(portal)
    clerk = await half_way(portal)
    assert (await sign_in(clerk, device)).status == 303
    url, page = await review(portal, clerk)
    assert (
        await clerk.post(url, {**page.hidden(url), "assertion": device.answer(block(page)["challenge"])})
    ).status == 303

    signed = await last_event("CaseSubmitted")
    factor, digest = signed["record"]["factor"], signed["record"]["intent_sha256"]
    enrolled = (await last_event("FactorEnrolled"))["intent"]["values"]
    assert (factor["kind"], factor["id"]) == ("passkey", enrolled["factor"])
    assert digest == domain_events.digest(signed["intent"])

    # Anyone with the journal's public key can check it, by nothing but the standard's own words.
    given = {name: unb64(text) for name, text in factor["assertion"].items()}
    seen = json.loads(given["client_data"])
    assert unb64(seen["challenge"]).hex() == digest
    assert seen["origin"] == enrolled["origin"] == "http://localhost:8000"
    key = load_der_public_key(unb64(enrolled["public_key"]))
    assert isinstance(key, ec.EllipticCurvePublicKey)
    signed_bytes = given["authenticator_data"] + hashlib.sha256(given["client_data"]).digest()
    key.verify(given["signature"], signed_bytes, ec.ECDSA(SHA256()))
    # And by the portal's own verifier, which `portal verify journal` calls.
    assertion, public_key = Assertion.of(factor["assertion"]), unb64(enrolled["public_key"])
    verify_assertion(public_key, assertion, bytes.fromhex(digest), factor["rp_id"], factor["origin"])
    book = {factor["id"]: enrolled}
    assert verify_record(signed, book)
    assert not verify_record(signed, {}), "by a key that was never enrolled"
    assert not verify_record({**signed, "intent": {**signed["intent"], "nonce": "another"}}, book)
    with pytest.raises(AssertionRefused, match="passkey-other-statement"):
        verify_assertion(public_key, assertion, bytes(32), factor["rp_id"], factor["origin"])


async def test_enrolling_takes_a_code_and_ends_other_sessions(portal: Portal) -> None:
    other = await portal.as_("clerk")
    clerk = await portal.as_("clerk")
    page = await clerk.get(PASSKEYS, headers=HOST)
    made = {**page.hidden(PASSKEYS), "name": "گوشی", "credential": Device().make(block(page)["challenge"])}
    refused = await clerk.post(PASSKEYS, {**made, "code": "000000"}, headers=HOST)
    assert (refused.status, await Passkey.count()) == (422, 0)
    assert [each.get("value") for each in refused.all("input") if each.get("name") == "name"] == ["گوشی"]
    assert (await clerk.post(PASSKEYS, {**made, "code": clerk.code()})).status == 303
    assert (await other.get("/account")).status == 303
    assert (await clerk.get("/account")).status == 200
    # The same offer again is refused: its challenge is spent.
    again = await clerk.post(PASSKEYS, {**made, "code": clerk.code()})
    assert (again.status, await Passkey.count()) == (422, 1)


Twist = Callable[[Device], None]


@pytest.mark.parametrize(
    ("twist", "word"),
    [
        (lambda device: setattr(device, "origin", "https://daraje.evil.example"), "سایت دیگری"),
        (lambda device: setattr(device, "rp_id", "evil.example"), "سایت دیگری"),
        (lambda device: setattr(device, "flags", PRESENT), "هویت شما را تأیید نکرد"),
        (lambda device: setattr(device, "key", ec.generate_private_key(ec.SECP256R1())), "امضای گذرکلید معتبر نیست"),
        (lambda device: setattr(device, "id", b"unknown credential"), "به حساب شما تعلق ندارد"),
        (lambda device: setattr(device, "count", 1), "کپی‌برداری"),
    ],
    ids=["origin", "site", "unverified", "forged", "unknown", "cloned"],
)
async def test_what_does_not_hold_is_told_and_signs_nothing(portal: Portal, twist: Twist, word: str) -> None:
    clerk, device = await with_passkey(portal, count=7)
    url, page = await review(portal, clerk)
    twist(device)
    page = await clerk.post(url, {**page.hidden(url), "assertion": device.answer(block(page)["challenge"])})
    assert page.status == 422
    assert word in page.errors()["code"]
    assert not await Event.exists().where(Event.kind == "CaseSubmitted")
    # The page stands as it was, and a code still signs.
    assert (await clerk.post(url, {**page.hidden(url), "code": clerk.code()})).status == 303


async def test_an_answer_over_another_statement_is_refused(portal: Portal) -> None:
    clerk, device = await with_passkey(portal)
    url, page = await review(portal, clerk)
    shown = block(page)["challenge"]
    other = block(await clerk.get(url, headers=HOST))["challenge"]
    assert shown != other
    page = await clerk.post(url, {**page.hidden(url), "assertion": device.answer(other)})
    assert "جز متن این صفحه" in page.errors()["code"]
    assert not await Event.exists().where(Event.kind == "CaseSubmitted")


async def test_after_a_wrong_code_it_signs_what_the_page_still_shows(portal: Portal) -> None:
    clerk, device = await with_passkey(portal)
    url, page = await review(portal, clerk)
    card = {**HOST, "HX-Request": "true", "HX-Target": "signoff-code"}
    drawn = await clerk.post(url, {**page.hidden(url), "code": "000000"}, headers=card)
    assert (drawn.status, block(drawn)["challenge"]) == (422, block(page)["challenge"])
    signed = {**page.hidden(url), "assertion": device.answer(block(drawn)["challenge"])}
    assert "HX-Location" in (await clerk.post(url, signed, headers=card)).response.headers


async def test_a_wrong_code_on_a_page_that_is_out_of_date_draws_all_of_it(portal: Portal) -> None:
    clerk, _ = await with_passkey(portal)
    url, page = await review(portal, clerk)
    assert (await clerk.send(url.split("/")[2], "other", scan())).status == 303
    card = {**HOST, "HX-Request": "true", "HX-Target": "signoff-code"}
    drawn = await clerk.post(url, {**page.hidden(url), "code": "000000"}, headers=card)
    assert drawn.status == 422
    assert "<main " in drawn.text


async def test_another_persons_passkey_is_refused(portal: Portal) -> None:
    _, foreign = await with_passkey(portal, "officer")
    await with_passkey(portal)
    clerk = await half_way(portal)
    page = await sign_in(clerk, foreign)
    assert page.status == 422
    assert "به حساب شما تعلق ندارد" in page.errors()["code"]


async def test_a_cloned_counter_is_journalled_and_its_owner_warned(portal: Portal) -> None:
    _, device = await with_passkey(portal, count=7)
    clerk = await half_way(portal)
    assert (await sign_in(clerk, device)).status == 303
    device.count = 7
    assert "کپی‌برداری" in (await sign_in(await half_way(portal), device)).errors()["code"]
    assert await Event.count().where(Event.kind == "PasskeyDoubted") == 1
    assert "احتمال کپی‌برداری" in (await clerk.get("/account")).words()


async def test_an_answer_counts_once_of_any_number_at_once(portal: Portal) -> None:
    clerk, device = await with_passkey(portal)
    url, page = await review(portal, clerk)
    fields = {**page.hidden(url), "assertion": device.answer(block(page)["challenge"])}
    answers = await asyncio.gather(*(clerk.http.post(url, data=fields) for _ in range(20)))
    assert {each.status_code for each in answers} == {303}, "one intent, and all are told that it is recorded"
    assert await Event.count().where(Event.kind == "CaseSubmitted") == 1
    assert not await Event.exists().where(Event.kind == "PasskeyDoubted")

    visitor = await half_way(portal)
    page = await visitor.get("/login/code", headers=HOST)
    fields = {**page.hidden("/login/code"), "assertion": device.answer(block(page)["challenge"])}
    assert (await visitor.post("/login/code", fields)).status == 303
    other = await half_way(portal)
    refused = await other.post("/login/code", fields)
    assert refused.status == 422, "a challenge is bound to its session"


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", "x" * 9000, '{"id": 1, "response": {}}', '{"id":"AA"}'])
async def test_nonsense_is_refused(portal: Portal, text: str) -> None:
    clerk, _ = await with_passkey(portal)
    url, page = await review(portal, clerk)
    page = await clerk.post(url, {**page.hidden(url), "assertion": text})
    assert page.status == 422
    assert page.errors()["code"]
    page = await clerk.get(PASSKEYS, headers=HOST)
    page = await clerk.post(PASSKEYS, {**page.hidden(PASSKEYS), "name": "x", "credential": text, "code": clerk.code()})
    assert page.status == 422


async def test_a_passkey_is_ended_under_a_proof_and_is_one_persons_own(portal: Portal) -> None:
    clerk, device = await with_passkey(portal)
    row = await Passkey.select().first()
    assert row is not None
    url = f"{PASSKEYS}/{row['id']}/end"
    assert (await (await portal.as_("officer")).get(url)).status == 404
    assert (await clerk.post(url, {"code": "000000"})).status == 422
    page = await clerk.get(url, headers=HOST)
    fields = {**page.hidden(url), "assertion": device.answer(block(page)["challenge"])}
    assert (await clerk.post(url, fields)).status == 303
    assert (await clerk.get(url)).status == 404
    visitor = await half_way(portal)
    page = await visitor.get("/login/code", headers=HOST)
    assert not [each for each in page.root.iter() if each.get("data-passkey")]
    assert (await last_event("FactorEnded"))["intent"]["values"]["kind"] == "passkey"


async def test_a_bare_address_says_where_passkeys_work(portal: Portal) -> None:
    clerk, _ = await with_passkey(portal)
    page = await clerk.get(PASSKEYS)
    assert "http://localhost:8000" in page.words()
    assert not [each for each in page.root.iter() if each.get("data-passkey")]
    url, page = await review(portal, clerk)
    assert block(page)["rp"] == "localhost"
    page = await clerk.get(url)
    assert "http://localhost:8000" in page.words()
    assert not [each for each in page.root.iter() if each.get("data-passkey")]
