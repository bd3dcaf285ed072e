"""People, what proves them, and where they are signed in."""

from piccolo.columns import (
    UUID,
    Array,
    BigInt,
    Bytea,
    Integer,
    SmallInt,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.constraints import Check
from piccolo.table import Table

from portal.tables.columns import belongs_to
from portal.tables.places import Municipality, Province

_PLACED = "(role = 'municipality') = (municipality IS NOT NULL) AND (role = 'governorate') = (province IS NOT NULL)"


class Person(Table, tablename="people"):
    """An account: one person, one role, one place. Never deleted; `ended_at` closes it."""

    id = UUID(primary_key=True)
    username = Varchar(length=64, unique=True, null=False)
    full_name = Varchar(length=120, null=False)
    title = Varchar(length=120, null=False)
    role = Varchar(length=20, null=False)
    municipality = belongs_to(Municipality, null=True, default=None, index=True)
    province = belongs_to(Province, null=True, default=None, index=True)
    password_hash = Text(null=True, default=None, secret=True)
    created_at = Timestamptz(null=False)
    ended_at = Timestamptz(null=True, default=None)

    placed = Check(_PLACED, name="people_placed")


class SecondFactor(Table, tablename="second_factors"):
    """A TOTP secret, encrypted under PORTAL_SECRET_KEY. One at a time is in force for a person."""

    id = UUID(primary_key=True)
    person = belongs_to(Person, null=False, index=True)
    kind = Varchar(length=10, null=False, default="totp")
    secret = Bytea(null=False, secret=True)
    last_step = BigInt(null=False, default=0, help_text="last accepted RFC 6238 time step")
    replayed_step = BigInt(null=False, default=0, help_text="last spent time step that was presented again")
    burnt = Array(base_column=BigInt(), default=[], help_text="steps typed too early or too late, never accepted")
    drift = Integer(null=True, default=None, help_text="steps that the last code was away, if it was a right one")
    drift_step = BigInt(null=False, default=0)
    failures = Integer(null=False, default=0, help_text="in a row, from wherever")
    paused_until = Timestamptz(null=True, default=None, help_text="unused: pauses are kept by LoginBudget")
    rested_at = Timestamptz(null=True, default=None, help_text="since when it is of no use until it is restored")
    created_at = Timestamptz(null=False)
    session = UUID(null=True, default=None, help_text="that drew it: no other is shown the secret, or enrols it")
    enrolled_at = Timestamptz(null=True, default=None)
    ended_at = Timestamptz(null=True, default=None)


class Session(Table, tablename="sessions"):
    """A login. `proved_at` is empty until the second step; only the token's digest is kept."""

    id = UUID(primary_key=True)
    token = Bytea(null=False, unique=True, secret=True, help_text="SHA-256 of the cookie's value")
    person = belongs_to(Person, null=False, index=True)
    created_at = Timestamptz(null=False)
    proved_at = Timestamptz(null=True, default=None)
    means = Varchar(length=10, null=False, default="totp", help_text="totp | passkey | recovery")
    factor = UUID(null=True, default=None, help_text="that proved it, or made the recovery code; empty before 0.3.0")
    seen_at = Timestamptz(null=False)
    expires_at = Timestamptz(null=False)
    ended_at = Timestamptz(null=True, default=None)
    address = Varchar(length=64, null=False, default="")
    agent = Varchar(length=200, null=False, default="")


class Invitation(Table, tablename="invitations"):
    """A one-time link, shown once to whoever made it; only its digest is kept."""

    id = UUID(primary_key=True)
    token = Bytea(null=False, unique=True, secret=True)
    person = belongs_to(Person, null=False, index=True)
    purpose = Varchar(length=12, null=False, help_text="invitation | reset")
    made_by = belongs_to(Person, null=True, default=None)
    made_at = Timestamptz(null=False)
    expires_at = Timestamptz(null=False)
    used_at = Timestamptz(null=True, default=None)


class LoginBudget(Table, tablename="login_budgets"):
    """Failed passwords and codes by person and address, or by person and device; a pause, never a lock."""

    key = Varchar(length=160, primary_key=True, null=False)
    failures = SmallInt(null=False, default=0)
    paused_until = Timestamptz(null=True, default=None)
    seen_at = Timestamptz(null=False)


__all__ = ["Invitation", "LoginBudget", "Person", "SecondFactor", "Session"]
