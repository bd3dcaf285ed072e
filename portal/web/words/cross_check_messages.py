"""What disagrees in a declaration, and from when on a case can be sent, in words."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from portal.domain.cross_checks import Check, Remark
from portal.domain.declarations import Slot
from portal.domain.eligibility import Eligibility, Source
from portal.texts import N_, gettext, ngettext
from portal.web.formats import day, digits, grouped, listed, rials

SENTENCES: Mapping[Check, str] = {
    Check.POPULATION: N_("The census of %(year)s counted %(known)s persons here; %(declared)s are declared."),
    Check.GRADE: N_("Grade %(declared)s is declared; %(source)s has grade %(known)s."),
    Check.NOTIFIED_ON: N_("The declared day of notification is %(declared)s; %(source)s has %(known)s."),
    Check.CONSECUTIVE: N_("The settlement years are not consecutive: %(years)s."),
    Check.LATEST: N_("The budget settlement of %(year)s should have been approved by now; it is not among the three."),
    Check.JUMP: N_(
        "The amount of %(year)s is %(after)s, and of the year before %(before)s: they differ more than %(times)s-fold."
    ),
}
SOURCES: Mapping[Source, str] = {
    Source.PORTAL: N_("the last decision in the portal"),
    Source.REGISTER: N_("the register of municipalities"),
    Source.DECLARATION: N_("the declaration"),
}


def source_label(source: str) -> str:
    """Who says so."""
    return gettext(SOURCES[Source(source)])


def sentence(remark: Remark) -> str:
    """A remark as the clerk, the officer and the Organization read it."""
    return gettext(SENTENCES[remark.check], **{name: _spoken(name, each) for name, each in remark.facts.items()})


def _spoken(name: str, value: Any) -> str:
    match value:
        case Source():
            return source_label(value)
        case None | date():
            return day(value)
        case list():
            return listed(digits(each) for each in value)
        case int() if name in ("before", "after"):
            return rials(value)
        case int() if value > 10_000:
            return grouped(value)
        case _:
            return digits(value)


def by_slot(remarks: Iterable[Remark]) -> dict[Slot, list[str]]:
    """Sentences by the document that they stand beside."""
    found: dict[Slot, list[str]] = {}
    for each in remarks:
        found.setdefault(each.slot, []).append(sentence(each))
    return found


def waiting(eligibility: Eligibility | None, today: date) -> dict[str, Any] | None:
    """The waiting period in one sentence, and whether it is over; None where there is none to tell of."""
    if eligibility is None or eligibility.day is None or eligibility.since is None or eligibility.source is None:
        return None
    facts = {
        "day": day(eligibility.day),
        "since": day(eligibility.since),
        "years": digits(eligibility.years),
        "source": source_label(eligibility.source),
    }
    if eligibility.day <= today:
        text = gettext(
            "The waiting period ended on %(day)s (last notification on %(since)s, according to %(source)s).", **facts
        )
    elif eligibility.is_lifted:
        text = gettext(
            "The Organization has waived the waiting period, which would have lasted until %(day)s.", **facts
        )
    else:
        text = ngettext(
            "The case can be prepared now and submitted from %(day)s: %(years)s year after the last notification on "
            "%(since)s, according to %(source)s.",
            "The case can be prepared now and submitted from %(day)s: %(years)s years after the last notification on "
            "%(since)s, according to %(source)s.",
            eligibility.years,
            **facts,
        )
    return {"text": text, "is_reached": eligibility.is_reached(today), "day": eligibility.day}
