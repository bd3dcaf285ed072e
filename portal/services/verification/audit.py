"""The whole verification in its order: the journal, the checkpoints held against it, cases, registers, bytes."""

from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from portal.services.journal import keys
from portal.services.verification import cases as case_checks
from portal.services.verification import entries as entry_checks
from portal.services.verification import objects as object_checks
from portal.services.verification import records
from portal.services.verification.entries import Reference
from portal.services.verification.statements import Finding, Tick
from portal.storage.objects import ObjectStore
from portal.tables.cases import Case
from portal.tables.events import Event

Progress = Callable[[str, int], AbstractContextManager[Tick]]
"""Opens a bar of that name and length."""


@dataclass(frozen=True, slots=True)
class Audit:
    """What was looked at, and what disagrees: the first place first."""

    findings: tuple[Finding, ...]
    entries: int
    root: bytes
    cases: int
    objects: int
    checkpoints: int


async def journal(
    files: Sequence[Reference], store: ObjectStore | None, progress: Progress, anchors: Collection[bytes] = ()
) -> Audit:
    """Verify the journal, also against the checkpoints `files`; without a `store` bytes are left out.

    `anchors` are public keys of the journal kept outside; those that the portal holds are anchors too.

    Raises:
        portal.storage.calls.StoreUnavailable.
    """
    found: list[Finding] = []
    async with Event._meta.db.transaction():
        # One picture of the database, however long it takes and whoever works meanwhile.
        await Event.raw("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        held = [*await entry_checks.published(), *files]
        with progress("entries", await Event.count()) as tick:
            known = {*anchors, *(each.key.public for each in keys.held(""))}
            state = await entry_checks.walk(entry_checks.sizes_of(held), known, found, tick)
        for each in held:
            found += entry_checks.against(each, state)
        with progress("cases", await Case.count()) as tick:
            cases = await case_checks.walk(found, tick)
        with progress("registers", await records.count()) as tick:
            await records.walk(found, tick)
    objects = 0
    if store is not None:
        with progress("objects", await object_checks.count()) as tick:
            objects = await object_checks.walk(store, found, tick)
    return Audit(tuple(found), state.frontier.size, state.frontier.root(), cases, objects, len(held))
