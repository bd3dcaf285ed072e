"""Addresses that let in whoever reads them, a one-time link's: what of them may be told."""

import re

SECRET = re.compile(r"(/+invitations/+).+", re.IGNORECASE | re.DOTALL)
"""Also as nobody writes it, but as it may be mistyped or routed all the same."""


def holds_secret(path: str) -> bool:
    """Whether somebody who reads `path` could use it."""
    return SECRET.match(path) is not None


def without_secret(path: str) -> str:
    """`path` as a log may hold it."""
    return SECRET.sub(r"\1…", path)
