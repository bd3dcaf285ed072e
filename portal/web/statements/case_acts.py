"""The values that were typed for each act, in words, told from the intent alone."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from portal.domain.declarations import DocumentKind, declaration_of
from portal.domain.events import EventKind, OfficeAct
from portal.domain.lifecycle import Act
from portal.texts import gettext
from portal.web.formats import decimal, digits, filesize, fingerprint, listed, pages
from portal.web.statements import account_acts
from portal.web.statements.account_acts import Intent, Line, iso, lines, reasoned
from portal.web.words import declared as declared_words
from portal.web.words import labels


def declared(values: Mapping[str, Any]) -> tuple[Line, ...]:
    """The declared values of a statement, in words."""
    return tuple(Line(*each) for each in declared_words.declared_values(declaration_of(values)))


def is_sample(intent: Intent) -> bool:
    """Whether the table is said to be a sample; statements of earlier versions of the portal do not say it."""
    facts = intent["facts"]
    return any(each.get("official") is False for each in (intent["values"], facts, facts.get("assessment", {})))


def _confirmation(intent: Intent) -> Iterable[Line]:
    v = intent["values"]
    return lines(
        (gettext("Letter number"), digits(v["letter_number"])), (gettext("Letter date"), iso(v["letter_date"]))
    )


def _letter_scan(intent: Intent) -> Iterable[Line]:
    v = intent["values"]
    about = f"{pages(v['pages'])} · {filesize(v['size'])}"
    return (
        *_confirmation(intent),
        *lines((gettext("File"), listed((v["filename"], about)))),
        Line(gettext("Digest"), fingerprint(v["sha256"]), True),
    )


def _letter_seal(intent: Intent) -> Iterable[Line]:
    v = intent["values"]
    stamp = gettext("with a time stamp") if v["is_stamped"] else None
    return (
        *lines(
            (gettext("Letter number"), digits(v["letter"])), (gettext("File"), listed((filesize(v["size"]), stamp)))
        ),
        Line(gettext("Digest"), fingerprint(v["sha256"]), True),
    )


def _return(intent: Intent) -> Iterable[Line]:
    v, items = intent["values"], {each["id"]: each for each in intent["items"]}
    names = [
        gettext("Declaration")
        if each == "declaration"
        else declared_words.slot_label((DocumentKind(items[each]["kind"]), items[each]["year"]))
        for each in v["reopen"]
    ]
    return lines((gettext("Reason"), v["reason"]), (gettext("Reopened for correction"), listed(names)))


def _assessment(intent: Intent) -> Iterable[Line]:
    v = intent["values"]
    return (
        *lines(
            (gettext("Total points"), decimal(v["explanation"]["total"])),
            (gettext("Computed grade"), digits(v["explanation"]["grade"])),
        ),
        Line(gettext("Score table"), fingerprint(v["ruleset"]), True),
        *lines(_kind_of_table(intent), (gettext("Note"), v.get("note"))),
    )


def _decision(intent: Intent) -> Iterable[Line]:
    return _ruling(intent["values"], intent)


def _signature(intent: Intent) -> Iterable[Line]:
    d = intent["facts"]["decision"]
    sitting = listed((d["sitting"]["title"], iso(d["sitting"]["held_on"])))
    why = intent["values"].get("reason") if intent["act"] == Act.REFUSAL else None
    return (
        *_ruling(d, intent),
        *lines((gettext("Meeting"), sitting), (gettext("Why it is not signed"), why)),
        *_draft(intent["facts"].get("draft")),
    )


def _draft(draft: Mapping[str, Any] | None) -> Iterable[Line]:
    """The draft that the Minister was shown; statements of earlier versions name none."""
    return (Line(gettext("Digest of the draft"), fingerprint(draft["sha256"]), True),) if draft else ()


def _kind_of_table(intent: Intent) -> tuple[str, str | None]:
    return gettext("Kind of score table"), gettext("sample, not official") if is_sample(intent) else None


def _ruling(v: Mapping[str, Any], intent: Intent) -> Iterable[Line]:
    return lines(
        (gettext("Outcome"), labels.outcome_label(v["outcome"])),
        (gettext("Grade"), digits(v["grade"]) if v.get("grade") else None),
        (gettext("Computed grade"), digits(intent["facts"]["assessment"]["grade"])),
        _kind_of_table(intent),
        (gettext("In force from"), iso(v.get("effective_on"))),
        (gettext("Ground of refusal"), labels.refusal_label(v["refusal_code"]) if v.get("refusal_code") else None),
        (gettext("Reason for the decision"), v.get("reason")),
    )


def _publication(intent: Intent) -> Iterable[Line]:
    facts = intent["facts"]
    kind = gettext("official") if facts["official"] else gettext("sample, not official")
    return (
        Line(gettext("Identifier"), facts["name"], True),
        Line(gettext("Digest"), fingerprint(intent["subject"]["id"]), True),
        *lines(
            (gettext("In force from"), iso(facts["effective_from"])),
            (gettext("Waiting period (years)"), digits(facts["waiting_years"])),
            (gettext("State"), kind),
        ),
        *((Line(gettext("In place of"), fingerprint(facts["in_force"]), True),) if facts["in_force"] else ()),
    )


def _eligibility(intent: Intent) -> Iterable[Line]:
    facts = intent["facts"]
    return lines(
        (gettext("Reason"), intent["values"].get("reason")),
        (gettext("Last notification"), iso(facts["notified_on"]) or gettext("unknown")),
        (gettext("Waiting period (years)"), digits(facts["waiting_years"])),
        (gettext("Waiting period ends on"), iso(facts["eligible_on"])),
    )


VALUES: Mapping[str, Callable[[Intent], Iterable[Line]]] = {
    Act.DECLARATION: lambda intent: declared(intent["values"]),
    Act.DOCUMENT: lambda _: (),
    Act.SUBMISSION: lambda _: (),
    Act.ATTESTATION: lambda _: (),  # the verdicts stand beside the documents
    Act.CONFIRMATION: _confirmation,
    Act.RETURN: _return,
    Act.ASSESSMENT: _assessment,
    Act.DECISION: _decision,
    Act.SIGNATURE: _signature,
    Act.REFUSAL: _signature,
    Act.WITHDRAWAL: reasoned,
    EventKind.LETTER_SCANNED: _letter_scan,
    EventKind.LETTER_SEALED: _letter_seal,
    OfficeAct.PUBLICATION: _publication,
    OfficeAct.ELIGIBILITY: _eligibility,
    **account_acts.VALUES,
}
"""The values that were typed for each act, in words."""
