"""Logins are rows: found by the digest of a random token, idle and absolute limits by role, ended at any time."""

import secrets
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from portal.tables.people import Session

IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=12)
SEEN_EVERY = timedelta(minutes=1)  # one write a minute is enough to know that somebody is there

_STANDING = """
SELECT s.id AS session, s.proved_at, s.seen_at, p.id AS person, p.username, p.full_name, p.title, p.role,
       p.municipality, p.province, coalesce(m.name, v.name) AS place_name,
       (SELECT json_agg(json_build_object('id', c.id, 'kind', c.kind, 'times', c.times) ORDER BY c.at)
        FROM cautions c WHERE c.person = p.id AND c.dismissed_at IS NULL) AS cautions
FROM sessions s JOIN people p ON p.id = s.person
LEFT JOIN municipalities m ON m.code = p.municipality LEFT JOIN provinces v ON v.code = p.province
WHERE s.token = {} AND s.ended_at IS NULL AND p.ended_at IS NULL AND s.expires_at > {} AND s.seen_at > {}
"""


async def begin(person: UUID, digest: bytes, *, address: str, agent: str, now: datetime) -> UUID:
    """Open a session behind the token with this SHA-256, still without its second step."""
    session = uuid4()
    await Session(
        id=session,
        token=digest,
        person=person,
        created_at=now,
        seen_at=now,
        expires_at=now + ABSOLUTE,
        address=address[:64],
        agent=agent[:200],
    ).save()
    return session


async def standing(digest: bytes, now: datetime) -> dict[str, Any] | None:
    """The session with this token's SHA-256 and its person, if neither has ended; marks it as seen."""
    rows = await Session.raw(_STANDING, digest, now, now - IDLE)
    if not rows:
        return None
    row: dict[str, Any] = rows[0]
    if now - row["seen_at"] > SEEN_EVERY:
        await Session.update({Session.seen_at: now}).where(Session.id == row["session"])
    return row


async def end(session: UUID, *, now: datetime) -> None:
    """Sign out."""
    await Session.update({Session.ended_at: now}).where((Session.id == session) & Session.ended_at.is_null())


async def end_all(person: UUID, *, but: UUID | None = None, now: datetime) -> None:
    """End every session of `person`, except `but`."""
    where = (Session.person == person) & Session.ended_at.is_null()
    await Session.update({Session.ended_at: now}).where(where & (Session.id != but) if but else where)


async def of_person(person: UUID, now: datetime) -> list[dict[str, Any]]:
    """The standing sessions of `person`, the last seen first."""
    return await (
        Session.select(Session.id, Session.created_at, Session.seen_at, Session.address, Session.agent)
        .where(
            (Session.person == person)
            & Session.ended_at.is_null()
            & (Session.expires_at > now)
            & (Session.seen_at > now - IDLE)
        )
        .order_by(Session.seen_at, ascending=False)
    )


def new_token() -> str:
    """A fresh random token (256 bits); only its digest is ever kept."""
    return secrets.token_urlsafe(32)
