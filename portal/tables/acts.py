"""What was done on a case: a table for each act, and the sittings.

`event` is the act's position in the journal. Rows are final, but for which decision stands (`Decision.standing`) and
for the minutes of a sitting that is still to come.
"""

from piccolo.columns import (
    JSONB,
    UUID,
    Array,
    BigInt,
    BigSerial,
    Boolean,
    Date,
    Integer,
    Numeric,
    SmallInt,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.constraints import Check
from piccolo.table import Table

from portal.tables.cases import Case, Declared
from portal.tables.columns import belongs_to
from portal.tables.documents import Document
from portal.tables.people import Person
from portal.tables.rulesets import RuleSetVersion


class Attestation(Table, tablename="attestations"):
    """A verdict on one version of a document and on the declared values that it proves."""

    id = BigSerial(primary_key=True)
    case = belongs_to(Case, null=False, index=True)
    document = belongs_to(Document, null=False, index=True)
    declared = Varchar(length=64, null=False, help_text="SHA-256 of the canonical declared values")
    verdict = Varchar(length=12, null=False)
    reason_code = Varchar(length=20, null=True, default=None)
    reason = Text(null=True, default=None)
    unseen = Text(null=True, default=None, help_text="why it is authentic though no page of it was shown")
    by = belongs_to(Person, null=False)
    at = Timestamptz(null=False)
    event = BigInt(null=False)


class Confirmation(Table, tablename="confirmations"):
    id = BigSerial(primary_key=True)
    case = belongs_to(Case, null=False, index=True)
    letter_number = Varchar(length=60, null=False, index=True)
    letter_date = Date(null=False)
    by = belongs_to(Person, null=False)
    at = Timestamptz(null=False)
    event = BigInt(null=False)


class Return(Table, tablename="returns"):
    id = BigSerial(primary_key=True)
    case = belongs_to(Case, null=False, index=True)
    reason = Text(null=False)
    reopened = Array(base_column=Varchar(length=40), null=False)
    by = belongs_to(Person, null=False)
    at = Timestamptz(null=False)
    event = BigInt(null=False)


class Withdrawal(Table, tablename="withdrawals"):
    id = BigSerial(primary_key=True)
    case = belongs_to(Case, null=False, index=True)
    reason = Text(null=False)
    by = belongs_to(Person, null=False)
    at = Timestamptz(null=False)
    event = BigInt(null=False)


class Assessment(Table, tablename="assessments"):
    """A score under a named version of a rule set, with every step of its arithmetic."""

    id = BigSerial(primary_key=True)
    case = belongs_to(Case, null=False, index=True)
    declaration = belongs_to(Declared, null=False)
    ruleset = belongs_to(RuleSetVersion, null=False)
    total = Numeric(null=False)
    grade = Varchar(length=20, null=False)
    explanation = JSONB(null=False)
    note = Text(null=False, default="")
    by = belongs_to(Person, null=False)
    at = Timestamptz(null=False)
    event = BigInt(null=False)


class Sitting(Table, tablename="sittings"):
    """A meeting of the working group. Its agenda is the cases that name it."""

    id = UUID(primary_key=True)
    title = Varchar(length=160, null=False)
    held_on = Date(null=False, index=True)
    minutes = Text(null=False, default="")
    attendance = Text(null=False, default="")
    made_by = belongs_to(Person, null=False)
    made_at = Timestamptz(null=False)


class Decision(Table, tablename="decisions"):
    id = BigSerial(primary_key=True)
    case = belongs_to(Case, null=False, index=True)
    sitting = belongs_to(Sitting, null=False, index=True)
    assessment = belongs_to(Assessment, null=False)
    outcome = Varchar(length=10, null=False)
    grade = SmallInt(null=True, default=None)
    effective_on = Date(null=True, default=None)
    reason = Text(null=False, default="")
    refusal_code = Varchar(length=20, null=True, default=None)
    standing = Boolean(null=False, default=True, help_text="false once the Minister refused to sign it")
    by = belongs_to(Person, null=False)
    at = Timestamptz(null=False)
    event = BigInt(null=False)


class Refusal(Table, tablename="refusals"):
    """The Minister did not sign, and says why."""

    id = BigSerial(primary_key=True)
    case = belongs_to(Case, null=False, index=True)
    decision = belongs_to(Decision, null=False)
    reason = Text(null=False)
    by = belongs_to(Person, null=False)
    at = Timestamptz(null=False)
    event = BigInt(null=False)


class Notice(Table, tablename="notices"):
    """A signed decision and its letter, whose bytes are in the store.

    `key`, `size` and `sha256` are those of the letter as it was signed; what its seal adds are rows of `LetterSeal`.
    Letters of versions before 0.3 have no `year`, `serial`, `code` and `qr`.
    """

    id = BigSerial(primary_key=True)
    case = belongs_to(Case, null=False, unique=True)
    decision = belongs_to(Decision, null=False, unique=True)
    number = Varchar(length=20, unique=True, null=False)
    year = SmallInt(null=True, default=None, help_text="Jalali; numbers are gapless within it")
    serial = Integer(null=True, default=None)
    code = Varchar(length=20, unique=True, null=True, default=None, help_text="digits that open /verify/{code}")
    qr = Text(null=True, default=None, help_text="what its QR code says")
    pages = SmallInt(null=False, default=1)
    status = Varchar(length=12, null=False, default="in-force", help_text="in-force | superseded | withdrawn")
    superseded_by = BigInt(null=True, default=None, help_text="the notice that took its place")
    key = Varchar(length=200, unique=True, null=False)
    size = BigInt(null=False)
    sha256 = Varchar(length=64, null=False)
    by = belongs_to(Person, null=False)
    at = Timestamptz(null=False)
    event = BigInt(null=False)


class LetterNumber(Table, tablename="letter_numbers"):
    """The last number of each Jalali year. Whoever signs holds the row until their letter stands."""

    year = SmallInt(primary_key=True, null=False)
    last = Integer(null=False)


class LetterSeal(Table, tablename="letter_seals"):
    """A form of a letter that its seal, or a time stamp on it, has made: the earlier form and a revision behind it."""

    id = BigSerial(primary_key=True)
    notice = belongs_to(Notice, null=False, index=True)
    is_stamped = Boolean(null=False, help_text="a time stamp covers the whole")
    key = Varchar(length=200, unique=True, null=False)
    size = BigInt(null=False)
    sha256 = Varchar(length=64, unique=True, null=False)
    at = Timestamptz(null=False)
    event = BigInt(null=False)


class LetterScan(Table, tablename="letter_scans"):
    """The scan of a letter that was signed by hand. Of several the last one counts."""

    id = UUID(primary_key=True)
    case = belongs_to(Case, null=False, index=True)
    notice = belongs_to(Notice, null=False, index=True)
    letter_number = Varchar(length=60, null=False)
    letter_date = Date(null=False)
    filename = Varchar(length=255, null=False)
    media_type = Varchar(length=40, null=False)
    size = BigInt(null=False)
    pages = Integer(null=False)
    sha256 = Varchar(length=64, null=False)
    key = Varchar(length=200, unique=True, null=False)
    by = belongs_to(Person, null=False)
    at = Timestamptz(null=False)
    event = BigInt(null=False)

    has_bytes = Check("size > 0 AND pages > 0 AND length(sha256) = 64", name="letter_scans_bytes")
