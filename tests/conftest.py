"""What every test may ask for: the real servers, a database of its own, the cast, and a portal to visit."""

import asyncio
import os
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import asyncpg
import httpx
import hypothesis
import pytest
import typst
from argon2 import PasswordHasher
from litestar import Litestar

from portal import letters, piccolo_conf
from portal.app import build, equip
from portal.cli.migrations import bring_up_to_date
from portal.embedded.servers import Embedded
from portal.services.authentication import encryption, passwords
from portal.services.journal import checkpoints
from portal.settings import Settings, load
from portal.storage.objects import ObjectStore
from tests.world import cast
from tests.world.builders import Builder
from tests.world.cast import Cast, password_hash
from tests.world.client import Visitor
from tests.world.clock import BEGIN, Clock
from tests.world.databases import Populated, database, run
from tests.world.portal import Portal
from tests.world.servers import start_for_tests

# Properties are judged by their answers, not by how busy the machine is.
hypothesis.settings.register_profile("unhurried", deadline=None)
hypothesis.settings.load_profile("unhurried")


def pytest_configure(config: pytest.Config) -> None:
    """Under xdist the controller starts the servers, before its workers; a single process starts them when asked."""
    is_controller = not hasattr(config, "workerinput") and config.getoption("numprocesses", None)
    if is_controller and not config.option.collectonly:
        start_for_tests()


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def servers() -> Embedded:
    return start_for_tests()


@pytest.fixture(scope="session")
def worker() -> str:
    return os.environ.get("PYTEST_XDIST_WORKER", "main")


@pytest.fixture(scope="session")
def store(servers: Embedded, worker: str) -> Iterator[ObjectStore]:
    """A bucket that no other worker of this run uses."""
    store = ObjectStore(replace(servers.s3, bucket=f"test-{worker}"))
    asyncio.run(store.ready())
    yield store
    store.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def settings(servers: Embedded, worker: str) -> Settings:
    """Settings of a portal for tests, its database still to be named; most worlds have one officer for each step."""
    return replace(
        load({"PORTAL_SECRET_KEY": "s" * 40, "PORTAL_JOURNAL_KEY": "A" * 43 + "=", "PORTAL_FOUR_EYES": "false"}),
        s3=replace(servers.s3, bucket=f"test-{worker}"),
    )


@pytest.fixture(scope="session")
def template(servers: Embedded, settings: Settings, worker: str) -> str:
    """A migrated database with the register and the journal's first key, to be cloned for each test."""
    name = f"template_{worker}_{secrets.token_hex(3)}"
    owner = database(servers.migration_database_url, name)
    encryption.configure(settings.secret_keys)

    async def make() -> None:
        await run(servers.migration_database_url, f"CREATE DATABASE {name}")
        await run(owner, *_RIGHTS)
        aimed = replace(settings, database_url=database(servers.database_url, name), migration_database_url=owner)
        await bring_up_to_date(aimed)
        checkpoints.sign_with(settings.journal_keys)
        await checkpoints.introduce(settings.base_url, now=BEGIN - timedelta(days=1))

    asyncio.run(make())
    return name


_RIGHTS = ("GRANT USAGE ON SCHEMA public TO portal",)


@pytest.fixture(scope="session", autouse=True)
def _quick_hashes() -> Iterator[None]:
    """Argon2 with little work: a run of the tests signs people in thousands of times."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
        yield


@pytest.fixture(scope="session")
def populated(servers: Embedded, settings: Settings, template: str) -> Populated:
    name = f"{template}_populated"

    async def fill() -> Cast:
        await run(servers.migration_database_url, f"CREATE DATABASE {name} TEMPLATE {template}")
        piccolo_conf.aim(database(servers.database_url, name))
        await piccolo_conf.start_pool(least=1, most=1)
        people = await cast.enter(await password_hash(), BEGIN)
        await piccolo_conf.DB.close_connection_pool()
        return people

    return Populated(name, asyncio.run(fill()))


@pytest.fixture
def cloned(request: pytest.FixtureRequest, template: str) -> str:
    """The database of which this test's own is a clone: with the cast in it, if the test asks for people."""
    if "populated" in request.fixturenames:
        populated: Populated = request.getfixturevalue("populated")
        return populated.name
    return template


@pytest.fixture
async def fresh(servers: Embedded, settings: Settings, cloned: str) -> AsyncIterator[Settings]:
    """Settings with a database of this test's own."""
    name = f"test_{secrets.token_hex(6)}"
    owner = servers.migration_database_url
    await run(owner, f"CREATE DATABASE {name} TEMPLATE {cloned}")
    yield replace(
        settings,
        database_url=database(servers.database_url, name),
        migration_database_url=database(owner, name),
    )
    await _drop(owner, name)


async def _drop(owner: str, name: str) -> None:
    """Drops a database, once the server has seen that a killed node's connections are gone: FORCE may not end those."""
    for _ in range(200):
        with suppress(asyncpg.InsufficientPrivilegeError):
            return await run(owner, f"DROP DATABASE {name} WITH (FORCE)")
        await asyncio.sleep(0.05)
    raise AssertionError(f"the database {name} is still in use")


@pytest.fixture
async def engine(fresh: Settings) -> AsyncIterator[Settings]:
    """The engine aimed at this test's database, for tests of services."""
    assert fresh.database_url is not None
    piccolo_conf.aim(fresh.database_url)
    encryption.configure(fresh.secret_keys)
    checkpoints.sign_with(fresh.journal_keys)
    await piccolo_conf.start_pool(least=1, most=20)
    yield fresh
    await piccolo_conf.DB.close_connection_pool()


@pytest.fixture
def people(populated: Populated, engine: Settings) -> Cast:
    """The cast, enrolled, for tests of services."""
    return dict(populated.people)


@pytest.fixture(scope="session")
def app() -> Litestar:
    """The application, built once: each test gives it another database."""
    return build()


@pytest.fixture
def builder(people: Cast, store: ObjectStore, clock: Clock) -> Builder:
    """Whoever walks cases through the services."""
    return Builder(people, store, clock)


@pytest.fixture
async def portal(app: Litestar, populated: Populated, fresh: Settings, clock: Clock) -> AsyncIterator[Portal]:
    """The whole application on this test's database, its clock in the test's hands."""
    equip(app, fresh, clock=clock)
    async with app.lifespan():
        clients: list[httpx.AsyncClient] = []

        def visit() -> Visitor:
            transport = httpx.ASGITransport(app=app, client=("203.0.113.7", 4711))  # type: ignore[arg-type]
            client = httpx.AsyncClient(transport=transport, base_url=fresh.base_url)
            clients.append(client)
            return Visitor(client, clock)

        yield Portal(app, clock, dict(populated.people), fresh, app.state.store, visit)
        for client in clients:
            await client.aclose()


@pytest.fixture(scope="session")
def typeset() -> bytes:
    """A PDF with a text layer, in Persian and Latin."""
    fonts = typst.Fonts(include_system_fonts=False, font_paths=[str(Path(letters.__file__).parent / "fonts")])
    source = '#set text(font: "Vazirmatn", lang: "fa")\nدرآمد مستمر ۱۲۳۴۵ ریال\n#pagebreak()\nSettled 2024 شهرداری'
    return bytes(typst.compile(source.encode(), font_paths=fonts))
