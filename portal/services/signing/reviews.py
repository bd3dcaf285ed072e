"""What waits to be signed: kept encrypted for its maker alone, until it is used or lapses.

A review's id is the nonce of its intent, so that a review that was used is found in the journal.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from portal.domain import events
from portal.domain.errors import ProofRefused
from portal.services.authentication import encryption
from portal.services.identity.identity import Identity
from portal.services.signing.signoffs import Prepared, Signed
from portal.tables.reviews import Review as Row

GOOD_FOR = timedelta(minutes=30)
"""How long a reviewed statement waits for its code."""
LATE = timedelta(hours=1)
"""How long what was typed fills the form again, once its review has lapsed."""
MOST = 20
"""Reviews of one person that wait at once; the oldest gives way."""
_PURPOSE = "review"
_GIVE_WAY = """
DELETE FROM reviews WHERE id IN (SELECT id FROM reviews WHERE person = {} ORDER BY expires_at DESC OFFSET {})
"""

_USE = """
WITH used AS (DELETE FROM reviews WHERE id = {} RETURNING id)
UPDATE reviews SET page = '' WHERE person = {} AND page = {} AND id NOT IN (SELECT id FROM used)
"""

T = TypeVar("T")
Typed = dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why the last code was not taken: the code and the facts of a `ProofRefused`, and when."""

    code: str
    facts: Mapping[str, Any]
    at: datetime

    def error(self, now: datetime) -> ProofRefused:
        """The refusal again, its `seconds` those that are left."""
        if "seconds" not in self.facts:
            return ProofRefused(self.code, **self.facts)
        left = self.facts["seconds"] - int((now - self.at).total_seconds())
        return ProofRefused(self.code, **{**self.facts, "seconds": max(0, left)})


@dataclass(frozen=True, slots=True)
class Review:
    """An act that waits for its code.

    `action` is the address that its form posts to, `page` that of the page with its form, `typed` what was typed into
    it, `basis` the digest of what that page showed, `intent` what will be signed.
    """

    id: UUID
    person: UUID
    action: str
    page: str
    typed: Typed
    basis: str
    intent: Mapping[str, Any]
    expires: datetime
    refusal: Refusal | None = None

    @property
    def act(self) -> str:
        return str(self.intent["act"])

    @property
    def subject(self) -> str:
        return str(self.intent["subject"]["id"])

    @property
    def digest(self) -> str:
        """The digest of the intent, which the proof is bound to."""
        return events.digest(self.intent)


async def keep(prepared: Prepared[Any], *, action: str, page: str, typed: Typed, now: datetime) -> Review:
    """Keep what `prepared` would sign, and what was typed for it."""
    id_, expires = UUID(hex=secrets.token_hex(16)), now + GOOD_FOR
    intent = prepared.intent(id_.hex, expires)
    review = Review(id_, prepared.by.id, action, page, typed, prepared.basis, intent, expires)
    async with Row._meta.db.transaction():
        await Row(id=id_, person=review.person, page=page, kept=_sealed(review), expires_at=expires).save()
        await Row.raw(_GIVE_WAY, review.person, MOST)
    return review


async def find(id_: UUID, by: Identity) -> Review | None:
    """The review with this id, if it is one of `by` that was not used; it may have lapsed lately."""
    row = await Row.select().where((Row.id == id_) & (Row.person == by.id)).first()
    return _opened(row, by) if row else None


def _opened(row: dict[str, Any], by: Identity) -> Review | None:
    kept = encryption.decrypt_value(_PURPOSE, row["kept"])
    if kept is None or (kept["id"], kept["person"]) != (row["id"].hex, str(by.id)):
        return None
    refusal = kept["refusal"]
    return Review(
        row["id"],
        row["person"],
        kept["action"],
        kept["page"],
        kept["typed"],
        kept["basis"],
        kept["intent"],
        row["expires_at"],
        Refusal(refusal["code"], refusal["facts"], datetime.fromisoformat(refusal["at"])) if refusal else None,
    )


async def typed_at(page: str, by: Identity) -> Typed | None:
    """What `by` typed last into the form at the path `page`, if it was reviewed and not signed."""
    query = Row.select().where((Row.person == by.id) & (Row.page == page))
    row = await query.order_by(Row.expires_at, ascending=False).first()
    review = _opened(row, by) if row else None
    return review.typed if review else None


async def refuse(review: Review, error: ProofRefused, *, now: datetime) -> None:
    """Keep why the code that came for `review` was not taken, for the page that asks for the next one."""
    refused = replace(review, refusal=Refusal(error.code, error.facts, now))
    await Row.update({Row.kept: _sealed(refused)}).where(Row.id == review.id)


def using(prepared: Prepared[T], review: Review | None, page: str) -> Prepared[T]:
    """`prepared`, which uses `review` up in its own transaction, where there is one.

    Nothing fills the form on `page` any more; what else waits of it can still be signed.
    """
    id_, person = review.id if review else None, prepared.by.id

    async def write(signed: Signed) -> T:
        await Row.raw(_USE, id_, person, review.page if review else page)
        return await prepared.write(signed)

    return replace(prepared, write=write)


async def sweep(*, now: datetime) -> int:
    """Forget what has lapsed, an hour after; how much that was. Meanwhile what was typed fills the form again."""
    return len(await Row.delete().where(Row.expires_at < now - LATE).returning(Row.id))


def _sealed(review: Review) -> bytes:
    refusal = review.refusal
    kept = {
        "id": review.id.hex,
        "person": str(review.person),
        "action": review.action,
        "page": review.page,
        "typed": review.typed,
        "basis": review.basis,
        "intent": review.intent,
        "refusal": {"code": refusal.code, "facts": refusal.facts, "at": refusal.at.isoformat()} if refusal else None,
    }
    return encryption.encrypt_value(_PURPOSE, kept)
