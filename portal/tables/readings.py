"""The access log: who read what. Apart from the journal; rows only come in."""

from piccolo.columns import UUID, BigSerial, Timestamptz, Varchar
from piccolo.table import Table


class Reading(Table, tablename="readings"):
    """A document, letter or package that somebody opened or downloaded, and who they were then."""

    id = BigSerial(primary_key=True)
    at = Timestamptz(null=False)
    person = UUID(null=False, index=True)
    username = Varchar(length=64, null=False)
    full_name = Varchar(length=120, null=False)
    title = Varchar(length=120, null=False)
    place = Varchar(length=120, null=False, default="")
    role = Varchar(length=20, null=False)
    address = Varchar(length=64, null=False)
    what = Varchar(length=12, null=False, help_text="document | letter | package")
    how = Varchar(length=10, null=False, help_text="opened | downloaded")
    subject = Varchar(length=64, null=False, help_text="id of the document, else the case's number")
    name = Varchar(length=255, null=False, default="", help_text="what it was called then")
    number = Varchar(length=12, null=False, help_text="of the case")
