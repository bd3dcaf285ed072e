"""The append-only journal: leaves, the tree over them, and which checkpoints were put outside the portal.

The application may read and add; the database refuses UPDATE, DELETE and TRUNCATE to everybody.
"""

from piccolo.columns import Array, BigInt, BigSerial, Bytea, SmallInt, Text, Timestamptz, Varchar
from piccolo.table import Table


class Event(Table, tablename="events"):
    """A leaf. `statement` is the canonical JSON (RFC 8785), byte for byte; the columns only help to find it."""

    position = BigInt(primary_key=True, null=False, help_text="leaf index, from 0, without gaps")
    kind = Varchar(length=40, null=False)
    subject_type = Varchar(length=12, null=False, help_text="case | ruleset | account | municipality | sitting")
    subject = Varchar(length=64, null=False)
    person = Varchar(length=36, null=True, default=None)
    at = Timestamptz(null=False)
    nonce = Varchar(length=64, unique=True, null=False)
    statement = Text(null=False)
    leaf = Bytea(null=False, help_text="RFC 9162 leaf hash of the statement's bytes")


class JournalHead(Table, tablename="journal_head"):
    """What version 0.1 kept of the journal's size. The journal is its own head since; migrations still name the row."""

    id = SmallInt(primary_key=True, null=False)
    size = BigInt(null=False, default=0)
    peaks = Array(base_column=Bytea(), null=False, default=[])


class JournalNode(Table, tablename="journal_nodes"):
    """Roots of complete subtrees above the leaves: 2^level leaves from index·2^level on."""

    id = BigInt(primary_key=True, null=False, help_text="level << 56 | index")
    hash = Bytea(null=False)


class SigningBegins(Table, tablename="journal_signing_begins"):
    """The position from which on every record is signed: one row, stated by the migration that brought signatures."""

    id = SmallInt(primary_key=True, null=False)
    position = BigInt(null=False, default=0)


class PublishedCheckpoint(Table, tablename="published_checkpoints"):
    """A checkpoint that was put outside the portal. Rows only come in, as in the journal itself."""

    id = BigSerial(primary_key=True)
    size = BigInt(null=False, index=True)
    root = Bytea(null=False)
    note = Text(null=False, help_text="the signed note, as it was put there")
    token = Bytea(null=True, default=None, help_text="RFC 3161 time-stamp over the note")
    target = Varchar(length=300, null=False, help_text="folder, bucket or address, without secrets")
    at = Timestamptz(null=False)
