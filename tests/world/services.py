"""Acts of services as pages do them: looked at first, then signed with a fresh code; and newcomers who enter."""

import json
import secrets
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, TypeVar
from uuid import UUID, uuid4

from portal.domain import persian, totp
from portal.domain.approvals import Hearing, Waiting
from portal.domain.lifecycle import Role
from portal.domain.mandates import MandateKind
from portal.services.administration import accounts, demo, invitations, restorations, waiting
from portal.services.administration import mandates as grants
from portal.services.administration.accounts import NewAccount
from portal.services.administration.mandates import Grant
from portal.services.administration.waiting import WaitingApproval
from portal.services.authentication import enrolment, factor_confirmations, passkeys, second_factor, sessions, sign_in
from portal.services.authentication.passkeys import Enrolment
from portal.services.identity import mandates
from portal.services.identity.identity import Identity
from portal.tables.events import Event
from portal.web import identity
from portal.web.identity import as_identity
from tests.world import acts, cast
from tests.world.acts import Verb
from tests.world.authenticators import Device, b64
from tests.world.clock import Clock

T = TypeVar("T")
PASSWORD = "سخنی دراز برای آزمون ۱۴۰۵"


async def sign(by: Identity, verb: Verb[T], clock: Clock, *, secret: str | None = None) -> T:
    """Look at `verb`, then do it with a code of `secret` (the cast's own without one); what it gives."""
    now = clock.tick()
    return await acts.sign(verb, totp.current_code(secret or demo.secret_of(by.username), now), now)


def today(clock: Clock, days: int = 0) -> date:
    """The day in Tehran, so many days from now."""
    return persian.tehran_date(clock()) + timedelta(days=days)


def auditor(clock: Clock, starts: int = 0, ends: int | None = None) -> Grant:
    """An auditor's mandate from one day to another, counted from today."""
    last = None if ends is None else today(clock, ends)
    return Grant(MandateKind.REGULAR, "بازرس", Role.AUDITOR, None, None, today(clock, starts), last)


async def grant(person: UUID, wanted: Grant, by: Identity, clock: Clock) -> UUID:
    return await sign(by, lambda now: grants.prepare_grant(person, wanted, by=by, now=now), clock)


async def appoint(person: UUID, wanted: Grant, clock: Clock, *, confirmed: bool = True) -> UUID:
    """A mandate as its row alone: nobody signed it."""
    given: dict[str, Any] = {"kind": wanted.kind, "title": wanted.title, "span": wanted.span, "granted_by": None}
    return await mandates.write(person, wanted.office, **given, now=clock(), confirmed=confirmed)


async def end_mandate(mandate: UUID, by: Identity, clock: Clock, last_day: date | None = None) -> None:
    await sign(by, lambda now: grants.prepare_end(mandate, last_day=last_day, by=by, now=now), clock)


async def agree(approval: UUID, by: Identity, clock: Clock, compared: Hearing | None = None) -> Waiting:
    return await sign(by, lambda now: acts.agree(approval, compared=compared, by=by, now=now), clock)


async def decline(approval: UUID, by: Identity, clock: Clock, reason: str = "او را نمی‌شناسم") -> None:
    await sign(by, lambda now: acts.decline(approval, reason=reason, by=by, now=now), clock)


async def restore(person: UUID, by: Identity, clock: Clock, reason: str = "گم شد") -> str:
    """Begin a restoration; its link's token."""
    return await sign(by, lambda now: restorations.prepare(person, reason=reason, by=by, now=now), clock)


async def link(person: UUID, purpose: str, by: Identity, clock: Clock) -> str:
    """A signed one-time link's token."""
    return await sign(by, lambda now: invitations.prepare_link(person, purpose, by=by, now=now), clock)


async def open_account(new: NewAccount, by: Identity, clock: Clock) -> tuple[UUID, str]:
    """The account that `by` opens, and its link's token."""
    person = uuid4()
    token = await sign(by, lambda now: accounts.prepare_opening(person, new, by=by, now=now), clock)
    return person, token


@dataclass(frozen=True, slots=True)
class Entered:
    """Somebody who has entered by a link, and enrolled the authenticator with this base32 secret."""

    by: Identity
    secret: str


