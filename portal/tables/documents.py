"""Documents: a row always has its bytes in the store, and no row is ever changed but to end it."""

from piccolo.columns import UUID, Array, BigInt, Boolean, Integer, SmallInt, Timestamptz, Varchar
from piccolo.constraints import Check
from piccolo.table import Table

from portal.tables.cases import Case
from portal.tables.columns import belongs_to
from portal.tables.people import Person


class Document(Table, tablename="documents"):
    """One version of one document. A replacement is a new row that names the one it replaces."""

    id = UUID(primary_key=True)
    case = belongs_to(Case, null=False, index=True)
    kind = Varchar(length=14, null=False)
    year = SmallInt(null=True, default=None, help_text="settled budgets alone")
    version = SmallInt(null=False, default=1)
    replaces = UUID(null=True, default=None)
    filename = Varchar(length=255, null=False)
    media_type = Varchar(length=40, null=False)
    size = BigInt(null=False, help_text="bytes")
    pages = Integer(null=False)
    mended = Array(
        base_column=Varchar(length=20), default=list, help_text="what was mended to open it: words of the cage"
    )
    sha256 = Varchar(length=64, null=False)
    agreed = Boolean(null=False, default=False, help_text="the sender had computed the same sha256")
    key = Varchar(length=200, unique=True, null=False)
    uploaded_at = Timestamptz(null=False)
    uploaded_by = belongs_to(Person, null=False)
    ended_at = Timestamptz(null=True, default=None)
    ended_as = Varchar(length=10, null=True, default=None, help_text="replaced | withdrawn")

    year_of_settlement = Check("(kind = 'settlement') = (year IS NOT NULL)", name="documents_year")
    has_bytes = Check("size > 0 AND pages > 0 AND length(sha256) = 64", name="documents_bytes")
