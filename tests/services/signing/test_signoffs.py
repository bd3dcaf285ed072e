"""How an act is signed: the doors in their order, one fresh code, bound to what was on the screen, recorded once."""

import asyncio
from collections.abc import Mapping
from contextvars import Context
from dataclasses import replace
from datetime import timedelta
from typing import Any

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
from portal.services.signing.signoffs import Matter, Prepared, Proof, Signed
from portal.tables.events import Event
from portal.tables.people import LoginBudget
from tests.world import acts
from tests.world.authenticators import b64
from tests.world.cast import Cast
from tests.world.clock import Clock
from tests.world.services import SITE, add_passkey, code_of, kinds, signed_in, statements

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

    async def prepared(self, values: Mapping[str, Any] = VALUES) -> Prepared[int]:
        async def write(signed: Signed) -> int:
            return await signed.record(EventKind.RULESET_PUBLISHED, {"digest": "00"})

        return await signoffs.prepare(OfficeAct.PUBLICATION, self.by, self.look, write, values)

    async def do(self, proof: Proof, values: Mapping[str, Any] = VALUES) -> int:
        return await signoffs.sign(await self.prepared(values), proof, now=self.clock())

    async def shown(self, values: Mapping[str, Any] = VALUES) -> tuple[dict[str, Any], Proof]:
        """The intent that a page shows before the code, and the proof that it sends with one."""
        prepared = await self.prepared(values)
        blank = acts.proof_of(prepared, "", self.clock())
        return prepared.intent(blank.nonce, blank.expires), replace(blank, code=code_of(self.by, self.clock))


@pytest.fixture
def desk(people: Cast, clock: Clock) -> Desk:
    return Desk(people["examiner"], clock)


async def test_what_is_prepared_tells_what_is_signed_and_signs_nothing(desk: Desk) -> None:
    intent, proof = await desk.shown()
    assert intent["meaning"] == events.MEANINGS[OfficeAct.PUBLICATION]
    assert intent["state"] == {"before": "draft", "after": "published"}
    assert (intent["values"], intent["nonce"]) == (VALUES, proof.nonce)
    assert intent["expires"] == events.moment(proof.expires)
    assert proof.basis == events.digest(TABLE.basis(OfficeAct.PUBLICATION))
    assert (desk.looked, await kinds("a table")) == ([False], [])


async def test_what_was_shown_is_recorded_with_instant_and_factor(desk: Desk) -> None:
    intent, proof = await desk.shown()
    position = await desk.do(replace(proof, intent=events.digest(intent)))
    [told] = await statements("a table")
    assert told["intent"] == intent
    assert told["record"]["intent_sha256"] == events.digest(intent)
    assert (told["record"]["kind"], told["record"]["produced"]) == ("RuleSetPublished", {"digest": "00"})
    assert (told["record"]["position"], told["record"]["at"]) == (position, events.moment(desk.clock()))
    assert told["record"]["factor"]["step"] == int(desk.clock().timestamp()) // 30
    assert desk.looked == [False, False, True], "the doors are passed again under a lock"


async def test_what_has_changed_since_it_was_shown_is_not_signed(desk: Desk) -> None:
    intent, proof = await desk.shown()
    reviewed = replace(proof, intent=events.digest(intent))
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


async def test_a_code_that_another_act_spends_under_way_signs_nothing(desk: Desk) -> None:
    _, proof = await desk.shown()
    prepared = await desk.prepared()

    async def other() -> None:
        async with second_factor.proving(desk.by, proof.code, now=desk.clock()) as proven:
            await second_factor.consume(proven, now=desk.clock())

    async def look() -> Matter:
        await asyncio.create_task(other(), context=Context())  # on a connection of its own
        return TABLE

    with pytest.raises(ProofRefused, match="used-code"):
        await signoffs.sign(replace(prepared, look=look), proof, now=desk.clock())
    assert await kinds("a table") == []
    assert (await kinds(desk.by.id)).count("CodeReplayed") == 1


async def test_what_happened_to_the_matter_under_way_is_a_change(desk: Desk) -> None:
    """Its version is the position of the last event about it, looked at again under the lock."""
    await desk.do((await desk.shown())[1])
    last = (await Event.select(Event.position).where(Event.subject == "a table"))[-1]["position"]
    for version, is_as_it_was in ((last - 1, False), (last, True)):
        desk.matter = replace(TABLE, version=version)
        _, proof = await desk.shown()
        if is_as_it_was:
            await desk.do(proof)
        else:
            with pytest.raises(ProofRefused, match="changed"):
                await desk.do(proof)
    assert await kinds("a table") == ["RuleSetPublished"] * 2


async def test_the_same_intent_by_the_same_person_is_known(desk: Desk, people: Cast) -> None:
    intent, proof = await desk.shown()
    digest = events.digest(intent)
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
        await desk.prepared()
    assert await kinds("a table") == []


async def test_whose_mandate_is_over_signs_nothing_and_what_is_not_his_is_told_first(desk: Desk, clock: Clock) -> None:
    _, proof = await desk.shown()
    await mandates.end_all(desk.by.id, by=None, now=clock())
    with pytest.raises(Conflict, match="mandate-over"):
        await desk.do(proof)

    async def hidden(locked: bool) -> Matter:
        raise NotFound("ruleset")

    desk.by, desk.look = replace(desk.by, confirmed=False), hidden  # type: ignore[method-assign]
    with pytest.raises(NotFound, match="ruleset"):
        await desk.prepared()


async def test_a_passkey_signs_the_very_intent(people: Cast, clock: Clock) -> None:
    desk = Desk(await signed_in(people["examiner"], clock), clock)
    passkey, device = await add_passkey(desk.by, clock)
    intent, proof = await desk.shown()
    other = device.answer(b64(b"d" * 32))
    with pytest.raises(ProofRefused, match="passkey-other-statement"):
        await desk.do(replace(proof, code=Answered(assertions.parse(other), SITE)))
    answer = device.answer(b64(bytes.fromhex(events.digest(intent))))
    await desk.do(replace(proof, code=Answered(assertions.parse(answer), SITE)))
    factor = (await statements("a table"))[-1]["record"]["factor"]
    assert (factor["kind"], factor["id"], factor["origin"]) == ("passkey", str(passkey), SITE[1])
    assert factor["assertion"] == assertions.parse(answer).as_dict()
    assert await log.holds(proof.nonce)
    assert await second_factor.in_force(desk.by.id) is not None
