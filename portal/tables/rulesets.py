"""Rule sets, drafted and published: text, digest, dates. The database refuses to change a published version."""

from piccolo.columns import BigInt, Boolean, Date, SmallInt, Text, Timestamptz, Varchar
from piccolo.table import Table

from portal.tables.columns import belongs_to
from portal.tables.people import Person


class RuleSetVersion(Table, tablename="rulesets"):
    """A draft until `published_at`; its digest is what it says, so an edit is another draft."""

    digest = Varchar(length=64, primary_key=True, null=False)
    name = Varchar(length=80, null=False, help_text="the `id` inside the rule set")
    title_fa = Varchar(length=200, null=False)
    title_en = Varchar(length=200, null=False)
    official = Boolean(null=False, default=False)
    effective_from = Date(null=False)
    waiting_years = SmallInt(null=False)
    source = Text(null=False, help_text="TOML")
    published_at = Timestamptz(null=True, default=None)
    published_by = belongs_to(Person, null=True, default=None)
    event = BigInt(null=True, default=None, help_text="of the publication")
    drafted_at = Timestamptz(null=True, default=None)
    drafted_by = belongs_to(Person, null=True, default=None)
