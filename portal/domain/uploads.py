"""Resumable uploads (tus 1.0): what the protocol refuses, and how a file is cut into parts."""

from datetime import timedelta

from portal.domain.errors import DomainError

LIFETIME = timedelta(days=7)  # of an upload, from the last bytes that were acknowledged
SMALLEST_PART = 5 * 1024 * 1024  # bytes: S3 takes no smaller one but the last
MOST_PARTS = 10_000  # of one S3 object


class Locked(DomainError):
    """Another request writes to this upload, or it is being checked just now (423)."""


class OffsetDiffers(DomainError):
    """The bytes do not begin where the acknowledged ones end; `offset` is where that is (409)."""


class Gone(DomainError):
    """The upload was refused, terminated or has expired; the code says which, `facts` why it was refused (410)."""


class ChecksumDiffers(DomainError):
    """The bytes of one request are not those that its checksum was made of (460)."""


class BeyondLength(DomainError):
    """More bytes came than the upload was announced with (413)."""


def part_size(limit: int) -> int:
    """Bytes of one part, so that a file of `limit` bytes still fits into the parts that S3 takes."""
    return max(SMALLEST_PART, -(-limit // MOST_PARTS))


def parts_in(memory: int, part: int) -> int:
    """How many parts of `part` bytes an upload may hold in `memory` bytes: one fills while another is sent."""
    return max(2, memory // part)
