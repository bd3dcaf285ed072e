"""How a sign-off is answered: its review is shown, its code is taken, and a refusal leads back to where it came from.

The handler of an act's POST (and of the GET of an act without values, whose page is its own review) says what would be
signed, as a `ToSign`; `answers` does the rest. Where the form takes values, a POST without a code leads to the page of
its review, `/reviews/{id}`, and so does a wrong code typed there: going back and loading anew asks for nothing again.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from functools import partial, wraps
from typing import Any, ClassVar, Generic, ParamSpec, TypeVar

from litestar import Response
from litestar.background_tasks import BackgroundTask

from portal.domain import events
from portal.domain.errors import DomainError, Invalid, ProofRefused
from portal.domain.events import OfficeAct
from portal.domain.lifecycle import Act
from portal.services.signing import reviews, signoffs
from portal.services.signing.reviews import Review
from portal.services.signing.signoffs import Prepared
from portal.texts import N_
from portal.web import passkeys, saved_forms, security_log
from portal.web.dependencies import provide_now
from portal.web.form_state import FormState
from portal.web.identity import AppRequest
from portal.web.responses import RECORDED, done, is_fragment, page
from portal.web.sent import FIELD, REVIEW, Seal, Sent, shown_whole
from portal.web.statements import tell
from portal.web.statements.tell import Told
from portal.web.words import error_messages

T = TypeVar("T")
P = ParamSpec("P")
Show = Callable[..., Awaitable[Response[Any]]]

SEEN_ANEW = frozenset({"changed", "expired", "unbound"})
"""Refusals of a proof after which the page itself must be looked at again, not the code alone."""
APPROVALS = frozenset(
    {
        OfficeAct.ENROLMENT_APPROVAL,
        OfficeAct.MANDATE_APPROVAL,
        OfficeAct.RESTORATION_APPROVAL,
        OfficeAct.DECLINE,
    }
)
FOLDERS: Mapping[str, str] = {OfficeAct.PUBLICATION: "rulesets", OfficeAct.ELIGIBILITY: "municipalities"}
"""Where the subject of an office's act has its page; `accounts` for any other."""
LINKS = frozenset({OfficeAct.OPENING, OfficeAct.INVITATION, OfficeAct.RESET, OfficeAct.RESTORATION})
LINK_SHOWN = N_("Already recorded. Its link was shown once; if you have not seen it, issue a new one.")


def led_to(act: str, subject: str) -> str:
    """The page of what `act` is about."""
    if act in APPROVALS:
        return "/approvals"
    folder = "cases" if act in set(Act) else FOLDERS.get(act, "accounts")
    return f"/{folder}/{subject}"


def said_so(request: AppRequest, act: str, subject: str) -> Response[Any]:
    """303 to what was signed already, as after the first press; the page there says so."""
    return done(request, led_to(act, subject), LINK_SHOWN if act in LINKS else RECORDED)


@dataclass(frozen=True, slots=True)
class ToSign(Generic[T]):
    """An act that waits for its proof.

    Once it is signed the answer is 303 to `url`, whose page says `flash` (a msgid), or what `answer` makes of what the
    act gave. `kept` goes into the review beside what was typed. `after` is done once the answer is sent.
    """

    prepared: Prepared[T]
    url: str = ""
    flash: str = ""
    answer: Callable[[T], Awaitable[Response[Any]]] | None = None
    kept: Mapping[str, list[str]] = field(default_factory=dict)
    after: Callable[[], Awaitable[None]] | None = None


def answers(
    show: Show | None,
) -> Callable[[Callable[P, Awaitable[ToSign[Any]]]], Callable[P, Awaitable[Response[Any]]]]:
    """Wrap the handler of a sign-off, which has the arguments `request` and `sent` among its own.

    `show(said=…, **the handler's arguments but sent)` draws the form of values; None: the act takes none, and its page
    is the review itself. Refused fields show the form. What its person has signed already, by this very page, is
    answered as the first time, whatever code comes.
    """

    def wrap(handler: Callable[P, Awaitable[ToSign[Any]]]) -> Callable[P, Awaitable[Response[Any]]]:
        @wraps(handler)
        async def answer(*args: P.args, **kwargs: P.kwargs) -> Response[Any]:
            request: AppRequest = kwargs["request"]  # type: ignore[assignment]
            sent: Sent = kwargs["sent"]  # type: ignore[assignment]
            others = {name: value for name, value in kwargs.items() if name != "sent"}
            form = partial(show, **others) if show else None
            return await _Answering(request, sent, form).answer(partial(handler, *args, **kwargs))

        answer.__annotations__ = {**handler.__annotations__, "return": Response[Any]}
        return answer

    return wrap