async def enter(token: str, clock: Clock) -> Entered:
    """Use a link, and enrol a first authenticator."""
    person = await invitations.accept(token, password=PASSWORD, now=clock.tick())
    secret, token = await enrolment.draw_first(await half_way(person, clock), clock())
    token = await enrolment.enrol(await acting(token, clock), totp.current_code(secret, clock()), now=clock())
    return Entered(await acting(token, clock), secret)


async def half_way(person: UUID, clock: Clock) -> Identity:
    """A person in a session that still lacks its second step."""
    token = sessions.new_token()
    await sessions.begin(person, sessions.digest(token), address="192.0.2.1", agent="", now=clock())
    return await acting(token, clock)


async def enter_password(username: str, password: str, clock: Clock, address: str = "192.0.2.1") -> str:
    """The token of the session that a name and a password begin."""
    return await sign_in.begin(username, password, address=address, agent="test", now=clock())


async def half_way_as(username: str, clock: Clock) -> tuple[str, Identity]:
    """Somebody of the cast whose password was right, before the second step, and the token of their session."""
    token = await enter_password(username, cast.PASSWORD, clock)
    login = await identity.find(token, clock())
    assert login is not None
    assert not login.proved
    return token, login.by


async def signed_in(by: Identity, clock: Clock) -> Identity:
    """`by` in a session that their authenticator has proved."""
    return await acting(await session_of(by, clock), clock)


async def session_of(by: Identity, clock: Clock) -> str:
    """The token of a session of `by` that their authenticator has proved."""
    session, token = (await half_way(by.id, clock)).session, sessions.new_token()
    factor = await second_factor.in_force(by.id)
    assert session is not None
    assert factor is not None
    given: dict[str, Any] = {"role": by.role, "means": "totp", "factor": factor["id"]}
    await sessions.prove(session, sessions.digest(token), **given, now=clock())
    return token


@dataclass(frozen=True, slots=True)
class Shown:
    """A factor that signs, and the hex SHA-256 of what it is made of."""

    factor: UUID
    fingerprint: str


async def hold(by: Identity, clock: Clock) -> int | None:
    """As `factor_confirmations.hold` for what `by` signs about themselves with their first factor."""
    mine = (await factor_confirmations.of_person(by.id))[0]
    about = ("account", str(by.id))
    return await factor_confirmations.hold(by, Shown(mine.id, mine.shown), about, now=clock())


def code_of(by: Identity, clock: Clock) -> str:
    """A fresh code of somebody of the cast; the clock moves on."""
    return totp.current_code(demo.secret_of(by.username), clock.tick())


async def recovery_codes_of(by: Identity, clock: Clock) -> list[str]:
    """Ten recovery codes of somebody of the cast, as they are shown."""
    return await enrolment.issue_recovery_codes(by, code_of(by, clock), now=clock())


async def acting(token: str, clock: Clock) -> Identity:
    """Who acts in the session with this token."""
    row = await sessions.standing(sessions.digest(token), clock())
    assert row is not None
    return as_identity(row)


SITE = ("localhost", "http://localhost:8000")
"""Where the passkeys of these tests are made."""


def offer(device: Device, challenge: bytes | None = None) -> Enrolment:
    """What `device` makes of a fresh challenge."""
    challenge = challenge or secrets.token_bytes(32)
    return Enrolment(device.make(b64(challenge)), "کلید", challenge, SITE)


async def add_passkey(by: Identity, clock: Clock) -> tuple[UUID, Device]:
    """A passkey that `by`, of the cast, enrols under a fresh code; its id, and the device that holds it."""
    device, code = Device(), code_of(by, clock)
    await enrolment.add_passkey(by, code, offer(device), now=clock())
    return (await passkeys.of_person(by.id))[-1]["id"], device


async def waits(person: UUID, by: Identity, clock: Clock) -> list[WaitingApproval]:
    """What about `person` waits for the office of `by`."""
    return [each for each in await waiting.of_office(by, clock()) if each.person == person]


async def statements(subject: object) -> list[dict[str, Any]]:
    """What the journal says about a subject, the first first."""
    rows = await Event.select(Event.statement).where(Event.subject == str(subject)).order_by(Event.position)
    return [json.loads(row["statement"]) for row in rows]


async def kinds(subject: object) -> list[str]:
    """The kinds of what the journal says about a subject, the first first."""
    return [each["record"]["kind"] for each in await statements(subject)]
