"""What the fields of forms are called where they are spoken of away from the form: in the list of what is wrong."""

from collections.abc import Mapping

from portal.texts import N_, gettext
from portal.web.words.labels import FIELDS

NAMES: Mapping[str, str] = {
    **FIELDS,
    "act": N_("Event"),
    "attendance": N_("Attendance"),
    "case": N_("Agenda"),
    "code": N_("Six-digit code"),
    "compared": N_("Method of comparison"),
    "credential": N_("Passkey"),
    "date": N_("Date of the letter"),
    "day": N_("Day"),
    "effective_on": N_("In force from"),
    "ends_on": N_("Last day"),
    "file": N_("File"),
    "full_name": N_("Full name"),
    "grade": N_("Grade"),
    "held_on": N_("Held on"),
    "kind": N_("Kind"),
    "last_day": N_("New last day"),
    "letter_date": N_("Letter date"),
    "letter_number": N_("Letter number"),
    "minutes": N_("Minutes"),
    "municipality": N_("Municipality"),
    "name": N_("Name of the device"),
    "note": N_("Note"),
    "number": N_("Number of the letter"),
    "old_password": N_("Current password"),
    "outcome": N_("Outcome"),
    "password": N_("Password"),
    "password_again": N_("New password again"),
    "person": N_("Name or username"),
    "province": N_("Province"),
    "q": N_("Search"),
    "reason": N_("Reason"),
    "recovery_code": N_("Recovery code"),
    "refusal_code": N_("Ground of refusal"),
    "reopen": N_("What has to be corrected"),
    "role": N_("Role"),
    "ruleset": N_("Score table"),
    "sitting": N_("Meeting"),
    "source": N_("Score table"),
    "starts_on": N_("First day"),
    "title": N_("Title"),
    "username": N_("Username"),
    "year": N_("Year"),
}


def placed(errors: Mapping[str, str], *here: str) -> dict[str, str]:
    """The errors of a form that has the fields `here`; those of others are told by name, with no place to lead to."""
    elsewhere = [named(name, sentence) for name, sentence in errors.items() if name not in here]
    told = {"": " ".join(elsewhere)} if elsewhere else {}
    return told | {name: sentence for name, sentence in errors.items() if name in here}


def named(name: str, sentence: str) -> str:
    """`sentence` about the field `name`, led by what the field is called; alone, where it says that itself."""
    return (
        gettext("%(field)s: %(sentence)s", field=gettext(NAMES[name]), sentence=sentence) if name in NAMES else sentence
    )
