"""Worlds built with verbs: a case in any state, with small real documents."""

from collections.abc import AsyncIterator, Callable, Coroutine
from datetime import date
from io import BytesIO
from typing import Any
from uuid import UUID

from PIL import Image

from portal.domain import persian
from portal.domain.attestations import Judgement, Reason
from portal.domain.decisions import Ruling
from portal.domain.declarations import Declaration, Division, DocumentKind
from portal.domain.documents import Filing
from portal.domain.lifecycle import Outcome, State, Verdict
from portal.services.cases import (
    cases,
    dossiers,
    sittings,
    withdrawals,
)
from portal.services.documents import documents
from portal.services.identity.identity import Identity
from portal.services.rulesets import versions
from portal.storage.objects import ObjectStore
from tests.world import acts, cast
from tests.world.acts import Verb
from tests.world.cast import Cast

DECLARED = Declaration(
    current_grade=7,
    current_grade_notified_on=date(2020, 1, 13),
    requested_grade=9,
    census_year=1395,
    population=55_703,
    division=Division.FARMANDARI,
    settled_year_1=1402,
    settled_year_2=1403,
    settled_year_3=1404,
    settled_amount_1=900_000_000_000,
    settled_amount_2=1_100_000_000_000,
    settled_amount_3=1_300_000_000_000,
)

SLOTS: tuple[tuple[DocumentKind, int | None], ...] = (
    (DocumentKind.LAST_GRADE, None),
    (DocumentKind.SETTLEMENT, 1402),
    (DocumentKind.SETTLEMENT, 1403),
    (DocumentKind.SETTLEMENT, 1404),
    (DocumentKind.CENSUS, None),
    (DocumentKind.JUSTIFICATION, None),
)


UNSEEN = Judgement(Verdict.AUTHENTIC, unseen="اصل سند رؤیت شد")
"""A verdict of somebody to whom no page was shown: builders draw none."""


def scan(pages: int = 1, shade: int = 200) -> bytes:
    """A small grey PDF of so many pages; another shade is another file."""
    sheets = [Image.new("L", (60, 84), shade + page % 50) for page in range(pages)]
    out = BytesIO()
    sheets[0].save(out, "PDF", save_all=True, append_images=sheets[1:])
    return out.getvalue()


class Builder:
    """Walks cases by the services' own verbs, the clock moving on with every act."""

    def __init__(self, people: Cast, store: ObjectStore, clock: Any) -> None:
        self.people, self.store, self.clock = people, store, clock

    async def sign(self, by: Identity, verb: Verb[Any]) -> None:
        """Prepare what `verb` does, and sign it with a fresh code."""
        now = self.clock.tick(31)
        await acts.sign(verb, cast.code(by.username, now), now)

    async def draft(self, clerk: str = "clerk") -> str:
        """A complete draft; its number."""
        by = self.people[clerk]
        number = await cases.open_case(by=by, now=self.clock.tick(1))
        await cases.declare(number, by=by, declaration=DECLARED, now=self.clock.tick(1))
        for kind, year in SLOTS:
            await self.send(number, kind, year, clerk=clerk)
        return number

    async def send(
        self, number: str, kind: DocumentKind, year: int | None = None, shade: int = 200, clerk: str = "clerk"
    ) -> UUID:
        """Send a small scan."""
        by, data = self.people[clerk], scan(shade=shade)

        async def chunks() -> AsyncIterator[bytes]:
            yield data

        document, stored = await documents.receive(
            number, by=by, chunks=chunks(), limit=len(data), store=self.store, now=self.clock()
        )
        filing = Filing(kind, year, None, "سند.pdf")
        return await documents.add(number, document, stored, filing, by=by, store=self.store, now=self.clock.tick(1))

    async def submit(self, number: str, clerk: str = "clerk") -> None:
        by = self.people[clerk]
        await self.sign(by, lambda now: acts.submit(number, by=by, now=now))

    async def attest(self, number: str, officer: str = "officer", refuse: DocumentKind | None = None) -> None:
        by = self.people[officer]
        dossier = await dossiers.open_dossier(number, by)
        bad = Judgement(Verdict.NOT_ACCEPTED, Reason.ILLEGIBLE, "ناخواناست")
        sheet = {held.id: bad if held.slot[0] is refuse else UNSEEN for held in dossier.documents}
        await self.sign(by, lambda now: acts.attest(number, by=by, sheet=sheet))

    async def send_back(self, number: str, by: str = "officer", reopen: tuple[str, ...] = ()) -> None:
        who = self.people[by]
        await self.sign(
            who,
            lambda now: acts.send_back(number, by=who, reason="اصلاح شود", reopen=reopen),
        )

    async def confirm(self, number: str, officer: str = "officer") -> None:
        by = self.people[officer]
        await self.sign(
            by,
            lambda now: acts.confirm(
                number,
                by=by,
                letter_number="42/1883",
                letter_date=date(2026, 10, 1),
                four_eyes=False,
            ),
        )

    async def assess(self, number: str) -> None:
        by = self.people["examiner"]
        version = (await versions.published())[0]
        await self.sign(
            by,
            lambda now: acts.assess(number, by=by, ruleset=version["digest"], note=""),
        )

    async def sitting(self) -> UUID:
        by, now = self.people["examiner"], self.clock.tick(1)
        return (await sittings.call(by=by, title="جلسهٔ ششم", held_on=persian.tehran_date(now), now=now))[0]

    async def decide(self, number: str, ruling: Ruling | None = None) -> None:
        by = self.people["examiner"]
        settled = ruling or Ruling(await self.sitting(), Outcome.RAISED, 9, None, "به تشخیص کارگروه")
        await self.sign(
            by,
            lambda now: acts.decide(number, by=by, ruling=settled, four_eyes=False, now=now),
        )

    async def notify(self, number: str) -> None:
        by = self.people["minister"]
        await self.sign(
            by,
            lambda now: acts.notify(number, by=by, store=self.store, base_url="http://127.0.0.1:8000"),
        )

    async def withdraw(self, number: str, clerk: str = "clerk") -> None:
        by = self.people[clerk]
        await withdrawals.withdraw(number, by=by, reason="منصرف شدیم", now=self.clock.tick(1))

    async def case(self, state: State, clerk: str = "clerk", officer: str = "officer") -> str:
        """A case in `state`, walked there act by act; its number."""
        number = await self.draft(clerk)
        if state is State.DRAFT:
            return number
        if state is State.WITHDRAWN:
            await self.withdraw(number, clerk)
            return number
        await self.submit(number, clerk)
        if state is State.SUBMITTED:
            return number
        if state is State.RETURNED:
            await self.attest(number, officer, refuse=DocumentKind.CENSUS)
            await self.send_back(number, officer)
            return number
        await self.attest(number, officer)
        steps: tuple[tuple[State, Callable[[], Coroutine[Any, Any, None]]], ...] = (
            (State.CONFIRMED, lambda: self.confirm(number, officer)),
            (State.ASSESSED, lambda: self.assess(number)),
            (State.DECIDED, lambda: self.decide(number)),
            (State.NOTIFIED, lambda: self.notify(number)),
        )
        for reached, step in steps:
            await step()
            if reached is state:
                break
        return number
