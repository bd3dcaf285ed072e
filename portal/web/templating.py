"""Jinja: one environment for every page, with the filters that speak to officials in their own digits and calendar."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context

from portal import texts
from portal.domain import bidi, persian
from portal.domain.mandates import styled
from portal.texts import gettext, ngettext
from portal.web import assets, isolation, scripts
from portal.web.formats import (
    NOTHING,
    authenticator_code,
    clauses,
    day,
    decimal,
    digits,
    direction,
    entries,
    filesize,
    fingerprint,
    grouped,
    instant,
    iso_day,
    iso_instant,
    listed,
    pages,
    points,
    results,
    rials,
)
from portal.web.navigation import navigation, way_back
from portal.web.user_agent import device_label
from portal.web.words import fields, labels

PACKAGE = Path(__file__).parent.parent
TEMPLATES = PACKAGE / "templates"

ALWAYS: Mapping[str, object] = {
    "person": None,
    "path": "/",
    "address": None,
    "flash": None,
    "cautions": (),
    "approvals_waiting": 0,
    "errors": {},
}


@pass_context
def days_since(context: Context, value: datetime | None) -> str:
    """In words, how many calendar days (Asia/Tehran) lie between an aware instant and `now`.

    `now` is the page's own, if it has one, so that a test's moved clock is seen here too.
    """
    if value is None:
        return NOTHING
    now = context.get("now") or datetime.now(UTC)
    count = (persian.tehran_date(now) - persian.tehran_date(value)).days
    if count < 1:
        return gettext("today")
    return gettext("one day") if count == 1 else ngettext("%(n)s day", "%(n)s days", count, n=digits(count))


def _at_render(speak: Callable[[Any], str]) -> Callable[[Context, Any], str]:
    """A filter that asks for the context: Jinja would else apply it to literals once, in the first reader's locale."""

    @pass_context
    def spoken(_context: Context, value: Any) -> str:
        return speak(value)

    return spoken


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        cache_size=-1,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_callables(texts.translate, texts.translate_plural, newstyle=True)  # type: ignore[attr-defined]
    numbers = (authenticator_code, digits, grouped, decimal, rials, filesize, pages, points, entries, results)
    spoken = (*numbers, listed, clauses, day, iso_day, instant, iso_instant)
    environment.filters.update({each.__name__: _at_render(each) for each in spoken})
    environment.filters.update(fingerprint=fingerprint, days_since=days_since, isolated=bidi.isolated)
    environment.globals.update(
        static=assets.address,
        scripts=scripts.addresses,
        locale=texts.locale.get,
        direction=direction,
        navigation=navigation,
        way_back=way_back,
        device_label=device_label,
        named=fields.named,
        styled=styled,
        **{each.__name__: each for each in labels.SPEAKERS},
    )
    return environment


ENVIRONMENT = _environment()


def said(flash: str | None) -> str | None:
    """The sentence of a flash cookie (a percent-encoded msgid), or None.

    A cookie is the visitor's own writing: what is no msgid of the catalogues is not said.
    """
    return next(iter(texts.catalogue(texts.locale.get()).get(unquote(flash), ())), None) if flash else None


def render(template: str, **context: Any) -> str:
    """Fill `template` (a path under templates/) in the current locale.

    What `ALWAYS` holds may be left out; any other name that a template uses must be given,
    else jinja2.UndefinedError. `flash` is a sentence, or a pair of chip kind (good, wait, bad) and sentence.
    """
    return isolation.isolated(ENVIRONMENT.get_template(template).render({**ALWAYS, **context}))
