"""The way of a case against the table that the house was designed by, and the doors that read it."""

from itertools import product

import pytest

from portal.domain.errors import Conflict, Forbidden
from portal.domain.jurisdiction import SCOPES, Place, Since
from portal.domain.lifecycle import FINAL, SIGN_OFFS, TRANSITIONS, WAITS_FOR, WAY, Act, Role, State, desk
from portal.domain.permissions import acts_of, require, require_role, roles_of

# Who acts next in each state, and where that leads. Written out by hand on purpose: the code builds its own.
DESIGNED = {
    "draft": ("municipality", "declaration:draft document:draft document-withdrawal:draft"),
    "submitted": ("governorate", "attestation:submitted confirmation:confirmed return:returned"),
    "returned": ("municipality", "declaration:returned document:returned document-withdrawal:returned"),
    "confirmed": ("organization", "assessment:assessed return:returned"),
    "assessed": ("organization", "assessment:assessed agenda:assessed decision:decided return:returned"),
    "decided": ("minister", "signature:notified refusal:assessed"),
}
LEAVES_AN_EDIT = "submission:submitted withdrawal:withdrawn"


def designed() -> dict[tuple[State, Act, Role], State]:
    """The table of the design as transitions."""
    found = {}
    for state, (role, acts) in DESIGNED.items():
        more = LEAVES_AN_EDIT if role == "municipality" else ""
        for act, target in (each.split(":") for each in f"{acts} {more}".split()):
            found[State(state), Act(act), Role(role)] = State(target)
    return found


def test_the_transitions_are_the_designed_ones_and_no_others() -> None:
    assert dict(TRANSITIONS) == designed()


@pytest.mark.parametrize("state", State)
def test_every_open_state_waits_for_exactly_one_desk(state: State) -> None:
    offices = {role for at, _, role in TRANSITIONS if at is state}
    assert len(offices) == (0 if state in FINAL else 1)
    assert desk(state) is WAITS_FOR[state] is next(iter(offices), None)


def test_a_final_state_is_never_left_and_every_state_is_reached() -> None:
    assert {State.NOTIFIED, State.WITHDRAWN} == FINAL
    assert not FINAL & {state for state, _, _ in TRANSITIONS}
    assert {State.DRAFT, *TRANSITIONS.values()} == set(State)


def test_from_every_open_state_an_end_can_be_reached() -> None:
    ends = set(FINAL)
    for _ in State:
        ends |= {state for (state, _, _), target in TRANSITIONS.items() if target in ends}
    assert ends == set(State)


def test_the_four_desks_stand_in_the_order_of_the_way() -> None:
    acts = (Act.SUBMISSION, Act.CONFIRMATION, Act.ASSESSMENT, Act.DECISION, Act.SIGNATURE)
    state, desks = State.DRAFT, []
    for act in acts:
        office = WAITS_FOR[state]
        assert office is not None
        desks.append(office)
        state = require(office, state, act)
    assert state is State.NOTIFIED
    assert tuple(dict.fromkeys(desks)) == WAY


def test_the_acts_that_take_a_code_are_the_designed_ones() -> None:
    words = "submission attestation confirmation return assessment decision signature refusal"
    assert set(words.split()) == SIGN_OFFS


def test_what_leads_elsewhere_is_signed_except_withdrawal() -> None:
    moves = {act for (state, act, _), target in TRANSITIONS.items() if target is not state}
    assert moves - SIGN_OFFS == {Act.WITHDRAWAL}


@pytest.mark.parametrize("act", Act)
def test_every_act_has_someone_who_does_it(act: Act) -> None:
    assert roles_of(act)


@pytest.mark.parametrize(("role", "state"), list(product(Role, State)))
def test_the_buttons_are_the_acts_of_the_table(role: Role, state: State) -> None:
    assert set(acts_of(role, state)) == {act for at, act, office in TRANSITIONS if (at, office) == (state, role)}


@pytest.mark.parametrize(("role", "act"), list(product(Role, Act)))
def test_the_doors_agree_with_the_table(role: Role, act: Act) -> None:
    """Role before state: whoever never does an act is told so, wherever the case stands."""
    for state in State:
        _try_the_doors(role, state, act)


def _try_the_doors(role: Role, state: State, act: Act) -> None:
    if (state, act, role) in TRANSITIONS:
        assert require(role, state, act) is TRANSITIONS[state, act, role]
    elif role in roles_of(act):
        with pytest.raises(Conflict) as conflict:
            require(role, state, act)
        assert (conflict.value.code, conflict.value.facts) == ("wrong-state", {"act": act, "state": state})
    else:
        with pytest.raises(Forbidden) as forbidden:
            require(role, state, act)
        assert (forbidden.value.code, forbidden.value.facts) == ("role", {"act": act})


def test_only_the_four_desks_ever_act() -> None:
    assert {role for _, _, role in TRANSITIONS} == set(WAY)
    for role, act in product(set(Role) - set(WAY), Act):
        with pytest.raises(Forbidden):
            require_role(role, act)


def test_a_return_belongs_to_two_offices_each_in_its_own_states() -> None:
    assert roles_of(Act.RETURN) == {Role.GOVERNORATE, Role.ORGANIZATION}
    assert Act.RETURN in acts_of(Role.GOVERNORATE, State.SUBMITTED)
    assert Act.RETURN not in acts_of(Role.GOVERNORATE, State.CONFIRMED)
    assert Act.RETURN not in acts_of(Role.ORGANIZATION, State.SUBMITTED)


def test_every_role_sees_as_far_as_the_design_says() -> None:
    seen = {role.value: scope and (scope.place.value, scope.since.value) for role, scope in SCOPES.items()}
    assert seen == {
        "municipality": ("town", "opened"),
        "governorate": ("province", "submitted"),
        "organization": ("country", "confirmed"),
        "minister": ("country", "confirmed"),
        "archivist": ("country", "archived"),
        "auditor": ("country", "opened"),
        "administrator": None,
    }
    assert set(SCOPES) == set(Role)


def test_a_desk_sees_every_case_that_waits_for_it() -> None:
    """A case is submitted before a governorate's turn and confirmed before the Organization's or the Minister's."""
    reached = {State.SUBMITTED: {Since.OPENED, Since.SUBMITTED}}
    later = {Since.OPENED, Since.SUBMITTED, Since.CONFIRMED}
    for state in set(State) - FINAL:
        office = WAITS_FOR[state]
        assert office is not None
        scope = SCOPES[office]
        assert scope is not None
        edited = state in (State.DRAFT, State.RETURNED)
        assert scope.since in ({Since.OPENED} if edited else reached.get(state, later))
        assert (scope.place is Place.TOWN) == (office is Role.MUNICIPALITY)
