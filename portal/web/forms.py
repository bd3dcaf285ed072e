"""Reading forms: text that people type becomes values, or errors beside the fields with the typed text kept.

A form is a small dataclass in its route's module. Each field's default says how it is read, by one of the
parsers below; an absent field equals an empty one.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar
from urllib.parse import parse_qsl
from uuid import UUID

from litestar.enums import RequestEncodingType
from litestar.exceptions import HTTPException

from portal.domain import persian
from portal.domain.errors import Invalid
from portal.services.authentication import passwords
from portal.web.identity import AppRequest
from portal.web.navigation import local

T = TypeVar("T")
Typed = dict[str, list[str]]
Parser = Callable[[list[str]], Any]
MOST_FIELDS = 5000  # of one form: the attestation of a thousand documents
STRANGERS = 64 * 1024  # bytes of a form of somebody who has given no password; others have the portal's own limit
LONGEST = 1024  # characters of a number, a day or a choice that are looked at
MARKS = 4  # times what is kept may be typed: folding takes marks and kashidas away


class Wrong(Exception):
    """A value that cannot be taken: a code, and facts for its sentence."""

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts


async def typed(request: AppRequest) -> Typed:
    """What was typed, by field."""
    kept: Typed | None = request.scope.get("typed")  # type: ignore[assignment]
    if kept is None:
        kept = await sent(request, STRANGERS if request.scope.get("auth") is None else None)
        request.scope["typed"] = kept  # type: ignore[typeddict-unknown-key]
    return kept


async def sent_from(request: AppRequest, otherwise: str = "/") -> str:
    """The page whose form this is, as its field `next` says: an address of this portal. No log holds a field."""
    return local((await typed(request)).get("next", [otherwise])[-1])


async def sent(request: AppRequest, most: int | None) -> Typed:
    """The texts of the form that a request brings, by field; of at most `most` bytes, where it is not None.

    The framework would keep the last thousand forms in memory, passwords included, and count no field.

    Raises:
        HTTPException: 400 for a longer form, or one of more fields than any page has.
    """
    if request.content_type[0] == RequestEncodingType.MULTI_PART:
        form = await request.form()
        return {name: [each for each in form.getall(name) if isinstance(each, str)] for name in form}
    if request.content_type[0] != RequestEncodingType.URL_ENCODED:
        return {}
    body = await request.body()
    if most is not None and len(body) > most:
        raise HTTPException(status_code=400)
    try:
        pairs = parse_qsl(body.decode("latin-1"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        raise HTTPException(status_code=400) from None
    found: Typed = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


async def read(request: AppRequest, shape: type[T]) -> T:
    """The form as `shape`.

    Raises:
        Invalid: with a code for each field that cannot be taken.
    """
    return parse(await typed(request), shape)


def parse(given: Typed, shape: type[T]) -> T:
    """`given` as `shape`; see `read`."""
    values, errors = attempt(given, shape)
    if errors:
        raise Invalid(errors)
    return shape(**values)


def asked(request: AppRequest) -> Typed:
    """What the address asks, by field: a form that was sent with GET."""
    return {name: request.query_params.getall(name) for name in request.query_params}


def attempt(given: Mapping[str, list[str]], shape: type[T]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The values of `given` that can be taken as fields of `shape`; None for the others, and an error for each."""
    values: dict[str, Any] = {}
    errors: dict[str, Any] = {}
    for each in fields(shape):  # type: ignore[arg-type]
        try:
            values[each.name] = _parser(each)(given.get(each.name, []))
        except Wrong as wrong:
            values[each.name] = None
            errors[each.name] = (wrong.code, wrong.facts)
    return values, errors


def _parser(each: "Field[Any]") -> Parser:
    parser: Parser = each.metadata["parser"]
    assert each.default is MISSING
    return parser


def first(given: list[str]) -> str:
    """The field's text, trimmed; empty for an absent one."""
    return persian.fold_letters(given[0]).strip() if given else ""


def short(given: list[str], most: int = LONGEST) -> str:
    """The same, of a text that was typed with at most `most` characters: whatever is longer is not even folded.

    Raises:
        Wrong: too-long.
    """
    if given and len(given[0]) > most:
        raise Wrong("too-long", most=most // MARKS)
    return first(given)


def text(*, required: bool = True, most: int = 2000) -> Parser:
    """Text of at most `most` characters."""

    def parse_text(given: list[str]) -> str:
        value = short(given, MARKS * most)
        if required and not value:
            raise Wrong("blank")
        if len(value) > most:
            raise Wrong("too-long", most=most)
        if any(ord(each) < 32 and each not in "\r\n\t" for each in value):
            raise Wrong("control-characters")
        return value.replace("\r\n", "\n")

    return parse_text


def password(given: list[str]) -> str:
    """A password exactly as it was typed: no letter folded, no blank trimmed, so that it is the same at every form."""
    if not given or not given[0]:
        raise Wrong("blank")
    if len(given[0]) > passwords.READ:
        raise Wrong("too-long", most=passwords.LONGEST)
    return given[0]


def whole(*, least: int = 0, most: int = 10**18, required: bool = False) -> Parser:
    """A whole number, or None when blank."""

    def parse_whole(given: list[str]) -> int | None:
        value = short(given)
        if not value:
            if required:
                raise Wrong("blank")
            return None
        try:
            number = persian.whole_number(value)
        except persian.NumberError as error:
            raise Wrong(error.code) from error
        if not least <= number <= most:
            raise Wrong("out-of-range", least=least, most=most)
        return number

    return parse_whole


def day(*, required: bool = False) -> Parser:
    """A Solar Hijri day, or None when blank."""

    def parse_day(given: list[str]) -> date | None:
        value = short(given)
        if not value:
            if required:
                raise Wrong("blank")
            return None
        try:
            return persian.jalali_date(value)
        except persian.DateError as error:
            raise Wrong(error.code) from error

    return parse_day


def typed_day(value: date) -> str:
    """`value` as people type a day: `1405/08/10`."""
    return persian.jalali_text(value)


def choice(options: type[StrEnum], *, required: bool = True) -> Parser:
    """One of `options`, or None when blank."""

    def parse_choice(given: list[str]) -> StrEnum | None:
        value = short(given)
        if not value:
            if required:
                raise Wrong("choose")
            return None
        try:
            return options(value)
        except ValueError:
            raise Wrong("choose") from None

    return parse_choice


def identifier(*, required: bool = True) -> Parser:
    """A UUID, or None when blank."""

    def parse_identifier(given: list[str]) -> UUID | None:
        value = short(given)
        if not value:
            if required:
                raise Wrong("choose")
            return None
        try:
            return UUID(value)
        except ValueError:
            raise Wrong("choose") from None

    return parse_identifier


def many(most: int = 500) -> Parser:
    """A repeated field: every text that is not empty."""

    def parse_many(given: list[str]) -> list[str]:
        values = [each.strip() for each in given if each.strip()]
        if len(values) > most:
            raise Wrong("too-many", most=most)
        if any("\0" in each for each in values):
            raise Wrong("control-characters")
        return values

    return parse_many
