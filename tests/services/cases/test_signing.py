"""An act on a case, signed: the doors in their order, and a code bound to what was on the screen."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from portal.domain.declarations import DocumentKind
from portal.domain.errors import Conflict, DomainError, Forbidden, NotFound, ProofRefused
from portal.domain.lifecycle import Act, State
from portal.services.cases import dossiers, signing, submissions
from portal.services.signing.signoffs import CodeAwaited, Proof
from tests.world import cast
from tests.world.builders import DECLARED, Builder
from tests.world.cases import case_of, events_of, unproven


async def review(builder: Builder, number: str) -> CodeAwaited:
    """What the page shows that asks for the code of a submission."""
    by, now = builder.people["clerk"], builder.clock()
    with pytest.raises(CodeAwaited) as awaited:
        await submissions.submit(number, by=by, proof=unproven(now), now=now)
    return awaited.value


async def sign(builder: Builder, number: str, shown: CodeAwaited, now: datetime) -> None:
    """Submit the case with a code and what was shown."""
    by = builder.people["clerk"]
    expires = datetime.fromisoformat(shown.intent["expires"])
    proof = Proof(cast.code(by.username, now), shown.basis, shown.intent["nonce"], expires)
    await submissions.submit(number, by=by, proof=proof, now=now)


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
    intent = (await review(builder, number)).intent
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


async def test_a_proof_that_is_late_or_bound_to_nothing_is_refused(builder: Builder) -> None:
    number = await builder.draft()
    shown = await review(builder, number)
    with pytest.raises(ProofRefused, match="expired"):
        await sign(builder, number, shown, builder.clock() + timedelta(minutes=31))
    shown.basis = ""
    with pytest.raises(ProofRefused, match="unbound"):
        await sign(builder, number, shown, builder.clock.tick(31))
    assert "CaseSubmitted" not in await events_of(number)


async def test_of_two_signatures_at_once_one_is_recorded(builder: Builder) -> None:
    number = await builder.draft()
    shown, now = await review(builder, number), builder.clock.tick(31)
    said = await asyncio.gather(*(sign(builder, number, shown, now) for _ in "12"), return_exceptions=True)
    refusals = [each for each in said if each is not None]
    assert len(refusals) == 1
    assert isinstance(refusals[0], DomainError)
    assert (await events_of(number)).count("CaseSubmitted") == 1


async def test_whose_device_nobody_confirmed_signs_nothing(builder: Builder) -> None:
    number = await builder.draft()
    by, now = replace(builder.people["clerk"], confirmed=False), builder.clock()
    with pytest.raises(Conflict, match="not-confirmed"):
        await submissions.submit(number, by=by, proof=unproven(now), now=now)
