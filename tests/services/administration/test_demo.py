"""The demo's people: opened with a password and an authenticator that everybody can compute, and known by it."""

from portal.domain.lifecycle import Role
from portal.services.administration import accounts, demo
from portal.services.administration.accounts import NewAccount
from portal.services.authentication import factor_confirmations, passwords, sign_in
from portal.services.identity import accounts as identities
from portal.services.identity import mandates
from portal.tables.people import SecondFactor
from tests.world.cast import TOWN, Cast
from tests.world.clock import Clock
from tests.world.newcomers import NEW, events
from tests.world.services import enter, hold, kinds, open_account, today

READER = NewAccount("reader", "خواننده", "بازرس", Role.AUDITOR)


def test_a_secret_is_the_base32_of_the_username_repeated_to_twenty_bytes() -> None:
    assert demo.secret_of("vazir") == "OZQXU2LSOZQXU2LSOZQXU2LSOZQXU2LS"
    assert demo.secret_of("shahrdari-1301012467") == "ONUGC2DSMRQXE2JNGEZTAMJQGEZDINRX"
    assert demo.secret_of("shahrdari-13010124670") == demo.secret_of("shahrdari-1301012467"), "cut to twenty bytes"


async def test_an_opened_account_acts_in_its_office_with_a_confirmed_authenticator(people: Cast, clock: Clock) -> None:
    new = NewAccount("town", "شهردار", "کارشناس", Role.MUNICIPALITY, municipality="۱۳۰۶۰۱۱۴۶۹")
    by = await demo.open_account(new, password_hash="kept", now=clock())
    assert (by.role, by.municipality, by.province, by.place_name) == (Role.MUNICIPALITY, TOWN, None, "اسدآباد")
    [factor] = await factor_confirmations.of_person(by.id)
    assert factor.shown == factor_confirmations.of_secret(demo.secret_of("town"))
    await hold(by, clock)
    assert await kinds(by.id) == ["AccountOpened", "PasswordSet", "FactorEnrolled"]


async def test_an_office_that_is_still_to_come_is_confirmed_too(people: Cast, clock: Clock) -> None:
    new = NewAccount("later", "نام", "بازرس", Role.AUDITOR, starts_on=today(clock, 9))
    by = await demo.open_account(new, password_hash="kept", now=clock())
    [factor] = await factor_confirmations.of_person(by.id)
    assert factor.heard_by == await mandates.approvers(by.id, clock())


async def test_an_account_is_known_while_its_authenticator_is_everybodys(people: Cast, clock: Clock) -> None:
    by = await demo.open_account(READER, password_hash="kept", now=clock())
    assert await demo.known(" READER ") == "reader"
    await accounts.close_by_machine(by.id, now=clock())
    assert await demo.known("reader") is None
    assert await demo.known("nobody") is None


async def test_an_account_with_an_authenticator_of_its_own_is_not_known(people: Cast, clock: Clock) -> None:
    _, token = await open_account(READER, people["head"], clock)
    assert await demo.known("reader") is None, "nothing is enrolled yet"
    await enter(token, clock)
    assert await identities.of_username("reader")
    assert await demo.known("reader") is None


async def test_the_demo_is_there_once_its_first_town_is(people: Cast, clock: Clock) -> None:
    assert not await demo.is_seeded()
    town = NewAccount("shahrdari", "شهردار", "کارشناس", Role.MUNICIPALITY, municipality=TOWN)
    await demo.open_account(town, password_hash="kept", now=clock())
    assert await demo.is_seeded()


async def test_the_demo_opens_accounts_that_can_sign_in(people: Cast, clock: Clock) -> None:
    kept = await passwords.hashed(demo.PASSWORD)
    person = await demo.open_account(NEW, password_hash=kept, now=clock())
    assert person.mandate
    assert await sign_in.begin(NEW.username, demo.PASSWORD, address="::1", agent="", now=clock())
    assert [kind for kind, _ in await events(person.id)] == ["AccountOpened", "PasswordSet", "FactorEnrolled"]
    assert await SecondFactor.count().where(SecondFactor.person == person.id) == 1
