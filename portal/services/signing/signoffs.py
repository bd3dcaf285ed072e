"""How an act is signed: the doors in their order, what was on the screen, and one fresh code.

Every verb that takes a proof runs inside `signing_about` (a rule set, an account, a municipality) or, about a case,
inside `cases.signing`. Without a code it stops at the last door with `CodeAwaited`, which carries the intent: that is
how a page learns what to show before anything is signed.
"""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from asyncpg import UniqueViolationError

from portal.domain import events
from portal.domain.errors import Conflict, DomainError, ProofRefused
from portal.domain.events import EventKind
from portal.services.authentication import factor_confirmations, second_factor
from portal.services.authentication.second_factor import Given, Proven
from portal.services.identity import mandates
from portal.services.identity.identity import Identity
from portal.services.journal import log
from portal.tables.events import Event

T = TypeVar("T")

DRAWN = 32
"""Characters of a nonce that a page draws. What follows them is of the values that came with it, where they were not
reviewed: the same page posted twice is one intent, and two with different values."""


class CodeAwaited(DomainError):
    """All doors but the last are passed.

    `intent` is what the code will be bound to, `basis` the digest of what it rests on.
    """

    def __init__(self, intent: dict[str, Any], basis: str) -> None:
        super().__init__("code-awaited")
        self.intent = intent
        self.basis = basis


@dataclass(frozen=True, slots=True)
class Proof:
    """A code or a passkey's answer, and what was on the screen when it was given.

    `basis` is the digest of the basis that was shown, `intent` that of the whole intent once it was reviewed
    (None in a single POST of values and code). `nonce` and `expires` come back from the page as they were sealed.
    """

    code: Given | None
    basis: str
    nonce: str
    expires: datetime
    intent: str | None = None


@dataclass(frozen=True, slots=True)
class Matter:
    """What a sign-off is about, as the page shows it before anything is typed.

    `kind` is `case`, `ruleset`, `account` or `municipality`; `before` and `after` are states, where it has any.
    """

    kind: str
    id: str
    before: str | None = None
    after: str | None = None
    items: Sequence[Mapping[str, Any]] = ()
    declared: Mapping[str, Any] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)

    def basis(self, act: str, facts: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The basis of `act` on this matter; `facts` are what the verb adds to its own."""
        subject = {"type": self.kind, "id": self.id}
        return events.basis(act, subject, self.before, self.items, self.declared, {**self.facts, **(facts or {})})


@dataclass(slots=True, kw_only=True)
class Signing:
    """An act in the middle of being signed."""

    act: str
    by: Identity
    matter: Matter
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
        shown = self.matter.basis(self.act, facts)
        self.intent = events.intent(
            shown,
            after=self.matter.after,
            values=values,
            signer=self.by.as_signer(),
            nonce=self.proof.nonce,
            expires=events.moment(self.proof.expires),
            meaning=events.MEANINGS[self.act],
        )
        if self.proof.basis and self.proof.basis != events.digest(shown):
            raise ProofRefused("changed")
        if self.proven is None:
            raise CodeAwaited(self.intent, events.digest(shown))
        if self.proof.intent not in (None, events.digest(self.intent)):
            raise ProofRefused("changed")
        digest = bytes.fromhex(events.digest(self.intent))
        await second_factor.consume(self.proven, digest=digest, now=self.now)
        return self.intent

    async def record(self, kind: EventKind, produced: Mapping[str, Any] | None = None) -> int:
        """Write the event, with what the act `produced` beside the intent; no store or network call after this.

        Raises:
            ProofRefused: `changed`: what this page showed was signed before.
        """
        assert self.intent is not None
        assert self.proven is not None
        await log.lock()
        if await log.begins_with(self.proof.nonce[:DRAWN]):
            raise ProofRefused("changed")
        try:
            return await log.append(
                kind,
                self.intent,
                at=self.now,
                person=str(self.by.id),
                factor=self.proven.as_dict(),
                produced=produced,
            )
        except UniqueViolationError as error:  # the nonce: what this page showed has been signed already
            raise ProofRefused("changed") from error


async def is_recorded(nonce: str, intent: str | None, by: Identity) -> bool:
    """Whether `by` has signed the intent with this nonce already; `intent` is its digest, where it was reviewed."""
    row = await Event.select(Event.person, Event.statement).where(Event.nonce == nonce).first()
    if row is None or row["person"] != str(by.id):
        return False
    return intent is None or json.loads(row["statement"])["record"]["intent_sha256"] == intent


@asynccontextmanager
async def signing_about(
    look: Callable[[bool], Awaitable[Matter]], act: str, by: Identity, proof: Proof, *, now: datetime
) -> AsyncIterator[Signing]:
    """Doors and transaction of a sign-off on what is no case.

    `look(locked)` passes the doors of scope and state (NotFound, Conflict, Invalid) and says what is signed; once
    more with `locked`, inside the transaction, where it locks what the act changes. `act` has its meaning in
    `events.MEANINGS`.
    """
    async with passing(look, by, proof, now) as (matter, proven):
        yield Signing(act=act, by=by, matter=matter, proof=proof, now=now, proven=proven)


@asynccontextmanager
async def passing(
    look: Callable[[bool], Awaitable[T]], by: Identity, proof: Proof, now: datetime
) -> AsyncIterator[tuple[T, Proven | None]]:
    """A sign-off, whose doors are passed twice.

    Before the try is charged, so that a refused state costs no try, and again under a lock, so that of two at once only
    one passes. The signer's mandate is held until the act is done.
    """
    seen = await look(False)
    if not by.confirmed:
        raise Conflict("not-confirmed")
    if proof.code is None:
        yield seen, None
        return
    if not proof.basis:
        raise ProofRefused("unbound")
    if now > proof.expires:
        raise ProofRefused("expired")
    async with (
        second_factor.proving(by, proof.code, nonce=proof.nonce, now=now) as proven,
        Event._meta.db.transaction(),
    ):
        seen = await look(True)
        await mandates.hold(by, now)
        await factor_confirmations.require_confirmed(proven.factor, by)
        yield seen, proven
