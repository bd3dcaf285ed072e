"""Pictures of the towns' grades: the whole country, and one province."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from litestar import Response, get

from portal.domain.declarations import GRADES
from portal.domain.errors import NotFound
from portal.domain.lifecycle import Role
from portal.services.identity.identity import Identity
from portal.services.register import grades
from portal.services.register.grades import TownGrade
from portal.texts import gettext
from portal.web.formats import clauses, digits
from portal.web.identity import AppRequest
from portal.web.pages import pictures
from portal.web.pages.pictures import Picture
from portal.web.responses import page

MAY = frozenset({Role.GOVERNORATE, Role.ORGANIZATION, Role.MINISTER, Role.AUDITOR})
READ_TOWNS = frozenset({Role.ORGANIZATION, Role.AUDITOR})


@dataclass(frozen=True, slots=True)
class Province:
    """A province's towns: how many of each grade, and of none that is known."""

    code: str
    name: str
    counts: list[int]
    unknown: int
    profile: Picture


@dataclass(frozen=True, slots=True)
class CountryPage:
    template: ClassVar = "grades/country.html"
    counts: list[tuple[int, int, Picture]]
    provinces: list[Province]
    known: int
    samples: bool  # whether any grade rests on a sample table
    total: int
    share: Picture


@get("/grades", may=MAY, compressed=True)
async def show_country(request: AppRequest) -> Response[Any]:
    towns = await grades.of_country()
    counts = _counts(towns)
    known = sum(counts)
    title = gettext("The grade of %(known)s of %(all)s towns is known", known=digits(known), all=digits(len(towns)))
    context = CountryPage(
        counts=[(grade, count, pictures.bar("", [("portal", count)], max(counts))) for grade, count in _by(counts)],
        provinces=_by_province(towns),
        known=known,
        samples=_samples(towns),
        total=len(towns),
        share=pictures.bar(title, [("portal", known), ("unknown", len(towns) - known)], len(towns)),
    )
    return page(request, context)


@dataclass(frozen=True, slots=True)
class ProvincePage:
    template: ClassVar = "grades/province.html"
    name: str
    towns: list[TownGrade]
    piles: list[tuple[int, list[TownGrade]]]  # of each grade that a town has, the highest first
    samples: bool  # whether any grade rests on a sample table
    linked: bool  # whether the reader may see the pages of towns


@get("/grades/{code:str}", may=MAY, compressed=True)
async def show_province(request: AppRequest, by: Identity, code: str) -> Response[Any]:
    """Every town of a province; a governorate sees its own."""
    towns = await grades.of_province(code)
    if not towns or (by.role is Role.GOVERNORATE and by.province != code):
        raise NotFound("province")
    piles = [(grade, [each for each in towns if each.grade == grade]) for grade in reversed(GRADES)]
    context = ProvincePage(
        name=towns[0].province_name,
        towns=towns,
        piles=[(grade, pile) for grade, pile in piles if pile],
        samples=_samples(towns),
        linked=by.role in READ_TOWNS,
    )
    return page(request, context)


def _samples(towns: Iterable[TownGrade]) -> bool:
    return any(each.official is False for each in towns)


def _counts(towns: Iterable[TownGrade]) -> list[int]:
    found = Counter(each.grade for each in towns)
    return [found[grade] for grade in GRADES]


def _by(counts: list[int]) -> Iterable[tuple[int, int]]:
    return zip(GRADES, counts, strict=True)


def _by_province(towns: list[TownGrade]) -> list[Province]:
    by_code: dict[str, list[TownGrade]] = {}
    for each in towns:
        by_code.setdefault(each.province, []).append(each)
    return [_province(code, held) for code, held in by_code.items()]


def _province(code: str, towns: list[TownGrade]) -> Province:
    counts = _counts(towns)
    said = clauses(
        gettext("grade %(grade)s: %(n)s", grade=digits(grade), n=digits(count)) for grade, count in _by(counts) if count
    )
    drawn = pictures.profile(said or gettext("no known grade"), counts)
    return Province(code, towns[0].province_name, counts, sum(each.grade is None for each in towns), drawn)


HANDLERS = [show_country, show_province]
