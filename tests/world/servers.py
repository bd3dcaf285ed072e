"""Real servers for a run of the tests: started once, found again by every worker of the run."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from portal.embedded import servers as bundled
from portal.embedded.servers import Embedded

VARIABLE = "TEST_SERVERS_VAR"  # the folder of the servers that this run uses


def start_for_tests() -> Embedded:
    """The servers of this run, started if none are up. They end with the process that started them.

    They trade safety for speed, and their data is gone afterwards.
    """
    if found := running():
        return found
    var = Path(tempfile.mkdtemp(prefix="daraje-tests-"))
    atexit.register(shutil.rmtree, var, ignore_errors=True)  # runs after the servers' own end: last in, first out
    servers = bundled.start(var, durable=False)
    os.environ[VARIABLE] = str(var)
    return servers


def running() -> Embedded | None:
    """The servers that the controller of this run started."""
    var = os.environ.get(VARIABLE)
    return bundled.running(Path(var)) if var else None
