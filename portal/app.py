"""The Litestar application: routes, guards, errors, and the parts it stands on."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from litestar import Litestar

from portal import piccolo_conf
from portal.routes import ROUTES
from portal.sandbox import document_sessions, inspection, scanner
from portal.services.authentication import encryption
from portal.services.documents import digests, intake
from portal.services.documents.intake import IntakeLimits
from portal.services.journal import checkpoints
from portal.services.letters import seals
from portal.services.operations import jobs, starting
from portal.services.operations.health import Health
from portal.services.operations.starting import Start
from portal.settings import Settings
from portal.storage import spool
from portal.storage.objects import ObjectStore
from portal.web import assets, dependencies, errors, headers
from portal.web.bodies import FORM_LIMIT, Timely
from portal.web.compression import Compression
from portal.web.dependencies import DEPENDENCIES
from portal.web.gate import Gate
from portal.web.guards import doorkeeper
from portal.web.heads import Heads
from portal.web.identity import IdentityMiddleware, Language
from portal.web.proxies import TrustedProxies
from portal.web.saved_forms import Recall
from portal.web.starting import Patience


def utc_now() -> datetime:
    """The clock of production."""
    return datetime.now(UTC)


def create_app(settings: Settings, *, clock: Callable[[], datetime] = utc_now) -> Litestar:
    """The portal under `settings`, whose database and store must be set. `clock` lets tests move time."""
    app = build()
    equip(app, settings, clock=clock)
    return app


def build() -> Litestar:
    """The application without what it stands on, which `equip` gives it."""
    app = Litestar(
        route_handlers=ROUTES,
        guards=[doorkeeper],
        dependencies=DEPENDENCIES,
        middleware=[
            *(Language, Timely, TrustedProxies, Patience, IdentityMiddleware),
            *(headers.NoNul, headers.SameOrigin, Recall, Compression),
        ],
        exception_handlers=errors.HANDLERS,
        before_send=[headers.guard_answer],
        lifespan=[_lifespan],
        request_max_body_size=FORM_LIMIT,
        openapi_config=None,
    )
    dependencies.in_turn(app)
    app.asgi_handler = Gate(Heads(app.asgi_handler))
    return app


def equip(app: Litestar, settings: Settings, *, clock: Callable[[], datetime]) -> None:
    """Set the database, store, keys and limits on which `app` stands, while it is not running."""
    assert settings.database_url is not None
    assert settings.s3 is not None
    piccolo_conf.aim(settings.database_url)
    encryption.configure(settings.secret_keys)
    inspection.take_at_most(settings.page_limit)
    scanner.ask_at(settings.clamd)
    spool.take_at_most(settings.spool_limit // settings.workers)
    intake.allow(IntakeLimits(settings.daily_documents, settings.daily_size, settings.open_uploads))
    checkpoints.sign_with(settings.journal_keys)
    seals.seal_with(settings.seal)
    store = ObjectStore(settings.s3)

    async def begin() -> None:
        if piccolo_conf.DB.pool is None:
            await piccolo_conf.start_pool(least=2, most=10, in_haste=True)
        await store.ready()
        await starting.prepare(settings, now=clock())

    app.state.update(settings=settings, clock=clock, store=store, start=Start(begin), health=Health(clock))


@asynccontextmanager
async def _lifespan(app: Litestar) -> AsyncIterator[None]:
    store: ObjectStore = app.state.store
    await inspection.prove_cage()
    files = asyncio.create_task(asyncio.to_thread(assets.prepare))  # nobody waits for it
    try:
        async with app.state.start, jobs.running(app.state.start, store, app.state.clock):
            yield
    finally:
        await files
        document_sessions.close()
        digests.close()
        store.close()
        await piccolo_conf.DB.close_connection_pool()
