"""Nobody makes himself Minister: an invariant over every order of openings, links, mandates, ends and days.

No person alone, and no two of whom one is the owner of the account, bring a factor that they hold into an office whose
own superior did not agree. A colluding administrator and the owners of the accounts that he opens try whatever the
services let them do. The others are honest, and know no more than their own office: the governorate agrees to any
clerk, the Organization to any officer, and no other administrator agrees to anything.

Two administrators together do what they like: that is what two people means, and docs/security.md says so.

`DARAJE_SEQUENCES=5000 pytest tests/services/administration/test_two_people.py` plays as many as are wanted.
"""

import os
from collections.abc import Callable, Coroutine, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID, uuid4

import anyio
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from portal.domain import persian, totp
from portal.domain.approvals import Hearing, Office, Waiting
from portal.domain.errors import DomainError
from portal.domain.lifecycle import Role
from portal.domain.mandates import MandateKind
from portal.services.administration import accounts, demo, invitations, restorations, waiting
from portal.services.administration import mandates as grants
from portal.services.administration.accounts import NewAccount
from portal.services.administration.mandates import Grant
from portal.services.authentication import enrolment, factor_confirmations, second_factor, sessions
from portal.services.identity import mandates
from portal.services.identity.identity import Identity
from portal.services.signing.signoffs import Prepared
from portal.web.identity import as_identity
from tests.world import acts, cast
from tests.world.acts import Verb
from tests.world.cast import Cast
from tests.world.clock import Clock

T = TypeVar("T")
SEQUENCES = int(os.environ.get("DARAJE_SEQUENCES", "60"))
LENT = frozenset({Role.MUNICIPALITY, Role.GOVERNORATE})
"""The offices that the honest superiors agree to; every other one is for an administrator to agree to."""
PLACES = {Role.MUNICIPALITY: {"municipality": cast.TOWN}, Role.GOVERNORATE: {"province": cast.TOWN[:2]}}
OFFERED = st.sampled_from(
    [Role.MINISTER, Role.MINISTER, Role.ADMINISTRATOR, Role.ADMINISTRATOR, Role.ORGANIZATION, *sorted(LENT)]
)
DAYS = st.sampled_from([(0, 0), (1, 0), (1, 30), (1, 30), (2, 1), (0, 30)])
"""In how many days a mandate begins, and how many days later it ends."""
WHICH = st.integers(0, 1)
ONE_IN_THREE, TWO_IN_THREE = st.sampled_from([False, False, True]), st.sampled_from([True, True, False])


@dataclass
class Account:
    """An account in the play. `link` and `secret` are in the hands of the two, unless `owned` says otherwise."""

    id: UUID
    link: str | None = None
    secret: str = ""
    owned: bool = False
    session: bytes = b""


