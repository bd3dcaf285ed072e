"""Time-based one-time codes (RFC 6238: SHA-1, 30 seconds, six digits) and the price of wrong ones. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import pyotp
from pyotp.exceptions import OTPVerificationError

from portal.domain.persian import fold_digits

PERIOD = 30
"""Seconds in a time step."""
WINDOW = 1
"""Steps before and after the present one that are accepted (RFC 6238 §5.2)."""
FARTHEST = 130
"""Steps within which a wrong code is looked for, to tell a clock that is off: an hour, and a little more."""
FREE_TRIES = 5
RESTS_AFTER = 100
"""Failures in a row after which a factor rests (SP 800-63B-4 §3.2.2)."""
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


class CodeVerdict(StrEnum):
    """What a code is worth."""

    FRESH = "fresh"
    SPENT = "spent"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Judged:
    """A code looked at: its time step, if it has one, and how many steps that is ahead of the present one."""

    verdict: CodeVerdict
    step: int | None = None
    offset: int = 0


def judge(secret: str, code: str, at: datetime, *, last_step: int, burnt: Collection[int] = ()) -> Judged:
    """What `code` under `secret` (base32) is worth at `at` (aware).

    Only a step after `last_step` is fresh, and none that is `burnt`: typed while it was out of the window. A wrong
    code keeps its step and offset where it would have been right within `FARTHEST` steps.
    """
    step = match(secret, code, at)
    if step is not None:
        return Judged(CodeVerdict.SPENT if step <= last_step or step in burnt else CodeVerdict.FRESH, step)
    digits = normalise_code(code)
    present = step_at(at)
    for distance in range(WINDOW + 1, FARTHEST + 1) if digits else ():
        for offset in (distance, -distance):
            if present + offset > 0 and current_code(secret, at + offset * timedelta(seconds=PERIOD)) == digits:
                return Judged(CodeVerdict.WRONG, present + offset, offset)
    return Judged(CodeVerdict.WRONG)


def tells_drift(judged: Judged, offset: int | None, step: int) -> bool:
    """Whether a wrong code, after one of `step` that was `offset` steps away, tells that the clock is off.

    It takes two different codes in a row, so that no guess finds out what codes lie nearby. A clock that is off by
    no whole number of steps is seen at two neighbouring offsets.
    """
    if judged.step is None or offset is None:
        return False
    return judged.step > step and abs(judged.offset - offset) <= 1


def current_code(secret: str, at: datetime) -> str:
    """The code under `secret` (base32) at `at`."""
    return pyotp.TOTP(secret).at(at)


def seconds_left(at: datetime) -> int:
    """Seconds until the next time step begins: 1 … 30."""
    return PERIOD - int(at.timestamp()) % PERIOD


def provisioning_uri(secret: str, username: str, issuer: str) -> str:
    """The `otpauth://` address that an authenticator app reads from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=issuer)


def pause_after(failures: int, free: int = FREE_TRIES) -> timedelta:
    """How long to wait after that many failures: none before the one numbered `free`, then 30 s doubling to 5 min."""
    if failures < free:
        return timedelta()
    doublings = min(failures - free, 10)
    return min(LONGEST_PAUSE, FIRST_PAUSE * (1 << doublings))
