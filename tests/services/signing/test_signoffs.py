"""How an act is signed: the doors in their order, one fresh code, bound to what was on the screen, recorded once."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from portal.domain import assertions, events
from portal.domain.errors import Conflict, NotFound, ProofRefused
from portal.domain.events import EventKind, OfficeAct
from portal.services.authentication import factor_confirmations, second_factor
from portal.services.authentication.passkeys import Answered
from portal.services.identity import mandates
from portal.services.identity.identity import Identity
from portal.services.journal import log
from portal.services.signing import signoffs
from portal.services.signing.signoffs import CodeAwaited, Matter, Proof, signing_about
from portal.tables.people import LoginBudget
from tests.world.authenticators import b64
from tests.world.cast import Cast
from tests.world.clock import Clock
from tests.world.services import GOOD_FOR, SITE, add_passkey, code_of, kinds, signed_in, statements

TABLE = Matter("ruleset", "a table", "draft", "published", items=({"name": "row", "points": 7},))
VALUES = {"note": "نخستین"}


class Desk:
    """An act of somebody's on the matter that is there now."""

    def __init__(self, by: Identity, clock: Clock) -> None:
        self.by, self.clock, self.matter = by, clock, TABLE
        self.looked: list[bool] = []

    async def look(self, locked: bool) -> Matter:
        self.looked.append(locked)
        if self.matter.before != "draft":
            raise Conflict("published-already")
        return self.matter

    async def do(self, proof: Proof, values: Mapping[str, Any] = VALUES) -> int:
        about = signing_about(self.look, OfficeAct.PUBLICATION, self.by, proof, now=self.clock())
        async with about as signing:
            await signing.prove(values)
            return await signing.record(EventKind.RULESET_PUBLISHED, {"digest": "00"})

    async def shown(self, values: Mapping[str, Any] = VALUES) -> tuple[CodeAwaited, Proof]:
        """What a page shows before the code, and the proof that it sends with one."""
        blank = Proof(None, "", uuid4().hex + uuid4().hex, self.clock() + GOOD_FOR)
        with pytest.raises(CodeAwaited) as awaited:
            await self.do(blank, values)
        return awaited.value, replace(blank, code=code_of(self.by, self.clock), basis=awaited.value.basis)


@pytest.fixture
def desk(people: Cast, clock: Clock) -> Desk:
    return Desk(people["examiner"], clock)


async def test_without_a_code_it_stops_and_tells_what_is_signed(desk: Desk) -> None:
    awaited, proof = await desk.shown()
    assert awaited.intent["meaning"] == events.MEANINGS[OfficeAct.PUBLICATION]
    assert awaited.intent["state"] == {"before": "draft", "after": "published"}
    assert (awaited.intent["values"], awaited.intent["nonce"]) == (VALUES, proof.nonce)
    assert awaited.intent["expires"] == events.moment(proof.expires)
    assert awaited.basis == events.digest(TABLE.basis(OfficeAct.PUBLICATION))
    assert (desk.looked, await kinds("a table")) == ([False], [])


async def test_what_was_shown_is_recorded_with_instant_and_factor(desk: Desk) -> None:
    awaited, proof = await desk.shown()
    position = await desk.do(replace(proof, intent=events.digest(awaited.intent)))
    [told] = await statements("a table")
    assert told["intent"] == awaited.intent
    assert told["record"]["intent_sha256"] == events.digest(awaited.intent)
    assert (told["record"]["kind"], told["record"]["produced"]) == ("RuleSetPublished", {"digest": "00"})
    assert (told["record"]["position"], told["record"]["at"]) == (position, events.moment(desk.clock()))
    assert told["record"]["factor"]["step"] == int(desk.clock().timestamp()) // 30
    assert desk.looked == [False, False, True], "the doors are passed again under a lock"


async def test_what_has_changed_since_it_was_shown_is_not_signed(desk: Desk) -> None:
    awaited, proof = await desk.shown()
    reviewed = replace(proof, intent=events.digest(awaited.intent))
    for given, values, matter in (
        (proof, VALUES, replace(TABLE, items=({"name": "row", "points": 8},))),
        (reviewed, {"note": "چیز دیگر"}, TABLE),
        (replace(proof, basis="0" * 64), VALUES, TABLE),
    ):
        desk.matter = matter
        with pytest.raises(ProofRefused, match="changed"):
            await desk.do(given, values)
    desk.matter = TABLE
    await desk.do(proof, {"note": "چیز دیگر"})
    assert await kinds("a table") == ["RuleSetPublished"], "the code was not spent by what was refused"


