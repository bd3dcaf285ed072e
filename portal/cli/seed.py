"""The demo's data: people, and cases that the real verbs walked through their past."""

import asyncio
import heapq
import random
import secrets
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from portal.cli import seed_register
from portal.cli.progress import step
from portal.domain import persian, totp
from portal.domain.attestations import Judgement, Reason
from portal.domain.decisions import RefusalCode, Ruling
from portal.domain.declarations import Declaration, Division, DocumentKind
from portal.domain.documents import Filing
from portal.domain.lifecycle import Outcome, Role, Verdict
from portal.letters.sample_scans import Key, SpecimenTown, specimens
from portal.sandbox.inspection import WIDTH
from portal.services.administration import demo
from portal.services.administration.accounts import NewAccount
from portal.services.authentication import passwords
from portal.services.cases import (
    assessments,
    attestations,
    cases,
    confirmations,
    decisions,
    notices,
    returns,
    sittings,
    submissions,
    withdrawals,
)
from portal.services.documents import documents as documents_of_case
from portal.services.identity.identity import Identity
from portal.services.reader import views
from portal.services.rulesets import versions
from portal.services.signing.signoffs import CodeAwaited, Proof
from portal.storage.objects import ObjectStore
from portal.tables.places import Municipality, Province
from portal.texts import _

HAMADAN = "همدان"
ASADABAD = "اسدآباد"
OTHER = "فارس"  # the second cast's province
CASES = 46
LONGEST = timedelta(days=150)
ENDS_BEFORE = timedelta(minutes=6)
GAP = timedelta(seconds=31)  # a person's codes are one step apart at least

FIRST = ("علی", "مریم", "حسین", "زهرا", "رضا", "فاطمه", "محمد", "نرگس", "مهدی", "سمیه", "حمید", "لیلا", "سعید", "شیرین")
LAST = ("احمدی", "کریمی", "رضایی", "محمدی", "حسینی", "موسوی", "جعفری", "صادقی", "نوری", "قاسمی", "اکبری", "یوسفی")

STOPS = (
    *("draft",) * 4,
    *("submitted",) * 8,
    *("attested",) * 3,
    *("returned",) * 4,
    *("resubmitted",) * 3,
    *("confirmed",) * 5,
    *("assessed",) * 5,
    *("decided",) * 4,
    *("raised",) * 4,
    *("unchanged",) * 2,
    "lowered",
    "refused",
    *("withdrawn",) * 2,
)
"""How far each case goes; `CASES` of them."""


@dataclass
class Town:
    """A town of the demo, with what it declares."""

    row: dict[str, Any]
    clerk: Identity
    officer: Identity
    stop: str
    begin: datetime
    declaration: Declaration
    number: str = ""
    documents: dict[tuple[str, int | None], UUID] = field(default_factory=dict)


@dataclass
class World:
    """What the walks share: people, scans, the store, and a clock that only goes forward."""

    people: dict[str, Identity]
    scans: dict[Key, bytes]
    store: ObjectStore
    base_url: str
    last: datetime
    steps: dict[UUID, int] = field(default_factory=dict)

    def at(self, wanted: datetime, by: Identity | None = None) -> datetime:
        """The instant for the next act: as wanted, but after the last one, and with a fresh code for `by`."""
        now = max(wanted, self.last + timedelta(seconds=1))
        if by is not None:
            while totp.step_at(now) <= self.steps.get(by.id, 0):
                now += GAP
            self.steps[by.id] = totp.step_at(now)
        self.last = now
        return now

    async def sign(
        self, by: Identity, wanted: datetime, verb: Callable[[Proof, datetime], Coroutine[Any, Any, None]]
    ) -> None:
        """Review `verb`, then do it under a computed code: the same two calls as from the pages."""
        now = self.at(wanted, by)
        try:
            await verb(Proof(None, "", secrets.token_hex(16), now + timedelta(minutes=30)), now)
        except CodeAwaited as awaited:
            expires = datetime.fromisoformat(awaited.intent["expires"])
            code = totp.current_code(demo.secret_of(by.username), now)
            await verb(Proof(code, awaited.basis, awaited.intent["nonce"], expires), now)


