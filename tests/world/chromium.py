"""The browser of the tests, and how it is started."""

import os
import shutil

import pytest

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def chromium() -> str:
    """The Chromium that there is; `make test` has seen to it."""
    wanted = os.environ.get("PORTAL_CHROMIUM")
    found = wanted or next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        pytest.fail("The browser tests need Chromium: apt-get install chromium, or name one in PORTAL_CHROMIUM.")
    return found
