"""An act on a case, signed: its doors of scope and state, and what of the case is signed."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

from portal.domain import permissions
from portal.domain.dossiers import Dossier
from portal.domain.lifecycle import Act, State
from portal.services.cases import dossiers
from portal.services.identity.identity import Identity
from portal.services.signing.signoffs import Matter, Prepared, Signed, require_confirmed

T = TypeVar("T")


def matter_of(dossier: Dossier, to: State | None = None, facts: Mapping[str, Any] | None = None) -> Matter:
    """A case as what is signed; `to` is the state that the act leads to, `facts` what it rests on beside the papers."""
    town = {"town": dossier.case["town"], "municipality": dossier.case["municipality"]}
    return Matter(
        "case",
        dossier.number,
        dossier.state,
        to,
        dossier.items(),
        dossier.declaration.as_dict(),
        {**town, **(facts or {})},
        dossier.version,
    )


async def approach(number: str, act: Act, by: Identity) -> Dossier:
    """The doors of scope and state, for a form page as for its POST.

    Raises:
        NotFound, Forbidden, Conflict.
    """
    permissions.require_role(by.role, act)
    dossier = await dossiers.open_dossier(number, by)
    permissions.require(by.role, dossier.state, act)
    return dossier


def prepare(
    dossier: Dossier,
    act: Act,
    by: Identity,
    write: Callable[[Signed, State], Awaitable[T]],
    values: Mapping[str, Any],
    facts: Mapping[str, Any] | None = None,
) -> Prepared[T]:
    """An act on the case of `dossier`, whose doors were passed when it was read (`approach`).

    It is not read a second time: whatever changes a case writes an event about it, so that under the lock its state and
    the position of its last event say whether it is as it was. `write(signed, to)` writes the act.

    Raises:
        Conflict: as `signoffs.require_confirmed`.
    """
    to = permissions.require(by.role, dossier.state, act)
    require_confirmed(by)
    matter = matter_of(dossier, to, facts)

    async def look() -> Matter:
        state = await dossiers.lock_state(dossier.number)
        if state is not None:
            permissions.require(by.role, state, act)
        return matter

    return Prepared(act=act, by=by, matter=matter, values=values, look=look, write=lambda signed: write(signed, to))
