"""The append-only journal: leaves, the tree over them, and its head. The database refuses UPDATE and DELETE."""

from piccolo.columns import Array, BigInt, Bytea, SmallInt, Text, Timestamptz, Varchar
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
    """The one row that is locked to append: how many leaves, and the peaks over them."""

    id = SmallInt(primary_key=True, null=False)
    size = BigInt(null=False, default=0)
    peaks = Array(base_column=Bytea(), null=False, default=[])


class JournalNode(Table, tablename="journal_nodes"):
    """Roots of complete subtrees above the leaves: 2^level leaves from index·2^level on."""

    id = BigInt(primary_key=True, null=False, help_text="level << 56 | index")
    hash = Bytea(null=False)
