"""Logins are rows: found by the digest of a random token, idle and absolute limits by role, ended at any time."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from piccolo.querystring import QueryString

from portal.domain import persian
from portal.domain.lifecycle import Role
from portal.services.authentication import factor_confirmations
from portal.services.identity import mandates
from portal.tables.people import Session


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a session lasts when nobody is seen in it, and at most (SP 800-63B-4 §2.2.3)."""

    idle: timedelta
    absolute: timedelta


OFFICIALS = Limits(timedelta(minutes=30), timedelta(hours=12))
BY_ROLE = {Role.ADMINISTRATOR: Limits(timedelta(minutes=15), timedelta(hours=8))}
"""Whoever opens accounts for others is signed out sooner; all others are `OFFICIALS`."""
HALF_WAY = timedelta(hours=1)
"""How long a session waits for its second step, or for the first authenticator to be enrolled."""
SEEN_EVERY = timedelta(minutes=1)  # one write a minute is enough to know that somebody is there

_STANDING = f"""
SELECT s.id AS session, s.proved_at, s.seen_at, p.id AS person, p.username, p.full_name,
       coalesce(o.title, p.title) AS title, coalesce(o.role, p.role) AS role,
       CASE WHEN o.id IS NULL THEN p.municipality ELSE o.municipality END AS municipality,
       CASE WHEN o.id IS NULL THEN p.province ELSE o.province END AS province,
       coalesce(m.display_name, v.name) AS place_name, o.id AS mandate, coalesce(o.kind, 'regular') AS mandate_kind,
       {factor_confirmations.CONFIRMED_HERE} AS confirmed,
       EXISTS (SELECT 1 FROM restorations r WHERE r.person = p.id AND r.ended_at IS NULL) AS restoring,
       (SELECT json_agg(json_build_object('id', c.id, 'kind', c.kind, 'times', c.times) ORDER BY c.at)
        FROM cautions c WHERE c.person = p.id AND c.dismissed_at IS NULL) AS cautions
FROM sessions s JOIN people p ON p.id = s.person
LEFT JOIN LATERAL ({mandates.IN_FORCE}) o ON true
LEFT JOIN municipalities m ON m.code = CASE WHEN o.id IS NULL THEN p.municipality ELSE o.municipality END
LEFT JOIN provinces v ON v.code = CASE WHEN o.id IS NULL THEN p.province ELSE o.province END
WHERE s.token = {{}} AND s.ended_at IS NULL AND p.ended_at IS NULL AND s.expires_at > {{}}
  AND (s.proved_at IS NULL OR o.id IS NOT NULL)
"""
"""A session that is proved ends with the mandate; one half-way may belong to somebody whose office is still to come."""


def digest(token: str) -> bytes:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).digest()


def limits(role: str) -> Limits:
    """The limits of a role."""
    return BY_ROLE.get(Role(role), OFFICIALS)


async def begin(person: UUID, digest: bytes, *, address: str, agent: str, now: datetime) -> UUID:
    """Open a session behind the token with this SHA-256, still without its second step."""
    session = uuid4()
    await Session(
        id=session,
        token=digest,
        person=person,
        created_at=now,
        seen_at=now,
        expires_at=now + HALF_WAY,
        address=address[:64],
        agent=agent[:200],
    ).save()
    return session


async def standing(digest: bytes, now: datetime, beside: QueryString | None = None) -> dict[str, Any] | None:
    """The session with this token's SHA-256 and its person, if neither has ended; marks it as seen.

    `beside` is one more column, asked of that row, `login`, in the same statement.
    """
    today = persian.tehran_date(now)
    asked = QueryString(_STANDING, today, today, digest, now)
    if beside:
        asked = QueryString("WITH login AS MATERIALIZED ({}) SELECT login.*, {} FROM login", asked, beside)
    rows = await Session._meta.db.run_querystring(asked)
    if not rows:
        return None
    row: dict[str, Any] = dict(rows[0])
    if now - row["seen_at"] > limits(row["role"]).idle:
        return None
    if now - row["seen_at"] > SEEN_EVERY:
        await Session.update({Session.seen_at: now}).where(Session.id == row["session"])
    return row


async def prove(session: UUID, digest: bytes, *, role: Role, means: str, factor: UUID | None, now: datetime) -> None:
    """The second step is taken: the session goes on under another token, as long as `role` may.

    By `means` and this `factor`, or a recovery code that it made. A session that has ended meanwhile does not go on.
    """
    await Session.update(
        {
            Session.token: digest,
            Session.proved_at: now,
            Session.seen_at: now,
            Session.means: means,
            Session.factor: factor,
            Session.expires_at: now + limits(role).absolute,
        }
    ).where((Session.id == session) & Session.ended_at.is_null())


async def rotate_token(session: UUID, digest: bytes) -> None:
    """Go on under another token: whoever has seen the one before is out."""
    await Session.update({Session.token: digest}).where(Session.id == session)


async def prove_again(session: UUID, *, means: str, factor: UUID) -> None:
    """Another proof was given in a session that was proved: it goes on with what this `factor` may."""
    await Session.update({Session.means: means, Session.factor: factor}).where(Session.id == session)


async def owner(digest: bytes, now: datetime) -> UUID | None:
    """Whose session this token's SHA-256 was, if it was proved and has ended within a day."""
    row = (
        await Session.select(Session.person)
        .where(
            (Session.token == digest)
            & Session.proved_at.is_not_null()
            & Session.person.ended_at.is_null()
            & (Session.expires_at > now - timedelta(days=1))
        )
        .first()
    )
    return row["person"] if row else None


async def proved_since(person: UUID, instant: datetime | None) -> bool:
    """Whether `person` has taken the second step of a sign-in since `instant`; true for None."""
    if instant is None:
        return True
    return bool(await Session.exists().where((Session.person == person) & (Session.proved_at >= instant)))


async def end(session: UUID, *, now: datetime) -> None:
    """Sign out."""
    await Session.update({Session.ended_at: now}).where((Session.id == session) & Session.ended_at.is_null())


async def belongs(session: UUID, person: UUID) -> bool:
    """Whether `session`, standing or ended, is one of `person`."""
    return bool(await Session.exists().where((Session.id == session) & (Session.person == person)))


async def end_all(person: UUID, *, but: UUID | None = None, now: datetime) -> None:
    """End every session of `person`, except `but`."""
    where = (Session.person == person) & Session.ended_at.is_null()
    await Session.update({Session.ended_at: now}).where(where & (Session.id != but) if but else where)


async def of_person(person: UUID, now: datetime) -> list[dict[str, Any]]:
    """The standing sessions of `person`, the last seen first."""
    rows = await (
        Session.select(
            Session.id,
            Session.created_at,
            Session.seen_at,
            Session.proved_at,
            Session.means,
            Session.address,
            Session.agent,
            Session.person.role.as_alias("role"),
        )
        .where((Session.person == person) & Session.ended_at.is_null() & (Session.expires_at > now))
        .order_by(Session.seen_at, ascending=False)
    )
    return [row for row in rows if now - row["seen_at"] <= limits(row["role"]).idle]


def new_token() -> str:
    """A fresh random token (256 bits); only its digest is ever kept."""
    return secrets.token_urlsafe(32)
