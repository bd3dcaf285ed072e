"""A portal with something of everything that its registers keep."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from portal.domain import events, persian
from portal.domain.assertions import encode, parse
from portal.domain.lifecycle import Role
from portal.domain.mandates import MandateKind
from portal.services.administration import accounts as opening
from portal.services.administration import approvals, mandates
from portal.services.administration.accounts import NewAccount
from portal.services.administration.mandates import Grant
from portal.services.authentication import enrolment, passkeys, sessions
from portal.services.authentication.passkeys import Answered, Enrolment
from portal.services.cases import submissions
from portal.services.identity import mandates as identity_mandates
from portal.services.signing.signoffs import CodeAwaited, Proof
from tests.world import cast
from tests.world.authenticators import Device
from tests.world.builders import Builder
from tests.world.verification import World

SITE = ("localhost", "http://localhost:8000")


@dataclass
class Staffed:
    """The portal of the cases, with something of everything that the registers keep."""

    world: World
    builder: Builder
    device: Device
    number: str
    passkey: UUID

    async def sign_by_passkey(self) -> None:
        """The clerk submits the case under their passkey."""
        by, now = self.builder.people["clerk"], self.builder.clock.tick(31)

        async def submit(proof: Proof) -> None:
            await submissions.submit(self.number, by=by, proof=proof, now=now)

        with pytest.raises(CodeAwaited) as awaited:
            await submit(Proof(None, "", uuid4().hex, now + timedelta(minutes=30)))
        intent = awaited.value.intent
        answer = parse(self.device.answer(encode(bytes.fromhex(events.digest(intent)))))
        await submit(Proof(Answered(answer, SITE), awaited.value.basis, intent["nonce"], now + timedelta(minutes=30)))

    async def tamper(self, statement: str) -> None:
        await self.world.tamper(statement.replace("$passkey", str(self.passkey)))


async def newcomer(builder: Builder) -> None:
    """An account opened, a second mandate agreed to, a third one declined, the first one shortened."""
    head, second, person = builder.people["head"], builder.people["second"], uuid4()
    today = persian.tehran_date(builder.clock())
    new = NewAccount("newcomer", "تازه‌وارد", "بایگان", Role.ARCHIVIST, ends_on=today + timedelta(days=10))
    await builder.sign(head, lambda proof, now: opening.open_account(person, new, by=head, proof=proof, now=now))
    (first,) = await identity_mandates.of_person(person)
    await grant(builder, person, today + timedelta(days=20))
    await builder.sign(second, lambda proof, now: agree(builder, person, proof, now))
    waiting = await grant(builder, person, today + timedelta(days=90))
    await builder.sign(
        second, lambda proof, now: approvals.decline(waiting, reason="زود است", by=second, proof=proof, now=now)
    )
    last = today + timedelta(days=5)
    await builder.sign(head, lambda proof, now: mandates.end(first["id"], last_day=last, by=head, proof=proof, now=now))


async def grant(builder: Builder, person: UUID, day: date) -> UUID:
    head = builder.people["head"]
    wanted = Grant(MandateKind.ACTING, "بازرس", Role.AUDITOR, None, None, day, day + timedelta(days=9))
    await builder.sign(head, lambda proof, now: mandates.grant(person, wanted, by=head, proof=proof, now=now))
    return await waiting_of(person)


async def waiting_of(person: UUID) -> UUID:
    held = await identity_mandates.of_person(person)
    found: UUID = next(row["id"] for row in held if row["confirmed_at"] is None and row["ended_at"] is None)
    return found


async def agree(builder: Builder, person: UUID, proof: Proof, now: Any) -> None:
    second = builder.people["second"]
    await approvals.agree(await waiting_of(person), compared=None, by=second, proof=proof, now=now)


async def with_passkey(builder: Builder, device: Device) -> UUID:
    """A passkey of the clerk, enrolled under their code."""
    clerk, now, challenge = builder.people["clerk"], builder.clock.tick(31), uuid4().bytes * 2
    session = await sessions.begin(clerk.id, sessions.digest("token"), address="", agent="", now=now)
    by = builder.people["clerk"] = replace(clerk, session=session)
    offered = Enrolment(device.make(encode(challenge)), "کلید", challenge, SITE)
    await enrolment.add_passkey(by, cast.code("clerk", now), offered, now=now)
    (row,) = await passkeys.of_person(by.id)
    passkey: UUID = row["id"]
    return passkey
