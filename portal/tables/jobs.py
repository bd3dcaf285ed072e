"""Work that returns: which node has each job now, and how it went last."""

from piccolo.columns import Text, Timestamptz, Varchar
from piccolo.table import Table


class PeriodicJob(Table, tablename="periodic_jobs"):
    """One job of `services.operations.jobs`, taken by whoever writes `begun_at`; the instants are the database's."""

    name = Varchar(length=40, primary_key=True)
    begun_at = Timestamptz(null=False)
    until = Timestamptz(null=False, help_text="nobody else begins it before; its end, once it has ended")
    failure = Text(null=True, default=None, help_text="what went wrong the last time")
