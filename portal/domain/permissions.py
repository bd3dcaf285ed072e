"""Who may do what, read from the table of transitions. The first and the third of the four doors."""

from portal.domain.errors import Conflict, Forbidden
from portal.domain.lifecycle import TRANSITIONS, Act, Role, State


def roles_of(act: Act) -> frozenset[Role]:
    """The roles that can ever do `act`."""
    return frozenset(role for (_, each, role) in TRANSITIONS if each is act)


def acts_of(role: Role, state: State) -> tuple[Act, ...]:
    """What `role` can do to a case in `state`: the buttons of its page, in the order of `Act`."""
    return tuple(act for act in Act if (state, act, role) in TRANSITIONS)


def require_role(role: Role, act: Act) -> None:
    """The first door.

    Raises:
        Forbidden: `role` never does `act`.
    """
    if role not in roles_of(act):
        raise Forbidden("role", act=act)


def require(role: Role, state: State, act: Act) -> State:
    """The state that `act` leads to.

    Raises:
        Forbidden: `role` never does `act`.
        Conflict: it does, but not while the case is in `state`.
    """
    require_role(role, act)
    try:
        return TRANSITIONS[state, act, role]
    except KeyError:
        raise Conflict("wrong-state", act=act, state=state) from None
