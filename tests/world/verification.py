"""A portal whose rows and journal are tampered with, and verified."""

import re
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

from portal.cli.verify import sentence
from portal.services.verification import audit
from portal.services.verification import objects as object_checks
from portal.services.verification.audit import Audit
from portal.services.verification.entries import Reference
from portal.services.verification.statements import Finding
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


def of(username: str) -> str:
    return f"(SELECT id FROM people WHERE username = '{username}')"


UNTIED = """DO $$ DECLARE each record; BEGIN
    FOR each IN SELECT conrelid::regclass AS t, conname FROM pg_constraint WHERE contype = 'f' LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', each.t, each.conname);
    END LOOP;
END $$"""
"""Whoever owns the schema can drop its foreign keys too; so rows can be taken out, and put back as they were."""


async def overlooked(world: World, changes: list[tuple[str, str]]) -> list[str]:
    """Make each change alone, and take it back; those that the verification does not call by this code."""
    missed = []
    await world.owner.execute(UNTIED)
    for change, code in changes:
        table = re.split(r"(?:UPDATE|INSERT INTO|DELETE FROM) ", change)[1].split()[0]
        await world.owner.execute(f"CREATE TEMP TABLE kept AS TABLE {table}")
        await world.tamper(change)
        if code not in {each.split()[0] for each in await world.found()}:
            missed.append(change)
        await world.owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER; DELETE FROM {table}")
        await world.owner.execute(f"INSERT INTO {table} SELECT * FROM kept; DROP TABLE kept")
    assert await world.found() == [], "all was taken back"
    return missed


async def wrong_objects(store: ObjectStore) -> list[tuple[str, str]]:
    """Code and key of every object that is not what its row names."""
    found: list[Finding] = []
    await object_checks.walk(store, found, lambda count: None)
    return [(each.code, each.facts["key"]) for each in found]
