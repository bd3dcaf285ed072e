"""What proves a person beside the authenticator app, what they are warned of, and what they had typed."""

from piccolo.columns import UUID, BigInt, Boolean, Bytea, Integer, Timestamptz, Varchar
from piccolo.table import Table

from portal.tables.columns import belongs_to
from portal.tables.people import Person


class Passkey(Table, tablename="passkeys"):
    """A WebAuthn credential. Its private key never leaves the person's device."""

    id = UUID(primary_key=True)
    person = belongs_to(Person, null=False, index=True)
    credential = Bytea(null=False, unique=True, help_text="the credential's id, as the device gave it")
    public_key = Bytea(null=False, help_text="SubjectPublicKeyInfo, DER")
    sign_count = BigInt(null=False, default=0, help_text="0 for a device that does not count")
    name = Varchar(length=60, null=False)
    is_synced = Boolean(null=False, default=False, help_text="the device may copy it to the person's others")
    enrolled_at = Timestamptz(null=False)
    used_at = Timestamptz(null=True, default=None)
    ended_at = Timestamptz(null=True, default=None)


class RecoveryCode(Table, tablename="recovery_codes"):
    """One of ten: of 120 random bits, so that its digest tells nothing (SP 800-63B-4 §3.1.2.2)."""

    id = UUID(primary_key=True)
    person = belongs_to(Person, null=False, index=True)
    digest = Bytea(null=False, unique=True, secret=True)
    factor = UUID(null=True, default=None, help_text="whose proof it was issued under; empty before 0.3.0")
    issued_at = Timestamptz(null=False)
    used_at = Timestamptz(null=True, default=None)
    ended_at = Timestamptz(null=True, default=None)


class SpentChallenge(Table, tablename="spent_challenges"):
    """A challenge that a passkey has answered: it is never answered again."""

    challenge = Bytea(primary_key=True, null=False)
    at = Timestamptz(null=False, index=True)


class Caution(Table, tablename="cautions"):
    """What the owner of an account is told on every page until they put it away."""

    id = UUID(primary_key=True)
    person = belongs_to(Person, null=False)
    kind = Varchar(length=20, null=False)
    times = Integer(null=False, default=1)
    at = Timestamptz(null=False, help_text="the last time")
    dismissed_at = Timestamptz(null=True, default=None)


class KeptForm(Table, tablename="kept_forms"):
    """What was typed into a form whose session had ended: sealed, for its person alone, and not for long."""

    id = UUID(primary_key=True)
    person = belongs_to(Person, null=False, index=True)
    path = Varchar(length=300, null=False, help_text="of the page on which the form stands")
    typed = Bytea(null=False, secret=True)
    kept_at = Timestamptz(null=False, index=True)


__all__ = ["Caution", "KeptForm", "Passkey", "RecoveryCode", "SpentChallenge"]
