"""What the cage drew and read of documents: a cache whose bytes lie in the store and whose digests stand here.

And what of it was shown to whom: a record, no cache.
"""

from piccolo.columns import BigInt, BigSerial, Boolean, Integer, SmallInt, Timestamptz, Varchar
from piccolo.constraints import Check
from piccolo.table import Table

from portal.tables.columns import belongs_to
from portal.tables.documents import Document
from portal.tables.people import Person


class PageImage(Table, tablename="page_images"):
    """A page as one renderer drew it, once for each width; or why it could not be drawn."""

    id = BigSerial(primary_key=True)
    document = belongs_to(Document, null=False)
    page = Integer(null=False)
    width = SmallInt(null=False, help_text="pixels that were asked for")
    renderer = Varchar(length=80, null=False)
    key = Varchar(length=200, null=True, default=None)
    size = BigInt(null=True, default=None, help_text="bytes")
    sha256 = Varchar(length=64, null=True, default=None)
    across = SmallInt(null=True, default=None, help_text="pixels")
    down = SmallInt(null=True, default=None, help_text="pixels")
    fault = Varchar(length=20, null=True, default=None)
    drawn_at = Timestamptz(null=False)

    drawn_or_faulty = Check("(fault IS NULL) = (key IS NOT NULL AND sha256 IS NOT NULL)", name="page_images_drawn")


class PageNote(Table, tablename="page_notes"):
    """What the picture of a page does not show as the file has it, as one renderer found it."""

    id = BigSerial(primary_key=True)
    document = belongs_to(Document, null=False)
    page = Integer(null=False)
    renderer = Varchar(length=80, null=False)
    undrawn = Integer(null=False, default=0, help_text="notes and fields")
    is_replaced = Boolean(null=False, default=False, help_text="letters in another font than the file's")
    is_lacking = Boolean(null=False, default=False, help_text="letters in none")
    noted_at = Timestamptz(null=False)


class PageView(Table, tablename="page_views"):
    """A picture that was shown to a person, once for each; rows only come in."""

    id = BigSerial(primary_key=True)
    person = belongs_to(Person, null=False)
    document = belongs_to(Document, null=False)
    page = Integer(null=False)
    image = belongs_to(PageImage, null=False)
    at = Timestamptz(null=False, help_text="the first time")


class PageText(Table, tablename="page_texts"):
    """The text layers of a document's pages, in one object; `pages` says how many were read."""

    id = BigSerial(primary_key=True)
    document = belongs_to(Document, null=False)
    renderer = Varchar(length=80, null=False)
    key = Varchar(length=200, null=True, default=None, help_text="none where no page carries text")
    sha256 = Varchar(length=64, null=True, default=None)
    pages = Integer(null=False)
    has_text = Boolean(null=False, default=False)
    read_at = Timestamptz(null=False)
