"""The work of one province: cases from the draft to the answer, whatever breaks meanwhile."""

import asyncio
import hashlib
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from bench.campaign.ledger import Ledger, Sent
from bench.campaign.people import Away, Somebody
from portal.domain import persian
from portal.domain.lifecycle import Role
from portal.services.administration import demo
from portal.services.administration.accounts import NewAccount
from portal.services.authentication import passwords
from portal.tables.places import Municipality
from tests.world import cast
from tests.world.builders import SLOTS
from tests.world.journey import DECLARED
from tests.world.tus import BYTES, metadata, pdf

STUCK = 90  # failures of one step, one after the other, that are no fault's doing any more
LARGEST = 1_500_000  # bytes of a document
PIECE = 400_000  # bytes of one PATCH


@dataclass
class Province:
    """Its towns, whose clerks come one by one, an officer, and whoever examines and signs what comes from here."""

    towns: list[str]
    newcomer: Callable[[str], Awaitable[Somebody]]
    officer: Somebody
    examiner: Somebody
    minister: Somebody
    ledger: Ledger
    dice: random.Random
    stop: asyncio.Event
    answered: int = 0
    trouble: list[str] = field(default_factory=list)

    async def live(self) -> None:
        """One case after the other, each of another town, until it is enough."""
        for town in self.towns:
            clerk = await self._newcomer(town)
            if clerk is None:
                return
            await self._case(clerk)

    async def _newcomer(self, town: str) -> Somebody | None:
        """A clerk of `town`; None where the campaign ends before he has his account."""
        while not self.stop.is_set():
            with suppress(Exception):  # the database may be the thing that is broken now
                async with asyncio.timeout(20):
                    return await self.newcomer(town)
            await asyncio.sleep(1)
        return None

    async def _case(self, clerk: Somebody) -> None:
        number = ""

        async def opened() -> None:
            nonlocal number
            number = await self._opened(clerk)

        sitting = ""

        async def called() -> None:
            nonlocal sitting
            sitting = sitting or await self._called(number)

        steps: list[tuple[Somebody, Callable[[], Awaitable[None]]]] = [
            (clerk, opened),
            (clerk, lambda: self._declared(clerk, number)),
            *((clerk, self._sent(clerk, lambda: number, kind, year)) for kind, year in SLOTS),
            (clerk, lambda: self._signed(clerk, number, "submission", "CaseSubmitted")),
            (self.officer, lambda: self._attested(number)),
            (self.officer, lambda: self._signed(self.officer, number, "confirmation", "CaseConfirmed", LETTER)),
            (self.examiner, lambda: self._assessed(number)),
            (self.examiner, called),
            (self.examiner, lambda: self._decided(number, sitting)),
            (self.minister, lambda: self._signed(self.minister, number, "signature", "DecisionSigned")),
        ]
        for somebody, step in steps:
            if not await self._until(somebody, step):
                return
        self.answered += 1

    async def _until(self, somebody: Somebody, step: Callable[[], Awaitable[None]]) -> bool:
        """Try `step` until it is done; false where the campaign ends before."""
        failures, under = 0, self.ledger.fault
        while not self.stop.is_set():
            try:
                await somebody.sign_in()
                await step()
            except Away as error:
                self.trouble = [*self.trouble[-5:], f"[{self.ledger.fault}] {error}"]
                failures = failures + 1 if self.ledger.fault in ("none", under) else 0
                under = self.ledger.fault
                if failures > STUCK:
                    self.ledger.blame(f"STUCK: {somebody.username}: {self.trouble[-3:]}")
                    return False
                await asyncio.sleep(0.2 + self.dice.random() / 2)
            else:
                return True
        return False

    async def _opened(self, clerk: Somebody) -> str:
        page = await clerk.ask("GET", "/cases")
        mine = sorted({each.split("/")[2] for each in page.links if each.startswith("/cases/1")})
        if mine:  # an earlier try came through, though no answer said so
            return mine[0]
        page = await clerk.ask("GET", "/cases/new")
        got = await clerk.ask("POST", "/cases", data=page.forms.get("/cases", {}), tears=True)
        if got.status != 303:
            raise Away(f"/cases: {got.status}")
        number = got.location.rpartition("/")[2]
        self.ledger.done(number, "CaseOpened")
        return number

    async def _declared(self, clerk: Somebody, number: str) -> None:
        url = f"/cases/{number}/declaration"
        page = await clerk.ask("GET", url)
        got = await clerk.ask("POST", url, data={**page.forms.get(url, {}), **DECLARED}, tears=True)
        if got.status != 303:
            raise Away(f"{url}: {got.status}")
        self.ledger.done(number, "DeclarationSaved")

    def _sent(
        self, clerk: Somebody, number: Callable[[], str], kind: str, year: int | None
    ) -> Callable[[], Awaitable[None]]:
        data = pdf(self.dice.randrange(2_000, LARGEST))
        way = self.dice.choice([self._by_form, self._by_tus])
        begun: dict[str, str] = {}

        async def step() -> None:
            await way(clerk, number(), kind, year, data, begun)
            self.ledger.papers.append(Sent(number(), kind, year, hashlib.sha256(data).hexdigest()))

        return step

    async def _by_form(
        self, clerk: Somebody, number: str, kind: str, year: int | None, data: bytes, _: dict[str, str]
    ) -> None:
        fields = {"kind": kind, **({"year": str(year)} if year else {})}
        files = {"file": ("سند.pdf", data, "application/pdf")}
        got = await clerk.ask("POST", f"/cases/{number}/documents", data=fields, files=files, tears=True)
        if got.status != 303:
            raise Away(f"documents: {got.status}")

    async def _by_tus(
        self, clerk: Somebody, number: str, kind: str, year: int | None, data: bytes, begun: dict[str, str]
    ) -> None:
        """Piece by piece; taken up again from what is acknowledged."""
        said = {"Tus-Resumable": "1.0.0"}
        if "url" not in begun:
            given = {"case": number, "kind": kind, "filename": "سند.pdf", **({"year": str(year)} if year else {})}
            headers = {**said, "Upload-Length": str(len(data)), "Upload-Metadata": metadata(**given)}
            got = await clerk.ask("POST", "/uploads", headers=headers)
            if got.status != 201:
                raise Away(f"/uploads: {got.status}")
            begun["url"], begun["sure"] = got.location, "0"
        got = await clerk.ask("HEAD", begun["url"], headers=said)
        if got.status in (404, 410):
            was = begun.pop("url")
            if not begun.pop("last", ""):
                self.ledger.blame(f"LOST: the upload {was} of {number}: {got.status}")
            raise Away("the upload has ended")
        if got.status != 200:
            raise Away(f"HEAD: {got.status}")
        offset = int(got.headers["upload-offset"])
        if offset < int(begun["sure"]):
            self.ledger.blame(f"LOST: {begun['sure']} bytes of {begun['url']} were acknowledged, {offset} are there")
        while offset < len(data):
            piece = data[offset : offset + PIECE]
            if offset + len(piece) == len(data):
                begun["last"] = "sent"
            headers = {**said, "Upload-Offset": str(offset), "Content-Type": BYTES}
            got = await clerk.ask("PATCH", begun["url"], headers=headers, content=piece, tears=True)
            if got.status != 204:
                raise Away(f"PATCH: {got.status}")
            offset += len(piece)
            begun["sure"] = str(offset)

    async def _signed(
        self, who: Somebody, number: str, act: str, kind: str, fields: dict[str, Any] | None = None
    ) -> None:
        """Done already, where the act is not offered any more: no other act stands between."""
        if act in await who.offered(number):
            await who.sign(number, act, kind, fields)

    async def _attested(self, number: str) -> None:
        offered = await self.officer.offered(number)
        if "confirmation" in offered or "attestation" not in offered:
            return
        page = await self.officer.ask("GET", f"/cases/{number}/attestation")
        papers = sorted(name.removeprefix("verdict-") for name in page.inputs if name.startswith("verdict-"))
        if not papers:
            raise Away("the sheet is empty")
        await self.officer.ask("GET", f"/documents/{papers[0]}/reader")
        fields = {f"verdict-{each}": "authentic" for each in papers}
        fields |= {f"unseen-{each}": "اصل سند رؤیت شد" for each in papers}
        await self.officer.sign(number, "attestation", "AttestationGiven", fields)

    async def _assessed(self, number: str) -> None:
        offered = await self.examiner.offered(number)
        if "decision" in offered or "assessment" not in offered:
            return
        page = await self.examiner.ask("GET", f"/cases/{number}/assessment")
        if not page.options:
            raise Away("no score table")
        await self.examiner.sign(number, "assessment", "CaseAssessed", {"ruleset": page.options[0], "note": ""})

    async def _called(self, number: str) -> str:
        """A sitting with the case on its agenda."""
        page = await self.examiner.ask("GET", "/sittings/new")
        today = persian.tehran_date(datetime.now(UTC))
        fields = {"title": f"جلسهٔ {number}", "held_on": persian.jalali_text(today)}
        got = await self.examiner.ask("POST", "/sittings", data={**page.forms.get("/sittings", {}), **fields})
        if got.status != 303:
            raise Away(f"/sittings: {got.status}")
        sitting = got.location.rpartition("/")[2]
        url = f"/sittings/{sitting}"
        page = await self.examiner.ask("GET", url)
        got = await self.examiner.ask("POST", url, data={**page.forms.get(url, {}), "case": number}, tears=True)
        if got.status != 303:
            raise Away(f"{url}: {got.status}")
        self.ledger.done(number, "CaseTabled")
        return sitting

    async def _decided(self, number: str, sitting: str) -> None:
        ruling = {"sitting": sitting, "outcome": "raised", "grade": "9", "reason": "به تشخیص کارگروه"}
        await self._signed(self.examiner, number, "decision", "DecisionTaken", ruling)


