"""How an act is signed: the doors in their order, what was on the screen, and one fresh code.

Every verb that takes a proof runs inside `signing`. Without a code it stops at the last door with `CodeAwaited`,
which carries the intent: that is how a page learns what to show before anything is signed.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.domain import events, permissions
from portal.domain.errors import DomainError, ProofRefused
from portal.domain.events import Kind
from portal.domain.lifecycle import Act, State
from portal.services import dossiers, journal, second_factor
from portal.services.dossiers import Dossier
from portal.services.people import Identity
from portal.services.second_factor import Proven
from portal.tables.cases import Case


class CodeAwaited(DomainError):
    """All doors but the last are passed: `intent` is what the code will be bound to, `basis` the digest of what it

    rests on.
    """

    def __init__(self, intent: dict[str, Any], basis: str, dossier: Dossier) -> None:
        super().__init__("code-awaited")
        self.intent = intent
        self.basis = basis
        self.dossier = dossier


@dataclass(frozen=True, slots=True)
class Proof:
    """A code, and what was on the screen when it was typed.

    `basis` is the digest of the basis that was shown, `intent` that of the whole intent once it was reviewed
    (None in a single POST of values and code). `nonce` and `expires` come back from the page as they were sealed.
    """

    code: str | None
    basis: str
    nonce: str
    expires: datetime
    intent: str | None = None


@dataclass(slots=True)
class Signing:
    """An act in the middle of being signed."""

    act: Act
    by: Identity
    dossier: Dossier
    to: State
    proof: Proof
    now: datetime
    proven: Proven | None
    intent: dict[str, Any] | None = None

    async def prove(self, values: Mapping[str, Any], facts: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The last door: bind the code to the intent over `values`, and spend it.

        Raises:
            CodeAwaited: no code came.
            ProofRefused: `changed`, `used-code`.
        """
        shown = basis(self.act, self.dossier, facts)
        self.intent = events.intent(
            shown,
            after=self.to,
            values=values,
            signer=self.by.as_signer(),
            nonce=self.proof.nonce,
            expires=events.moment(self.proof.expires),
            meaning=events.MEANINGS[self.act],
        )
        if self.proof.basis and self.proof.basis != events.digest(shown):
            raise ProofRefused("changed")
        if self.proven is None:
            raise CodeAwaited(self.intent, events.digest(shown), self.dossier)
        if self.proof.intent not in (None, events.digest(self.intent)):
            raise ProofRefused("changed")
        await second_factor.consume(self.proven, now=self.now)
        return self.intent

    async def record(self, kind: Kind, produced: Mapping[str, Any] | None = None) -> int:
        """Write the event, with what the act `produced` beside the intent; no store or network call after this."""
        assert self.intent is not None
        assert self.proven is not None
        return await journal.append(
            kind,
            self.intent,
            at=self.now,
            person=str(self.by.id),
            factor=self.proven.as_dict(),
            produced=produced,
        )


def basis(act: Act, dossier: Dossier, facts: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What the page of `act` shows of the case before anything is typed."""
    return events.basis(
        act,
        {"type": "case", "id": dossier.number},
        dossier.state,
        dossier.items(),
        dossier.declaration.as_dict(),
        {"town": dossier.case["town"], "municipality": dossier.case["municipality"], **(facts or {})},
    )


async def approach(number: str, act: Act, by: Identity) -> Dossier:
    """The doors of scope and state, for a form page as for its POST.

    Raises:
        NotFound, Forbidden, Conflict.
    """
    permissions.require_role(by.role, act)
    dossier = await dossiers.open_dossier(number, by)
    permissions.require(by.role, dossier.state, act)
    return dossier


@asynccontextmanager
async def signing(
    number: str,
    act: Act,
    by: Identity,
    proof: Proof,
    *,
    now: datetime,
    ready: Callable[[Dossier], Awaitable[None]] | None = None,
) -> AsyncIterator[Signing]:
    """Doors and transaction of a sign-off on case `number`. `ready` raises Conflict or Invalid where an act has
    conditions of its own.

    The doors are passed twice: before the try is charged, so that a refused state costs no try, and again under
    the case's lock, so that of two at once only one passes.
    """
    dossier = await approach(number, act, by)
    if ready:
        await ready(dossier)
    if proof.code is None:
        to = permissions.require(by.role, dossier.state, act)
        yield Signing(act, by, dossier, to, proof, now, None)
        return
    if not proof.basis:
        raise ProofRefused("unbound")
    if now > proof.expires:
        raise ProofRefused("expired")
    async with second_factor.proving(by, proof.code, now=now) as proven, Case._meta.db.transaction():
        dossier = await dossiers.read(await dossiers.lock(number, by), by)
        to = permissions.require(by.role, dossier.state, act)
        if ready:
            await ready(dossier)
        yield Signing(act, by, dossier, to, proof, now, proven)
