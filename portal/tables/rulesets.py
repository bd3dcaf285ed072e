"""Rule sets as they were published: text, digest, dates. A published version is never edited."""

from piccolo.columns import Boolean, Date, SmallInt, Text, Timestamptz, Varchar
from piccolo.table import Table


class RuleSetVersion(Table, tablename="rulesets"):
    digest = Varchar(length=64, primary_key=True, null=False)
    name = Varchar(length=80, null=False, help_text="the `id` inside the rule set")
    title_fa = Varchar(length=200, null=False)
    title_en = Varchar(length=200, null=False)
    official = Boolean(null=False, default=False)
    effective_from = Date(null=False)
    waiting_years = SmallInt(null=False)
    source = Text(null=False, help_text="TOML")
    published_at = Timestamptz(null=True, default=None)
