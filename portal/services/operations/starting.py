"""What a node needs of its database and store before it serves, and which failures time may mend."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from asyncpg import PostgresError
from asyncpg.exceptions import (
    InsufficientPrivilegeError,
    InsufficientResourcesError,
    InterfaceError,
    InternalClientError,
    InvalidAuthorizationSpecificationError,
    InvalidCatalogNameError,
    OperatorInterventionError,
    PostgresConnectionError,
    UndefinedTableError,
)

from portal.domain.errors import Unavailable
from portal.piccolo_app import APP_CONFIG
from portal.services.journal import checkpoints
from portal.services.rulesets import versions
from portal.settings import Settings
from portal.storage.calls import StoreUnavailable
from portal.tables.events import Event
from portal.tables.people import Person
from portal.texts import N_
from portal.variables import NEW_KEY, OperatorError, SettingsError

AWAY = (PostgresError, InterfaceError, InternalClientError, StoreUnavailable, OSError, TimeoutError)
"""What a database or a store that is away says: it may come back."""
UNANSWERED = (
    PostgresConnectionError,
    OperatorInterventionError,
    InsufficientResourcesError,
    InvalidAuthorizationSpecificationError,
    InvalidCatalogNameError,
    UndefinedTableError,
    InterfaceError,
    StoreUnavailable,
    ConnectionError,
    TimeoutError,
)
"""What ends a command without being a fault of it."""
_UNSIGNED = {
    "no-journal-key": N_("PORTAL_JOURNAL_KEY is not set; make one with: %(command)s"),
    "journal-key-missing": N_("PORTAL_JOURNAL_KEY lacks the journal's key in force, %(key)s."),
    "journal-incomplete": N_("Nodes of the journal's tree are missing; run: portal verify journal"),
}
"""Why no record could be signed."""
_AWAY = {
    "database": N_("The database does not answer (%(error)s)"),
    "store": N_("The store does not answer (%(error)s)"),
}
DEMO_USERNAME = "shahrdari"
LISTEN_WITHIN = 3.0  # seconds
TRY = 15.0  # seconds for one try
PAUSE = 1.0  # seconds between two

_log = logging.getLogger(__name__)


async def prepare(settings: Settings, *, now: datetime) -> None:
    """Ask the database for what a node needs, and bring in what is new with this version.

    Raises:
        SettingsError: one sentence for whoever starts the portal: waiting would mend nothing.
        One of `AWAY`.
    """
    try:
        await _require_migrated()
        if not settings.demo:
            await _refuse_demo()
        await versions.load_shipped(now=now)
        await checkpoints.introduce(settings.base_url, now=now)
    except Unavailable as error:
        raise SettingsError(_UNSIGNED[error.code], command=NEW_KEY, **error.facts) from error
    except InvalidAuthorizationSpecificationError as error:
        raise SettingsError(
            "The database refuses the role or password of PORTAL_DATABASE_URL: %(error)s", error=str(error)
        ) from error
    except InvalidCatalogNameError as error:
        raise SettingsError(
            "PORTAL_DATABASE_URL names a database that is not there: %(error)s", error=str(error)
        ) from error


async def _require_migrated() -> None:
    try:
        rows = await Event.raw("SELECT name FROM migration WHERE app_name = {}", APP_CONFIG.app_name)
    except (UndefinedTableError, InsufficientPrivilegeError):
        rows = []
    done = {"".join(filter(str.isdigit, row["name"])) for row in rows}
    if not _shipped() <= done:
        raise SettingsError("The database is not up to date; first run, as deploy/README.md says: portal migrate")


def _shipped() -> set[str]:
    """The digits of every migration of this version: its instant."""
    files = Path(APP_CONFIG.migrations_folder_path).glob(f"{APP_CONFIG.app_name}_*.py")
    return {"".join(filter(str.isdigit, each.stem)) for each in files}


async def _refuse_demo() -> None:
    """Production never starts on a database in which anyone can compute the demo accounts' codes."""
    if await Person.exists().where((Person.username == DEMO_USERNAME) & Person.ended_at.is_null()):
        raise SettingsError("This database holds the demo's accounts, whose codes anyone can compute: use another.")


@dataclass(slots=True)
class Start:
    """The start of one process of the portal: `is_over` once it can serve. Until then it asks for patience.

    `begin` is called again and again until nothing is away; how long that may take is for the main process to say.
    """

    begin: Callable[[], Awaitable[None]]
    is_over: bool = False
    waits_for: str = "database"
    _going: "asyncio.Task[None] | None" = None

    async def __aenter__(self) -> "Start":
        """Begin; after a moment listen all the same.

        Raises:
            SettingsError, and what else is no matter of waiting, where it is known by then.
        """
        first = asyncio.create_task(self._once())
        await asyncio.wait({first}, timeout=LISTEN_WITHIN)
        if first.done() and not isinstance(first.exception(), AWAY):
            first.result()
        self._going = asyncio.create_task(self._go_on(first))
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._going is not None
        self._going.cancel()
        await asyncio.gather(self._going, return_exceptions=True)

    async def _go_on(self, attempt: "asyncio.Task[None]") -> None:
        said = ""
        while not self.is_over:
            try:
                await attempt
            except (*AWAY, SettingsError) as error:
                self.waits_for = "store" if isinstance(error, StoreUnavailable) else "database"
                if isinstance(error, SettingsError) and said != str(error):  # the main process has said the others
                    said = str(error)
                    _log.error("%s", said)
                await asyncio.sleep(PAUSE)
                attempt = asyncio.create_task(self._once())

    async def _once(self) -> None:
        async with asyncio.timeout(TRY):
            await self.begin()
        self.is_over = True


def away(who: str, error: Exception) -> OperatorError:
    """Who is away (`database` or `store`), and in which words of its own."""
    said = str(error).strip() or "nothing in time"
    return OperatorError(_AWAY[who], error=f"{type(error).__name__}: {said}")