@dataclass(frozen=True, slots=True)
class _Answering:
    """One request of a sign-off; `form` draws the form of its values, where it takes any."""

    request: AppRequest
    sent: Sent
    form: Show | None

    async def answer(self, handler: Callable[[], Awaitable[ToSign[Any]]]) -> Response[Any]:
        if self.sent.proves and (already := await self._recorded()):
            return already
        try:
            to_sign = await handler()
            if self.sent.lapsed:
                return await self._again(ProofRefused("expired"))
            if self.request.method == "GET":
                return await self._page(to_sign, {}, 200)
            if not self.sent.proves:
                return await self._ask(to_sign)
            return await self._sign(to_sign)
        except DomainError as refused:
            if self.sent.proves and (already := await self._recorded()):
                return already  # by the other of two presses at once
            if not isinstance(refused, Invalid) or self.form is None:
                raise
            if self.sent.lapsed:
                return await self._again(ProofRefused("expired"))
            return await self.form(said=FormState(error_messages.of_error(refused), self.sent.typed, 422))

    async def _recorded(self) -> Response[Any] | None:
        """The answer to what was signed by this very person before: the button was pressed twice."""
        if self.sent.lapsed:
            signed = await signoffs.recorded(self.sent.lapsed.hex, self.request.scope["user"])
            return said_so(self.request, signed["act"], signed["subject"]["id"]) if signed else None
        seal, by = self.sent.seal, self.request.scope["user"]
        if seal is None or seal.by != str(by.id) or not await signoffs.is_recorded(seal.nonce, seal.intent, by):
            return None
        return said_so(self.request, seal.act, seal.subject)

    async def _ask(self, to_sign: ToSign[Any]) -> Response[Any]:
        """Nothing proves a person yet: lead to the review, where there are values to look at."""
        if self.form is None:
            return await self._page(to_sign, {"code": error_messages.sentence("code-missing")}, 422)
        if self.sent.review is not None:
            return await self._back(self.sent.review, ProofRefused("code-missing"))
        seal = self.sent.seal_of(to_sign.prepared)
        if seal is not None and seal.basis != to_sign.prepared.basis:
            return await self._again(ProofRefused("changed"))
        review = await reviews.keep(
            to_sign.prepared,
            action=self.request.url.path,
            page=saved_forms.page_of(self.request),
            typed={**self.sent.typed, **to_sign.kept},
            now=self._now,
        )
        return done(self.request, f"/reviews/{review.id}")

    async def _sign(self, to_sign: ToSign[Any]) -> Response[Any]:
        prepared = to_sign.prepared
        if self.form is not None:
            prepared = reviews.using(prepared, self.sent.review, saved_forms.page_of(self.request))
        try:
            proof = self.sent.proof(self.request, prepared, self._now)
            given = await signoffs.sign(prepared, proof, now=self._now)
        except ProofRefused as refused:
            return await self._recorded() or await self._refused(refused, to_sign)
        answer = await to_sign.answer(given) if to_sign.answer else done(self.request, to_sign.url, to_sign.flash)
        answer.background = BackgroundTask(to_sign.after) if to_sign.after else None
        return answer

    async def _refused(self, error: ProofRefused, to_sign: ToSign[Any]) -> Response[Any]:
        """What proves was refused: back to where it was typed."""
        security_log.note(self.request, error, 422)
        if self.form is None:
            errors, wait = error_messages.of_error(error), error.facts.get("seconds")
            is_part = error.code not in SEEN_ANEW and is_fragment(self.request, CARD)
            still = self.sent.still_shown(to_sign.prepared) if is_part else None
            return await self._page(to_sign, errors, 422, wait, still=still)
        if self.sent.review is not None and error.code not in SEEN_ANEW:
            return await self._back(self.sent.review, error)
        return await self._again(error)

    async def _again(self, error: ProofRefused) -> Response[Any]:
        """The form with what was typed, and why that was not signed."""
        if self.form is None:
            raise error
        return await self.form(said=FormState({"": error_messages.of_error(error)["code"]}, self.sent.typed, 422))

    async def _back(self, review: Review, error: ProofRefused) -> Response[Any]:
        """303 to the review, which says why the code was not taken."""
        await reviews.refuse(review, error, now=self._now)
        return done(self.request, f"/reviews/{review.id}")

    async def _page(
        self,
        to_sign: ToSign[Any],
        errors: dict[str, str],
        status: int,
        wait: int | None = None,
        *,
        still: Seal | None = None,
    ) -> Response[Any]:
        """The page of an act without values; of one that still stands under its seal the card alone."""
        seal, intent = shown_whole(to_sign.prepared, self._now, still)
        context = await review_page(self.request, intent, self.request.url.path, {FIELD: seal}, errors, wait)
        return page(self.request, context, status, fragment=CARD_TEMPLATE if still else None)

    @property
    def _now(self) -> datetime:
        return provide_now(self.request)


CARD, CARD_TEMPLATE = "signoff-code", "signoff/_code.html"
"""The part of a review that asks for the code."""


@dataclass(frozen=True, slots=True)
class ReviewPage:
    template: ClassVar = "signoff/review.html"
    told: Told
    act: str
    action: str
    back: str
    hidden: Mapping[str, str]
    errors: Mapping[str, str]
    wait: int | None
    passkey: dict[str, Any] | None
    is_alone: bool  # the page of an act without values: htmx draws its card alone


@dataclass(frozen=True, slots=True)
class SignaturePage(ReviewPage):
    """The Minister's, who reads the letter itself; a review that shows the draft of so many `pages`."""

    template: ClassVar = "signoff/signature.html"
    town: str
    pages: int
    has_minutes: bool


async def review_page(
    request: AppRequest,
    intent: Mapping[str, Any],
    action: str,
    hidden: Mapping[str, str],
    errors: Mapping[str, str],
    wait: int | None,
) -> ReviewPage:
    """The page of its own that shows exactly what is signed, and takes the code. It posts to the act's address."""
    review = ReviewPage(
        told=tell.tell(intent),
        act=intent["act"],
        action=action,
        back=action.rpartition("/")[0] or "/",
        hidden=hidden,
        errors=errors,
        wait=wait,
        passkey=await passkeys.asked(request, request.scope["user"], bytes.fromhex(events.digest(intent))),
        is_alone=REVIEW not in hidden,
    )
    return _signature_page(review, intent["facts"]) if intent["act"] == Act.SIGNATURE else review


def _signature_page(review: ReviewPage, known: Mapping[str, Any]) -> SignaturePage:
    held = {each.name: getattr(review, each.name) for each in fields(ReviewPage)}
    minutes = known["decision"]["sitting"]["has_minutes"]
    return SignaturePage(**held, town=known["town"], pages=known["draft"]["pages"], has_minutes=minutes)
