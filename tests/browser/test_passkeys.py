"""Passkeys in Chromium with a virtual authenticator: enrol, sign in, sign a sheet, and check what was signed.

The device is Chromium's; the portal checks it by `portal.domain.assertions`; here `fido2` checks the stored
statement, which neither of them uses for that.
"""

import hashlib
import json
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import load_der_public_key
from fido2.cose import ES256
from fido2.utils import websafe_decode
from fido2.webauthn import AuthenticatorData, CollectedClientData
from playwright.async_api import Browser, Page

from portal.domain import events
from portal.domain.lifecycle import State
from portal.services.verification import entries
from portal.services.verification.statements import Finding
from portal.tables.events import Event
from portal.tables.factors import Passkey
from tests.world import cast
from tests.world.builders import Builder
from tests.world.desk import Desk, sit_down
from tests.world.portal import Portal


async def virtual_authenticator(page: Page) -> tuple[Any, str]:
    """A device that asks nothing of the tester: a phone that is unlocked at once."""
    session = await page.context.new_cdp_session(page)
    await session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    made = await session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return session, made["authenticatorId"]


def on_localhost(site: Portal) -> Portal:
    """The same portal by the name at which passkeys work."""
    return replace(site, settings=replace(site.settings, base_url=f"http://localhost:{site.settings.port}"))


async def enrol(desk: Desk, name: str) -> None:
    await desk.open("/account/passkeys")
    desk.site.clock.tick(31)
    await desk.page.fill("#field-name", name)
    await desk.page.fill("#field-code", cast.code(desk.username, desk.site.clock()))
    await desk.press("ساخت گذرکلید")
    await desk.page.get_by_text("گذرکلید ثبت شد").wait_for()


async def newest(kind: str) -> dict[str, Any]:
    row = await Event.select().where(Event.kind == kind).order_by(Event.position, ascending=False).first()
    assert row is not None
    kept: dict[str, Any] = json.loads(row["statement"])
    return kept


async def test_a_device_enrols_signs_in_and_signs_a_sheet(browser: Browser, site: Portal) -> None:
    site = on_localhost(site)
    number = await Builder(site.people, site.store, site.clock).case(State.SUBMITTED)
    officer = await sit_down(browser, site, "officer")
    await virtual_authenticator(officer.page)
    await enrol(officer, "گوشی اداره")

    await officer.page.get_by_role("button", name="خروج").click()
    await officer.open("/login")
    await officer.page.fill("#field-username", "officer")
    await officer.page.fill("#field-password", cast.PASSWORD)
    await officer.press("ادامه")
    await officer.press("ورود با گذرکلید")
    await officer.page.wait_for_url("**/cases")

    await officer.open(f"/cases/{number}/attestation")
    await officer.look_through()
    for radio in await officer.page.locator("input[value=authentic]").all():
        await radio.check()
    await officer.press("بازبینی")
    await officer.press("امضا با گذرکلید")
    await officer.page.wait_for_url(f"**/cases/{number}")

    statement = await newest("AttestationGiven")
    factor = statement["record"]["factor"]
    enrolled = (await newest("FactorEnrolled"))["intent"]["values"]
    data, seen, signature = (
        websafe_decode(factor["assertion"][name]) for name in ("authenticator_data", "client_data", "signature")
    )
    public = load_der_public_key(websafe_decode(enrolled["public_key"]))
    key = ES256.from_cryptography_key(public)  # type: ignore[no-untyped-call]
    key.verify(data + hashlib.sha256(seen).digest(), signature)
    client, told = CollectedClientData(seen), AuthenticatorData(data)
    assert client.challenge == hashlib.sha256(events.canonical(statement["intent"])).digest()
    assert client.origin == enrolled["origin"] == site.settings.base_url
    assert told.rp_id_hash == hashlib.sha256(b"localhost").digest()
    assert told.is_user_verified()

    found: list[Finding] = []
    await entries.walk([], [], found, lambda count: None)
    assert found == []


async def test_a_refused_device_leaves_the_page_as_it_was(browser: Browser, site: Portal) -> None:
    site = on_localhost(site)
    clerk = await sit_down(browser, site, "clerk")
    session, authenticator = await virtual_authenticator(clerk.page)
    await enrol(clerk, "گوشی")
    number = await Builder(site.people, site.store, site.clock).case(State.DRAFT)
    await session.send("WebAuthn.setUserVerified", {"authenticatorId": authenticator, "isUserVerified": False})
    await clerk.open(f"/cases/{number}/submission")
    await clerk.press("امضا با گذرکلید")
    await clerk.page.get_by_text("گذرکلید به کار نرفت").wait_for()
    await clerk.sign("امضا می‌کنم")
    assert "پرونده به استانداری ارسال شد" in await clerk.text()


async def wrong_code(desk: Desk) -> None:
    """Type one; the card that tells of it offers the passkey again."""
    await desk.page.fill("#field-code", "000000")
    await desk.press("امضا می‌کنم")
    await desk.page.locator("#field-code-error").wait_for()
    await desk.page.get_by_role("button", name="امضا با گذرکلید").wait_for()


async def test_after_a_wrong_code_the_device_signs_on_the_same_page(browser: Browser, site: Portal) -> None:
    site = on_localhost(site)
    clerk = await sit_down(browser, site, "clerk")
    await virtual_authenticator(clerk.page)
    await enrol(clerk, "گوشی")
    number = await Builder(site.people, site.store, site.clock).case(State.DRAFT)
    await clerk.open(f"/cases/{number}/submission")
    await wrong_code(clerk)
    await Passkey.update({Passkey.ended_at: site.clock()}, force=True)
    await clerk.press("امضا با گذرکلید")
    await clerk.page.get_by_text("به حساب شما تعلق ندارد").wait_for()
    assert not await clerk.page.evaluate("document.querySelector('form.signoff').noValidate"), "a code is asked for"
    await Passkey.update({Passkey.ended_at: None}, force=True)
    await clerk.page.reload()
    await wrong_code(clerk)
    await clerk.press("امضا با گذرکلید")
    await clerk.page.wait_for_url(f"**/cases/{number}")
    assert (await newest("CaseSubmitted"))["record"]["factor"]["kind"] == "passkey"


@pytest.mark.parametrize("path", ["/account/passkeys", "/account/second-factor", "/account/recovery-codes"])
async def test_a_bare_address_has_no_passkeys_and_says_so(browser: Browser, site: Portal, path: str) -> None:
    clerk = await sit_down(browser, site, "clerk")
    await clerk.open(path)
    assert await clerk.page.locator("[data-passkey]").count() == 0
    if path == "/account/passkeys":
        assert f"http://localhost:{site.settings.port}" in await clerk.text()
