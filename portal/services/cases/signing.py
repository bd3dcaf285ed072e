"""An act on a case, signed: its doors of scope and state, and what of the case is signed."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.domain import permissions
from portal.domain.dossiers import Dossier
from portal.domain.events import EventKind
from portal.domain.lifecycle import WAITS_FOR, Act, State
from portal.services.cases import assignments, dossiers
from portal.services.identity.identity import Identity
from portal.services.signing.signoffs import Matter, Proof, Signing, passing


def matter_of(dossier: Dossier, to: State | None = None) -> Matter:
    """A case as what is signed; `to` is the state that the act leads to."""
    town = {"town": dossier.case["town"], "municipality": dossier.case["municipality"]}
    return Matter("case", dossier.number, dossier.state, to, dossier.items(), dossier.declaration.as_dict(), town)


@dataclass(slots=True, kw_only=True)
class CaseSigning(Signing):
    """An act on a case; `to` is the state that it leads to."""

    dossier: Dossier
    to: State

    async def record(self, kind: EventKind, produced: Mapping[str, Any] | None = None) -> int:
        """As of any sign-off; the first act of an office takes the case in hand, while it stays there."""
        if WAITS_FOR[self.to] is self.by.role:
            await assignments.take_first(self.dossier.case, self.by, self.now)
        return await super(CaseSigning, self).record(kind, produced)


async def approach(number: str, act: Act, by: Identity) -> Dossier:
    """The doors of scope and state, for a form page as for its POST.

    Raises:
        NotFound, Forbidden, Conflict.
    """
    permissions.require_role(by.role, act)
    dossier = await dossiers.open_dossier(number, by)
    permissions.require(by.role, dossier.state, act)
    return dossier


@asynccontextmanager
async def signing(
    number: str,
    act: Act,
    by: Identity,
    proof: Proof,
    *,
    now: datetime,
    ready: Callable[[Dossier], Awaitable[None]] | None = None,
) -> AsyncIterator[CaseSigning]:
    """Doors and transaction of a sign-off on case `number`.

    `ready` raises Conflict or Invalid where an act has conditions of its own.
    """

    async def look(locked: bool) -> Dossier:
        if locked:
            dossier = await dossiers.read(await dossiers.lock(number, by), by)
            permissions.require(by.role, dossier.state, act)
        else:
            dossier = await approach(number, act, by)
        if ready:
            await ready(dossier)
        return dossier

    async with passing(look, by, proof, now) as (dossier, proven):
        to = permissions.require(by.role, dossier.state, act)
        matter = matter_of(dossier, to)
        yield CaseSigning(act=act, by=by, matter=matter, proof=proof, now=now, proven=proven, dossier=dossier, to=to)
