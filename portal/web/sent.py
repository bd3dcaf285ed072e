"""What the form of a sign-off brings: what was typed, the seal of what was on its page, and what proves a person.

The seal (HMAC under PORTAL_SECRET_KEY) says who was shown what: the digest of the basis, the nonce, the expiry, and on
the page of an act without values the digest of the whole intent. Where values were reviewed, all of that stands in the
review (`portal.services.signing.reviews`), whose id the form brings instead.
"""

import secrets
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from portal.domain import events
from portal.domain.dossiers import Dossier
from portal.domain.lifecycle import Act
from portal.services.authentication import encryption
from portal.services.authentication.second_factor import Given
from portal.services.cases import signing
from portal.services.identity.identity import Identity
from portal.services.signing import reviews
from portal.services.signing.reviews import Review
from portal.services.signing.signoffs import DRAWN, Matter, Prepared, Proof
from portal.web import forms, passkeys
from portal.web.forms import Typed
from portal.web.identity import AppRequest
from portal.web.passkeys import ASSERTION, CODE

FIELD, REVIEW = "shown", "review"
UNTYPED = (FIELD, REVIEW, CODE, ASSERTION)
"""What nobody typed as a value: the seals, and what proves a person."""
READING = timedelta(hours=12)
"""How long a form may lie open before its values come with a code; without one they are reviewed whenever they come."""
_PURPOSE = "shown"


@dataclass(frozen=True, slots=True)
class Seal:
    """What was on the screen: `basis` is the digest of the basis, `intent` that of the whole intent once it was shown.

    `nonce` is the one of the intent to be signed.
    """

    by: str
    act: str
    subject: str
    basis: str
    nonce: str
    expires: datetime
    intent: str | None = None

    def as_text(self) -> str:
        """The seal as a page's hidden field carries it."""
        kept = {"by": self.by, "act": self.act, "subject": self.subject, "basis": self.basis, "nonce": self.nonce}
        return encryption.sign(_PURPOSE, {**kept, "expires": self.expires.isoformat(), "intent": self.intent})


@dataclass(frozen=True, slots=True)
class Sent:
    """A sign-off as its form brought it. `typed` are the values: those of the `review`, where there is one.

    `lapsed` is the id of a review that waits no more.
    """

    typed: Typed = field(default_factory=dict)
    code: str = ""
    assertion: str = ""
    seal: Seal | None = None
    review: Review | None = None
    lapsed: UUID | None = None

    @property
    def proves(self) -> bool:
        """Whether anything came that should prove a person."""
        return bool(self.code or self.assertion)

    @property
    def subject(self) -> str | None:
        """What the form was drawn about, for an address that does not say it."""
        return self.seal.subject if self.seal else None

    def given(self, request: AppRequest) -> Given:
        """The code, or the passkey's answer.

        Raises:
            ProofRefused: as `passkeys.answered`.
        """
        return passkeys.answered(request, self.assertion) if self.assertion else self.code

    def seal_of(self, prepared: Prepared[Any]) -> Seal | None:
        """The seal, if it is that of this act, about this, shown to this person."""
        mine = (str(prepared.by.id), prepared.act, prepared.matter.id)
        return self.seal if self.seal and (self.seal.by, self.seal.act, self.seal.subject) == mine else None

    def still_shown(self, prepared: Prepared[Any]) -> Seal | None:
        """The seal of the page that this came from, if what that shows is what would be signed now."""
        seal = self.seal_of(prepared)
        stands = seal is not None and seal.intent == events.digest(prepared.intent(seal.nonce, seal.expires))
        return seal if stands else None

    def proof(self, request: AppRequest, prepared: Prepared[Any], now: datetime) -> Proof:
        """The proof of `prepared`; bound to nothing where what was shown was another act, subject or person's.

        Raises:
            ProofRefused: as `given`.
        """
        seal = self.seal_of(prepared)
        if seal is None:
            return Proof(self.given(request), "", "", now)
        return Proof(self.given(request), seal.basis, seal.nonce, seal.expires, seal.intent)


async def provide_sent(request: AppRequest) -> Sent:
    """What this request's form brings; nothing on GET."""
    if request.method != "POST":
        return Sent()
    came, by = await forms.typed(request), request.scope["user"]
    typed = {name: each for name, each in came.items() if name not in UNTYPED}
    code, assertion = (forms.first(came.get(name, [])) for name in (CODE, ASSERTION))
    named = forms.first(came.get(REVIEW, []))
    if not named:
        seal, typed = _sealed(forms.first(came.get(FIELD, [])), typed)
        return Sent(typed, code, assertion, seal)
    try:
        id_ = UUID(named)
    except ValueError:
        return Sent(typed, code, assertion)
    review = await reviews.find(id_, by)
    if review is None:
        return Sent(typed, code, assertion, lapsed=id_)
    seal = Seal(str(by.id), review.act, review.subject, review.basis, review.id.hex, review.expires, review.digest)
    return Sent(review.typed, code, assertion, seal, review)


def _sealed(text: str, typed: Typed) -> tuple[Seal | None, Typed]:
    """The seal that `text` is, and what was typed: up to 0.2.0 a review's page carried that in its seal."""
    kept = encryption.verified(_PURPOSE, text)
    if not kept:
        return None, typed
    typed = kept.pop("typed", None) or typed
    seal = Seal(**{**kept, "expires": datetime.fromisoformat(kept["expires"])})
    if seal.intent is not None:
        return seal, typed
    # The same page posted twice is one intent, and two with different values.
    return replace(seal, nonce=seal.nonce + events.digest(typed)[:DRAWN]), typed


def shown(by: Identity, act: Act, dossier: Dossier, now: datetime, facts: dict[str, Any] | None = None) -> str:
    """The seal for the form of `act` on `dossier`; `facts` as the verb states them."""
    return shown_of(by, act, signing.matter_of(dossier, facts=facts), now)


def shown_of(by: Identity, act: str, matter: Matter, now: datetime) -> str:
    """The seal for the form of `act` on any `matter`: what `by` sees before typing anything, good for `READING`."""
    basis = events.digest(matter.basis(act))
    return Seal(str(by.id), act, matter.id, basis, secrets.token_hex(16), now + READING).as_text()


def shown_whole(prepared: Prepared[Any], now: datetime, still: Seal | None = None) -> tuple[str, dict[str, Any]]:
    """The seal for the page of an act without values, which is its own review; and the intent that it shows.

    `still` is the seal that stands on a page of which a part alone is drawn anew.
    """
    nonce, expires = (still.nonce, still.expires) if still else (secrets.token_hex(16), now + reviews.GOOD_FOR)
    intent = prepared.intent(nonce, expires)
    about = (str(prepared.by.id), prepared.act, prepared.matter.id)
    return Seal(*about, prepared.basis, nonce, expires, events.digest(intent)).as_text(), intent
