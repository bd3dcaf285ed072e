"""Cases, their declarations and their submissions."""

from typing import Any

from piccolo.columns import (
    UUID,
    Array,
    BigInt,
    BigSerial,
    Date,
    Integer,
    SmallInt,
    Timestamptz,
    Varchar,
)
from piccolo.constraints import Check
from piccolo.custom_types import Combinable
from piccolo.table import Table

from portal.domain.jurisdiction import SCOPES, Place, Since
from portal.domain.lifecycle import WAITS_FOR, Role
from portal.tables.columns import belongs_to
from portal.tables.people import Person
from portal.tables.places import Municipality, Province

_DESK = " OR ".join(
    f"(state = '{state}' AND desk {'IS NULL' if role is None else f'= {role.value!r}'})"
    for state, role in WAITS_FOR.items()
)


class Case(Table, tablename="cases"):
    """One request of one municipality. `state` has one writer: `services.cases.cases.move`."""

    id = BigSerial(primary_key=True)
    number = Varchar(length=12, unique=True, null=False)
    municipality = belongs_to(Municipality, null=False)
    province = belongs_to(Province, null=False)
    state = Varchar(length=12, null=False)
    desk = Varchar(length=12, null=True, default=None, help_text="the office it waits for")
    since = Timestamptz(null=False, help_text="in this state since")
    opened_at = Timestamptz(null=False)
    opened_by = belongs_to(Person, null=False)
    submitted_at = Timestamptz(null=True, default=None, help_text="first submission")
    confirmed_at = Timestamptz(null=True, default=None, help_text="first confirmation")
    archived_at = Timestamptz(null=True, default=None, help_text="notified, or withdrawn after submission")
    current_grade = SmallInt(null=True, default=None, help_text="as declared; 0: never had one")
    requested_grade = SmallInt(null=True, default=None)
    decided_grade = SmallInt(null=True, default=None)
    outcome = Varchar(length=10, null=True, default=None)
    declaration = BigInt(null=True, default=None, help_text="the one being edited")
    submission = BigInt(null=True, default=None, help_text="the last one")
    sitting = UUID(null=True, default=None, help_text="on whose agenda it is")
    reopened = Array(base_column=Varchar(length=40), null=True, default=None, help_text="what a return reopened")
    follows = Varchar(length=12, null=True, default=None)

    desk_of_state = Check(_DESK, name="cases_desk_of_state")

    @classmethod
    def visible_to(cls, person: Any) -> Combinable | None:
        """The cases within the scope of `person` (role, municipality, province); None: none at all."""
        scope = SCOPES[Role(person.role)]
        if scope is None:
            return None
        since: dict[Since, Combinable] = {
            Since.OPENED: cls.opened_at.is_not_null(),
            Since.SUBMITTED: cls.submitted_at.is_not_null(),
            Since.CONFIRMED: cls.confirmed_at.is_not_null(),
            Since.ARCHIVED: cls.archived_at.is_not_null(),
        }
        match scope.place:
            case Place.TOWN:
                mine: Combinable = cls.municipality == person.municipality
                return mine & since[scope.since]
            case Place.PROVINCE:
                ours: Combinable = cls.province == person.province
                return ours & since[scope.since]
            case Place.COUNTRY:
                return since[scope.since]


class CaseNumber(Table, tablename="case_numbers"):
    """The last serial of each Solar Hijri year."""

    year = Integer(primary_key=True, null=False)
    last = Integer(null=False, default=0)


class Declared(Table, tablename="declarations"):
    """A version of the declaration; edited while a draft, fixed by a submission (`fixed_at`)."""

    id = BigSerial(primary_key=True)
    case = belongs_to(Case, null=False, index=True)
    current_grade = SmallInt(null=True, default=None)
    current_grade_notified_on = Date(null=True, default=None)
    requested_grade = SmallInt(null=True, default=None)
    census_year = SmallInt(null=True, default=None)
    population = Integer(null=True, default=None)
    division = Varchar(length=12, null=True, default=None)
    settled_year_1 = SmallInt(null=True, default=None)
    settled_year_2 = SmallInt(null=True, default=None)
    settled_year_3 = SmallInt(null=True, default=None)
    settled_amount_1 = BigInt(null=True, default=None, help_text="rials")
    settled_amount_2 = BigInt(null=True, default=None, help_text="rials")
    settled_amount_3 = BigInt(null=True, default=None, help_text="rials")
    saved_at = Timestamptz(null=False)
    saved_by = belongs_to(Person, null=False)
    fixed_at = Timestamptz(null=True, default=None)

    grades = Check(
        "coalesce(current_grade, 0) BETWEEN 0 AND 12 AND coalesce(requested_grade, 1) BETWEEN 1 AND 12",
        name="declarations_grades",
    )
    amounts = Check(
        "coalesce(population, 0) >= 0 AND coalesce(settled_amount_1, 0) >= 0"
        " AND coalesce(settled_amount_2, 0) >= 0 AND coalesce(settled_amount_3, 0) >= 0",
        name="declarations_amounts",
    )


class Submission(Table, tablename="submissions"):
    """What was sent, exactly: offices see the last one until the next."""

    id = BigSerial(primary_key=True)
    case = belongs_to(Case, null=False, index=True)
    ordinal = SmallInt(null=False)
    declaration = belongs_to(Declared, null=False)
    documents = Array(base_column=UUID(), null=False)
    by = belongs_to(Person, null=False)
    at = Timestamptz(null=False)