async def test_a_proof_that_is_bound_to_nothing_or_late_is_refused_before_it_costs(desk: Desk) -> None:
    _, proof = await desk.shown()
    wrong = replace(proof, code="000000")
    with pytest.raises(ProofRefused, match="unbound"):
        await desk.do(replace(wrong, basis=""))
    with pytest.raises(ProofRefused, match="expired"):
        await desk.do(replace(wrong, expires=desk.clock() - timedelta(seconds=1)))
    desk.matter = replace(TABLE, before="published")
    with pytest.raises(Conflict, match="published-already"):
        await desk.do(wrong)
    assert await LoginBudget.count() == 0, "no try was charged"
    desk.matter = TABLE
    await desk.do(replace(proof, expires=desk.clock()))


async def test_one_code_signs_one_act_and_one_page_signs_once(desk: Desk, clock: Clock) -> None:
    _, first = await desk.shown()
    _, second = await desk.shown()
    await desk.do(second)
    with pytest.raises(ProofRefused, match="used-code"):
        await desk.do(replace(first, code=second.code))
    fresh = replace(second, code=code_of(desk.by, clock))
    for again in (fresh, replace(fresh, nonce=fresh.nonce[: signoffs.DRAWN] + "0" * 32)):
        with pytest.raises(ProofRefused, match="changed"):
            await desk.do(again)
    await desk.do(replace(first, code=fresh.code))
    assert await kinds("a table") == ["RuleSetPublished"] * 2, "what was refused took its code's use back"


async def test_the_same_intent_by_the_same_person_is_known(desk: Desk, people: Cast) -> None:
    awaited, proof = await desk.shown()
    digest = events.digest(awaited.intent)
    assert not await signoffs.is_recorded(proof.nonce, digest, desk.by)
    await desk.do(proof)
    assert await signoffs.is_recorded(proof.nonce, digest, desk.by)
    assert await signoffs.is_recorded(proof.nonce, None, desk.by)
    assert not await signoffs.is_recorded(proof.nonce, "0" * 64, desk.by)
    assert not await signoffs.is_recorded(proof.nonce, None, people["minister"])


async def test_whose_factor_nobody_has_heard_signs_nothing(desk: Desk, clock: Clock) -> None:
    _, proof = await desk.shown()
    await factor_confirmations.revoke(desk.by.id, now=clock())
    with pytest.raises(Conflict, match="not-confirmed"):
        await desk.do(proof)
    desk.by = replace(desk.by, confirmed=False)
    with pytest.raises(Conflict, match="not-confirmed"):
        await desk.do(replace(proof, code=None))
    assert await kinds("a table") == []


async def test_whose_mandate_is_over_signs_nothing_and_what_is_not_his_is_told_first(desk: Desk, clock: Clock) -> None:
    _, proof = await desk.shown()
    await mandates.end_all(desk.by.id, by=None, now=clock())
    with pytest.raises(Conflict, match="mandate-over"):
        await desk.do(proof)

    async def hidden(locked: bool) -> Matter:
        raise NotFound("ruleset")

    with pytest.raises(NotFound, match="ruleset"):
        async with signing_about(hidden, OfficeAct.PUBLICATION, replace(desk.by, confirmed=False), proof, now=clock()):
            raise AssertionError("the doors stand open")


async def test_a_passkey_signs_the_very_intent(people: Cast, clock: Clock) -> None:
    desk = Desk(await signed_in(people["examiner"], clock), clock)
    passkey, device = await add_passkey(desk.by, clock)
    awaited, proof = await desk.shown()
    other = device.answer(b64(b"d" * 32))
    with pytest.raises(ProofRefused, match="passkey-other-statement"):
        await desk.do(replace(proof, code=Answered(assertions.parse(other), SITE)))
    answer = device.answer(b64(bytes.fromhex(events.digest(awaited.intent))))
    await desk.do(replace(proof, code=Answered(assertions.parse(answer), SITE)))
    factor = (await statements("a table"))[-1]["record"]["factor"]
    assert (factor["kind"], factor["id"], factor["origin"]) == ("passkey", str(passkey), SITE[1])
    assert factor["assertion"] == assertions.parse(answer).as_dict()
    assert await log.holds(proof.nonce)
    assert await second_factor.in_force(desk.by.id) is not None
