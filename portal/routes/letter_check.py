"""Anyone proves a letter genuine: by its file, by the code on paper, or by number and date."""

import hashlib
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar

from litestar import Response, get, post
from litestar.enums import RequestEncodingType

from portal.domain import letter_codes, persian
from portal.domain.errors import DomainError, Invalid
from portal.services.authentication import rate_limits
from portal.services.authentication.rate_limits import Budget
from portal.services.letters import notices, pictures, proofs
from portal.services.letters.proofs import Proof, Verdict
from portal.storage.objects import ObjectStore
from portal.web import forms, multipart
from portal.web.dependencies import Now
from portal.web.form_state import NOTHING, FormState
from portal.web.identity import AppRequest, address_of
from portal.web.rerender import rerender_on_error
from portal.web.responses import page
from portal.web.words import error_messages
from portal.web.words import proofs as words

LIMIT = 20 * 1024 * 1024  # bytes: a letter is far smaller
FIELDS = ("code", "number", "date")
_DIGEST = re.compile("[0-9a-f]{64}")
_CODE = re.compile(rb"/verify/([0-9]{20})(?![0-9])")  # in the file's metadata, which is not compressed
_LONGEST = len("/verify/") + letter_codes.DIGITS + 1


@dataclass(frozen=True, slots=True)
class LetterForm:
    template: ClassVar = "letter_check/form.html"
    base_url: str
    typed: Mapping[str, str]
    errors: Mapping[str, str] = field(default_factory=dict)
    limit: int = LIMIT
    again: bool = False


@dataclass(frozen=True, slots=True)
class LetterAnswer:
    template: ClassVar = "letter_check/answer.html"
    base_url: str
    proof: Proof
    kind: str
    answer: str
    advice: str | None
    checks: list[dict[str, Any]]
    sha256: str | None = None  # of the file
    typed: Mapping[str, str] = field(default_factory=lambda: dict.fromkeys(FIELDS, ""))
    limit: int = LIMIT
    again: bool = True


@get("/verify", public=True, compressed=True)
async def show(request: AppRequest) -> Response[Any]:
    return await draw(request=request)


async def draw(request: AppRequest, said: FormState = NOTHING, **_path: Any) -> Response[Any]:
    typed = {name: said.first(name) for name in FIELDS}
    return _private(page(request, LetterForm(_base_url(request), typed, said.errors), said.status))


def _base_url(request: AppRequest) -> str:
    return str(request.app.state.settings.base_url)


def _private(response: Response[Any]) -> Response[Any]:
    """`response`, which no searching program keeps, wherever it found the address."""
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


@get("/verify/{code:str}", public=True)
async def show_code(request: AppRequest, code: str, now: Now) -> Response[Any]:
    """The answer for a printed copy: its QR code leads here."""
    digits = letter_codes.read(code)
    if digits is None:
        error = Invalid({"code": "letter-code"})
        return await draw(request, FormState(error_messages.of_error(error), {"code": [code]}, 422))
    return await _answer_code(request, digits, now)


@get("/verify/{code:str}/page", public=True)
async def picture(request: AppRequest, code: str, store: ObjectStore, now: Now) -> Response[bytes]:
    """The letter's first page as it was signed, to hold the paper against; it has nothing of the annex."""
    await rate_limits.hit(rate_limits.of_letter_page(address_of(request)), now)
    notice = await notices.by_code(code)
    drawn = await pictures.of_stored(notice["key"], notice["sha256"], notice["size"], 1, store=store)
    return _private(Response(drawn.data, media_type="image/jpeg", headers={"Cache-Control": "no-store"}))


@dataclass(frozen=True, slots=True)
class ByNumber:
    number: str = field(metadata={"parser": forms.text(most=20)})
    date: date = field(metadata={"parser": forms.day(required=True)})


@post("/verify", public=True, request_max_body_size=LIMIT + multipart.OVERHEAD)
@rerender_on_error(draw)
async def check(request: AppRequest, now: Now) -> Response[Any]:
    """What is known of the letter that is given in one of four ways. Nothing is kept of a file."""
    if request.content_type[0] == RequestEncodingType.MULTI_PART:
        return await _answer_upload(request, now)
    typed = await forms.typed(request)
    given = {
        name: forms.short(values) for name, values in typed.items() if name in ("sha256", "code", "number", "date")
    }
    if sha256 := given.get("sha256", "").lower():
        if not _DIGEST.fullmatch(sha256):
            raise Invalid({"file": "digest-shape"})
        return await _answer_file(request, sha256, letter_codes.read(given.get("code", "")), now)
    if given.get("number") or given.get("date"):
        return await _answer_number(request, await forms.read(request, ByNumber), now)
    code = letter_codes.read(given.get("code", ""))
    if code is None:
        raise Invalid({"code": "letter-code" if given.get("code") else "blank"})
    return await _answer_code(request, code, now)


async def _answer_upload(request: AppRequest, now: Now) -> Response[Any]:
    try:
        _, _, (sha256, code) = await multipart.read(request, "file", LIMIT, _examined)
    except DomainError:
        await multipart.drain(request)
        raise
    return await _answer_file(request, sha256, code, now)


async def _examined(_filename: str, chunks: AsyncIterator[bytes]) -> tuple[str, str | None]:
    """The digest of a file, and the code that it carries: all that is ever taken from it."""
    digest, code, tail = hashlib.sha256(), None, b""
    async for chunk in chunks:
        digest.update(chunk)
        if code is None and (found := _CODE.search(seen := tail + chunk)):
            code = found[1].decode()
        elif code is None:
            tail = seen[-_LONGEST:]
    return digest.hexdigest(), code


async def _answer_file(request: AppRequest, sha256: str, code: str | None, now: Now) -> Response[Any]:
    proof = await proofs.by_file(sha256, None)
    if proof.verdict is Verdict.NOT_OURS and code:
        budgets = rate_limits.of_letter(address_of(request))
        await rate_limits.hit(budgets, now)
        proof = await proofs.by_file(sha256, code)
        await _pay_back(proof, budgets)
    return _answer(request, proof, sha256)


async def _answer_code(request: AppRequest, code: str, now: Now) -> Response[Any]:
    budgets = rate_limits.of_letter(address_of(request))
    await rate_limits.hit(budgets, now)
    proof = await proofs.by_code(code)
    await _pay_back(proof, budgets)
    return _answer(request, proof)


async def _pay_back(proof: Proof, budgets: tuple[Budget, ...]) -> None:
    """Nobody guesses a code: whoever has one may look at the next."""
    if proof.verdict is not Verdict.NOT_OURS:
        await rate_limits.undo(budgets)


async def _answer_number(request: AppRequest, asked: ByNumber, now: Now) -> Response[Any]:
    await rate_limits.hit(rate_limits.of_letter_number(address_of(request)), now)
    number = "".join(persian.fold_digits(asked.number).split())
    return _answer(request, await proofs.by_number(number, asked.date))


def _answer(request: AppRequest, proof: Proof, sha256: str | None = None) -> Response[Any]:
    context = LetterAnswer(
        base_url=_base_url(request),
        proof=proof,
        kind=words.kind(proof),
        answer=words.answer(proof),
        advice=words.advice(proof),
        checks=words.checks(proof, request.app.state.settings.seal_kind),
        sha256=sha256,
    )
    is_lost = proof.verdict is Verdict.NOT_OURS and sha256 is None
    return _private(page(request, context, 404 if is_lost else 200))


HANDLERS = [show, show_code, picture, check]
