"""One case's past in the demo, act by act, through the verbs that the pages call."""

import asyncio
import random
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from portal.domain import persian, totp
from portal.domain.attestations import Judgement, Reason
from portal.domain.decisions import RefusalCode, Ruling
from portal.domain.declarations import Declaration, DocumentKind
from portal.domain.documents import Filing
from portal.domain.lifecycle import Act, Outcome, Verdict
from portal.letters.sample_scans import Key
from portal.sandbox.inspection import WIDTH
from portal.services.administration import demo
from portal.services.cases import (
    assessments,
    attestations,
    cases,
    confirmations,
    decisions,
    returns,
    signing,
    submissions,
    withdrawals,
)
from portal.services.documents import documents as documents_of_case
from portal.services.identity.identity import Identity
from portal.services.letters import issuing, seals
from portal.services.reader import views
from portal.services.rulesets import versions
from portal.services.signing import signoffs
from portal.services.signing.signoffs import Prepared, Proof
from portal.storage.objects import ObjectStore

GAP = timedelta(seconds=31)  # a person's codes are one step apart at least


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
    seal: str
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

    async def sign(self, by: Identity, wanted: datetime, verb: Callable[[datetime], Awaitable[Prepared[None]]]) -> None:
        """Do what `verb` prepares under a computed code: the same two calls as from the pages."""
        now = self.at(wanted, by)
        prepared = await verb(now)
        code = totp.current_code(demo.secret_of(by.username), now)
        proof = Proof(code, prepared.basis, secrets.token_hex(16), now + timedelta(minutes=30))
        await signoffs.sign(prepared, proof, now=now)


async def walk(world: World, town: Town, called: list[tuple[date, UUID]], end: datetime) -> AsyncIterator[datetime]:
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
        lambda _: _signature(world, town, by),
    )
    await seals.attempt(town.number, store=world.store, now=world.at(due))


async def _signature(world: World, town: Town, by: Identity) -> Prepared[None]:
    dossier = await signing.approach(town.number, Act.SIGNATURE, by)
    return await issuing.prepare(dossier, by=by, store=world.store, base_url=world.base_url, seal=world.seal)


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
    DocumentKind.OTHER: "سایر مدارک",
}


async def _submit(world: World, town: Town, due: datetime) -> None:
    by = town.clerk

    async def verb(now: datetime) -> Prepared[None]:
        return await submissions.prepare(await signing.approach(town.number, Act.SUBMISSION, by), by=by, now=now)

    await world.sign(by, due, verb)


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

    async def verb(_: datetime) -> Prepared[None]:
        return await attestations.prepare(await signing.approach(town.number, Act.ATTESTATION, by), by=by, sheet=sheet)

    await world.sign(by, due, verb)


async def _look_through(world: World, document: UUID, by: Identity, now: datetime) -> None:
    """Open the reader at every page: a verdict says which pages its signer was shown."""
    row = await documents_of_case.readable(document, by)
    for page in range(1, row["pages"] + 1):
        await views.opened(row, page, WIDTH, by=by, store=world.store, now=now)


async def _return(world: World, town: Town, due: datetime) -> None:
    by, reason = town.officer, "گواهی سرشماری ناخواناست؛ لطفاً آن را دوباره اسکن و ارسال کنید."

    async def verb(_: datetime) -> Prepared[None]:
        return returns.prepare(await signing.approach(town.number, Act.RETURN, by), by=by, reason=reason, reopen=())

    await world.sign(by, due, verb)


async def _confirm(world: World, town: Town, due: datetime, chance: random.Random) -> None:
    by, letter = town.officer, f"42/{chance.randint(1000, 9999)}"
    day = persian.tehran_date(due)

    async def verb(_: datetime) -> Prepared[None]:
        dossier = await signing.approach(town.number, Act.CONFIRMATION, by)
        return confirmations.prepare(dossier, by=by, letter_number=letter, letter_date=day, four_eyes=False)

    await world.sign(by, due, verb)


async def _assess(world: World, town: Town, due: datetime) -> None:
    by = world.people["sazman"]
    version = await versions.in_force(due)
    assert version is not None

    async def verb(_: datetime) -> Prepared[None]:
        dossier = await signing.approach(town.number, Act.ASSESSMENT, by)
        return await assessments.prepare(dossier, by=by, ruleset=version["digest"], note="")

    await world.sign(by, due, verb)


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

    async def verb(now: datetime) -> Prepared[None]:
        dossier = await signing.approach(town.number, Act.DECISION, by)
        assessment = await decisions.rests_on(dossier, by, four_eyes=False)
        return await decisions.prepare(dossier, by=by, assessment=assessment, ruling=ruling, now=now)

    await world.sign(by, due, verb)
