"""Where bytes lie in the bucket. A key is made of numbers and UUIDs alone, never of a name that a person typed."""

from uuid import UUID, uuid4

TRIALS = "trials/"


def document_key(case_number: str, document_id: UUID) -> str:
    """The key of one version of a scan; a replacement is a new document with a new id, hence a new key."""
    return f"cases/{case_number}/documents/{document_id}"


def written_key(case_number: str, document_id: UUID, writer: UUID) -> str:
    """The key of a scan that one request writes in one go: whoever comes too late writes beside it, not over it."""
    return f"{document_key(case_number, document_id)}-{writer.hex}"


def tail_key(upload: UUID, writer: UUID, received: int) -> str:
    """Where the bytes behind the last whole part lie: under a name that no other state of the upload has."""
    return f"uploads/{upload}/{received}-{writer.hex}"


def letter_key(case_number: str, letter_id: UUID) -> str:
    """The key of a decision letter (PDF)."""
    return f"cases/{case_number}/letters/{letter_id}.pdf"


def letter_scan_key(case_number: str, scan_id: UUID) -> str:
    """The key of the scan of a letter that was signed by hand."""
    return f"cases/{case_number}/letter-scans/{scan_id}"


def page_key(document_id: UUID, page: int, image_id: UUID) -> str:
    """The key of a picture of a page (JPEG): apart from the records, since it can be drawn anew."""
    return f"pages/{document_id}/{page}/{image_id}.jpg"


def text_key(document_id: UUID, text_id: UUID) -> str:
    """The key of the texts of a document's pages (JSON)."""
    return f"pages/{document_id}/text/{text_id}.json"


def trial_key() -> str:
    """The key of an object by which the store is tried; it is removed at once."""
    return f"{TRIALS}{uuid4().hex}"