async def people(now: datetime) -> dict[str, Identity]:
    """Open every account of the demo; identities by username."""
    kept = await passwords.hashed(demo.PASSWORD)
    provinces = {row["code"]: row["name"] for row in await Province.select()}
    towns = await Municipality.select().order_by(Municipality.code)
    wanted = list(_accounts(provinces, towns))
    found = {}
    with step(_("Opening the demo's accounts"), len(wanted)) as more:
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

    first, second = _cast_towns(provinces, towns)
    yield account("sazman", "کارشناس ارزیابی", Role.ORGANIZATION)
    yield account("vazir", "وزیر کشور", Role.MINISTER)
    yield account("bayegani", "کارشناس بایگانی", Role.ARCHIVIST)
    yield account("bazres", "بازرس", Role.AUDITOR)
    yield account("modir", "مدیر درگاه", Role.ADMINISTRATOR)
    for username, town in (("shahrdari", first), ("shahrdari2", second)):
        yield account(username, "کارشناس برنامه", Role.MUNICIPALITY, town=town["code"])
    for username, town in (("ostandari", first), ("ostandari2", second)):
        yield account(username, "کارشناس احراز", Role.GOVERNORATE, province=town["province"])
    for code in provinces:
        yield account(f"ostandari-{code}", "کارشناس احراز", Role.GOVERNORATE, province=code)
    chosen = [town for town in towns if town["province"] == first["province"] and town["code"] != first["code"]]
    for town in [*chosen, *case_towns(towns, {first["province"]}, second["code"])]:
        yield account(f"shahrdari-{town['code']}", "کارشناس برنامه", Role.MUNICIPALITY, town=town["code"])
    yield account("modir2", "معاون مدیر درگاه", Role.ADMINISTRATOR)


def _cast_towns(provinces: dict[str, str], towns: list[dict[str, Any]]) -> tuple[dict[str, Any], dict[str, Any]]:
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


async def seed(store: ObjectStore, base_url: str, now: datetime) -> None:
    """Fill an empty database with the demo's people and past; the past ends minutes before `now`."""
    begin = now - LONGEST - timedelta(days=2)
    known = await people(begin)
    towns = await Municipality.select(
        *Municipality.all_columns(), Municipality.province.name.as_alias("province_name")
    ).order_by(Municipality.code)
    provinces = {town["province"]: town["province_name"] for town in towns}
    first, second = _cast_towns(provinces, towns)
    chance = random.Random(17)  # noqa: S311
    chosen = case_towns(towns, {first["province"]}, second["code"])
    cast = [
        _town(row, stop, known[f"shahrdari-{row['code']}"], known[f"ostandari-{row['province']}"], now, chance)
        for row, stop in zip(chosen, chance.sample(STOPS, len(STOPS)), strict=True)
    ]
    cast.append(_town(first, "withdrawn", known["shahrdari"], known["ostandari"], now, chance))
    with step(_("Making the specimen documents"), len(cast)) as more:
        scans = specimens([_specimen(town) for town in cast], made=more)
    world = World(known, scans, store, base_url, begin + timedelta(hours=1))
    await seed_register.load(((town.row["code"], town.declaration) for town in cast[:-1]), now=world.at(begin))
    await _sittings(world, cast, now)
    await seed_register.bring_draft(by=known["modir"], now=world.at(now - ENDS_BEFORE))


def _town(
    row: dict[str, Any], stop: str, clerk: Identity, officer: Identity, now: datetime, chance: random.Random
) -> Town:
    population = round(10 ** chance.uniform(3.6, 5.6))
    year = persian.jalali_year(now)
    base = round(population * chance.uniform(15e6, 32e6), -6)
    held = min(11, max(1, round((len(str(population)) - 3) * 2 + chance.uniform(0.5, 3))))
    days = chance.uniform(6, 60) if stop in ("draft", "submitted", "attested") else chance.uniform(25, 140)
    declaration = Declaration(
        current_grade=held,
        current_grade_notified_on=date(year + 615, chance.randint(1, 12), chance.randint(1, 28)),
        requested_grade=min(12, held + chance.choice((1, 1, 2))),
        census_year=1395,
        population=population,
        division=chance.choice((Division.NONE, Division.BAKHSHDARI, Division.FARMANDARI)),
        settled_year_1=year - 3,
        settled_year_2=year - 2,
        settled_year_3=year - 1,
        settled_amount_1=int(base),
        settled_amount_2=int(round(base * 1.24, -6)),
        settled_amount_3=int(round(base * 1.51, -6)),
    )
    return Town(row, clerk, officer, stop, now - timedelta(days=days), declaration)


