"""The page that asks for a code, and the seal that carries what was on it back with the answer.

The seal (HMAC under PORTAL_SECRET_KEY) holds who was shown what: the digest of the basis, the nonce, the expiry,
and once values were typed, those values and the digest of the whole intent. Nothing is kept on the server, so any
node can take the answer; a nonce counts once because the journal holds it once.
"""

import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, ClassVar, ParamSpec

from litestar import Response

from portal.domain import events
from portal.domain.dossiers import Dossier
from portal.domain.errors import DomainError, Invalid, ProofRefused
from portal.domain.events import OfficeAct
from portal.domain.lifecycle import Act
from portal.services.authentication import encryption
from portal.services.authentication.second_factor import Given
from portal.services.cases import signing
from portal.services.identity.identity import Identity
from portal.services.signing import signoffs
from portal.services.signing.signoffs import CodeAwaited, Matter, Proof
from portal.texts import N_
from portal.web import forms, passkeys, security_log
from portal.web.identity import AppRequest
from portal.web.passkeys import ASSERTION
from portal.web.responses import RECORDED, done, page
from portal.web.saved_forms import BEFORE
from portal.web.statements import tell
from portal.web.statements.tell import Told
from portal.web.words import error_messages

FIELD = "shown"
UNSEALED = (FIELD, "code", ASSERTION)
"""What the seal never carries: itself, and what proves a person."""
READING = timedelta(hours=12)
"""How long a form may lie open before its values are reviewed."""
REVIEWING = timedelta(minutes=30)
"""How long a reviewed statement waits for its code."""
_PURPOSE = "shown"
DRAWN = signoffs.DRAWN
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
LINK_SHOWN = N_("It is recorded already. Its link was shown once; if you have not seen it, make a new one.")

P = ParamSpec("P")


@dataclass(frozen=True, slots=True)
class FormState:
    """What a form page shows again: sentences by field and what was typed."""

    errors: dict[str, str]
    typed: Mapping[str, list[str]]
    status: int = 200

    def first(self, name: str, otherwise: Any = "") -> Any:
        """What was typed into `name`, else the value that the page would show unasked."""
        return self.typed[name][0] if self.typed.get(name) else ("" if self.typed else otherwise)

    def beside(self, name: str) -> dict[str, str]:
        """The sentences, those about a code put beside the field `name`, where that is what proves."""
        return {name if field == "code" else field: sentence for field, sentence in self.errors.items()}


NOTHING = FormState({}, BEFORE)
"""Nothing typed now: what was, before a session ended (`portal.web.saved_forms`), else nothing at all."""


def seal(by: Identity, act: str, subject: str, basis: str, now: datetime, **more: Any) -> str:
    """The hidden `shown` of a form: what `by` sees before typing anything, good for `READING`."""
    kept = {"nonce": secrets.token_hex(16), "expires": (now + READING).isoformat(), **more}
    return encryption.sign(_PURPOSE, {"by": str(by.id), "act": act, "subject": subject, "basis": basis, **kept})


def shown(by: Identity, act: Act, dossier: Dossier, now: datetime, facts: dict[str, Any] | None = None) -> str:
    """The seal for the form of `act` on `dossier`; `facts` as the verb states them."""
    return shown_of(by, act, signing.matter_of(dossier), now, facts)


def shown_of(by: Identity, act: str, matter: Matter, now: datetime, facts: dict[str, Any] | None = None) -> str:
    """The seal for the form of `act` on any `matter`."""
    return seal(by, act, matter.id, events.digest(matter.basis(act, facts)), now)


async def proof(request: AppRequest, act: str, subject: str, by: Identity, now: datetime) -> Proof:
    """The proof that a request brings: its code, and what its seal says was on the screen.

    A seal of another person, act or case is none. On GET, and for a form without a code, the code is None, and a
    new expiry runs from `now`.
    """
    if request.method == "GET":
        return Proof(None, "", secrets.token_hex(16), now + REVIEWING)
    given = await forms.typed(request)
    kept = encryption.verified(_PURPOSE, forms.first(given.get(FIELD, []))) or {}
    if (kept.get("by"), kept.get("act"), kept.get("subject")) != (str(by.id), act, subject):
        kept = {}
    if kept.get("typed") is not None:
        request.scope["typed"] = {**kept["typed"], **{name: given.get(name, []) for name in UNSEALED}}  # type: ignore[typeddict-unknown-key]
    assertion = forms.first(given.get(ASSERTION, []))
    code: Given = forms.first(given.get("code", []))
    if assertion and not request.scope.get("codeless"):
        code = passkeys.answered(request, assertion)
    if not code or request.scope.get("codeless"):
        return Proof(None, kept.get("basis", ""), secrets.token_hex(16), now + REVIEWING)
    expires = datetime.fromisoformat(kept["expires"]) if kept else now
    return Proof(code, kept.get("basis", ""), nonce_of(kept, given), expires, kept.get("intent"))


def nonce_of(kept: Mapping[str, Any], given: Mapping[str, list[str]]) -> str:
    """The nonce of the intent under the seal `kept`: its own, with a digest of values that were not reviewed."""
    nonce: str = kept.get("nonce", "")
    if not nonce or kept.get("intent"):
        return nonce
    return nonce + events.digest({name: each for name, each in given.items() if name not in UNSEALED})[:DRAWN]


@dataclass(frozen=True, slots=True)
class Pressed:
    """A sign-off as it came: whose seal, over what, and the nonce of its intent."""

    by: Identity
    act: str
    subject: str
    nonce: str
    intent: str | None

    async def is_recorded(self) -> bool:
        """Whether this very intent was signed by this very person before: the button was pressed twice."""
        return await signoffs.is_recorded(self.nonce, self.intent, self.by)

    def said_so(self, request: AppRequest) -> Response[Any]:
        """303 to what it was about, as after the first press."""
        return done(request, led_to(self.act, self.subject), LINK_SHOWN if self.act in LINKS else RECORDED)


