"""How an act is signed: prepared, shown, and signed with one fresh code over what was on the screen.

A verb prepares: it passes the doors of role, scope, state and fields, and says what would be signed (`Prepared`). That
is all a page needs to show it, and `sign` does the rest: the try is charged, what the act changes is locked, its state,
its version and the digest of its basis are looked at again, the proof is bound to the whole intent and spent, and the
act is written. Nothing of it stays where any step refuses.
"""

import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Generic, TypeVar

from asyncpg import UniqueViolationError

from portal.domain import events
from portal.domain.errors import Conflict, ProofRefused
from portal.domain.events import EventKind
from portal.services.authentication import factor_confirmations, second_factor
from portal.services.authentication.second_factor import Given, Proven
from portal.services.identity.identity import Identity
from portal.services.journal import log
from portal.tables.events import Event

T = TypeVar("T")

DRAWN = 32
"""Characters of a nonce that a page draws. What follows them is of the values that came with it, where they were not
reviewed: the same page posted twice is one intent, and two with different values."""


@dataclass(frozen=True, slots=True)
class Proof:
    """A code or a passkey's answer, and what was on the screen when it was given.

    `basis` is the digest of the basis that was shown, `intent` that of the whole intent once it was reviewed
    (None in a single POST of values and code). `nonce` and `expires` come back from the page as they were sealed.
    """

    code: Given
    basis: str
    nonce: str
    expires: datetime
    intent: str | None = None


@dataclass(frozen=True, slots=True)
class Matter:
    """What a sign-off is about, as the page shows it before anything is typed.

    `kind` is `case`, `ruleset`, `account` or `municipality`; `before` and `after` are states, where it has any.
    `version` is the position of the last event about it when it was read, where that tells whether it has changed.
    """

    kind: str
    id: str
    before: str | None = None
    after: str | None = None
    items: Sequence[Mapping[str, Any]] = ()
    declared: Mapping[str, Any] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    version: int | None = None

    def basis(self, act: str) -> dict[str, Any]:
        """The basis of `act` on this matter."""
        subject = {"type": self.kind, "id": self.id}
        return events.basis(act, subject, self.before, self.items, self.declared, self.facts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """An act whose proof is spent, in the midst of its transaction: it is to be written."""

    by: Identity
    now: datetime
    matter: Matter
    intent: Mapping[str, Any]
    text: bytes
    """The intent in its canonical form."""
    proven: Proven

    async def record(self, kind: EventKind, produced: Mapping[str, Any] | None = None) -> int:
        """Write the event, with what the act `produced` beside the intent; no store or network call after this.

        Returns:
            The event's position in the journal.

        Raises:
            ProofRefused: `changed`: what this page showed was signed before.
        """
        try:
            return await log.append(
                kind,
                self.intent,
                at=self.now,
                person=str(self.by.id),
                factor=self.proven.as_dict(),
                produced=produced,
                drawn=self.intent["nonce"][:DRAWN],
                text=self.text,
            )
        except (UniqueViolationError, log.Repeated) as error:
            raise ProofRefused("changed") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared(Generic[T]):
    """An act that has passed the doors of role, scope, state and fields: what is signed, and how it is then done.

    `look` is called inside the transaction: it locks what the act changes, passes its doors again (Conflict, Invalid),
    and says what is signed now. `write` writes the act.
    """

    act: str
    by: Identity
    matter: Matter
    values: Mapping[str, Any]
    look: Callable[[], Awaitable[Matter]]
    write: Callable[[Signed], Awaitable[T]]

    @property
    def basis(self) -> str:
        """The digest of what a page shows before anything is typed."""
        return events.digest(self.matter.basis(self.act))

    def intent(self, nonce: str, expires: datetime) -> dict[str, Any]:
        """What exactly is signed, once, and until when."""
        return events.intent(
            self.matter.basis(self.act),
            after=self.matter.after,
            values=self.values,
            signer=self.by.as_signer(),
            nonce=nonce,
            expires=events.moment(expires),
            meaning=events.MEANINGS[self.act],
        )


async def prepare(
    act: str,
    by: Identity,
    look: Callable[[bool], Awaitable[Matter]],
    write: Callable[[Signed], Awaitable[T]],
    values: Mapping[str, Any],
) -> Prepared[T]:
    """An act on what is no case.

    `look(locked)` passes the doors of scope and state (NotFound, Conflict, Invalid) and says what is signed; once
    more with `locked`, inside the transaction, where it locks what the act changes. `act` has its meaning in
    `events.MEANINGS`.

    Raises:
        As `look`; Conflict, as `require_confirmed`.
    """
    matter = await look(False)
    require_confirmed(by)
    return Prepared(act=act, by=by, matter=matter, values=values, look=lambda: look(True), write=write)


def require_confirmed(by: Identity) -> None:
    """Refuse whoever has no factor that a second person confirmed: they sign nothing (`Conflict`, `not-confirmed`)."""
    if not by.confirmed:
        raise Conflict("not-confirmed")


async def sign(prepared: Prepared[T], proof: Proof, *, now: datetime) -> T:
    """Do the act under `proof`; what it gives.

    Raises:
        ProofRefused: `unbound`, `expired`, as `second_factor.proving` and `consume` say, or `changed`: not this is what
            was shown, or it was signed before.
        Conflict: the state allows it no more, the mandate is over, or nobody has confirmed the factor for it.
    """
    if not proof.basis:
        raise ProofRefused("unbound")
    if now > proof.expires:
        raise ProofRefused("expired")
    by = prepared.by
    async with (
        second_factor.proving(by, proof.code, nonce=proof.nonce, now=now) as proven,
        Event._meta.db.transaction(),
    ):
        matter = await prepared.look()
        last = await factor_confirmations.hold(by, proven, (matter.kind, matter.id), now=now)
        shown = events.members(matter.basis(prepared.act))
        if matter.version not in (None, last) or proof.basis != hashlib.sha256(events.joined(shown)).hexdigest():
            raise ProofRefused("changed")
        intent = replace(prepared, matter=matter).intent(proof.nonce, proof.expires)
        text = _text(intent, shown)
        digest = hashlib.sha256(text)
        if proof.intent not in (None, digest.hexdigest()):
            raise ProofRefused("changed")
        await second_factor.consume(proven, digest=digest.digest(), now=now)
        signed = Signed(by=by, now=now, matter=matter, intent=intent, text=text, proven=proven)
        return await prepared.write(signed)


def _text(intent: Mapping[str, Any], shown: Mapping[str, bytes]) -> bytes:
    """The canonical form of an intent over the basis whose members are `shown`: those it takes over as they are."""
    taken = {name: shown[name] for name in events.TAKEN_OVER}
    return events.joined({**events.members({name: intent[name] for name in intent if name not in taken}), **taken})


async def recorded(nonce: str, by: Identity) -> dict[str, Any] | None:
    """The intent with this nonce, if `by` has signed it already."""
    statement = await _recorded(nonce, by)
    return statement["intent"] if statement else None


async def is_recorded(nonce: str, intent: str | None, by: Identity) -> bool:
    """Whether `by` has signed the intent with this nonce already; `intent` is its digest, where it was reviewed."""
    statement = await _recorded(nonce, by)
    return statement is not None and intent in (None, statement["record"]["intent_sha256"])


async def _recorded(nonce: str, by: Identity) -> dict[str, Any] | None:
    row = await Event.select(Event.person, Event.statement).where(Event.nonce == nonce).first()
    if row is None or row["person"] != str(by.id):
        return None
    statement: dict[str, Any] = json.loads(row["statement"])
    return statement
