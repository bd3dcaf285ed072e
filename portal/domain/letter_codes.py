"""What a letter carries to prove itself: a short code, and the signed text of its QR code.

The text is the address at which the letter is looked up, and behind its `#` a claim that the journal's key has signed:
enough to be checked without network, and short enough to be scanned from paper. No server sees what is behind a `#`.
"""

import base64
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from portal.domain import persian, signatures
from portal.domain.journal_keys import JournalKey
from portal.domain.lifecycle import Outcome
from portal.domain.signatures import Signs
from portal.domain.signed_notes import Signer

DIGITS = 20
"""Digits of a short code: about 66 random bits."""
LONGEST = 4096
"""Characters of what is typed or scanned: no code is nearly as long."""
_BETWEEN = re.compile(r"[\s\u200c\u200e\u200f\u2066-\u2069\-‐-―−_.,،/·]+")
_TEXT = re.compile(rf"(?:(https?://[^\s#]+)/verify/([0-9]{{{DIGITS}}})#)?([A-Za-z0-9_-]+)")
_CODE_BYTES, _HEAD = 9, 4 + 64 + 8 + 9  # a code below 10^20 in nine bytes; key id, signature, statement, code


def draw() -> str:
    """A new short code, which nobody guesses."""
    return "".join(secrets.choice("0123456789") for _ in range(DIGITS))


def grouped(code: str) -> str:
    """Five groups of four, as the letter shows them."""
    return " ".join(code[at : at + 4] for at in range(0, DIGITS, 4))


def read(typed: str) -> str | None:
    """The short code that somebody typed, in any digits, with or without spaces and hyphens; None for no such code."""
    digits = _BETWEEN.sub("", persian.fold_digits(typed[:LONGEST]))
    return digits if len(digits) == DIGITS and digits.isascii() and digits.isdigit() else None


@dataclass(frozen=True, slots=True)
class Claim:
    """What the QR code of a letter says of it.

    `date` is that of the letter, `grade` the one decided (None for a refusal), `code` its short code, and `statement`
    the first eight bytes of the SHA-256 of the intent that its signer signed.
    """

    town: str
    province: str
    outcome: Outcome
    grade: int | None
    date: date
    number: str
    code: str
    statement: bytes

    def message(self) -> bytes:
        """The bytes that are signed."""
        content = {
            "code": self.code,
            "date": self.date.isoformat(),
            "grade": self.grade,
            "number": self.number,
            "outcome": self.outcome.value,
            "province": self.province,
            "statement": self.statement.hex(),
            "town": self.town,
        }
        return signatures.message(Signs.LETTER_CODE, content)

    def packed(self) -> bytes:
        """The same in few bytes.

        Raises:
            ValueError: a word has a line end, or `code` and `statement` are none.
        """
        grade = "" if self.grade is None else str(self.grade)
        lines = (self.number, self.date.isoformat(), self.outcome, grade, self.town, self.province)
        if any("\n" in each for each in lines) or read(self.code) != self.code or len(self.statement) != 8:
            raise ValueError("no claim of a letter")
        return self.statement + int(self.code).to_bytes(_CODE_BYTES) + "\n".join(lines).encode()


def _unpacked(statement: bytes, code: bytes, rest: bytes) -> Claim:
    number, day, outcome, grade, town, province = rest.decode().split("\n")
    digits = str(int.from_bytes(code)).rjust(DIGITS, "0")
    read_grade = int(grade) if grade else None
    return Claim(town, province, Outcome(outcome), read_grade, date.fromisoformat(day), number, digits, statement)


def sign(claim: Claim, signer: Signer) -> str:
    """The payload of the QR code: key id, signature and claim, in base64url without padding.

    Raises:
        ValueError: as `Claim.packed`.
    """
    packed = claim.packed()
    return _encoded(signer.key.id + signer.private.sign(claim.message()) + packed)


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def address(base_url: str, code: str, payload: str) -> str:
    """What the QR code says: where the letter is looked up, and the payload behind it."""
    return f"{base_url}/verify/{code}#{payload}"


@dataclass(frozen=True, slots=True)
class Scanned:
    """A text that is read and not yet believed. `base_url` and `code` are those of its address, where it has one."""

    base_url: str | None
    code: str | None
    key_id: bytes
    signature: bytes
    claim: Claim


class Unreadable(ValueError):
    """The text is no QR code of a letter."""


def parse(text: str) -> Scanned:
    """What a QR code says, the whole address or the payload alone.

    Raises:
        Unreadable.
    """
    match = _TEXT.fullmatch(text.strip()) if len(text) <= LONGEST else None
    if match is None:
        raise Unreadable("no address of a letter, and no payload")
    base_url, code, payload = match.groups()
    try:
        raw = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
        claim = _unpacked(raw[68:76], raw[76:_HEAD], raw[_HEAD:])
        is_canonical = _encoded(raw[:68] + claim.packed()) == payload
    except (ValueError, OverflowError) as error:
        raise Unreadable("the payload cannot be read") from error
    if not is_canonical:
        raise Unreadable("the payload is not as it was written")
    return Scanned(base_url, code, raw[:4], raw[4:68], claim)


class Worth(StrEnum):
    """What a QR code is worth by itself. Whether its letter is still in force, only the portal knows."""

    GENUINE = "genuine"
    UNREADABLE = "unreadable"  # no QR code of a letter, or one that was changed
    FORGED = "forged"  # the signature is not over this
    STRANGER = "stranger"  # of a key that the journal never had
    REVOKED = "revoked"  # of a key that is believed no more
    OUT_OF_TIME = "out-of-time"  # of a key that was not in force on the letter's day
    ANOTHER_CODE = "another-code"  # the address opens another letter than the one that is signed
    ELSEWHERE = "elsewhere"  # the address is not this portal's


@dataclass(frozen=True, slots=True)
class Checked:
    """What a text is worth, what it claims, and whose signature it names."""

    worth: Worth
    claim: Claim | None = None
    key: JournalKey | None = None


def check(text: str, keys: Iterable[JournalKey], base_url: str | None = None) -> Checked:
    """What `text` is worth by the journal's keys; `base_url` is where letters are looked up, None for not known.

    Raises nothing, whatever `text` is.
    """
    try:
        scanned = parse(text)
    except Unreadable:
        return Checked(Worth.UNREADABLE)
    named = [each for each in keys if each.key.id == scanned.key_id]
    key = next((each for each in named if each.key.verifies(scanned.signature, scanned.claim.message())), None)
    if key is None:
        return Checked(Worth.FORGED, key=named[-1]) if named else Checked(Worth.STRANGER)
    return Checked(_worth(scanned, key, base_url), scanned.claim, key)


def _worth(scanned: Scanned, key: JournalKey, base_url: str | None) -> Worth:
    if key.revoked_at is not None:
        return Worth.REVOKED
    last = persian.tehran_date(key.until_at) if key.until_at else date.max
    if not persian.tehran_date(key.since_at) <= scanned.claim.date <= last:
        return Worth.OUT_OF_TIME
    if scanned.code not in (None, scanned.claim.code):
        return Worth.ANOTHER_CODE
    return Worth.ELSEWHERE if base_url and scanned.base_url not in (None, base_url) else Worth.GENUINE
