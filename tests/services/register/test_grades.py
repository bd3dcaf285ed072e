"""Grades of towns: the portal's own decisions before what the register holds."""

from itertools import pairwise

from portal.domain.eligibility import Source
from portal.domain.lifecycle import State
from portal.domain.town_tables import HeldGrade
from portal.services.cases import worklists
from portal.services.register import census, grades, shipped
from tests.world.builders import Builder
from tests.world.cast import NEIGHBOUR, TOWN
from tests.world.services import today

PROVINCES = [
    "آذربایجان شرقی",
    "آذربایجان غربی",
    "اردبیل",
    "اصفهان",
    "البرز",
    "ایلام",
    "بوشهر",
    "تهران",
    "چهارمحال و بختیاری",
    "خراسان جنوبی",
    "خراسان رضوی",
    "خراسان شمالی",
    "خوزستان",
    "زنجان",
    "سمنان",
    "سیستان و بلوچستان",
    "فارس",
    "قزوین",
    "قم",
    "کردستان",
    "کرمان",
    "کرمانشاه",
    "کهگیلویه و بویراحمد",
    "گلستان",
    "گیلان",
    "لرستان",
    "مازندران",
    "مرکزی",
    "هرمزگان",
    "همدان",
    "یزد",
]
"""By the alphabet, as a person writes them down."""


async def test_grades_of_towns_come_from_decisions_first(builder: Builder) -> None:
    await builder.case(State.NOTIFIED)
    await census.load_grades([HeldGrade(TOWN, 3, None), HeldGrade(NEIGHBOUR, 2, None)], now=builder.clock())
    found = {each.code: each for each in await grades.of_province(TOWN[:2])}
    assert (found[TOWN].grade, found[TOWN].source, found[TOWN].notified_on) == (9, Source.PORTAL, today(builder.clock))
    assert (found[NEIGHBOUR].grade, found[NEIGHBOUR].source) == (2, Source.REGISTER)
    assert (found[TOWN].official, found[NEIGHBOUR].official) == (False, None)
    assert sum(each.grade is not None for each in await grades.of_country()) == 2
    assert await grades.of_province("99") == []


async def test_towns_stand_by_their_names_within_their_provinces(builder: Builder) -> None:
    country = await grades.of_country()
    assert len(country) == await shipped.load()
    codes = [each.code for each in country if each.province == TOWN[:2]]
    assert codes == [each.code for each in await grades.of_province(TOWN[:2])]
    provinces = [each.province for each in country]
    names = list(dict.fromkeys(each.province_name for each in country))
    assert names == PROVINCES == [name for _, name in await worklists.provinces()]
    assert len(set(provinces)) == sum(before != after for before, after in pairwise([None, *provinces]))


async def test_the_towns_of_a_province_stand_by_the_alphabet_in_their_official_spelling(builder: Builder) -> None:
    names = [each.name for each in await grades.of_province("03")]
    assert names[:8] == ["آبش‌احمد", "آذرشهر", "آقکند", "اچاچی", "اربطان", "اسکو", "اهر", "ایلخچی"]
    assert names[-7:] == ["وایقان", "ورزقان", "هادی‌شهر", "هریس", "هشترود", "هوراند", "یامچی"]
    assert names.index("عجب‌شیر") < names.index("قره‌آغاج") < names.index("گوگان") < names.index("لیلان")


async def test_a_town_of_which_nobody_says_a_grade_has_none(builder: Builder) -> None:
    await builder.case(State.DECIDED)
    (town,) = [each for each in await grades.of_province(TOWN[:2]) if each.code == TOWN]
    assert (town.name, town.grade, town.source, town.notified_on) == ("اسدآباد", None, None, None)
