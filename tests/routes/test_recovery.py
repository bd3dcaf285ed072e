"""Recovery codes over HTTP: ten, each once, for signing in and restoring a factor, and never for a sign-off."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from portal.domain import totp
from portal.domain.errors import ProofRefused
from portal.domain.lifecycle import State
from portal.domain.persian import persian_digits
from portal.services.authentication import sign_in
from portal.tables.events import Event
from portal.tables.factors import RecoveryCode
from portal.tables.people import SecondFactor
from tests.world.accounts import half_way
from tests.world.authenticators import Device
from tests.world.builders import Builder
from tests.world.passkeys import HOST, block, with_passkey
from tests.world.portal import Portal
from tests.world.recovery_codes import RECOVERY_CODES, issued


async def events(kind: str) -> int:
    return int(await Event.count().where(Event.kind == kind))


async def test_ten_are_shown_once_and_kept_as_digests(portal: Portal) -> None:
    clerk = await portal.as_("clerk")
    codes = await issued(clerk)
    assert len(set(codes)) == 10
    page = await clerk.get(RECOVERY_CODES)
    assert not any(code in page.text for code in codes)
    assert "۱۰ رمز شما" in page.words()
    kept = [bytes(row["digest"]) for row in await RecoveryCode.select()]
    assert all(len(each) == 32 for each in kept)
    assert await events("RecoveryCodesIssued") == 1
    again = await issued(clerk)
    page = await (await half_way(portal)).post("/login/recovery", {"recovery_code": codes[0]})
    assert page.status == 422, "the ones before are void"
    assert (await (await half_way(portal)).post("/login/recovery", {"recovery_code": again[0]})).status == 303


async def test_a_code_signs_in_once_however_it_is_typed(portal: Portal) -> None:
    clerk = await portal.as_("clerk")
    codes = await issued(clerk)
    shapes: tuple[Callable[[str], str], ...] = (str, str.lower, lambda code: code.replace("-", " "), persian_digits)
    for code, shape in zip(codes, shapes, strict=False):
        visitor = await half_way(portal)
        page = await visitor.submit("/login/recovery", {"recovery_code": shape(code)})
        assert (page.status, page.location) == (303, "/account/second-factor")
        assert (await visitor.get("/account")).status == 200
        page = await (await half_way(portal)).post("/login/recovery", {"recovery_code": code})
        assert page.status == 422
        assert "رمزهای بازیابی معتبر شما نیست" in page.errors()["recovery_code"]
    assert await events("RecoveryCodeUsed") == 4
    assert "رمزهای بازیابی شما به کار رفت" in (await clerk.get("/account")).words()
    assert "با رمز بازیابی" in (await clerk.get("/account/sessions")).words()


async def test_of_many_at_once_one_signs_in(portal: Portal) -> None:
    codes = await issued(await portal.as_("clerk"))
    visitors = [await half_way(portal) for _ in range(12)]
    answers = await asyncio.gather(
        *(each.http.post("/login/recovery", data={"recovery_code": codes[0]}) for each in visitors)
    )
    assert [each.status_code for each in answers].count(303) == 1
    assert await events("RecoveryCodeUsed") == 1


async def test_a_recovery_code_never_signs(portal: Portal) -> None:
    clerk = await portal.as_("clerk")
    codes = await issued(clerk)
    number = await Builder(portal.people, portal.store, portal.clock).case(State.DRAFT)
    url = f"/cases/{number}/submission"
    for field in ("code", "recovery_code", "assertion"):
        page = await clerk.get(url)
        page = await clerk.post(url, {**page.hidden(url), field: codes[0]})
        assert page.status == 422
    assert await events("CaseSubmitted") == await events("RecoveryCodeUsed") == 0
    # Nor does one make new ones, or a passkey.
    assert (await clerk.post(RECOVERY_CODES, {"recovery_code": codes[0]})).status == 422
    page = await clerk.get("/account/passkeys", headers=HOST)
    made = {"name": "x", "credential": Device().make(block(page)["challenge"]), "recovery_code": codes[0]}
    assert (await clerk.post("/account/passkeys", {**page.hidden("/account/passkeys"), **made})).status == 422


async def test_a_lost_phone_is_replaced_by_a_recovery_code(portal: Portal) -> None:
    codes = await issued(await portal.as_("clerk"))
    visitor = await half_way(portal)
    await visitor.post("/login/recovery", {"recovery_code": codes[0]})
    url = "/account/second-factor"
    page = await visitor.post(url, {"recovery_code": codes[0]})
    assert page.status == 422, "that one is used up"
    assert page.errors()["recovery_code"]
    assert (await visitor.post(url, {"recovery_code": codes[1]})).status == 303
    page = await visitor.get(url)
    secret = re.findall(r"secret=([A-Z2-7]+)", page.text)[0]
    assert (await visitor.post(url, {"code": totp.current_code(secret, portal.clock())})).status == 303
    assert await events("FactorEnded") == 1
    old = await half_way(portal)
    assert (await old.post("/login/code", {"code": old.code()})).status == 422


async def test_wrong_ones_pause(portal: Portal) -> None:
    codes = await issued(await portal.as_("clerk"))
    visitor = await half_way(portal)
    for _ in range(5):
        page = await visitor.post("/login/recovery", {"recovery_code": "0000-" * 5 + "0000"})
    page = await visitor.post("/login/recovery", {"recovery_code": codes[0]})
    assert "ثانیهٔ دیگر" in page.errors()["recovery_code"]
    portal.clock.tick(31)
    assert (await visitor.post("/login/recovery", {"recovery_code": codes[0]})).status == 303


async def test_a_factor_that_rests_is_restored_by_another(portal: Portal) -> None:
    clerk, device = await with_passkey(portal)
    codes = await issued(clerk)
    mine = SecondFactor.person == portal.people["clerk"].id
    url = "/account/second-factor/restoration"
    page = await clerk.post(url, {"recovery_code": codes[0]})
    assert page.status == 409, "it does not rest"

    async def wear_out() -> None:
        by = replace(portal.people["clerk"], address="203.0.113.7")
        for _ in range(totp.RESTS_AFTER - 1):
            with pytest.raises(ProofRefused):
                await sign_in.prove(by, "000000", now=portal.clock.tick(301))
        portal.clock.tick(301)
        page = await (await half_way(portal)).post("/login/code", {"code": "000000"})
        assert "موقتاً غیرفعال" in page.errors()["code"]

    await wear_out()
    visitor = await half_way(portal)
    page = await visitor.post("/login/code", {"code": visitor.code()})
    assert "موقتاً غیرفعال" in page.errors()["code"]
    await visitor.post("/login/recovery", {"recovery_code": codes[0]})
    page = await visitor.get("/account/second-factor", headers=HOST)
    assert page.form(url) is not None
    assert (await visitor.post(url, {"code": visitor.code()})).status == 422
    assert (await visitor.post(url, {"recovery_code": codes[1]})).status == 303
    row = await SecondFactor.select().where(mine).first()
    assert row is not None
    assert (row["failures"], row["rested_at"]) == (0, None)
    portal.clock.tick(301)  # the pause of this address goes on
    assert (await (v := await half_way(portal)).post("/login/code", {"code": v.code()})).status == 303

    await wear_out()
    page = await (v := await half_way(portal)).get("/login/code", headers=HOST)
    fields = {**page.hidden("/login/code"), "assertion": device.answer(block(page)["challenge"])}
    assert (await v.post("/login/code", fields)).status == 303
    page = await v.get("/account/second-factor", headers=HOST)
    fields = {**page.hidden(url), "assertion": device.answer(block(page)["challenge"])}
    assert (await v.post(url, fields)).status == 303
    assert await events("FactorRestored") == 2
