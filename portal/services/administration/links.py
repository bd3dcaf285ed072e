"""Whoever administers the portal no more lets nobody in by the one-time links that they made."""

from datetime import datetime
from uuid import UUID

from portal.domain.lifecycle import Role
from portal.services.identity import mandates
from portal.tables.mandates import Restoration
from portal.tables.people import Invitation

MAKER_STANDS = """({maker} IS NULL OR EXISTS (
    SELECT 1 FROM mandates a WHERE a.person = {maker} AND a.role = 'administrator' AND a.confirmed_at IS NOT NULL
    AND a.ended_at IS NULL AND a.starts_on <= {{}} AND coalesce(a.ends_on, 'infinity') >= {{}}))"""
"""Whether the administrator in the column `maker` still is one, or whoever holds the machine; twice Tehran's day."""


async def maker_stands(maker: UUID | None, now: datetime) -> bool:
    """Whether `maker` still administers the portal; None is whoever holds the machine."""
    held = await mandates.in_force(maker, now) if maker else None
    return maker is None or (held is not None and held["role"] == Role.ADMINISTRATOR)


async def void_made_by(maker: UUID, *, now: datetime) -> None:
    """No link that `maker` made leads in any more, and no restoration that they began. Inside a transaction."""
    await Restoration.update({Restoration.ended_at: now, Restoration.outcome: "withdrawn"}).where(
        (Restoration.begun_by == maker) & Restoration.ended_at.is_null()
    )
    await Invitation.update({Invitation.used_at: now}).where(
        (Invitation.made_by == maker) & Invitation.used_at.is_null()
    )
