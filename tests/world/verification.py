"""A portal whose rows and journal are tampered with, and verified."""

from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

from portal.cli.verify import sentence
from portal.services.verification import audit
from portal.services.verification.audit import Audit
from portal.services.verification.entries import Reference
from portal.settings import Settings
from portal.storage.objects import ObjectStore

GUARDED = (
    "events",
    "journal_nodes",
    "journal_signing_begins",
    "published_checkpoints",
    "assessments",
    "rulesets",
    "mandates",
)


@dataclass
class World:
    """A portal with a notified and a submitted case and a checkpoint outside, and the hand of its database's owner."""

    settings: Settings
    store: ObjectStore
    outside: str
    number: str
    owner: Any

    async def tamper(self, *statements: str) -> None:
        """What only the owner of the schema can do: switch the guards off, change rows, switch them on again."""
        for table in GUARDED:
            await self.owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for statement in statements:
            done = await self.owner.execute(statement)
            assert done.split()[-1] != "0", statement
        for table in GUARDED:
            await self.owner.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")

    async def verify(self, *files: Reference) -> Audit:
        return await audit.journal(files, self.store, lambda name, total: nullcontext(lambda done: None))

    async def found(self, *files: Reference) -> list[str]:
        done = await self.verify(*files)
        assert all(sentence(each) for each in done.findings)
        return [f"{each.code} {each.where}" for each in done.findings]

    async def position(self, kind: str) -> int:
        return int(await self.owner.fetchval("SELECT max(position) FROM events WHERE kind = $1", kind))
