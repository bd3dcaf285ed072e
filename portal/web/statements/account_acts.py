"""What is signed about a person's account, in words, told from the statement alone; and the lines of any statement."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

from portal.domain.approvals import Hearing
from portal.domain.events import OfficeAct
from portal.domain.mandates import MandateKind, styled
from portal.texts import gettext
from portal.web.formats import authenticator_code, day, listed
from portal.web.words import labels

Intent = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Line:
    """A name and a value in words; `is_code` for digests and the like, which are read left to right."""

    name: str
    value: str
    is_code: bool = False


def lines(*pairs: tuple[str, object]) -> Iterable[Line]:
    """Names and values in words; what says nothing is left out."""
    return (Line(name, str(value)) for name, value in pairs if value not in (None, ""))


def iso(text: str | None) -> str:
    """A day that a statement carries as ISO 8601 text, or nothing."""
    return day(date.fromisoformat(text)) if text else ""


def reasoned(intent: Intent) -> Iterable[Line]:
    """The reason that was typed."""
    return lines((gettext("Reason"), intent["values"].get("reason")))


def _office(intent: Intent) -> Iterable[Line]:
    o = intent["facts"]["office"]
    return lines(
        (gettext("Role"), labels.role_label(o["role"])), (gettext("Title"), o["title"]), (gettext("Place"), o["place"])
    )


def _opening(intent: Intent) -> Iterable[Line]:
    v = intent["values"]
    return (
        Line(gettext("Username"), v["username"], True),
        *lines((gettext("Full name"), v["full_name"])),
        *_mandate(v),
    )


def _mandate(m: Mapping[str, Any]) -> Iterable[Line]:
    return lines(
        (gettext("Role"), labels.role_label(m["role"])),
        (gettext("Title"), styled(MandateKind(m["kind"]), m["title"])),
        (gettext("Place"), m["place"]),
        (gettext("Kind of mandate"), labels.mandate_kind_label(m["kind"])),
        (gettext("First day"), iso(m["starts_on"])),
        (gettext("Last day"), iso(m["ends_on"]) or gettext("until further notice")),
    )


def _mandate_end(intent: Intent) -> Iterable[Line]:
    last = iso(intent["values"]["last_day"]) or gettext("immediately")
    return (*_mandate(intent["facts"]["mandate"]), *lines((gettext("Ends on"), last)))


def _spoken_for(intent: Intent) -> Iterable[Line]:
    """The mandates to which the signer's office agrees: for them their word counts. Before 0.3.0, today's office."""
    facts = intent["facts"]
    mine = [each for each in facts.get("mandates", ()) if each.get("approver", "") == facts.get("approver")]
    return [Line(gettext("Office"), _in_line(each)) for each in mine if each["status"] != "waiting"] or _office(intent)


def _in_line(m: Mapping[str, Any]) -> str:
    """A mandate in one line."""
    said = [styled(MandateKind(m["kind"]), m["title"]), labels.role_label(m["role"]), m["place"]]
    first, last = iso(m["starts_on"]), iso(m["ends_on"]) or gettext("until further notice")
    return listed([*said, f"{first} - {last}"])


def _enrolment(intent: Intent) -> Iterable[Line]:
    heard = labels.labelled(Hearing, intent["values"]["compared"])
    shown = Line(gettext("Authenticator ID"), authenticator_code(intent["facts"]["fingerprint"]), True)
    return (*_spoken_for(intent), shown, *lines((gettext("How it was compared"), heard)))


def _restoration(intent: Intent) -> Iterable[Line]:
    held = [each for each in intent["facts"].get("mandates", ()) if each["status"] != "waiting"]
    offices = [Line(gettext("Office"), _in_line(each)) for each in held] or _office(intent)
    return (*offices, *lines((gettext("Reason"), intent["facts"]["reason"])))


def _with_reason(intent: Intent) -> Iterable[Line]:
    return (*_office(intent), *reasoned(intent))


def _decline(intent: Intent) -> Iterable[Line]:
    facts = intent["facts"]
    held = _mandate(facts["mandate"]) if "mandate" in facts else _office(intent)
    shown = (
        [Line(gettext("Authenticator ID"), authenticator_code(facts["fingerprint"]), True)]
        if ("fingerprint" in facts)
        else []
    )
    ends = facts.get("ends")
    return (*held, *shown, *lines((gettext("What ends"), ends and labels.ends_label(ends))), *reasoned(intent))


VALUES: Mapping[str, Callable[[Intent], Iterable[Line]]] = MappingProxyType(
    {
        OfficeAct.OPENING: _opening,
        OfficeAct.INVITATION: _office,
        OfficeAct.RESET: _office,
        OfficeAct.RESTORATION: _with_reason,
        OfficeAct.MANDATE: lambda intent: _mandate(intent["values"]),
        OfficeAct.MANDATE_END: _mandate_end,
        OfficeAct.CLOSING: _office,
        OfficeAct.ENROLMENT_APPROVAL: _enrolment,
        OfficeAct.MANDATE_APPROVAL: lambda intent: _mandate(intent["facts"]["mandate"]),
        OfficeAct.RESTORATION_APPROVAL: _restoration,
        OfficeAct.DECLINE: _decline,
    }
)
"""The values that were typed for each act on an account."""