def _specimen(town: Town) -> SpecimenTown:
    d = town.declaration
    return SpecimenTown(
        key=town.row["code"],
        town=town.row["name"],
        province=town.row["province_name"],
        county=town.row["county"],
        grade=d.current_grade,
        notified_on=d.current_grade_notified_on,
        requested=d.requested_grade or 1,
        census_year=d.census_year or 1395,
        population=d.population or 0,
        settled=tuple((year or 0, amount or 0) for year, amount in d.settled),
    )


async def _sittings(world: World, cast: list[Town], now: datetime) -> None:
    """Let all walks advance side by side, always the one that is due first; sittings are called in between."""
    end = now - ENDS_BEFORE - timedelta(minutes=20)
    called = await _call_sittings(world, now)
    due: list[tuple[datetime, int, AsyncIterator[datetime]]] = []
    for order, town in enumerate(cast):
        heapq.heappush(due, (town.begin, order, _walk(world, town, called, end)))
    with step(_("Leading the cases through their past"), len(cast)) as more:
        while due:
            _due, order, walk = heapq.heappop(due)
            try:
                heapq.heappush(due, (await anext(walk), order, walk))
            except StopAsyncIteration:
                more(1)


async def _call_sittings(world: World, now: datetime) -> list[tuple[date, UUID]]:
    held = []
    for index, days in enumerate((75, 40, 12, 1)):
        on = persian.tehran_date(now - timedelta(days=days))
        title = (
            f"جلسهٔ {('سوم', 'چهارم', 'پنجم', 'ششم')[index]} سال {persian.persian_digits(str(persian.jalali(on)[0]))}"
        )
        by = world.people["sazman"]
        held.append((on, (await sittings.call(by=by, title=title, held_on=on, now=world.at(world.last)))[0]))
    return held


async def _walk(world: World, town: Town, called: list[tuple[date, UUID]], end: datetime) -> AsyncIterator[datetime]:
    """One case's past, act by act; yields when its next act is due."""
    chance = random.Random(town.row["code"])  # noqa: S311
    due = town.begin

    def later(least: float, most: float) -> datetime:
        nonlocal due
        due = min(due + timedelta(days=chance.uniform(least, most)), end)
        return due

    town.number = await cases.open_case(by=town.clerk, now=world.at(due))
    yield later(0.1, 1)
    await cases.declare(town.number, by=town.clerk, declaration=town.declaration, now=world.at(due))
    yield later(0.1, 2)
    for kind, year in _kinds(world, town):
        if town.stop == "draft" and chance.random() < 0.4:
            continue
        await _send(world, town, kind, year, due)
    if town.stop == "draft":
        return
    yield later(0.1, 1)
    await _submit(world, town, due)
    if town.stop == "submitted":
        return
    yield later(1, 4)
    sent_back = town.stop in ("returned", "resubmitted", "withdrawn")
    await _attest(world, town, due, refuse=sent_back)
    if town.stop == "attested":
        return
    yield later(0.2, 2)
    if sent_back:
        await _return(world, town, due)
        if town.stop == "returned":
            return
        yield later(1, 5)
        if town.stop == "withdrawn":
            reason = "بودجهٔ سال جاری هنوز تفریغ نشده است؛ پس از آن دوباره درخواست می‌دهیم."
            await withdrawals.withdraw(town.number, by=town.clerk, reason=reason, now=world.at(due))
            return
        await _send(world, town, DocumentKind.CENSUS, None, due)
        await _submit(world, town, due)
        return
    await _confirm(world, town, due, chance)
    if town.stop == "confirmed":
        return
    yield later(2, 8)
    await _assess(world, town, due)
    if town.stop == "assessed":
        return
    held_on, sitting = next((each for each in called if each[0] >= persian.tehran_date(due)), called[-1])
    due = max(due, datetime(held_on.year, held_on.month, held_on.day, 9, tzinfo=UTC))
    yield min(due, end)
    await _decide(world, town, sitting, min(due, end))
    if town.stop == "decided":
        return
    yield later(1, 6)
    by = world.people["vazir"]
    await world.sign(
        by,
        due,
        lambda proof, now: notices.sign(
            town.number, by=by, proof=proof, store=world.store, base_url=world.base_url, now=now
        ),
    )


def _kinds(world: World, town: Town) -> list[tuple[DocumentKind, int | None]]:
    return [(DocumentKind(kind), year) for key, kind, year in world.scans if key == town.row["code"]]