class Schemers:
    """What the two do, and what the honest do about it, with the clock in their hands."""

    def __init__(self, people: Cast, clock: Clock) -> None:
        self.people, self.clock = people, clock
        self.head = people["head"]
        self.acts = 0

    async def sign(self, by: Identity, secret: str, verb: Verb[T]) -> T:
        """Do `verb` as a page does: look at it first, then sign with a fresh code what was seen."""
        now = self.clock.tick()
        self.acts += 1
        return await acts.sign(verb, totp.current_code(secret, now), now)

    async def by_head(self, verb: Verb[T]) -> T:
        return await self.sign(self.head, demo.secret_of("head"), verb)

    def office(self, role: Role, begins: int, lasts: int) -> dict[str, Any]:
        """A short mandate: one without an end would leave no room for another."""
        first = persian.tehran_date(self.clock()) + timedelta(days=begins)
        place = {"municipality": None, "province": None} | PLACES.get(role, {})
        kind = MandateKind.DEPUTY if role is Role.MINISTER else MandateKind.REGULAR
        last = first + timedelta(days=lasts)
        return {"title": "سمتی", "role": role, "kind": kind, "starts_on": first, "ends_on": last, **place}

    async def open(self, office: dict[str, Any]) -> Account:
        """The head opens an account, and keeps its link."""
        person, new = uuid4(), NewAccount(username=f"p{uuid4().hex[:12]}", full_name="نام کسی", **office)
        link = await self.by_head(lambda now: accounts.prepare_opening(person, new, by=self.head, now=now))
        return Account(person, link)

    async def appoint(self, office: dict[str, Any]) -> Account:
        """An honest appointment: its owner used the link, and who agrees to the office has confirmed his factor."""
        new = NewAccount(username=f"h{uuid4().hex[:12]}", full_name="نام کسی", **office)
        person = await accounts.open_by_machine(new, now=self.clock.tick())
        link = await invitations.invite(person, purpose=invitations.INVITATION, by=None, now=self.clock())
        account = Account(person, link)
        await self.enter(account)
        [factor] = await factor_confirmations.of_person(person)
        await factor_confirmations.confirm_by_machine(person, factor.shown[:16], now=self.clock.tick())
        account.owned = True
        return account

    async def enter(self, account: Account) -> None:
        """Use the link. Where nothing proves the account yet, whoever does so enrols what does from now on."""
        assert account.link is not None
        await invitations.accept(account.link, password="سخنی دراز برای آزمون ۱۴۰۵", now=self.clock.tick())
        account.link, account.session = None, sessions.digest(sessions.new_token())
        await sessions.begin(account.id, account.session, address="", agent="", now=self.clock())
        row = await sessions.standing(account.session, self.clock())
        if row is not None:
            await self.enrol(account, as_identity(row))

    async def enrol(self, account: Account, by: Identity) -> None:
        now = self.clock.tick()
        secret = await enrolment.offered(by, now)
        if secret is None and not await enrolment.has_factor(account.id):
            secret, _ = await enrolment.draw_first(by, now)
        if secret:
            token = await enrolment.enrol(by, totp.current_code(secret, now), now=now)
            account.secret, account.owned, account.session = secret, False, sessions.digest(token)

    async def replace(self, account: Account) -> None:
        """Let the authenticator that they hold enrol the next one."""
        if by := await self.acting(account):
            now = self.clock.tick()
            await enrolment.begin_replacement(by, totp.current_code(account.secret, now), now=now)
            await self.enrol(account, by)

    async def acting(self, account: Account) -> Identity | None:
        """Who signs with the factor that the two hold: the person in today's office, once he may; None before that."""
        token = sessions.digest(sessions.new_token())
        held = await mandates.in_force(account.id, self.clock())
        if account.owned or not account.secret or held is None:
            return None
        session = await sessions.begin(account.id, token, address="", agent="", now=self.clock())
        factor = await second_factor.in_force(account.id)
        proven = factor["id"] if factor else None
        role = Role(held["role"])
        await sessions.prove(session, token, role=role, means="totp", factor=proven, now=self.clock())
        row = await sessions.standing(token, self.clock())
        return as_identity(row) if row and row["confirmed"] else None

    async def agree(self, by: Identity, secret: str, about: Iterable[Account]) -> None:
        """Agree to whatever waits for `by` and is about these accounts."""
        ours = {each.id for each in about}
        for asked in await waiting.of_office(by, self.clock()):
            if asked.person in ours and asked.is_for(by):
                compared = Hearing.PHONE if asked.kind is Waiting.ENROLMENT else None
                with suppress(DomainError):
                    await self.sign(by, secret, _agreement(asked.id, compared, by))


def _agreement(approval: UUID, compared: Hearing | None, by: Identity) -> Verb[Any]:
    return lambda now: acts.agree(approval, compared=compared, by=by, now=now)


