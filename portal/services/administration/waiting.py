"""What waits for a second person, for which office, and who may not be that person."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from piccolo.querystring import QueryString

from portal.domain import approvals as domain
from portal.domain.approvals import APPROVERS, HEIGHT, Office, Waiting
from portal.domain.errors import NotFound
from portal.domain.mandates import MandateKind, styled
from portal.services.administration import links
from portal.services.authentication import factor_confirmations
from portal.services.identity import mandates
from portal.services.identity.identity import Identity
from portal.tables.people import Person

OFFICES = frozenset(APPROVERS.values())
"""The roles that something can wait for."""


@dataclass(frozen=True, slots=True)
class WaitingApproval:
    """Something that waits for a second person. `id` is the mandate's, the restoration's or the factor's.

    A factor waits once for each office that agrees to a mandate of its owner, in force or still to come. `firsts` have
    opened the account, granted something to its owner, or made a link for them, since that office last confirmed a
    factor of theirs: any of them may hold what they seem to hold. `factor` is `totp` or `passkey`, where one waits;
    `titles` names the offices that are agreed to.
    """

    kind: Waiting
    id: UUID
    person: UUID
    asked_by: UUID | None
    asked_at: datetime
    approver: Office
    firsts: frozenset[UUID]
    full_name: str
    username: str
    titles: tuple[str, ...]
    factor: str | None
    asker: str | None

    def is_for(self, by: Identity) -> bool:
        """Whether `by` is that second person: of the office, neither the beneficiary nor one of the first ones."""
        return domain.may_approve(by.role, by.province, self.approver) and self.is_left(by.id)

    def is_left(self, member: UUID) -> bool:
        """Whether this member of the office is neither the beneficiary nor one of the first people."""
        return member not in {self.person, self.asked_by} | self.firsts


_OFFICES = ", ".join(f"'{role}'" for role in sorted(OFFICES))
_HEIGHT = " ".join(f"WHEN '{role}' THEN {height}" for height, role in enumerate(HEIGHT))
_WAITING = f"""
WITH standing AS ({mandates.STANDING}), waiting AS (
    SELECT 'mandate' AS kind, m.id, m.person, m.granted_by AS asked_by, m.granted_at AS asked_at,
           {mandates.APPROVER}, NULL AS factor
    FROM mandates m WHERE m.confirmed_at IS NULL AND m.ended_at IS NULL
    UNION ALL
    SELECT 'restoration', r.id, r.person, r.begun_by, r.begun_at, s.approver, s.approver_province, NULL
    FROM restorations r CROSS JOIN LATERAL (
        SELECT * FROM standing s WHERE s.person = r.person
        ORDER BY CASE s.approver {_HEIGHT} END DESC, s.starts_on LIMIT 1) s
    WHERE r.confirmed_at IS NULL AND r.ended_at IS NULL AND {links.MAKER_STANDS.format(maker="r.begun_by")}
    UNION ALL
    SELECT 'enrolment', f.id, f.person,
           (SELECT i.made_by FROM invitations i WHERE i.person = f.person ORDER BY i.made_at DESC LIMIT 1),
           f.enrolled_at, s.approver, s.approver_province, f.kind
    FROM (SELECT id, person, enrolled_at, ended_at, 'totp' AS kind FROM second_factors
          UNION ALL SELECT id, person, enrolled_at, ended_at, 'passkey' FROM passkeys) f
    JOIN (SELECT DISTINCT person, approver, approver_province FROM standing) s ON s.person = f.person
    WHERE f.enrolled_at IS NOT NULL AND f.ended_at IS NULL AND NOT EXISTS (
        SELECT 1 FROM factor_confirmations c WHERE c.factor = f.id AND c.ended_at IS NULL
        AND c.approver = s.approver AND c.province IS NOT DISTINCT FROM s.approver_province)
)
SELECT w.*, p.full_name, p.username, a.full_name AS asker, ARRAY(
    SELECT m.granted_by FROM mandates m WHERE m.person = w.person AND m.granted_by IS NOT NULL AND m.granted_at > s.at
    UNION
    SELECT i.made_by FROM invitations i WHERE i.person = w.person AND i.made_by IS NOT NULL
    AND (i.made_at > s.at OR i.used_at IS NULL OR i.used_at > s.at)
) AS firsts, CASE w.kind WHEN 'mandate' THEN (
    SELECT json_agg(json_build_object('kind', m.kind, 'title', m.title)) FROM mandates m WHERE m.id = w.id)
