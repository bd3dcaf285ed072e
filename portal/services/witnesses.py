"""Checkpoints put outside the portal, where its own operators cannot write: what the journal can be held against."""

from datetime import datetime
from typing import Any

from portal.domain.errors import Conflict
from portal.services import checkpoints
from portal.services.checkpoints import Signed
from portal.storage import witness
from portal.tables.events import PublishedCheckpoint


async def publish(targets: tuple[str, ...], *, authority: str | None, now: datetime) -> Signed:
    """Put the present checkpoint to every one of `targets`, time-stamped by `authority` if there is one.

    Each place that took it is recorded, even if a later one refuses.

    Raises:
        Conflict: `no-journal-key`, `no-witness`.
        Unavailable: the journal's key is not held.
        portal.storage.witness.WitnessError: a place or the authority refuses.
    """
    if not targets:
        raise Conflict("no-witness")
    signed = await checkpoints.current()
    if signed.note is None:
        raise Conflict("no-journal-key")
    data = signed.note.encode()
    token = await witness.time_stamp(authority, data) if authority else None
    name = f"{signed.checkpoint.size:012d}"
    for target in targets:
        await witness.put(target, f"{name}.checkpoint", data)
        if token:
            await witness.put(target, f"{name}.{now:%Y%m%dT%H%M%SZ}.tsr", token)
        await _record(signed, token, witness.without_secrets(target), now)
    return signed


async def _record(signed: Signed, token: bytes | None, target: str, now: datetime) -> None:
    assert signed.note is not None
    await PublishedCheckpoint(
        size=signed.checkpoint.size,
        root=signed.checkpoint.root,
        note=signed.note,
        token=token,
        target=target[:300],
        at=now,
    ).save()


async def last() -> dict[str, Any] | None:
    """The checkpoint that was put outside last, or None."""
    return await PublishedCheckpoint.select().order_by(PublishedCheckpoint.id, ascending=False).first()
