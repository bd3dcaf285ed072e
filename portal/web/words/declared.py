"""What a case declares and proves, in words: places for documents, values, grades, and what is missing."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from portal.domain.declarations import Declaration, DocumentKind, Slot
from portal.domain.dossiers import CurrentDocument, Dossier
from portal.texts import N_, gettext, ngettext
from portal.web.formats import day, digits, grouped, persons, rials, rials_in_words
from portal.web.words import labels


def slot_label(slot: Slot) -> str:
    """The name of a place for a document, with the year of a settled budget."""
    kind, year = slot
    return settled_label(year) if year else labels.label(kind)


def settled_label(year: int) -> str:
    """The name of the settled budget of a year."""
    return gettext("Budget settlement of %(year)s", year=digits(year))


SETTLED = (
    N_("Budget settlement of the first year"),
    N_("Budget settlement of the second year"),
    N_("Budget settlement of the third year"),
)
"""What the three settled budgets are called before their years are known."""


def missing(dossier: Dossier) -> list[str]:
    """What a submission still needs, in words."""
    rejected = [held.slot for held in dossier.rejected()]
    return in_words({"fields": dossier.declaration.missing(), "slots": dossier.missing_slots(), "rejected": rejected})


def in_words(facts: Mapping[str, Any]) -> list[str]:
    """The fields and documents that a refusal names as missing, in words."""
    fields = [labels.field_label(name) for name in facts.get("fields", ())]
    slots = [slot_label(slot) for slot in facts.get("slots", ())]
    refused = [
        gettext("%(document)s: not accepted, upload it again", document=slot_label(slot))
        for slot in facts.get("rejected", ())
    ]
    return fields + slots + refused


def declared(dossier: Dossier) -> list[tuple[str, str]]:
    """Names and values of the declaration of `dossier`, in words."""
    return declared_values(dossier.declaration)


def declared_values(d: Declaration) -> list[tuple[str, str]]:
    """Names and values of a declaration, in words."""
    rows = [
        (labels.field_label("current_grade"), grade_text(d.current_grade)),
        (labels.field_label("current_grade_notified_on"), day(d.current_grade_notified_on)),
        (labels.field_label("requested_grade"), grade_text(d.requested_grade)),
        (labels.field_label("census_year"), digits(d.census_year) if d.census_year else "—"),
        (
            labels.field_label("population"),
            persons(d.population) if d.population is not None else "—",
        ),
        (labels.field_label("division"), labels.label(d.division) if d.division else "—"),
    ]
    rows += [
        (
            settled_label(year) if year else gettext(unnamed),
            rials(amount) if amount is not None else "—",
        )
        for unnamed, (year, amount) in zip(SETTLED, d.settled, strict=True)
    ]
    return [*rows, (gettext("Mean of the budget settlements"), mean(d))]


def mean(d: Declaration) -> str:
    """The mean of the three settled amounts, fractions of a rial left out; a dash while one is missing."""
    value = d.mean()
    return rials(int(value)) if value is not None else "—"


def amounts_in_words(d: Declaration) -> dict[str, str]:
    """Each settled amount in words, by field; empty for a blank."""
    values = {name: getattr(d, name) for name in AMOUNTS}
    return {name: rials_in_words(value) if value is not None else "" for name, value in values.items()}


AMOUNTS = tuple(f"settled_amount_{n}" for n in (1, 2, 3))


def grade_text(grade: int | None) -> str:
    """A grade as people read it: none yet, a dash for unsaid."""
    if grade is None:
        return "—"
    return gettext("Grade %(grade)s", grade=digits(grade)) if grade else gettext("No grade yet")


def proven(held: CurrentDocument) -> str:
    """The declared value that a document proves, in words; empty for none."""
    return proven_values(held.slot[0], held.proves)


def proven_values(kind: DocumentKind, values: Mapping[str, Any]) -> str:
    """What a document of this kind proves, in words; `values` as its statement names them."""
    match kind:
        case DocumentKind.LAST_GRADE:
            notified = values["current_grade_notified_on"]
            text = grade_text(values["current_grade"])
            if not notified:
                return text
            return gettext(
                "%(grade)s, notified on %(day)s", grade=text, day=day(datetime.fromisoformat(notified).date())
            )
        case DocumentKind.CENSUS if values["population"] is not None:
            return ngettext(
                "%(n)s person, census of %(year)s",
                "%(n)s persons, census of %(year)s",
                values["population"],
                n=grouped(values["population"]),
                year=digits(values["census_year"] or "—"),
            )
        case DocumentKind.JUSTIFICATION:
            return gettext("Request for %(grade)s", grade=grade_text(values["requested_grade"]))
        case DocumentKind.SETTLEMENT if values["settled_amount"] is not None:
            return rials(int(values["settled_amount"]))
    return ""


def changes(dossier: Dossier) -> list[str]:
    """What differs from what the office saw last, in words; empty before a second submission."""
    if dossier.before is None:
        return []
    old, new = dossier.before.as_dict(), dossier.declaration.as_dict()
    fields = [labels.field_label(name) for name in new if old[name] != new[name]]
    return fields + [slot_label(each.slot) for each in dossier.documents if each.changed]
