"""What was typed into a form whose session had ended meanwhile: kept for its person until they are signed in again.

Encrypted, bound to person and page, for an hour; passwords, codes and files are never kept.
"""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from portal.services.authentication import encryption, sessions
from portal.tables.factors import KeptForm

GOOD_FOR = timedelta(hours=1)
MOST = 20
"""Forms of one person that are kept at once."""
MOST_CHARACTERS = 200_000
_PURPOSE = "kept form"

Typed = dict[str, list[str]]


async def may_keep(token: bytes, *, now: datetime) -> bool:
    """Whether the session behind this token's SHA-256 is one whose person could find the form again."""
    return await sessions.owner(token, now) is not None


async def keep(token: bytes, path: str, typed: Typed, *, now: datetime) -> UUID | None:
    """Keep `typed` for whoever had the session behind this token's SHA-256; the id to find it by.

    `path` is that of the page with the form. None where there was no such session, or there is nothing to keep.
    """
    person = await sessions.owner(token, now)
    length = sum(len(each) for values in typed.values() for each in values)
    if person is None or not 0 < length <= MOST_CHARACTERS:
        return None
    await KeptForm.delete().where(KeptForm.kept_at < now - GOOD_FOR)
    if await KeptForm.count().where(KeptForm.person == person) >= MOST:
        return None
    closed = encryption.encrypt_value(_PURPOSE, {"person": str(person), "path": path, "typed": typed})
    kept = uuid4()
    await KeptForm(id=kept, person=person, path=path, typed=closed, kept_at=now).save()
    return kept


async def find(kept: UUID, *, person: UUID, path: str, now: datetime) -> Typed | None:
    """What `person` had typed on the page at `path`, if it is still kept."""
    row = (
        await KeptForm.select(KeptForm.typed)
        .where((KeptForm.id == kept) & (KeptForm.person == person) & (KeptForm.kept_at >= now - GOOD_FOR))
        .first()
    )
    opened = encryption.decrypt_value(_PURPOSE, row["typed"]) if row else None
    if opened is None or (opened["person"], opened["path"]) != (str(person), path):
        return None
    typed: Typed = opened["typed"]
    return typed
