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
from typing import Any, ParamSpec

from litestar import Response

from portal.domain import events
from portal.domain.errors import Invalid, ProofRefused
from portal.domain.lifecycle import Act
from portal.services import signoffs, vault
from portal.services.dossiers import Dossier
from portal.services.people import Identity
from portal.services.second_factor import Given
from portal.services.signoffs import CodeAwaited, Matter, Proof
from portal.web import forms, passkeys, sentences, statements, watch
from portal.web.identity import AppRequest
from portal.web.keptforms import BEFORE
from portal.web.passkeys import ASSERTION
from portal.web.responses import page

FIELD = "shown"
UNSEALED = (FIELD, "code", ASSERTION)
"""What the seal never carries: itself, and what proves a person."""
READING = timedelta(hours=12)
"""How long a form may lie open before its values are reviewed."""
REVIEWING = timedelta(minutes=30)
"""How long a reviewed statement waits for its code."""
_PURPOSE = "shown"

P = ParamSpec("P")


@dataclass(frozen=True, slots=True)
class Said:
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


NOTHING = Said({}, BEFORE)
"""Nothing typed now: what was, before a session ended (`portal.web.keptforms`), else nothing at all."""


def seal(by: Identity, act: str, subject: str, basis: str, now: datetime, **more: Any) -> str:
    """The hidden `shown` of a form: what `by` sees before typing anything, good for `READING`."""
    kept = {"nonce": secrets.token_hex(16), "expires": (now + READING).isoformat(), **more}
    return vault.seal(_PURPOSE, {"by": str(by.id), "act": act, "subject": subject, "basis": basis, **kept})


def shown(by: Identity, act: Act, dossier: Dossier, now: datetime, facts: dict[str, Any] | None = None) -> str:
    """The seal for the form of `act` on `dossier`; `facts` as the verb states them."""
    return shown_of(by, act, signoffs.matter_of(dossier), now, facts)


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
    kept = vault.unseal(_PURPOSE, forms.first(given.get(FIELD, []))) or {}
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
    return Proof(code, kept.get("basis", ""), kept.get("nonce", ""), expires, kept.get("intent"))


async def sealed_subject(request: AppRequest) -> str | None:
    """The subject that the request's seal names, for an address that names none. `proof` checks whose seal it is."""
    given = await forms.typed(request)
    kept = vault.unseal(_PURPOSE, forms.first(given.get(FIELD, []))) or {}
    subject: str | None = kept.get("subject")
    return subject


Handler = Callable[P, Awaitable[Response[Any]]]
Show = Callable[..., Awaitable[Response[Any]]]


def answers(show: Show | None) -> Callable[[Handler[P]], Handler[P]]:
    """Wrap the POST handler of a sign-off so that a refusal shows its page again.

    `show(said=…, **the handler's own arguments)` draws the form of values; None: the act takes none, and its page
    is the review itself. Without a code the review is shown (200; 422 where the page had asked for the code). A
    refused proof shows the review again with the sentence beside the code; refused fields show the form.
    """

    def wrap(handler: Handler[P]) -> Handler[P]:
        @wraps(handler)
        async def answer(*args: P.args, **kwargs: P.kwargs) -> Response[Any]:
            request: AppRequest = kwargs["request"]  # type: ignore[assignment]
            try:
                return await handler(*args, **kwargs)
            except CodeAwaited as awaited:
                asked = request.method == "POST" and (show is None or await _was_reviewed(request))
                errors = {"code": sentences.sentence("code-missing")} if asked else {}
                return await review(request, awaited, errors, 422 if asked else 200)
            except Invalid as error:
                if show is None:
                    raise
                said = Said(sentences.of_error(error), await forms.typed(request), 422)
                return await show(said=said, **kwargs)
            except ProofRefused as error:
                return await _again(error, handler, show, request, args, kwargs)

        return answer

    return wrap


async def _was_reviewed(request: AppRequest) -> bool:
    kept = vault.unseal(_PURPOSE, forms.first((await forms.typed(request)).get(FIELD, [])))
    return bool(kept and kept.get("typed") is not None)


async def _again(
    error: ProofRefused, handler: Handler[Any], show: Show | None, request: AppRequest, args: Any, kwargs: Any
) -> Response[Any]:
    errors = sentences.of_error(error)
    watch.note(request, error, 422)
    request.scope["codeless"] = True  # type: ignore[typeddict-unknown-key]
    if error.code == "changed" and show is not None:
        return await show(said=Said({"": errors["code"]}, await forms.typed(request), 422), **kwargs)
    if error.code == "changed":
        request.scope["typed"] = {}  # type: ignore[typeddict-unknown-key]
    try:
        return await handler(*args, **kwargs)
    except CodeAwaited as awaited:
        return await review(request, awaited, errors, 422, error.facts.get("seconds"))
    except ProofRefused as changed:
        if show is None:
            raise
        sentence = sentences.of_error(changed)["code"]
        return await show(said=Said({"": sentence}, await forms.typed(request), 422), **kwargs)


async def review(
    request: AppRequest, awaited: CodeAwaited, errors: dict[str, str], status: int, wait: int | None = None
) -> Response[str]:
    """The page of its own that shows exactly what is signed, and takes the code. It posts to its own address."""
    intent, digest = awaited.intent, events.digest(awaited.intent)
    by: Identity = request.scope["user"]
    values = {} if request.method == "GET" else await forms.typed(request)
    kept = vault.seal(
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
    return page(
        request,
        "signoff/review.html",
        status,
        told=statements.tell(intent),
        act=intent["act"],
        action=request.url.path,
        back=request.url.path.rpartition("/")[0] or "/",
        hidden={FIELD: kept},
        errors=errors,
        wait=wait,
        passkey=await passkeys.asked(request, by, bytes.fromhex(digest)),
    )
