"""Offices held, the two people behind them, and who has a case in hand."""

from piccolo.columns import UUID, BigSerial, Date, Text, Timestamptz, Varchar
from piccolo.constraints import Check
from piccolo.table import Table

from portal.tables.cases import Case
from portal.tables.columns import belongs_to
from portal.tables.people import Invitation, Person
from portal.tables.places import Municipality, Province

_PLACED = "(role = 'municipality') = (municipality IS NOT NULL) AND (role = 'governorate') = (province IS NOT NULL)"


class Mandate(Table, tablename="mandates"):
    """A person holds an office from one day to another. Without `confirmed_at` it waits for the second person."""

    id = UUID(primary_key=True)
    person = belongs_to(Person, null=False)
    kind = Varchar(length=10, null=False, help_text="regular | acting | deputy")
    title = Varchar(length=120, null=False)
    role = Varchar(length=20, null=False)
    municipality = belongs_to(Municipality, null=True, default=None)
    province = belongs_to(Province, null=True, default=None)
    starts_on = Date(null=False, default=None, help_text="a day in Tehran, included")
    ends_on = Date(null=True, default=None, help_text="included; empty: until it is ended")
    granted_by = belongs_to(Person, null=True, default=None, help_text="empty: whoever holds the machine")
    granted_at = Timestamptz(null=False)
    confirmed_by = belongs_to(Person, null=True, default=None)
    confirmed_at = Timestamptz(null=True, default=None)
    ended_by = belongs_to(Person, null=True, default=None)
    ended_at = Timestamptz(null=True, default=None, help_text="before its last day, or not confirmed at all")

    placed = Check(_PLACED, name="mandates_placed")
    ordered = Check("ends_on IS NULL OR ends_on >= starts_on", name="mandates_ordered")
    bounded = Check("kind = 'regular' OR ends_on IS NOT NULL", name="mandates_bounded")


class FactorConfirmation(Table, tablename="factor_confirmations"):
    """A second person has heard from its owner that the factor has this fingerprint, and spoke for one office.

    It signs under the mandates to which that office agrees, and under no other.
    """

    id = UUID(primary_key=True)
    factor = UUID(null=False, default=None)
    person = belongs_to(Person, null=False, index=True)
    fingerprint = Varchar(length=64, null=False, help_text="hex SHA-256")
    approver = Varchar(length=20, null=False, help_text="the role for which the second person spoke")
    province = belongs_to(Province, null=True, default=None, help_text="of a governorate")
    by = belongs_to(Person, null=True, default=None, help_text="empty: the machine's holder, or a factor before it")
    at = Timestamptz(null=False)
    ended_at = Timestamptz(null=True, default=None)


class Restoration(Table, tablename="restorations"):
    """A lost device: begun by one person, confirmed by another, objected to by its owner, used by a one-time link."""

    id = UUID(primary_key=True)
    person = belongs_to(Person, null=False, index=True)
    invitation = belongs_to(Invitation, null=False)
    reason = Text(null=False)
    begun_by = belongs_to(Person, null=True, default=None, help_text="empty: whoever holds the machine")
    begun_at = Timestamptz(null=False)
    confirmed_by = belongs_to(Person, null=True, default=None)
    confirmed_at = Timestamptz(null=True, default=None)
    opens_at = Timestamptz(null=True, default=None, help_text="until then its owner can object")
    ended_at = Timestamptz(null=True, default=None)
    outcome = Varchar(length=10, null=True, default=None, help_text="used | declined | objected | withdrawn")


class Assignment(Table, tablename="assignments"):
    """Who of an office has a case in hand while it lies there. It informs; it never blocks."""

    id = BigSerial(primary_key=True)
    case = belongs_to(Case, null=False, index=True)
    desk = Varchar(length=12, null=False)
    person = belongs_to(Person, null=False)
    since = Timestamptz(null=False)
    ended_at = Timestamptz(null=True, default=None)


__all__ = ["Assignment", "FactorConfirmation", "Mandate", "Restoration"]
