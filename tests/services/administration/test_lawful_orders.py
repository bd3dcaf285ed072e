"""Whatever lawful order mandates come in, the verification raises no alarm about their holder."""

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from random import Random
from uuid import UUID, uuid4

import pytest

from portal.domain import persian
from portal.domain.errors import Conflict, Invalid
from portal.domain.lifecycle import Role
from portal.domain.mandates import MandateKind
from portal.services.administration import accounts as opening
from portal.services.administration import mandates as grants
from portal.services.administration.accounts import NewAccount
from portal.services.administration.mandates import Grant
from portal.services.authentication import sign_in as signing_in
from portal.services.identity import mandates
from portal.services.verification import accounts
from portal.storage.objects import ObjectStore
from portal.tables.people import Person
from tests.world import acts
from tests.world.builders import Builder
from tests.world.cast import Cast
from tests.world.clock import Clock

OFFICES = ((Role.AUDITOR, "بازرس"), (Role.ARCHIVIST, "بایگان"), (Role.ADMINISTRATOR, "مدیر"))
STEPS = 16


class Walk:
    """One account through the days, by the verbs alone; `told` says what was done to it."""

    def __init__(self, builder: Builder, random: Random) -> None:
        self.builder, self.random, self.person, self.told = builder, random, uuid4(), list[str]()

    @property
    def today(self) -> date:
        return persian.tehran_date(self.builder.clock())

    def day(self, most: int = 6) -> date:
        return self.today + timedelta(days=self.random.randint(0, most))

    def span(self) -> tuple[date, date | None]:
        """Some days that begin soon; one mandate in six has no end."""
        first = self.day()
        return first, first + timedelta(days=self.random.randint(0, 2)) if self.random.randint(0, 5) else None

    async def open(self) -> None:
        head, (role, title) = self.builder.people["head"], self.random.choice(OFFICES)
        first, last = self.span()
        new = NewAccount(f"p-{self.person}"[:30], "کس", title, role, starts_on=first, ends_on=last)
        self.told.append(f"opened as {role} from {first} to {new.ends_on}")
        await self.builder.sign(head, lambda now: opening.prepare_opening(self.person, new, by=head, now=now))

    async def grant(self) -> None:
        head, (role, title) = self.builder.people["head"], self.random.choice(OFFICES)
        first, last = self.span()
        wanted = Grant(MandateKind.REGULAR, f"{title} {first}", role, None, None, first, last)
        self.told.append(f"granted {role} from {first} to {wanted.ends_on}")
        await self.builder.sign(head, lambda now: grants.prepare_grant(self.person, wanted, by=head, now=now))

    async def agree(self) -> None:
        mandate, by = await self.waiting(), self.builder.people["second"]
        self.told.append("agreed")
        await self.builder.sign(by, lambda now: acts.agree(mandate, compared=None, by=by, now=now))

    async def decline(self) -> None:
        mandate, by = await self.waiting(), self.builder.people["second"]
        self.told.append("declined")
        await self.builder.sign(by, lambda now: acts.decline(mandate, reason="نه", by=by, now=now))

    async def waiting(self) -> UUID:
        held = await mandates.of_person(self.person)
        found = next((row["id"] for row in held if mandates.status(row, self.builder.clock()) == "waiting"), None)
        if found is None:
            raise Conflict("nothing-waits")
        return UUID(str(found))

    async def end(self) -> None:
        held, head = await mandates.of_person(self.person), self.builder.people["head"]
        mandate, last = self.random.choice(held)["id"], self.random.choice((None, self.day()))
        self.told.append(f"ended a mandate, last day {last}")
        await self.builder.sign(head, lambda now: grants.prepare_end(mandate, last_day=last, by=head, now=now))

    async def sign_in(self) -> None:
        self.told.append("signed in")
        await signing_in.open_session(self.person, address="", agent="", now=self.builder.clock.tick(31))

    async def wait(self) -> None:
        self.builder.clock.tick(self.random.choice((3600, 86_400, 86_400)))
        self.told.append(f"it is {self.today}")

    async def step(self) -> None:
        held = await mandates.of_person(self.person)
        waits = any(mandates.status(row, self.builder.clock()) == "waiting" for row in held)
        acts: dict[Callable[[], Awaitable[None]], int] = {
            (self.agree if waits else self.grant): 8,
            (self.decline if waits else self.sign_in): 1,
            self.end: 1,
            self.sign_in: 4,
            self.wait: 4,
        }
        try:
            await self.random.choices([*acts], [*acts.values()])[0]()
        except (Conflict, Invalid) as refused:
            self.told.append(f"   … which was refused: {refused}")

    async def found(self) -> list[str]:
        rows = await Person.select().where(Person.id == self.person)
        return [f"{each.code} {each.where}" for each in await accounts.of_people(rows)]


@pytest.mark.parametrize("seed", range(8))
async def test_no_lawful_order_raises_an_alarm(seed: int, people: Cast, store: ObjectStore, clock: Clock) -> None:
    random = Random(seed)
    for _ in range(6):
        walk = Walk(Builder(people, store, clock), random)
        await walk.open()
        for _ in range(STEPS):
            await walk.step()
            assert await walk.found() == [], walk.told


async def test_an_office_that_was_never_held_is_still_found(people: Cast, store: ObjectStore, clock: Clock) -> None:
    walk = Walk(Builder(people, store, clock), Random(3))
    await walk.open()
    head, later = people["head"], walk.today + timedelta(days=30)
    waits = Grant(MandateKind.REGULAR, "ارزیاب", Role.ORGANIZATION, None, None, later)
    await walk.builder.sign(head, lambda now: grants.prepare_grant(walk.person, waits, by=head, now=now))
    await Person.update({Person.role: Role.ORGANIZATION, Person.title: "ارزیاب"}).where(Person.id == walk.person)
    assert await walk.found() == [f"account-differs account {walk.person}"]
