"""Reading forms: text that people type becomes values, or errors beside the fields with the typed text kept.

A form is a small dataclass in its route's module. Each field's default says how it is read, by one of the
parsers below; an absent field equals an empty one.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID

from portal.domain import persian
from portal.domain.errors import Invalid
from portal.web.identity import AppRequest

T = TypeVar("T")
Typed = dict[str, list[str]]
Parser = Callable[[list[str]], Any]


class Wrong(Exception):
    """A value that cannot be taken: a code, and facts for its sentence."""

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts


async def typed(request: AppRequest) -> Typed:
    """What was typed, by field. A reviewed sign-off brings its values along in its seal (`portal.web.signoffs`)."""
    kept: Typed | None = request.scope.get("typed")  # type: ignore[assignment]
    if kept is None:
        form = await request.form()
        kept = {name: [each for each in form.getall(name) if isinstance(each, str)] for name in form}
        request.scope["typed"] = kept  # type: ignore[typeddict-unknown-key]
    return kept


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


def text(*, required: bool = True, most: int = 2000) -> Parser:
    """Text of at most `most` characters."""

    def parse_text(given: list[str]) -> str:
        value = first(given)
        if required and not value:
            raise Wrong("blank")
        if len(value) > most:
            raise Wrong("too-long", most=most)
        if any(ord(each) < 32 and each not in "\r\n\t" for each in value):
            raise Wrong("control-characters")
        return value.replace("\r\n", "\n")

    return parse_text


def whole(*, least: int = 0, most: int = 10**18, required: bool = False) -> Parser:
    """A whole number, or None when blank."""

    def parse_whole(given: list[str]) -> int | None:
        value = first(given)
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
        value = first(given)
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
        value = first(given)
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
        value = first(given)
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
