"""A portal with something of everything that its registers keep."""

from dataclasses import dataclass, replace
from uuid import UUID

from portal.domain import events
from portal.domain.assertions import encode, parse
from portal.domain.lifecycle import Role
from portal.domain.mandates import MandateKind
from portal.services.administration.accounts import NewAccount
from portal.services.administration.mandates import Grant
from portal.services.authentication.passkeys import Answered
from portal.services.identity import mandates as identity_mandates
from portal.services.signing import signoffs
from tests.world import acts
from tests.world.authenticators import Device
from tests.world.builders import Builder
from tests.world.clock import Clock
from tests.world.services import SITE, add_passkey, agree, decline, end_mandate, grant, open_account, signed_in, today
from tests.world.verification import World


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

        prepared = await acts.submit(self.number, by=by, now=now)
        proof = acts.proof_of(prepared, "", now)
        intent = prepared.intent(proof.nonce, proof.expires)
        answer = parse(self.device.answer(encode(bytes.fromhex(events.digest(intent)))))
        await signoffs.sign(prepared, replace(proof, code=Answered(answer, SITE)), now=now)

    async def tamper(self, statement: str) -> None:
        await self.world.tamper(statement.replace("$passkey", str(self.passkey)))


async def newcomer(builder: Builder) -> None:
    """An account opened, a second mandate agreed to, a third one declined, the first one shortened."""
    head, second, clock = builder.people["head"], builder.people["second"], builder.clock
    new = NewAccount("newcomer", "تازه‌وارد", "بایگان", Role.ARCHIVIST, ends_on=today(clock, 10))
    person, _ = await open_account(new, head, clock)
    (first,) = await identity_mandates.of_person(person)
    await agree(await grant(person, _acting(clock, 20), head, clock), second, clock)
    await decline(await grant(person, _acting(clock, 90), head, clock), second, clock, "زود است")
    await end_mandate(first["id"], head, clock, today(clock, 5))


def _acting(clock: Clock, starts: int) -> Grant:
    return Grant(
        MandateKind.ACTING, "سرپرست بازرسی", Role.AUDITOR, None, None, today(clock, starts), today(clock, starts + 9)
    )


async def with_passkey(builder: Builder) -> tuple[UUID, Device]:
    """A passkey that the clerk enrols under their code, and the device that holds it."""
    by = builder.people["clerk"] = await signed_in(builder.people["clerk"], builder.clock)
    return await add_passkey(by, builder.clock)
