"""Words of the page on refused files: why, in a few words; which program; how large a part."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from portal.domain import persian, producers
from portal.domain.producers import Family
from portal.texts import N_, gettext
from portal.web.formats import day, decimal
from portal.web.words import labels

REASONS: Mapping[str, str] = {
    "broken": N_("Incomplete or damaged"),
    "cut_off": N_("End is missing"),
    "encrypted": N_("Password-protected"),
    "no_pages": N_("Without pages"),
    "too_many_pages": N_("Too many pages"),
    "absurd_dimensions": N_("Pages too large"),
    "too_heavy": N_("Too much time or memory"),
    "unfamiliar": N_("Unknown image compression"),
    "two_kinds": N_("Two types at once"),
    "scripts": N_("Scripts"),
    "dynamic_form": N_("Dynamic form (XFA)"),
    "launch_actions": N_("Starts a program"),
    "acts_by_itself": N_("Acts on its own"),
    "embedded_files": N_("Attachments"),
    "media": N_("Video, sound or 3D"),
    "empty": N_("Empty file"),
    "unknown-type": N_("No PDF, JPEG, PNG or TIFF"),
    "digest-differs": N_("Arrived damaged"),
    "infected": N_("Virus found"),
}
KINDS = {"application/pdf": "PDF", "image/jpeg": "JPEG", "image/png": "PNG", "image/tiff": "TIFF"}


def reason_of(code: str) -> str:
    """Why a file was refused, in a few words; a code that this version does not know is shown as it is."""
    return gettext(REASONS[code]) if code in REASONS else code


def family_of(name: str) -> str:
    """The name of a family of programs."""
    return labels.label(Family(name))


def program_family(producer: str) -> str:
    """The family that a program belongs to, by the name that files carry."""
    return family_of(producers.family(producer))


def kind_of(media_type: str | None) -> str:
    """A media type as people call it; a dash for one that is not taken."""
    return KINDS.get(media_type or "", "—")


def day_of(at: datetime) -> str:
    """The day in Tehran of an aware instant."""
    return day(persian.tehran_date(at))


def share(part: int, whole: int) -> str:
    """`part` of `whole` in per cent, one place behind the point below ten."""
    percent = 100 * part / whole if whole else 0.0
    return gettext("%(n)s%%", n=decimal(round(percent, 1) if percent < 10 else round(percent)))


WORDS: Mapping[str, Callable[..., Any]] = {
    each.__name__: each for each in (reason_of, family_of, program_family, kind_of, day_of, share)
}
"""What the page's template calls by name."""
