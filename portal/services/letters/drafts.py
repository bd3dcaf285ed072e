"""The letter before it is signed: seen by the Organization and by the Minister, and good for nothing else."""

import hashlib
import io
from dataclasses import dataclass

import anyio
import pikepdf

from portal.domain.dossiers import Dossier
from portal.domain.errors import Conflict
from portal.domain.lifecycle import Act, Role, State
from portal.letters.decision import typeset
from portal.letters.facts import DecisionLetter
from portal.services.cases import dossiers
from portal.services.identity.identity import Identity
from portal.services.letters import content, rulings


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft as a PDF, with its pages counted; `sha256` in hex."""

    pdf: bytes
    pages: int
    sha256: str


async def drawn(letter: DecisionLetter) -> Draft:
    """`letter` as a PDF that says that it is a draft. The same letter gives the same bytes."""
    return await anyio.to_thread.run_sync(_drawn, letter)


def _drawn(letter: DecisionLetter) -> Draft:
    pdf = typeset(letter)
    return Draft(pdf, pages_of(pdf), hashlib.sha256(pdf).hexdigest())


def pages_of(pdf: bytes) -> int:
    """How many pages a letter has: what the signature adds may be more than its place on the draft."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        return len(opened.pages)


async def of_case(number: str, *, by: Identity, base_url: str, seal: str) -> tuple[Dossier, Draft]:
    """The case and its draft; the Minister reads their own name on it, the Organization a place for one.

    Raises:
        NotFound.
        Conflict: `wrong-state`: nothing is decided, or it is signed.
    """
    dossier = await dossiers.open_dossier(number, by)
    if dossier.state is not State.DECIDED:
        raise Conflict("wrong-state", act=Act.SIGNATURE, state=dossier.state)
    decision = await rulings.ruling(dossier, Act.SIGNATURE)
    minister = by if by.role is Role.MINISTER else None
    return dossier, await drawn(content.draft(dossier, decision, minister, base_url=base_url, seal=seal))
