"""Which pages were shown to whom: what a signed sheet says of its signer's reading rests on these rows alone.

A picture that was only fetched counts for nothing, for it may have been fetched ahead. It counts when the page's own
script says that it stood in sight, or when somebody opened the reader at it.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from portal.domain.errors import Conflict, Invalid
from portal.services.identity.identity import Identity
from portal.services.reader import images
from portal.storage.objects import ObjectStore
from portal.tables.pages import PageView


async def note(document: UUID, page: int, width: int, *, by: Identity, now: datetime) -> None:
    """Note that the picture of this page, `width` pixels wide, was shown to `by`; the first time is kept.

    Raises:
        Conflict: `not-drawn`, there is no such picture that could have been shown.
    """
    image = await images.drawn(document, page, width)
    if image is None:
        raise Conflict("not-drawn")
    await PageView.raw(
        "INSERT INTO page_views (person, document, page, image, at) VALUES ({}, {}, {}, {}, {}) ON CONFLICT DO NOTHING",
        by.id,
        document,
        page,
        image,
        now,
    )


async def opened(
    document: Mapping[str, Any], page: int, width: int, *, by: Identity, store: ObjectStore, now: datetime
) -> str | None:
    """Note that `by` opened the reader at this page, which is drawn if nobody saw it yet; why not, if it cannot be.

    Raises:
        Conflict: `altered`. StoreUnavailable, CageError.
    """
    try:
        await images.ensure(document, page, width, store=store, now=now)
    except Invalid as refusal:
        return str(refusal.errors["page"])
    await note(document["id"], page, width, by=by, now=now)
    return None


async def latest(by: Identity) -> int:
    """The number of what was last shown to `by`: `seen` up to it says the same for ever."""
    rows = await PageView.raw("SELECT max(id) AS last FROM page_views WHERE person = {}", by.id)
    return rows[0]["last"] or 0


_SEEN = """
SELECT v.document, v.page, i.width, i.renderer, i.sha256 FROM page_views v JOIN page_images i ON i.id = v.image
WHERE v.person = {} AND v.document = ANY({}) AND v.id <= {} ORDER BY v.page, i.width, v.id
"""


async def seen(documents: Iterable[UUID], *, by: Identity, upto: int) -> dict[str, list[dict[str, Any]]]:
    """The pictures of `documents` that were shown to `by`, as a statement names them, by document.

    Those with a number up to `upto`, whenever it was: a document's row is one version of it.
    """
    wanted = list(documents)
    if not wanted:
        return {}
    rows = await PageView.raw(_SEEN, by.id, wanted, upto)
    found: dict[str, list[dict[str, Any]]] = {str(each): [] for each in wanted}
    for row in rows:
        about = {name: row[name] for name in ("page", "width", "renderer", "sha256")}
        found[str(row["document"])].append(about)
    return found
