"""What the portal acknowledged, and whether it still stands."""

import asyncio
import hashlib
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from portal.storage.objects import ObjectStore

LONGEST = 15.0  # seconds that nobody waits beyond


@dataclass(frozen=True)
class Done:
    """An act that was answered with 303: the case, or the sitting, and the kind of its event."""

    subject: str
    kind: str


@dataclass(frozen=True)
class Sent:
    """A document whose coming in was acknowledged: case, kind, year and SHA-256 in hex."""

    number: str
    kind: str
    year: int | None
    sha256: str


ONCE = ("CaseOpened", "CaseSubmitted", "CaseConfirmed", "DecisionTaken", "DecisionSigned")
"""Kinds of event that a case of this campaign has at most once, however often its act is posted."""


@dataclass
class Ledger:
    """Everything acknowledged, and every answer that must not be; how long one took where `is_timed`.

    `wrong` holds one sentence for each thing that does not hold; `waits` the longest answer under each fault, in
    seconds; `fault` is the one that is at work now;
    while `gate` is shut nobody begins a request, and `under_way` counts those that were begun.
    """

    is_timed: bool = True
    fault: str = "none"
    statuses: Counter[int] = field(default_factory=Counter)
    waits: dict[str, float] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    acts: list[Done] = field(default_factory=list)
    papers: list[Sent] = field(default_factory=list)
    steps: dict[str, int] = field(default_factory=dict)
    unanswered: int = 0
    checked_acts: int = 0
    checked_papers: int = 0
    under_way: int = 0

    def __post_init__(self) -> None:
        self.gate = asyncio.Event()
        self.gate.set()

    @asynccontextmanager
    async def quiet(self) -> AsyncIterator[None]:
        """Nobody asks for anything; what is under way comes to its end first."""
        self.gate.clear()
        try:
            for _ in range(300):
                if not self.under_way:
                    break
                await asyncio.sleep(0.1)
            yield
        finally:
            self.gate.set()

    def blame(self, sentence: str) -> None:
        """Something that must not be, under the present fault."""
        self.wrong.append(f"[{self.fault}] {sentence}")

    def answered(self, what: str, status: int, seconds: float, fault: str) -> None:
        """An answer came; `fault` is the one under which it was asked for."""
        self.statuses[status] += 1
        self.waits[fault] = max(self.waits.get(fault, 0.0), seconds)
        if status >= 500 and status != 503:
            self.wrong.append(f"[{fault}] {what} was answered {status}")
        if seconds > LONGEST and self.is_timed:
            self.wrong.append(f"[{fault}] {what} was answered {status} after {seconds:.1f} s")

    def hung(self, what: str, seconds: float, fault: str) -> None:
        """No answer came, and the connection stood all the while."""
        self.unanswered += 1
        self.waits[fault] = max(self.waits.get(fault, 0.0), seconds)
        if self.is_timed:
            self.wrong.append(f"[{fault}] {what} had no answer after {seconds:.1f} s")

    def done(self, subject: str, kind: str) -> None:
        """An act was acknowledged."""
        self.acts.append(Done(subject, kind))

    def used(self, username: str, step: int) -> None:
        """A code of this time step was accepted."""
        self.steps[username] = max(step, self.steps.get(username, 0))

    async def check(self, database: Any, store: ObjectStore) -> None:
        """Hold what was acknowledged since the last check against the rows and the bytes."""
        acts, papers = self.acts[self.checked_acts :], self.papers[self.checked_papers :]
        for each in acts:
            found = await database.fetchval(
                "SELECT count(*) FROM events WHERE subject = $1 AND kind = $2", each.subject, each.kind
            )
            if not found:
                self.blame(f"LOST: {each.kind} of {each.subject} was acknowledged and is in no journal")
        for paper in papers:
            await self._check_paper(database, store, paper)
        for username, step in self.steps.items():
            kept = await database.fetchval(
                "SELECT max(f.last_step) FROM second_factors f JOIN people p ON p.id = f.person WHERE p.username = $1",
                username,
            )
            if kept is None or kept < step:
                self.blame(f"LOST: a code of {username} was accepted and could be used again")
        for row in await database.fetch(
            "SELECT subject, kind, count(*) AS n FROM events WHERE kind = ANY($1) GROUP BY 1, 2 HAVING count(*) > 1",
            list(ONCE),
        ):
            self.blame(f"TWICE: {row['kind']} of {row['subject']} stands {row['n']} times")
        self.checked_acts, self.checked_papers = len(self.acts), len(self.papers)

    async def _check_paper(self, database: Any, store: ObjectStore, paper: Sent) -> None:
        row = await database.fetchrow(
            "SELECT d.key FROM documents d JOIN cases c ON c.id = d.case"
            " WHERE c.number = $1 AND d.kind = $2 AND d.year IS NOT DISTINCT FROM $3 AND d.sha256 = $4",
            paper.number,
            paper.kind,
            paper.year,
            paper.sha256,
        )
        if row is None:
            self.blame(f"LOST: a document of {paper.number} was acknowledged and has no row")
            return
        digest = hashlib.sha256()
        async for piece in store.read(row["key"]):
            digest.update(piece)
        if digest.hexdigest() != paper.sha256:
            self.blame(f"LOST: the bytes of a document of {paper.number} are not those that were sent")
