"""What the municipality declares: typed in parts, blanks allowed, checked when it is sent."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar

from litestar import Response, get, post

from portal.domain import persian
from portal.domain.declarations import CENSUS_YEARS, GRADES, NEW_TOWN, Declaration, Division, contradictions
from portal.domain.dossiers import Dossier
from portal.domain.errors import Invalid
from portal.domain.lifecycle import Act
from portal.domain.permissions import roles_of
from portal.services.cases import cases
from portal.services.identity.identity import Identity
from portal.texts import N_
from portal.web import forms, overtaken
from portal.web.dependencies import Now
from portal.web.form_state import NOTHING, FormState
from portal.web.formats import day, digits, grouped, rials
from portal.web.identity import AppRequest
from portal.web.overtaken import Difference
from portal.web.pages import preview
from portal.web.pages.preview import DeclarationPreview
from portal.web.rerender import rerender_on_error
from portal.web.responses import done, is_fragment, page, values_of
from portal.web.words import declared, error_messages, labels

PATH = "/cases/{number:str}/declaration"
MAY = roles_of(Act.DECLARATION)
FIRST_YEAR = 1370
MOST_RIALS = 9 * 10**17
MOST_PERSONS = 50_000_000
CHOSEN = frozenset({"current_grade", "requested_grade", "census_year", "division"})


def held_grade(given: list[str]) -> int | None:
    """1 … 12, 0 for `none` (a new municipality), None when blank."""
    if forms.first(given) == "none":
        return NEW_TOWN
    grade: int | None = forms.whole(least=1, most=12)(given)
    return grade


def census(given: list[str]) -> int | None:
    """One of the known censuses, or None when blank."""
    year: int | None = forms.whole()(given)
    if year is not None and year not in CENSUS_YEARS:
        raise forms.Wrong("choose")
    return year


@dataclass(frozen=True, slots=True)
class DeclarationForm:
    current_grade: int | None = field(metadata={"parser": held_grade})
    current_grade_notified_on: date | None = field(metadata={"parser": forms.day()})
    requested_grade: int | None = field(metadata={"parser": forms.whole(least=1, most=12)})
    census_year: int | None = field(metadata={"parser": census})
    population: int | None = field(metadata={"parser": forms.whole(most=MOST_PERSONS)})
    division: Division | None = field(metadata={"parser": forms.choice(Division, required=False)})
    settled_year_1: int | None = field(metadata={"parser": forms.whole(least=FIRST_YEAR, most=1500)})
    settled_year_2: int | None = field(metadata={"parser": forms.whole(least=FIRST_YEAR, most=1500)})
    settled_year_3: int | None = field(metadata={"parser": forms.whole(least=FIRST_YEAR, most=1500)})
    settled_amount_1: int | None = field(metadata={"parser": forms.whole(most=MOST_RIALS)})
    settled_amount_2: int | None = field(metadata={"parser": forms.whole(most=MOST_RIALS)})
    settled_amount_3: int | None = field(metadata={"parser": forms.whole(most=MOST_RIALS)})

    def checked(self, today: date) -> Declaration:
        """The declaration, if its values can stand together on the day `today`.

        Raises:
            Invalid.
        """
        values = {name: getattr(self, name) for name in self.__dataclass_fields__}
        errors: dict[str, Any] = dict(contradictions(values))
        if self.current_grade_notified_on and self.current_grade_notified_on > today:
            errors["current_grade_notified_on"] = "future-day"
        this_year = persian.jalali(today)[0]
        for name in ("settled_year_1", "settled_year_2", "settled_year_3"):
            if (values[name] or 0) > this_year:
                errors[name] = ("out-of-range", {"least": FIRST_YEAR, "most": this_year})
        if errors:
            raise Invalid(errors)
        return Declaration(**values)


@get(PATH, may=MAY)
async def show(request: AppRequest, by: Identity, number: str, now: Now) -> Response[Any]:
    """The form. With values in the address it shows what they would score, and saves nothing."""
    known = {overtaken.VERSION, *DeclarationForm.__dataclass_fields__}
    typed = {name: each for name, each in forms.asked(request).items() if name in known}
    said = FormState(tried(typed, persian.tehran_date(now))[1], typed) if typed else NOTHING
    return await draw(request=request, by=by, number=number, now=now, said=said)


def tried(typed: Mapping[str, list[str]], today: date) -> tuple[Declaration, dict[str, str]]:
    """The declaration that `typed` would make as far as it can be read, and sentences by field for the rest."""
    values, errors = forms.attempt(typed, DeclarationForm)
    try:
        DeclarationForm(**values).checked(today)
    except Invalid as error:
        errors |= {name: each for name, each in error.errors.items() if name not in errors}
    kept = {name: None if name in errors else value for name, value in values.items()}
    return Declaration(**kept), error_messages.of_error(Invalid(errors))


@dataclass(frozen=True, slots=True)
class DeclarationPage(DeclarationPreview):
    template: ClassVar = "declaration/form.html"
    values: Mapping[str, str]
    overtaken: list[Difference]
    hidden: Mapping[str, str]
    errors: Mapping[str, str]
    grades: list[tuple[str, str]]
    census_years: list[tuple[str, str]]
    divisions: list[tuple[str, str]]


async def draw(request: AppRequest, by: Identity, number: str, now: Now, said: FormState = NOTHING) -> Response[Any]:
    """The form, with what was typed or what is declared, and beside it what that would score."""
    dossier = await cases.require_declarable(number, by)
    typed = tried(said.typed, persian.tehran_date(now))[0] if said.typed else dossier.declaration
    shown = await preview.context(typed, dossier.case, now, is_saved=typed == dossier.declaration)
    if is_fragment(request, "declaration-preview"):
        return page(request, shown)
    context = DeclarationPage(
        **values_of(shown) | {"is_part": False},
        values=said_or_declared(said, dossier),
        overtaken=_overtaken(said, dossier.declaration, typed),
        hidden={overtaken.VERSION: overtaken.version(said, cases.version_of(dossier.declaration))},
        errors=said.errors,
        grades=[(str(n), digits(n)) for n in GRADES],
        census_years=[(str(year), digits(year)) for year in CENSUS_YEARS],
        divisions=labels.options(Division),
    )
    return page(request, context, said.status)


def said_or_declared(said: FormState, dossier: Dossier) -> dict[str, str]:
    """What each field shows: the typed text as it is, after a refusal or in a preview, else the declared value."""
    return {name: said.first(name, text) for name, text in _texts(dossier.declaration).items()}


def _overtaken(said: FormState, stored: Declaration, typed: Declaration) -> list[overtaken.Difference]:
    """Each value that others have saved meanwhile and that is not what was typed, as people read it."""
    labelled = {name: labels.field_label(name) for name in DeclarationForm.__dataclass_fields__}
    return overtaken.differences(said, spoken(stored), labelled, typed=spoken(typed))


def spoken(declaration: Declaration) -> dict[str, str]:
    """Each declared value as people read it; empty for a blank."""
    named: dict[str, Callable[[Any], str]] = {
        "current_grade": declared.grade_text,
        "current_grade_notified_on": day,
        "division": labels.label,
        "population": grouped,
        **{f"settled_amount_{n}": rials for n in (1, 2, 3)},
    }
    values = {name: getattr(declaration, name) for name in declaration.__dataclass_fields__}
    return {name: "" if value is None else named.get(name, digits)(value) for name, value in values.items()}


def _texts(declaration: Declaration) -> dict[str, str]:
    texts = {}
    for name in declaration.__dataclass_fields__:
        value = getattr(declaration, name)
        if isinstance(value, date):
            texts[name] = digits(persian.jalali_text(value))
        elif name == "current_grade" and value == NEW_TOWN:
            texts[name] = "none"
        elif value is None or name in CHOSEN:
            texts[name] = "" if value is None else str(value)
        else:
            texts[name] = digits(value) if name.startswith("settled_year") else grouped(value)
    return texts


@post(PATH, may=MAY)
@rerender_on_error(draw)
async def declare(request: AppRequest, by: Identity, number: str, now: Now) -> Response[Any]:
    await cases.require_declarable(number, by)
    form = await forms.read(request, DeclarationForm)
    declaration = form.checked(persian.tehran_date(now))
    seen = forms.first((await forms.typed(request)).get(overtaken.VERSION, [])) or None
    await cases.declare(number, by=by, declaration=declaration, seen=seen, now=now)
    return done(request, f"/cases/{number}", N_("The declaration is saved."))


HANDLERS = [show, declare]
