"""Waiting periods that the Organization lifted, each with its reason."""

from piccolo.columns import BigInt, BigSerial, Date, Text, Timestamptz
from piccolo.table import Table

from portal.tables.columns import belongs_to
from portal.tables.people import Person
from portal.tables.places import Municipality


class EligibilityLift(Table, tablename="eligibility_lifts"):
    """Frees a town of the waiting that had begun by then; a later notification starts another one."""

    id = BigSerial(primary_key=True)
    municipality = belongs_to(Municipality, null=False, index=True)
    notified_on = Date(null=True, default=None, help_text="the notification that the town waited since, if known")
    eligible_on = Date(null=True, default=None, help_text="the day that it waited for")
    reason = Text(null=False)
    by = belongs_to(Person, null=False)
    at = Timestamptz(null=False)
    event = BigInt(null=False)
