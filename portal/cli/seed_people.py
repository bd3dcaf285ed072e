"""The demo's people: who has an account, and which towns have a case."""

import random
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from portal.cli.progress import step
from portal.domain.lifecycle import Role
from portal.services.administration import demo
from portal.services.administration.accounts import NewAccount
from portal.services.authentication import passwords
from portal.services.identity.identity import Identity
from portal.tables.places import Municipality, Province
from portal.texts import _

HAMADAN = "همدان"
ASADABAD = "اسدآباد"
OTHER = "فارس"  # the second cast's province
CASES = 46
FIRST = ("علی", "مریم", "حسین", "زهرا", "رضا", "فاطمه", "محمد", "نرگس", "مهدی", "سمیه", "حمید", "لیلا", "سعید", "شیرین")
LAST = ("احمدی", "کریمی", "رضایی", "محمدی", "حسینی", "موسوی", "جعفری", "صادقی", "نوری", "قاسمی", "اکبری", "یوسفی")


async def people(now: datetime) -> dict[str, Identity]:
    """Open every account of the demo; identities by username."""
    kept = await passwords.hashed(demo.PASSWORD)
    provinces = {row["code"]: row["name"] for row in await Province.select()}
    towns = await Municipality.select().order_by(Municipality.code)
    wanted = list(_accounts(provinces, towns))
    found = {}
    with step(_("Creating the demonstration’s accounts"), len(wanted)) as more:
        for new in wanted:
            found[new.username] = await demo.open_account(new, password_hash=kept, now=now)
            more(1)
    return found


def _accounts(provinces: dict[str, str], towns: list[dict[str, Any]]) -> Iterator[NewAccount]:
    chance = random.Random(1405)  # noqa: S311

    def account(
        username: str, title: str, role: Role, town: str | None = None, province: str | None = None
    ) -> NewAccount:
        name = f"{chance.choice(FIRST)} {chance.choice(LAST)}"
        return NewAccount(username, name, title, role, town, province)

    first, second = cast_towns(provinces, towns)
    yield account("sazman", "کارشناس ارزیابی", Role.ORGANIZATION)
    yield account("vazir", "وزیر کشور", Role.MINISTER)
    yield account("bayegani", "کارشناس بایگانی", Role.ARCHIVIST)
    yield account("bazres", "بازرس", Role.AUDITOR)
    yield account("modir", "مدیر سامانه", Role.ADMINISTRATOR)
    for username, town in (("shahrdari", first), ("shahrdari2", second)):
        yield account(username, "کارشناس برنامه", Role.MUNICIPALITY, town=town["code"])
    for username, town in (("ostandari", first), ("ostandari2", second)):
        yield account(username, "کارشناس احراز", Role.GOVERNORATE, province=town["province"])
    for code in provinces:
        yield account(f"ostandari-{code}", "کارشناس احراز", Role.GOVERNORATE, province=code)
    chosen = [town for town in towns if town["province"] == first["province"] and town["code"] != first["code"]]
    for town in [*chosen, *case_towns(towns, {first["province"]}, second["code"])]:
        yield account(f"shahrdari-{town['code']}", "کارشناس برنامه", Role.MUNICIPALITY, town=town["code"])
    yield account("modir2", "معاون مدیر سامانه", Role.ADMINISTRATOR)


def cast_towns(provinces: dict[str, str], towns: list[dict[str, Any]]) -> tuple[dict[str, Any], dict[str, Any]]:
    codes = {name: code for code, name in provinces.items()}
    first = next(each for each in towns if each["name"] == ASADABAD and each["province"] == codes[HAMADAN])
    second = next(each for each in towns if each["province"] == codes[OTHER])
    return first, second


def case_towns(towns: list[dict[str, Any]], without: set[str], but: str) -> list[dict[str, Any]]:
    """One or two towns of every province except those `without` demo cases, always the same ones."""
    chance = random.Random(31)  # noqa: S311
    by_province: dict[str, list[dict[str, Any]]] = {}
    for town in towns:
        if town["province"] not in without and town["code"] != but:
            by_province.setdefault(town["province"], []).append(town)
    chosen = [chance.choice(each) for each in by_province.values()]
    rest = [town for town in towns if town["province"] not in without and town["code"] != but and town not in chosen]
    return chosen + chance.sample(rest, CASES - len(chosen))