async def pressed(request: AppRequest) -> Pressed | None:
    """The sign-off that a POST brings with a proof and a seal of its own person; None: it brings none."""
    if request.method != "POST":
        return None
    given, by = await forms.typed(request), request.scope["user"]
    kept = encryption.verified(_PURPOSE, forms.first(given.get(FIELD, []))) or {}
    proves = forms.first(given.get("code", [])) or forms.first(given.get(ASSERTION, []))
    if not proves or kept.get("by") != str(by.id):
        return None
    return Pressed(by, kept["act"], kept["subject"], nonce_of(kept, given), kept.get("intent"))


def led_to(act: str, subject: str) -> str:
    """The page of what `act` is about."""
    if act in APPROVALS:
        return "/approvals"
    folder = "cases" if act in set(Act) else FOLDERS.get(act, "accounts")
    return f"/{folder}/{subject}"


async def sealed_subject(request: AppRequest) -> str | None:
    """The subject that the request's seal names, for an address that names none. `proof` checks whose seal it is."""
    given = await forms.typed(request)
    kept = encryption.verified(_PURPOSE, forms.first(given.get(FIELD, []))) or {}
    subject: str | None = kept.get("subject")
    return subject


Handler = Callable[P, Awaitable[Response[Any]]]
Show = Callable[..., Awaitable[Response[Any]]]


def answers(show: Show | None) -> Callable[[Handler[P]], Handler[P]]:
    """Wrap the POST handler of a sign-off so that a refusal shows its page again.

    `show(said=…, **the handler's own arguments)` draws the form of values; None: the act takes none, and its page
    is the review itself. Without a code the review is shown (200; 422 where the page had asked for the code). A
    refused proof shows the review again with the sentence beside the code; refused fields show the form. What its
    person has signed already, by this very page, is answered as the first time (`Pressed`), whatever code comes.
    """

    def wrap(handler: Handler[P]) -> Handler[P]:
        @wraps(handler)
        async def answer(*args: P.args, **kwargs: P.kwargs) -> Response[Any]:
            request: AppRequest = kwargs["request"]  # type: ignore[assignment]
            sent = await pressed(request)
            if sent and await sent.is_recorded():
                return sent.said_so(request)
            try:
                return await handler(*args, **kwargs)
            except CodeAwaited as awaited:
                asked = request.method == "POST" and (show is None or await _was_reviewed(request))
                errors = {"code": error_messages.sentence("code-missing")} if asked else {}
                return await review(request, awaited, errors, 422 if asked else 200)
            except DomainError as refused:
                if sent and await sent.is_recorded():  # meanwhile, by the other of two presses at once
                    return sent.said_so(request)
                return await _refused(refused, handler, show, request, args, kwargs)

        return answer

    return wrap


async def _refused(
    error: DomainError, handler: Handler[Any], show: Show | None, request: AppRequest, args: Any, kwargs: Any
) -> Response[Any]:
    if isinstance(error, Invalid) and show is not None:
        return await show(said=FormState(error_messages.of_error(error), await forms.typed(request), 422), **kwargs)
    if isinstance(error, ProofRefused):
        return await _again(error, handler, show, request, args, kwargs)
    raise error


async def _was_reviewed(request: AppRequest) -> bool:
    kept = encryption.verified(_PURPOSE, forms.first((await forms.typed(request)).get(FIELD, [])))
    return bool(kept and kept.get("typed") is not None)


async def _again(
    error: ProofRefused, handler: Handler[Any], show: Show | None, request: AppRequest, args: Any, kwargs: Any
) -> Response[Any]:
    errors = error_messages.of_error(error)
    security_log.note(request, error, 422)
    request.scope["codeless"] = True  # type: ignore[typeddict-unknown-key]
    if error.code == "changed" and show is not None:
        return await show(said=FormState({"": errors["code"]}, await forms.typed(request), 422), **kwargs)
    if error.code == "changed":
        request.scope["typed"] = {}  # type: ignore[typeddict-unknown-key]
    try:
        return await handler(*args, **kwargs)
    except CodeAwaited as awaited:
        return await review(request, awaited, errors, 422, error.facts.get("seconds"))
    except ProofRefused as changed:
        if show is None:
            raise
        sentence = error_messages.of_error(changed)["code"]
        return await show(said=FormState({"": sentence}, await forms.typed(request), 422), **kwargs)


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


async def review(
    request: AppRequest, awaited: CodeAwaited, errors: dict[str, str], status: int, wait: int | None = None
) -> Response[str]:
    """The page of its own that shows exactly what is signed, and takes the code. It posts to its own address."""
    intent, digest = awaited.intent, events.digest(awaited.intent)
    by: Identity = request.scope["user"]
    values = {} if request.method == "GET" else await forms.typed(request)
    kept = encryption.sign(
        _PURPOSE,
        {
            "by": str(by.id),
            "act": intent["act"],
            "subject": intent["subject"]["id"],
            "basis": awaited.basis,
            "nonce": intent["nonce"],
            "expires": intent["expires"],
            "intent": digest,
            "typed": {name: each for name, each in values.items() if name not in UNSEALED},
        },
    )
    context = ReviewPage(
        told=tell.tell(intent),
        act=intent["act"],
        action=request.url.path,
        back=request.url.path.rpartition("/")[0] or "/",
        hidden={FIELD: kept},
        errors=errors,
        wait=wait,
        passkey=await passkeys.asked(request, by, bytes.fromhex(digest)),
    )
    return page(request, context, status)
