"""Pictures of the towns' grades: the whole country, and one province."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from litestar import Response, get

from portal.domain.declarations import GRADES
from portal.domain.eligibility import Source
from portal.domain.errors import NotFound
from portal.domain.lifecycle import Role
from portal.services.identity.identity import Identity
from portal.services.register import grades
from portal.services.register.grades import TownGrade
from portal.texts import gettext, ngettext
from portal.web.formats import digits
from portal.web.identity import AppRequest
from portal.web.pages import pictures
from portal.web.pages.pictures import Picture
from portal.web.responses import page

MAY = frozenset({Role.GOVERNORATE, Role.ORGANIZATION, Role.MINISTER, Role.AUDITOR})
NAMES = [str(each) for each in GRADES]


@dataclass(frozen=True, slots=True)
class CountryPage:
    template: ClassVar = "grades/country.html"
    counts: list[tuple[int, int]]
    provinces: list[tuple[str, str, list[int], int]]  # code, name, towns by grade, towns of no known grade
    known: int
    samples: bool  # whether any grade rests on a sample table
    total: int
    picture: Picture
    by_province: Picture | None


@get("/grades", may=MAY, compressed=True)
async def show_country(request: AppRequest) -> Response[Any]:
    towns = await grades.of_country()
    counts = _counts(towns)
    provinces = _by_province(towns)
    known = sum(counts)
    title = gettext("%(known)s of %(all)s towns by grade", known=digits(known), all=digits(len(towns)))
    drawn = [(name, row) for _, name, row, _ in provinces if any(row)]
    context = CountryPage(
        counts=list(zip(GRADES, counts, strict=True)),
        provinces=provinces,
        known=known,
        samples=_samples(towns),
        total=len(towns),
        picture=pictures.columns(title, NAMES, (("after", counts),)),
        by_province=pictures.matrix(gettext("Towns by grade in each province"), NAMES, drawn) if drawn else None,
    )
    return page(request, context)


@dataclass(frozen=True, slots=True)
class ProvincePage:
    template: ClassVar = "grades/province.html"
    name: str
    towns: list[TownGrade]
    graded: int
    samples: bool  # whether any grade rests on a sample table
    picture: Picture


@get("/grades/{code:str}", may=MAY, compressed=True)
async def show_province(request: AppRequest, by: Identity, code: str) -> Response[Any]:
    """Every town of a province; a governorate sees its own."""
    towns = await grades.of_province(code)
    if not towns or (by.role is Role.GOVERNORATE and by.province != code):
        raise NotFound("province")
    graded = [each for each in towns if each.grade is not None]
    name = towns[0].province_name
    piles = [[(each.name, _kind(each)) for each in graded if each.grade == grade] for grade in GRADES]
    title = ngettext(
        "%(n)s town of %(province)s by grade",
        "%(n)s towns of %(province)s by grade",
        len(graded),
        n=digits(len(graded)),
        province=name,
    )
    context = ProvincePage(
        name=name,
        towns=towns,
        graded=len(graded),
        samples=_samples(towns),
        picture=pictures.stacks(title, NAMES, piles),
    )
    return page(request, context)


def _kind(town: TownGrade) -> str:
    return "portal" if town.source is Source.PORTAL else "register"


def _samples(towns: Iterable[TownGrade]) -> bool:
    return any(each.official is False for each in towns)


def _counts(towns: Iterable[TownGrade]) -> list[int]:
    found = Counter(each.grade for each in towns)
    return [found[grade] for grade in GRADES]


def _by_province(towns: list[TownGrade]) -> list[tuple[str, str, list[int], int]]:
    """Code, name, towns by grade and towns of no known grade, for every province."""
    by_code: dict[str, list[TownGrade]] = {}
    for each in towns:
        by_code.setdefault(each.province, []).append(each)
    return [
        (code, held[0].province_name, _counts(held), sum(each.grade is None for each in held))
        for code, held in by_code.items()
    ]


HANDLERS = [show_country, show_province]
