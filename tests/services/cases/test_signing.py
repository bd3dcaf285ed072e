"""An act on a case, signed: the doors in their order, and a code bound to what was on the screen."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from portal.domain.decisions import Ruling
from portal.domain.declarations import DocumentKind
from portal.domain.errors import Conflict, DomainError, Forbidden, NotFound, ProofRefused
from portal.domain.lifecycle import SIGN_OFFS, Act, Outcome, State
from portal.services.cases import dossiers, signing
from portal.services.rulesets import versions
from portal.services.signing import signoffs
from portal.services.signing.signoffs import Proof
from tests.world import acts, cast
from tests.world.builders import DECLARED, UNSEEN, Builder
from tests.world.cases import case_of, events_of
from tests.world.statements_sent import statements


async def review(builder: Builder, number: str) -> Proof:
    """What the page that asks for the code of a submission sends with it, but for the code itself."""
    now = builder.clock()
    return acts.proof_of(await acts.submit(number, by=builder.people["clerk"], now=now), "", now)


async def sign(builder: Builder, number: str, shown: Proof, now: datetime) -> None:
    """Submit the case with a code and what was shown."""
    by = builder.people["clerk"]
    prepared = await acts.submit(number, by=by, now=now)
    await signoffs.sign(prepared, replace(shown, code=cast.code(by.username, now)), now=now)


async def test_the_role_is_asked_before_the_place_and_the_place_before_the_state(builder: Builder) -> None:
    number = await builder.draft()
    with pytest.raises(Forbidden):
        await signing.approach(number, Act.SUBMISSION, builder.people["stranger"])
    with pytest.raises(NotFound):
        await signing.approach(number, Act.CONFIRMATION, builder.people["officer"])
    assert (await signing.approach(number, Act.SUBMISSION, builder.people["clerk"])).number == number
    await builder.submit(number)
    with pytest.raises(Conflict, match="wrong-state") as refusal:
        await signing.approach(number, Act.SUBMISSION, builder.people["clerk"])
    assert refusal.value.facts == {"act": Act.SUBMISSION, "state": State.SUBMITTED}


async def test_what_is_signed_names_the_case_as_it_is(builder: Builder) -> None:
    number = await builder.draft()
    dossier = await dossiers.open_dossier(number, builder.people["clerk"])
    prepared = await acts.submit(number, by=builder.people["clerk"], now=builder.clock())
    intent = prepared.intent("nonce", builder.clock())
    assert intent["subject"] == {"type": "case", "id": number}
    assert intent["state"] == {"before": "draft", "after": "submitted"}
    assert (intent["items"], intent["declared"]) == (dossier.items(), DECLARED.as_dict())
    matter = signing.matter_of(dossier, State.SUBMITTED)
    assert matter.facts == {"town": "اسدآباد", "municipality": cast.TOWN}
    assert (await case_of(number))["state"] == State.DRAFT


async def test_a_case_that_changed_since_it_was_shown_is_not_signed(builder: Builder) -> None:
    number = await builder.draft()
    shown = await review(builder, number)
    await builder.send(number, DocumentKind.OTHER)
    with pytest.raises(ProofRefused, match="changed"):
        await sign(builder, number, shown, builder.clock.tick(31))
    assert (await case_of(number))["state"] == State.DRAFT
    await sign(builder, number, await review(builder, number), builder.clock.tick(31))


async def test_what_happens_to_a_case_between_its_reading_and_its_lock_is_a_change(builder: Builder) -> None:
    number, by = await builder.draft(), builder.people["clerk"]
    prepared = await acts.submit(number, by=by, now=builder.clock())
    await builder.send(number, DocumentKind.OTHER)
    now = builder.clock.tick(31)
    proof = acts.proof_of(prepared, cast.code(by.username, now), now)
    with pytest.raises(ProofRefused, match="changed"):
        await signoffs.sign(prepared, proof, now=now)
    prepared = await acts.submit(number, by=by, now=now)
    await builder.submit(number)
    now = builder.clock.tick(31)
    with pytest.raises(Conflict, match="wrong-state"):
        await signoffs.sign(prepared, replace(proof, code=cast.code(by.username, now)), now=now)
    assert (await events_of(number)).count("CaseSubmitted") == 1


async def test_a_proof_that_is_late_or_bound_to_nothing_is_refused(builder: Builder) -> None:
    number = await builder.draft()
    shown = await review(builder, number)
    with pytest.raises(ProofRefused, match="expired"):
        await sign(builder, number, shown, builder.clock() + timedelta(minutes=31))
    with pytest.raises(ProofRefused, match="unbound"):
        await sign(builder, number, replace(shown, basis=""), builder.clock.tick(31))
    assert "CaseSubmitted" not in await events_of(number)


async def test_of_two_signatures_at_once_one_is_recorded(builder: Builder) -> None:
    number = await builder.draft()
    shown, now = await review(builder, number), builder.clock.tick(31)
    said = await asyncio.gather(*(sign(builder, number, shown, now) for _ in "12"), return_exceptions=True)
    refusals = [each for each in said if each is not None]
    assert len(refusals) == 1
    assert isinstance(refusals[0], DomainError)
    assert (await events_of(number)).count("CaseSubmitted") == 1


SIGNED: dict[Act, tuple[State, str, Callable[..., Any]]] = {
    Act.SUBMISSION: (State.DRAFT, "clerk", acts.submit),
    Act.ATTESTATION: (State.SUBMITTED, "officer", acts.attest),
    Act.CONFIRMATION: (State.SUBMITTED, "officer", acts.confirm),
    Act.RETURN: (State.SUBMITTED, "officer", acts.send_back),
    Act.ASSESSMENT: (State.CONFIRMED, "examiner", acts.assess),
    Act.DECISION: (State.ASSESSED, "examiner", acts.decide),
    Act.SIGNATURE: (State.DECIDED, "minister", acts.notify),
    Act.REFUSAL: (State.DECIDED, "minister", acts.refuse),
}
MOST = 12
"""Statements of one sign-off: the case, what the act rests on, the proof, the locks, the journal, the act's rows."""