LETTER = {"letter_number": "۴۲/۱۸۸۳", "letter_date": "1405/08/01"}


async def provinces(
    how_many: int, ports: list[int], ledger: Ledger, dice: random.Random, stop: asyncio.Event
) -> list[Province]:
    """So many provinces with the people who work there, their accounts opened in the database."""
    rows = await Municipality.select(Municipality.code, Municipality.province).order_by(Municipality.code)
    by_province: dict[str, list[str]] = {}
    for row in rows:
        by_province.setdefault(row["province"], []).append(row["code"])
    kept = await passwords.hashed(cast.PASSWORD)

    async def person(
        name: str, role: Role, *, municipality: str | None = None, province: str | None = None
    ) -> Somebody:
        username = f"{name}-{dice.getrandbits(32):08x}"  # a try that was cut off leaves its name behind
        new = NewAccount(username, "نام و نام خانوادگی", "سمت", role, municipality, province)
        await demo.open_account(new, password_hash=kept, now=datetime.now(UTC))
        return Somebody(username, ports, ledger, random.Random(dice.random()))

    async def clerk(town: str) -> Somebody:
        return await person("clerk", Role.MUNICIPALITY, municipality=town)

    minister = await person("minister", Role.MINISTER)
    return [
        Province(
            towns,
            clerk,
            await person("officer", Role.GOVERNORATE, province=code),
            await person("examiner", Role.ORGANIZATION),
            minister,
            ledger,
            random.Random(dice.random()),
            stop,
        )
        for code, towns in list(by_province.items())[:how_many]
    ]