class Plot(RuleBasedStateMachine):
    """One sequence of what the two try, what the honest agree to, and days that pass."""

    schemers: Schemers

    def __init__(self) -> None:
        super().__init__()
        self.accounts: list[Account] = []
        clock = self.schemers.clock
        clock.now = (clock.now + timedelta(days=1)).replace(hour=6, minute=0)  # every sequence begins in the morning

    def do(self, act: Callable[..., Coroutine[Any, Any, T]], *given: Any) -> T | None:
        """What an act gives; None where it is refused."""
        with suppress(DomainError):
            return anyio.from_thread.run(act, *given)
        return None

    def one(self, which: int) -> Account:
        """One of the accounts; where none could be opened, one that nobody knows."""
        return self.accounts[which % len(self.accounts)] if self.accounts else Account(uuid4())

    @initialize(role=OFFERED, days=DAYS, honest=ONE_IN_THREE, enters=TWO_IN_THREE)
    def begin(self, role: Role, days: tuple[int, int], honest: bool, enters: bool) -> None:
        self.open(role, days, honest, enters)

    @rule(role=OFFERED, days=DAYS, honest=ONE_IN_THREE, enters=TWO_IN_THREE)
    def another(self, role: Role, days: tuple[int, int], honest: bool, enters: bool) -> None:
        self.open(role, days, honest, enters)

    def open(self, role: Role, days: tuple[int, int], honest: bool, enters: bool) -> None:
        act = self.schemers.appoint if honest else self.schemers.open
        if len(self.accounts) < 2 and (account := self.do(act, self.schemers.office(role, *days))):
            self.accounts.append(account)
            if enters:
                self.use_links()

    @rule()
    def use_links(self) -> None:
        for account in self.accounts:
            if account.link:
                self.do(self.schemers.enter, account)

    @rule(which=WHICH, role=OFFERED, days=DAYS)
    def grant(self, which: int, role: Role, days: tuple[int, int]) -> None:
        by, wanted, person = self.schemers.head, Grant(**self.schemers.office(role, *days)), self.one(which).id
        self.do(self.schemers.by_head, lambda now: grants.prepare_grant(person, wanted, by=by, now=now))

    @rule(which=WHICH, role=st.sampled_from(sorted(LENT)))
    def lend(self, which: int, role: Role) -> None:
        """What is easy to get, for today: most ways in begin beside it."""
        self.grant(which, role, (0, 0))

    @rule(which=WHICH, last=st.booleans())
    def end(self, which: int, last: bool) -> None:
        by, held = self.schemers.head, self.do(mandates.standing, self.one(which).id, self.schemers.clock())
        if held:
            mandate = held[-1 if last else 0]["id"]
            self.do(
                self.schemers.by_head,
                lambda now: grants.prepare_end(mandate, last_day=None, by=by, now=now),
            )

    @rule(which=WHICH, purpose=st.sampled_from([invitations.INVITATION, invitations.RESET, invitations.RESTORATION]))
    def make_link(self, which: int, purpose: str) -> None:
        by, account = self.schemers.head, self.one(which)

        async def link(now: datetime) -> Prepared[str]:
            if purpose == invitations.RESTORATION:
                return await restorations.prepare(account.id, reason="گم شد", by=by, now=now)
            return await invitations.prepare_link(account.id, purpose, by=by, now=now)

        account.link = self.do(self.schemers.by_head, link) or account.link

    @rule(which=WHICH)
    def replace(self, which: int) -> None:
        self.do(self.schemers.replace, self.one(which))

    @rule()
    def the_honest_agree(self) -> None:
        for username in ("officer", "examiner"):
            by = self.schemers.people[username]
            self.do(self.schemers.agree, by, demo.secret_of(username), self.accounts)

    @rule()
    def the_two_agree(self) -> None:
        self.do(self.schemers.agree, self.schemers.head, demo.secret_of("head"), self.accounts)
        for account in self.accounts:
            if by := self.do(self.schemers.acting, account):
                self.do(self.schemers.agree, by, account.secret, self.accounts)

    @rule()
    def tomorrow(self) -> None:
        """At the end of a day nothing waits any more for those who are honest: mandates first, then factors."""
        self.the_honest_agree()
        self.the_honest_agree()
        self.schemers.clock.tick(timedelta(days=1).total_seconds())

    @invariant()
    def nobody_sits_where_nobody_else_put_him(self) -> None:
        for account in self.accounts:
            by = self.do(self.schemers.acting, account)
            assert by is None or by.role in LENT, f"the two sign as {by.role}"

    def teardown(self) -> None:
        for account in self.accounts:
            anyio.from_thread.run(_close, account.id, self.schemers.clock.tick())


async def _close(person: UUID, now: datetime) -> None:
    await accounts.close_by_machine(person, now=now)


async def play(people: Cast, clock: Clock, sequences: int, *phases: Phase) -> Schemers:
    """Play so many sequences; an AssertionError shows the one that leads in."""
    schemers = Schemers(people, clock)
    checks = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
    given = settings(
        max_examples=sequences,
        stateful_step_count=14,
        deadline=None,
        database=None,
        report_multiple_bugs=False,
        phases=phases or tuple(Phase),
        suppress_health_check=checks,
    )
    plot = type("Played", (Plot,), {"schemers": schemers})
    await anyio.to_thread.run_sync(lambda: run_state_machine_as_test(plot, settings=given))
    return schemers


async def test_no_two_of_whom_one_is_the_owner_reach_another_office(people: Cast, clock: Clock) -> None:
    schemers = await play(people, clock, SEQUENCES)
    assert schemers.acts > SEQUENCES, "they try a lot"


async def test_a_confirmation_that_stands_for_the_person_is_found_out(
    people: Cast, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rule of version 0.2.0: whoever confirms a clerk's factor confirms it for all that he is still to hold."""
    write = factor_confirmations.write

    async def for_the_person(factor: UUID, person: UUID, shown: str, offices: Iterable[Office], **given: Any) -> None:
        everything = {*offices, *await mandates.approvers(person, given["now"])}
        await write(factor, person, shown, everything - await factor_confirmations.heard_by(factor, person), **given)

    monkeypatch.setattr(factor_confirmations, "write", for_the_person)
    with pytest.raises(AssertionError, match="the two sign as"):
        await play(people, clock, 3000, Phase.generate)