async def values_of(act: Act, builder: Builder, number: str, now: datetime) -> dict[str, Any]:
    """What is typed for `act`, and what it needs beside its signer."""
    match act:
        case Act.SUBMISSION:
            return {"now": now}
        case Act.ATTESTATION:
            dossier = await dossiers.open_dossier(number, builder.people["officer"])
            return {"sheet": {held.id: UNSEEN for held in dossier.documents}}
        case Act.CONFIRMATION:
            await builder.attest(number)
            return {"letter_number": "42/1", "letter_date": date(2026, 10, 1), "four_eyes": False}
        case Act.RETURN:
            return {"reason": "نقص", "reopen": ["declaration"]}
        case Act.ASSESSMENT:
            return {"ruleset": (await versions.published())[0]["digest"]}
        case Act.DECISION:
            ruling = Ruling(await builder.sitting(), Outcome.RAISED, 9, None, "به تشخیص کارگروه")
            return {"ruling": ruling, "four_eyes": False, "now": now}
        case Act.SIGNATURE:
            return {"store": builder.store, "base_url": "http://127.0.0.1:8000"}
        case _:
            return {"reason": "ناقص"}


def test_every_sign_off_is_counted() -> None:
    assert set(SIGNED) == SIGN_OFFS


@pytest.mark.parametrize("act", SIGNED)
async def test_a_sign_off_reads_its_case_once(builder: Builder, act: Act) -> None:
    state, who, verb = SIGNED[act]
    number = await builder.case(state)
    by = builder.people[who]
    given = await values_of(act, builder, number, builder.clock())
    now = builder.clock.tick(31)
    async with statements() as asked:
        await acts.sign(lambda _: verb(number, by=by, **given), cast.code(by.username, now), now)
    numbering = 1 if act is Act.SIGNATURE else 0  # the number of its letter is taken beside the others
    assert len(asked) <= MOST + numbering, "\n".join(asked)
    reading = [each for each in asked if "FROM cases JOIN municipalities" in each]
    assert len(reading) == 1


async def test_whose_device_nobody_confirmed_signs_nothing(builder: Builder) -> None:
    number = await builder.draft()
    by, now = replace(builder.people["clerk"], confirmed=False), builder.clock()
    with pytest.raises(Conflict, match="not-confirmed"):
        await acts.submit(number, by=by, now=now)
