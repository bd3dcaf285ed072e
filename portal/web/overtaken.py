"""A form that would overwrite what came after its page was drawn: both are shown side by side, and nothing is lost.

A form that overwrites something stored carries the version that it showed (`version`, hidden). One without it, as
programs send it, overwrites as it always did.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from portal.texts import gettext
from portal.web.form_state import FormState

VERSION = "version"
STATUS = 409


@dataclass(frozen=True, slots=True)
class Difference:
    """One field: its name and label, what is stored now and what was typed, as people read them."""

    name: str
    label: str
    stored: str
    typed: str


def version(said: FormState, stored: str) -> str:
    """What the form carries: the version that it showed at first, until its reader was shown the `stored` one."""
    return stored if said.status == STATUS else str(said.first(VERSION) or stored)


def differences(
    said: FormState, stored: Mapping[str, str], labels: Mapping[str, str], typed: Mapping[str, str] | None = None
) -> list[Difference]:
    """Where what was typed differs from what is stored, once the form was refused for that; else nothing.

    `labels` are msgids or words by field; `typed` is what was typed as people read it, where that is not the text.
    """
    if said.status != STATUS:
        return []
    texts = {name: said.first(name) for name in labels} if typed is None else typed
    both = [(name, stored[name].replace("\r\n", "\n"), texts[name].replace("\r\n", "\n")) for name in labels]
    return [Difference(name, gettext(labels[name]), here, there) for name, here, there in both if here != there]