ELSE (SELECT json_agg(json_build_object('kind', s.kind, 'title', s.title) ORDER BY s.starts_on) FROM standing s
    WHERE s.person = w.person AND (w.kind = 'restoration' OR s.approver = w.approver
    AND s.approver_province IS NOT DISTINCT FROM w.approver_province)) END AS offices
FROM waiting w JOIN people p ON p.id = w.person AND p.ended_at IS NULL LEFT JOIN people a ON a.id = w.asked_by
CROSS JOIN LATERAL (
    SELECT coalesce(max(c.at), '-infinity') AS at FROM factor_confirmations c
    WHERE c.person = w.person AND c.approver = w.approver AND c.province IS NOT DISTINCT FROM w.approver_province
) s
WHERE w.approver = {{}} AND (w.approver_province IS NULL OR w.approver_province = {{}})
"""
"""What waits for a role and a province, with the day in Tehran first, three times.

A restoration gives the whole way in, so it waits for the highest office that agrees to anything of its owner. A link
that was still open when something was confirmed counts among what came after it: it may have been used since.
"""
_COUNTED = f"""
CASE WHEN login.proved_at IS NOT NULL AND login.confirmed AND login.role IN ({_OFFICES}) THEN (
    SELECT count(*) FROM ({_WAITING.format("{}", "{}", "{}", "login.role", "coalesce(login.province, '')")}) w
    WHERE login.person <> ALL (w.firsts || w.person || coalesce(w.asked_by, w.person))
) ELSE 0 END AS approvals
"""
PAGE = 25


def _seen_by(by: Identity, now: datetime) -> list[Any]:
    return [mandates.today_or(None, now)] * 3 + [str(by.role), by.province or ""]


async def of_office(by: Identity, now: datetime, *, skip: int = 0) -> list[WaitingApproval]:
    """What waits for the office of `by`, the longest first; what they asked for themselves waits for a colleague.

    Up to 26 after the first `skip`: a page, and whether there is another.
    """
    rows = await Person.raw(
        f"{_WAITING} ORDER BY w.asked_at, w.id LIMIT {{}} OFFSET {{}}", *_seen_by(by, now), PAGE + 1, skip
    )
    return [_asked(row) for row in rows]


async def members(by: Identity, now: datetime) -> set[UUID]:
    """The open accounts that hold the office of `by` today, and can sign."""
    rows = await Person.raw(
        f"SELECT p.id FROM people p CROSS JOIN LATERAL ({mandates.IN_FORCE}) o"
        f" WHERE p.ended_at IS NULL AND {factor_confirmations.CONFIRMED}"
        " AND o.role = {} AND o.province IS NOT DISTINCT FROM {}",
        *[mandates.today_or(None, now)] * 2,
        str(by.role),
        by.province,
    )
    return {row["id"] for row in rows}


async def beside(asked: WaitingApproval, by: Identity, now: datetime) -> list[WaitingApproval]:
    """The other factors of the same person that wait for the office of `by`."""
    if asked.kind is not Waiting.ENROLMENT:
        return []
    query = f"{_WAITING} AND w.kind = 'enrolment' AND w.person = {{}} AND w.id <> {{}} ORDER BY w.asked_at, w.id"
    return [_asked(row) for row in await Person.raw(query, *_seen_by(by, now), asked.person, asked.id)]


def counted(now: datetime) -> QueryString:
    """How much waits for the person of a row `login` of `sessions.standing` themselves, as its column `approvals`."""
    return QueryString(_COUNTED, *[mandates.today_or(None, now)] * 3)


def _read(offices: Any) -> list[dict[str, str]]:
    return json.loads(offices) if isinstance(offices, str) else offices or []


def _asked(row: dict[str, Any]) -> WaitingApproval:
    return WaitingApproval(
        kind=Waiting(row["kind"]),
        id=row["id"],
        person=row["person"],
        asked_by=row["asked_by"],
        asked_at=row["asked_at"],
        approver=mandates.approver_in(row),
        firsts=frozenset(row["firsts"]),
        full_name=row["full_name"],
        username=row["username"],
        titles=tuple(styled(MandateKind(each["kind"]), each["title"]) for each in _read(row["offices"])),
        factor=row["factor"],
        asker=row["asker"],
    )


async def find(approval: UUID, by: Identity, now: datetime) -> WaitingApproval:
    """What waits under this id for the office of `by`.

    Raises:
        NotFound: nothing does, or for another office.
    """
    rows = await Person.raw(f"{_WAITING} AND w.id = {{}}", *_seen_by(by, now), approval)
    if not rows:
        raise NotFound("approval")
    return _asked(rows[0])
