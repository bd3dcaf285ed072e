"""The journal's keys as the journal tells them, and those of them that this portal holds (PORTAL_JOURNAL_KEY)."""

import base64
import json

from portal.domain import journal_keys, signed_notes
from portal.domain.errors import Unavailable
from portal.domain.journal_keys import SUBJECT, JournalKey
from portal.domain.signed_notes import Signer, VerifierKey
from portal.tables.events import Event

_seeds: tuple[bytes, ...] = ()
_known: tuple[bytes, list[JournalKey]] | None = None  # the leaf of the last change of keys, and all of them since it


def sign_with(keys: tuple[str, ...]) -> None:
    """Use `keys` (PORTAL_JOURNAL_KEY: base64 of 32 bytes each) from now on."""
    global _seeds, _known
    _seeds, _known = tuple(base64.b64decode(key) for key in keys), None


def held(name: str) -> list[Signer]:
    """The signers that the portal holds, under the journal's `name`."""
    return [signed_notes.signer(name, seed) for seed in _seeds]


async def history() -> list[JournalKey]:
    """Every key that the journal ever had, the one in force last.

    Raises:
        portal.domain.journal_keys.BrokenHistory: a change of keys was tampered with.
    """
    rows = (
        await Event.select(Event.statement)
        .where((Event.subject == SUBJECT["id"]) & (Event.subject_type == SUBJECT["type"]))
        .order_by(Event.position)
    )
    return journal_keys.history(json.loads(row["statement"]) for row in rows)


def signer_of(key: VerifierKey) -> Signer:
    """The signer of `key`.

    Raises:
        Unavailable: `journal-key-missing`: the portal does not hold it.
    """
    for signer in held(key.name):
        if signer.key == key:
            return signer
    raise Unavailable("journal-key-missing", key=key.id.hex())


async def known(change: bytes | None) -> list[JournalKey]:
    """As `history`; none before the journal has its first key (`change` is None).

    `change` is the leaf of the last change of keys: while it is the same one, the journal is not asked again.

    Raises:
        portal.domain.journal_keys.BrokenHistory.
    """
    global _known
    if change is None:
        return []
    if _known is None or _known[0] != change:
        _known = (change, await history())
    return _known[1]


async def in_force(change: bytes | None) -> Signer:
    """The signer of the key in force; `change` as of `known`.

    Raises:
        portal.domain.journal_keys.BrokenHistory.
        Unavailable: `no-journal-key`: the journal has none (`change` is None), `journal-key-missing`.
    """
    if change is None:
        raise Unavailable("no-journal-key")
    return signer_of((await known(change))[-1].key)
