"""Time-based one-time codes (RFC 6238: SHA-1, 30 seconds, six digits) and the price of wrong ones. Pure."""

from datetime import datetime, timedelta

import pyotp
from pyotp.exceptions import OTPVerificationError

from portal.domain.persian import fold_digits

PERIOD = 30
"""Seconds in a time step."""
WINDOW = 1
"""Steps before and after the present one that are accepted (RFC 6238 §5.2)."""
FREE_TRIES = 5
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(minutes=5)

_IGNORED = dict.fromkeys(map(ord, " -\u200c\u200e\u200f\u00a0\u202f\t"))


def normalise_code(text: str) -> str | None:
    """The six digits that `text` says in any digit set, spaces and dashes aside; None for anything else."""
    digits = fold_digits(text).translate(_IGNORED)
    return digits if len(digits) == 6 and digits.isascii() and digits.isdigit() else None


def step_at(at: datetime) -> int:
    """The time step that `at` (aware) lies in."""
    return int(at.timestamp()) // PERIOD


def match(secret: str, code: str, at: datetime, window: int = WINDOW) -> int | None:
    """The time step whose code under `secret` (base32) is `code`, within `window` steps of `at` (aware); else None."""
    digits = normalise_code(code)
    if digits is None:
        return None
    try:
        return pyotp.TOTP(secret).verify_and_get_timecode(digits, for_time=at, valid_window=window)
    except OTPVerificationError:
        return None


def current_code(secret: str, at: datetime) -> str:
    """The code under `secret` (base32) at `at`."""
    return pyotp.TOTP(secret).at(at)


def seconds_left(at: datetime) -> int:
    """Seconds until the next time step begins: 1 … 30."""
    return PERIOD - int(at.timestamp()) % PERIOD


def provisioning_uri(secret: str, username: str, issuer: str) -> str:
    """The `otpauth://` address that an authenticator app reads from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=issuer)


def pause_after(failures: int) -> timedelta:
    """How long to wait after that many failures in a row: none before the fifth, then 30 s doubling to 5 min."""
    if failures < FREE_TRIES:
        return timedelta()
    doublings = min(failures - FREE_TRIES, 10)
    return min(LONGEST_PAUSE, FIRST_PAUSE * (1 << doublings))
