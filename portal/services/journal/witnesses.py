"""Checkpoints put outside the portal, where its own operators cannot write: what the journal can be held against."""

from datetime import datetime
from typing import Any

from portal.domain.errors import Conflict
from portal.domain.signed_notes import Checkpoint
from portal.services.journal import checkpoints
from portal.storage import witness
from portal.tables.events import PublishedCheckpoint


async def publish(targets: tuple[str, ...], *, authority: str | None, now: datetime) -> Checkpoint:
    """Put the present checkpoint to every one of `targets`, time-stamped by `authority` if there is one.

    Each place that took it is recorded, even if a later one refuses.

    Raises:
        Conflict: `no-witness`.
        Unavailable: the journal has no key, or its key is not held.
        portal.storage.witness.WitnessError: a place or the authority refuses.
    """
    if not targets:
        raise Conflict("no-witness")
    checkpoint, note = await checkpoints.note()
    data = note.encode()
    token = await witness.time_stamp(authority, data) if authority else None
    name = f"{checkpoint.size:012d}"
    for target in targets:
        await witness.put(target, f"{name}.checkpoint", data)
        if token:
            await witness.put(target, f"{name}.{now:%Y%m%dT%H%M%SZ}.tsr", token)
        await _record(checkpoint, note, token, witness.without_secrets(target), now)
    return checkpoint


async def _record(checkpoint: Checkpoint, note: str, token: bytes | None, target: str, now: datetime) -> None:
    await PublishedCheckpoint(
        size=checkpoint.size,
        root=checkpoint.root,
        note=note,
        token=token,
        target=target[:300],
        at=now,
    ).save()


async def last() -> dict[str, Any] | None:
    """The checkpoint that was put outside last, or None."""
    return await PublishedCheckpoint.select().order_by(PublishedCheckpoint.id, ascending=False).first()
