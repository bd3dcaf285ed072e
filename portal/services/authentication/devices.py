"""Devices that have proved themselves: a sealed mark in the browser, which says for whom. It lets nobody in.

All it gives is a budget of tries of its own (OWASP, "Slow down online guessing attacks with device cookies"), so
that whoever guesses elsewhere cannot make its owner wait.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from portal.services.authentication import encryption

GOOD_FOR = timedelta(days=365)
MOST = 12
"""People for whom one device vouches; the last ones count."""
_PURPOSE = "device"


@dataclass(frozen=True, slots=True)
class Device:
    """A browser by its random id, and marks of those who have signed in on it with both steps."""

    id: str
    marks: tuple[str, ...] = ()

    def knows(self, person: UUID) -> str | None:
        """The device's id if `person` has proved themselves here, else None."""
        return self.id if _mark(self.id, person) in self.marks else None

    def remembering(self, person: UUID) -> "Device":
        """The device after `person` has proved themselves on it."""
        mark = _mark(self.id, person)
        return Device(self.id, (*(each for each in self.marks if each != mark), mark)[-MOST:])


def _mark(device: str, person: UUID) -> str:
    return hashlib.sha256(f"{device}|{person}".encode()).hexdigest()[:24]


def seal(device: Device) -> str:
    """The device as its cookie carries it."""
    return encryption.sign(_PURPOSE, [device.id, *device.marks])


def opened(text: str | None) -> Device:
    """The device behind a cookie's value; a new one for none, or for one that this portal did not seal."""
    kept = encryption.verified(_PURPOSE, text) if text else None
    return Device(kept[0], tuple(kept[1:])) if kept else Device(secrets.token_hex(16))
