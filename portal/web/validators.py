"""Conditional requests and parts of a file, as RFC 9110 says: pure functions over header fields.

A file is known by a strong entity tag (§8.8.3) and, where that is known, by the instant of its last change. All that
is asked here is asked of GET and HEAD; fields that do not parse are as if they had not come.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

UNITS = "bytes"
_TAG = r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"'  # §8.8.3
_TAGS = re.compile(rf"[ \t,]*{_TAG}[ \t]*(?:,[ \t]*(?:{_TAG})?[ \t]*)*")
_RANGE = re.compile(r"([0-9]{0,18})-([0-9]{0,18})")  # §14.1.1; of longer numbers no file is
MOST_RANGES = 64


@dataclass(frozen=True, slots=True)
class Validators:
    """What tells one state of a file from another: a strong entity tag, quotes included, and its last change."""

    etag: str
    modified: datetime | None = None

    def as_headers(self) -> dict[str, str]:
        """`ETag` and, where it is known, `Last-Modified` (§8.8)."""
        return {"ETag": self.etag} | ({"Last-Modified": http_date(self.modified)} if self.modified else {})


@dataclass(frozen=True, slots=True)
class Part:
    """`length` bytes from `start` on, of `size`."""

    start: int
    length: int
    size: int

    @property
    def content_range(self) -> str:
        """As in the field of this name (§14.4)."""
        return f"{UNITS} {self.start}-{self.start + self.length - 1}/{self.size}"


def quoted(digest: str) -> str:
    """A hexadecimal digest of a file's bytes as its strong entity tag."""
    return f'"{digest}"'


def http_date(at: datetime) -> str:
    """An aware instant as IMF-fixdate (§5.6.7)."""
    return format_datetime(at.astimezone(UTC).replace(microsecond=0), usegmt=True)


def instant(field: str | None) -> datetime | None:
    """The instant that an HTTP date says, in any of its three forms (§5.6.7); None for what is none."""
    try:
        read = parsedate_to_datetime(field or "")
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read


def refusal(headers: Mapping[str, str], known: Validators) -> int | None:
    """412 or 304 where a precondition ends the request, in the order of §13.2.2; None where it goes on.

    `headers` by lower-case name, several fields of one name joined by commas (§5.3).
    """
    modified = known.modified.replace(microsecond=0) if known.modified else None
    if "if-match" in headers:  # §13.1.1
        if not _matches(headers["if-match"], known.etag, weakly=False):
            return 412
    elif modified and (until := instant(headers.get("if-unmodified-since"))) and modified > until:  # §13.1.4
        return 412
    if "if-none-match" in headers:  # §13.1.2
        return 304 if _matches(headers["if-none-match"], known.etag, weakly=True) else None
    if modified and (since := instant(headers.get("if-modified-since"))) and modified <= since:  # §13.1.3
        return 304
    return None


def _matches(field: str, etag: str, *, weakly: bool) -> bool:
    """Whether `etag`, which is strong, is among those of `field` (§8.8.3.2); `*` is every one."""
    if field.strip() == "*":
        return True
    if not _TAGS.fullmatch(field):
        return False
    return any(each == etag or (weakly and each == f"W/{etag}") for each in re.findall(_TAG, field))


def part(headers: Mapping[str, str], known: Validators, size: int) -> Part | None:
    """The part of `size` bytes that `Range` and `If-Range` ask for; its length is 0 where none of it is there (416).

    None: the whole file, as for ranges in other units, malformed ones, several at once (§14.2 lets a server answer
    these whole), and where `If-Range` (§13.1.5) names another state of the file.
    """
    unit, equals, asked = headers.get("range", "").partition("=")
    if not equals or unit.strip().lower() != UNITS or not _may_continue(headers.get("if-range"), known):
        return None
    sets = [each.strip(" \t") for each in asked.split(",") if each.strip(" \t")]
    if not 0 < len(sets) <= MOST_RANGES:
        return None
    found = [_span(each, size) for each in sets]
    if None in found:
        return None
    there = [Part(start, length, size) for start, length in filter(None, found) if length]
    if not there:
        return Part(0, 0, size)
    return there[0] if len(sets) == 1 else None


def _span(spec: str, size: int) -> tuple[int, int] | None:
    """Start and length of one range; length 0 where nothing of it is there; None: it is malformed (§14.1.2)."""
    match = _RANGE.fullmatch(spec)
    if match is None or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if not first:
        length = min(int(last), size)
        return size - length, length
    if last and int(last) < int(first):
        return None
    end = min(int(last), size - 1) if last else size - 1
    return int(first), max(0, end - int(first) + 1)


def _may_continue(field: str | None, known: Validators) -> bool:
    """§13.1.5: by a strong tag that is the same, or a date that is exactly that of the last change."""
    if field is None:
        return True
    field = field.strip()
    if '"' in field:
        return field == known.etag
    at = instant(field)
    return at is not None and known.modified is not None and at == known.modified.replace(microsecond=0)
