"""Uploads on their way: what of each is durable, who writes to it now, and how it ended."""

from piccolo.columns import (
    JSON,
    UUID,
    Array,
    BigInt,
    BigSerial,
    Boolean,
    Date,
    Integer,
    SmallInt,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.constraints import Check
from piccolo.table import Table

from portal.tables.cases import Case
from portal.tables.columns import belongs_to
from portal.tables.people import Person
from portal.tables.places import Municipality


class Upload(Table, tablename="uploads"):
    """One file on its way into a case; its id becomes the document's. Written by whoever holds `writer` alone."""

    id = UUID(primary_key=True)
    case = belongs_to(Case, null=False)
    kind = Varchar(length=14, null=False)
    year = SmallInt(null=True, default=None)
    replaces = UUID(null=True, default=None)
    filename = Varchar(length=255, null=False)
    metadata = Text(null=False, help_text="as the client sent it (tus: Upload-Metadata)")
    sha256 = Varchar(length=64, null=True, default=None, help_text="as the sender computed it")
    length = BigInt(null=False, help_text="bytes announced")
    received = BigInt(null=False, default=0, help_text="bytes acknowledged")
    part = BigInt(null=False, help_text="bytes of each whole part")
    key = Varchar(length=200, unique=True, null=False)
    parts = Text(null=True, default=None, help_text="the store's multipart id")
    tags = Array(base_column=Varchar(length=80), null=False, default=list, help_text="of the whole parts, in order")
    tail = Varchar(length=200, null=True, default=None, help_text="key of the bytes behind the last whole part")
    writer = UUID(null=True, default=None)
    writer_until = Timestamptz(null=True, default=None, help_text="by the database's own clock")
    is_being_checked = Boolean(null=False, default=False, help_text="whole, and its writer is looking at it")
    begun_at = Timestamptz(null=False)
    begun_by = belongs_to(Person, null=False)
    expires_at = Timestamptz(null=False)
    ended_at = Timestamptz(null=True, default=None)
    ended_as = Varchar(
        length=10, null=True, default=None, help_text="recorded | refused | terminated | expired | lost | closed"
    )
    refusal = JSON(null=True, default=None, help_text="codes and facts of what was refused")

    within = Check("length > 0 AND received BETWEEN 0 AND length", name="uploads_within")
    ended = Check("(ended_at IS NULL) = (ended_as IS NULL)", name="uploads_ended")
    whole = Check("received < length OR ended_as IS NOT NULL", name="uploads_whole")


class IntakeDay(Table, tablename="intake_days"):
    """What a municipality has sent on one day, of Tehran's calendar: files begun, bytes received or reserved."""

    id = BigSerial(primary_key=True)
    municipality = belongs_to(Municipality, null=False)
    day = Date(null=False)
    documents = Integer(null=False, default=0)
    size = BigInt(null=False, default=0, help_text="bytes")
