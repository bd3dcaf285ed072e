"""The main process's part of a start: it tries what the workers will need, and says when it is tired of waiting."""

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

from portal import piccolo_conf
from portal.services.journal import checkpoints
from portal.services.operations import starting
from portal.settings import Settings
from portal.storage import trial
from portal.storage.objects import ObjectStore
from portal.variables import OperatorError, SettingsError

AT_FIRST = 5.0  # seconds: then the workers listen

_log = logging.getLogger("portal")


def first_try(settings: Settings) -> OperatorError | None:
    """Who is away; None: nobody is, and all that a node needs is there.

    Raises:
        SettingsError: waiting would mend nothing.
    """
    return asyncio.run(_try(settings, AT_FIRST))


async def _try(settings: Settings, seconds: float) -> OperatorError | None:
    assert settings.database_url is not None
    assert settings.s3 is not None
    piccolo_conf.aim(settings.database_url)
    checkpoints.sign_with(settings.journal_keys)
    store = ObjectStore(settings.s3)
    try:
        async with asyncio.timeout(seconds):
            await starting.prepare(settings, now=datetime.now(UTC))
    except starting.AWAY as error:
        return starting.away("database", error)
    try:
        async with asyncio.timeout(seconds):
            await trial.prove(store)
    except starting.AWAY as error:
        return starting.away("store", error)
    finally:
        store.close()
    return None


class Waiting(threading.Thread):
    """Tries again while the workers listen; calls `stop` where that is of no use. `why`: what `first_try` said."""

    def __init__(self, settings: Settings, stop: Callable[[], None], why: OperatorError) -> None:
        super().__init__(name="waiting", daemon=True)
        self._settings, self._stop_serving = settings, stop
        self._why = why
        self.refusal: SettingsError | None = None

    def run(self) -> None:
        patience, begun = self._settings.start_patience, time.monotonic()
        how_long = f"for {patience} s" if patience else "until it does"
        _log.warning("%s; the portal listens, answers 503 and tries again %s", self._why, how_long)
        try:
            while self._is_away():
                if patience and time.monotonic() - begun > patience:
                    raise SettingsError("%(why)s, for %(n)s s: the portal ends its start.", why=self._why, n=patience)
        except SettingsError as error:
            self.refusal = error
            self._stop_serving()

    def _is_away(self) -> bool:
        time.sleep(starting.PAUSE)  # the workers are forked meanwhile, from a process that is at rest
        why = asyncio.run(_try(self._settings, starting.TRY))
        self._why = why or self._why
        return why is not None