async def _send(world: World, town: Town, kind: DocumentKind, year: int | None, due: datetime) -> None:
    data = world.scans[town.row["code"], kind, year]

    async def chunks() -> AsyncIterator[bytes]:
        yield data

    name = f"{NAMES[kind]}{f' {persian.persian_digits(str(year))}' if year else ''}.pdf"
    document, stored = await documents_of_case.receive(
        town.number, by=town.clerk, chunks=chunks(), limit=len(data), store=world.store, now=world.at(due)
    )
    filing = Filing(kind, year, None, name)
    now = world.at(due)
    town.documents[kind, year] = await documents_of_case.add(
        town.number, document, stored, filing, by=town.clerk, store=world.store, now=now
    )


NAMES = {
    DocumentKind.LAST_GRADE: "ابلاغ آخرین درجه",
    DocumentKind.SETTLEMENT: "تفریغ بودجه",
    DocumentKind.CENSUS: "گواهی سرشماری",
    DocumentKind.JUSTIFICATION: "گزارش توجیهی",
    DocumentKind.OTHER: "سند دیگر",
}


async def _submit(world: World, town: Town, due: datetime) -> None:
    by = town.clerk
    await world.sign(by, due, lambda proof, now: submissions.submit(town.number, by=by, proof=proof, now=now))


async def _attest(world: World, town: Town, due: datetime, *, refuse: bool) -> None:
    by = town.officer
    good = Judgement(Verdict.AUTHENTIC)
    bad = Judgement(Verdict.NOT_ACCEPTED, Reason.ILLEGIBLE, "مهر و شمارهٔ نامه خوانا نیست.")
    sheet = {
        document: bad if refuse and kind is DocumentKind.CENSUS else good
        for (kind, _), document in town.documents.items()
    }
    now = world.at(due)
    await asyncio.gather(*(_look_through(world, document, by, now) for document in sheet))
    await world.sign(
        by, due, lambda proof, now: attestations.attest(town.number, by=by, sheet=sheet, proof=proof, now=now)
    )


async def _look_through(world: World, document: UUID, by: Identity, now: datetime) -> None:
    """Open the reader at every page: a verdict says which pages its signer was shown."""
    row = await documents_of_case.readable(document, by)
    for page in range(1, row["pages"] + 1):
        await views.opened(row, page, WIDTH, by=by, store=world.store, now=now)


async def _return(world: World, town: Town, due: datetime) -> None:
    by, reason = town.officer, "گواهی سرشماری ناخواناست؛ لطفاً آن را دوباره اسکن کنید و بفرستید."
    await world.sign(
        by,
        due,
        lambda proof, now: returns.send_back(town.number, by=by, reason=reason, reopen=(), proof=proof, now=now),
    )


async def _confirm(world: World, town: Town, due: datetime, chance: random.Random) -> None:
    by, letter = town.officer, f"42/{chance.randint(1000, 9999)}"
    await world.sign(
        by,
        due,
        lambda proof, now: confirmations.confirm(
            town.number,
            by=by,
            letter_number=letter,
            letter_date=persian.tehran_date(due),
            proof=proof,
            four_eyes=False,
            now=now,
        ),
    )


async def _assess(world: World, town: Town, due: datetime) -> None:
    by = world.people["sazman"]
    version = await versions.in_force(due)
    assert version is not None
    await world.sign(
        by,
        due,
        lambda proof, now: assessments.assess(
            town.number, by=by, ruleset=version["digest"], note="", proof=proof, now=now
        ),
    )


async def _decide(world: World, town: Town, sitting: UUID, due: datetime) -> None:
    by, held = world.people["sazman"], town.declaration.current_grade or 1
    reason = "به تشخیص کارگروه، با توجه به سهم درآمد مستمر و وضعیت تقسیمات کشوری."
    ruling = {
        "unchanged": Ruling(sitting, Outcome.UNCHANGED, None, None, reason),
        "lowered": Ruling(sitting, Outcome.LOWERED, max(1, held - 1), None, reason),
        "refused": Ruling(
            sitting, Outcome.REFUSED, None, None, "امتیاز شهرداری به درجهٔ درخواستی نرسید.", RefusalCode.FEW_POINTS
        ),
    }.get(town.stop, Ruling(sitting, Outcome.RAISED, town.declaration.requested_grade, None, reason))
    await world.sign(
        by,
        due,
        lambda proof, now: decisions.decide(town.number, by=by, ruling=ruling, proof=proof, four_eyes=False, now=now),
    )
