"""What is about to be signed, while its maker looks for the code."""

from piccolo.columns import UUID, Bytea, Timestamptz, Varchar
from piccolo.table import Table

from portal.tables.columns import belongs_to
from portal.tables.people import Person


class Review(Table, tablename="reviews"):
    """What was typed and what will be signed, sealed for its maker alone. Its id is the nonce of the intent."""

    id = UUID(primary_key=True)
    person = belongs_to(Person, null=False, index=True)
    page = Varchar(length=300, null=False, help_text="the path of the page whose form it fills; none is blank")
    kept = Bytea(null=False, secret=True)
    expires_at = Timestamptz(null=False, index=True)


__all__ = ["Review"]
