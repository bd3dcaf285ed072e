"""What the journal holds: events, and the canonical statement of each.

A statement has two layers (DESIGN §1). The *intent* is what a person is shown and what the proof is bound to:
the act, its meaning in words, the subject, the states, every item with its digest, the declared and the typed
values, the signer, a single-use nonce and an expiry. The *record* wraps the intent's digest with the instant,
the factor, the journal's position and the root before it, and is signed by the journal's key. All of it is canonical
JSON (RFC 8785), so that anyone gets the same bytes.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any

import rfc8785

from portal.domain.lifecycle import Act, State

SCHEMA = "daraje/statement/1"


class EventKind(StrEnum):
    """Events, named in the past tense."""

    CASE_OPENED = "CaseOpened"
    DECLARATION_SAVED = "DeclarationSaved"
    DOCUMENT_ADDED = "DocumentAdded"
    DOCUMENT_WITHDRAWN = "DocumentWithdrawn"
    DOCUMENT_REFUSED = "DocumentRefused"
    CASE_SUBMITTED = "CaseSubmitted"
    CASE_WITHDRAWN = "CaseWithdrawn"
    ATTESTATION_GIVEN = "AttestationGiven"
    CASE_CONFIRMED = "CaseConfirmed"
    CASE_RETURNED = "CaseReturned"
    CASE_ASSESSED = "CaseAssessed"
    SITTING_CALLED = "SittingCalled"
    SITTING_MINUTED = "SittingMinuted"
    CASE_TABLED = "CaseTabled"
    DECISION_TAKEN = "DecisionTaken"
    DECISION_SIGNED = "DecisionSigned"
    SIGNATURE_REFUSED = "SignatureRefused"
    LETTER_SEALED = "LetterSealed"
    LETTER_SCANNED = "LetterScanned"
    ACCOUNT_OPENED = "AccountOpened"
    ACCOUNT_ENDED = "AccountEnded"
    PASSWORD_SET = "PasswordSet"  # noqa: S105
    PASSWORD_REHASHED = "PasswordRehashed"  # noqa: S105
    FACTOR_ENROLLED = "FactorEnrolled"
    FACTOR_ENDED = "FactorEnded"
    CODE_REPLAYED = "CodeReplayed"
    CODES_FAILED = "CodesFailed"
    FACTOR_RESTED = "FactorRested"
    FACTOR_RESTORED = "FactorRestored"
    PASSKEY_DOUBTED = "PasskeyDoubted"
    RECOVERY_CODES_ISSUED = "RecoveryCodesIssued"
    RECOVERY_CODE_USED = "RecoveryCodeUsed"
    RULESET_DRAFTED = "RuleSetDrafted"
    RULESET_PUBLISHED = "RuleSetPublished"
    JOURNAL_KEY_INTRODUCED = "JournalKeyIntroduced"
    JOURNAL_KEY_ROTATED = "JournalKeyRotated"
    JOURNAL_KEY_REVOKED = "JournalKeyRevoked"
    SIGNING_BEGUN = "SigningBegun"
    CASE_TAKEN = "CaseTakenInHand"
    LINK_MADE = "LinkMade"
    MANDATE_GRANTED = "MandateGranted"
    MANDATE_CONFIRMED = "MandateConfirmed"
    MANDATE_ENDED = "MandateEnded"
    FACTOR_CONFIRMED = "FactorConfirmed"
    RESTORATION_BEGUN = "RestorationBegun"
    RESTORATION_CONFIRMED = "RestorationConfirmed"
    RESTORATION_OBJECTED = "RestorationObjected"
    APPROVAL_DECLINED = "ApprovalDeclined"
    SESSIONS_ENDED = "SessionsEnded"
    WAITING_LIFTED = "WaitingPeriodLifted"
    CENSUS_LOADED = "CensusLoaded"


class OfficeAct(StrEnum):
    """What a person signs about something other than a case; the word is the last segment of its address."""

    PUBLICATION = "publication"
    ELIGIBILITY = "eligibility"
    OPENING = "opening"
    INVITATION = "invitation"
    RESET = "reset"
    RESTORATION = "restoration"
    MANDATE = "mandate"
    MANDATE_END = "mandate-end"
    CLOSING = "closing"
    ENROLMENT_APPROVAL = "enrolment-approval"
    MANDATE_APPROVAL = "mandate-approval"
    RESTORATION_APPROVAL = "restoration-approval"
    DECLINE = "decline"


MEANINGS: Mapping[str, str] = MappingProxyType(
    {
        Act.DECLARATION: "مندرجات اظهارنامهٔ شهرداری را ثبت کردم.",
        Act.DOCUMENT: "این مدرک را به پرونده افزودم.",
        Act.DOCUMENT_WITHDRAWAL: "این مدرک را از پرونده حذف کردم.",
        Act.SUBMISSION: "صحت این اظهارنامه و مدارک را اعلام و پرونده را به استانداری ارسال می‌کنم.",
        Act.WITHDRAWAL: "انصراف شهرداری از این درخواست را اعلام می‌کنم.",
        Act.ATTESTATION: "دربارهٔ اصالت هر یک از این مدارک و مطابقت آن با اظهارنامه چنین گواهی می‌دهم.",
        Act.CONFIRMATION: "اصالت همهٔ مدارک این پرونده را تأیید و آن را برای ارزیابی به سازمان ارسال می‌کنم.",
        Act.RETURN: "پرونده را برای اصلاح به شهرداری بازمی‌گردانم.",
        Act.ASSESSMENT: "امتیاز این پرونده را با این نسخه از جدول امتیاز محاسبه کردم.",
        Act.AGENDA: "پرونده را در دستور این جلسه قرار دادم.",
        Act.DECISION: "تصمیم کارگروه دربارهٔ این پرونده را به شرح زیر ثبت می‌کنم.",
        Act.SIGNATURE: "نامهٔ این تصمیم را به همان متنی که در پیش‌نویس نشان داده شد امضا و ابلاغ می‌کنم؛ تنها شماره، "
        "تاریخ، رمزینه، کد استعلام و مهر پس از امضا افزوده می‌شود.",
        Act.REFUSAL: "این تصمیم را امضا نمی‌کنم و پرونده را به سازمان بازمی‌گردانم.",
        OfficeAct.PUBLICATION: "این جدول امتیاز را منتشر می‌کنم.",
        OfficeAct.ELIGIBILITY: "این شهرداری را به دلیل زیر از دورهٔ انتظار معاف می‌کنم.",
        OfficeAct.OPENING: "این حساب را با این حکم ایجاد و دارندهٔ آن را دعوت می‌کنم.",
        OfficeAct.INVITATION: "دارندهٔ این حساب را دوباره دعوت می‌کنم.",
        OfficeAct.RESET: "اجازه می‌دهم دارندهٔ این حساب گذرواژهٔ جدیدی تعیین کند.",
        OfficeAct.RESTORATION: "دستگاه این شخص به دلیل زیر از دست رفته است؛ بازیابی دسترسی او را درخواست می‌کنم.",
        OfficeAct.MANDATE: "این حکم را به نام دارندهٔ این حساب پیشنهاد می‌کنم.",
        OfficeAct.MANDATE_END: "این حکم را خاتمه می‌دهم.",
        OfficeAct.CLOSING: "این حساب را می‌بندم.",
        OfficeAct.ENROLMENT_APPROVAL: "کد شناسایی رمزساز را از دارندهٔ حساب شنیدم و یکی بود؛ او را در این سمت می‌شناسم.",
        OfficeAct.MANDATE_APPROVAL: "این حکم را تأیید می‌کنم.",
        OfficeAct.RESTORATION_APPROVAL: "بازیابی دسترسی دارندهٔ این حساب را تأیید می‌کنم.",
        OfficeAct.DECLINE: "این درخواست را به دلیل زیر تأیید نمی‌کنم.",
        EventKind.CASE_OPENED: "پرونده را تشکیل دادم.",
        EventKind.CASE_TAKEN: "رسیدگی به این پرونده را بر عهده گرفتم.",
        EventKind.DOCUMENT_REFUSED: "سامانه این فایل را نپذیرفت و آن را نگهداری نکرد.",
        EventKind.LETTER_SEALED: "سامانه این نامه را با مهر الکترونیکی مهر کرد.",
        EventKind.LETTER_SCANNED: "تصویر نامهٔ امضاشده را با شماره و تاریخ آن به پرونده پیوست کردم.",
        EventKind.RULESET_DRAFTED: "این پیش‌نویس جدول امتیاز را بارگذاری کردم.",
        EventKind.CENSUS_LOADED: "این ارقام در فهرست شهرداری‌ها بارگذاری شد.",
        EventKind.JOURNAL_KEY_INTRODUCED: "این کلید نقطه‌های بررسی دفتر رویدادها را امضا می‌کند.",
        EventKind.JOURNAL_KEY_ROTATED: "این کلید جایگزین کلید پیشین دفتر رویدادها می‌شود.",
        EventKind.JOURNAL_KEY_REVOKED: "کلیدی از دفتر رویدادها باطل شد و دیگر معتبر نیست.",
        EventKind.SIGNING_BEGUN: "از این پس هر رویداد با کلید دفتر رویدادها امضا می‌شود.",
    }
)
"""Each act's meaning in the language of the record; a signer signs these very words. Acts are `Act` (on a case),
`OfficeAct`, and for what nobody signs its `EventKind`; an event that is not here speaks by its kind alone."""


def canonical(value: Any) -> bytes:
    """`value` as canonical JSON (RFC 8785): the same bytes everywhere.

    Raises:
        rfc8785.CanonicalizationError: for what JSON cannot carry exactly, such as integers past 2⁵³.
    """
    return rfc8785.dumps(value)


def members(value: Mapping[str, Any]) -> dict[str, bytes]:
    """The canonical form of each member of an object."""
    return {name: canonical(each) for name, each in value.items()}


def joined(parts: Mapping[str, bytes]) -> bytes:
    """The canonical form of the object with these `members`, whose names are ASCII letters and underscores."""
    return b"{" + b",".join(b'"%b":%b' % (name.encode(), parts[name]) for name in sorted(parts)) + b"}"


def digest(value: Any) -> str:
    """Hex SHA-256 of the canonical form of `value`."""
    return hashlib.sha256(canonical(value)).hexdigest()


def moment(at: datetime) -> str:
    """An instant as RFC 3339 text in UTC, with microseconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def basis(
    act: str,
    subject: Mapping[str, str],
    state: str | None,
    items: Sequence[Mapping[str, Any]],
    declared: Mapping[str, Any],
    facts: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """What a screen shows before anything is typed. Its digest travels with the form and must still hold."""
    return {
        "act": act,
        "subject": dict(subject),
        "state": state,
        "items": [dict(item) for item in items],
        "declared": dict(declared),
        "facts": dict(facts or {}),
    }


TAKEN_OVER = ("act", "subject", "items", "declared", "facts")
"""The members of a basis that the intent over it has, too."""


def intent(
    shown: Mapping[str, Any],
    *,
    after: State | str | None,
    values: Mapping[str, Any],
    signer: Mapping[str, Any],
    nonce: str,
    expires: str,
    meaning: str,
) -> dict[str, Any]:
    """The intent over the basis `shown`: what exactly is signed, by whom, once, and until when."""
    return {
        **{name: shown[name] for name in TAKEN_OVER},
        "schema": SCHEMA,
        "meaning": meaning,
        "state": {"before": shown["state"], "after": after},
        "values": dict(values),
        "signer": dict(signer),
        "nonce": nonce,
        "expires": expires,
    }


def record(
    intent: str,
    *,
    kind: EventKind,
    at: datetime,
    factor: Mapping[str, Any] | None,
    position: int,
    produced: Mapping[str, Any] | None = None,
    root: bytes | None = None,
) -> dict[str, Any]:
    """The record of a statement, which binds the digest `intent` of its intent to instant, factor and position.

    `position` is the number of leaves before this one: the event's own index in the journal. `root` is the root over
    them: a signed record (`domain/signatures.py`) thereby vouches for all that stands before it; those before 0.3.0
    have none. `produced` names what came out of the act and was not on the screen, such as the letter's digest.
    """
    after = {} if root is None else {"root": root.hex()}
    return {
        "kind": kind,
        "intent_sha256": intent,
        "at": moment(at),
        "factor": None if factor is None else dict(factor),
        "position": position,
        "produced": dict(produced or {}),
        **after,
    }
