"""Values of events that have no words of their own: each under its name, the closed ones in words."""

from collections.abc import Iterable, Mapping
from typing import Any

from portal.domain import events
from portal.domain.lifecycle import Role
from portal.domain.mandates import MandateKind
from portal.texts import N_, gettext
from portal.web.formats import digits
from portal.web.statements.account_acts import Intent, Line, iso
from portal.web.words import names


def as_it_is(intent: Intent) -> Iterable[Line]:
    values = {name: value for name, value in intent["values"].items() if value not in (None, "", [], {})}
    return (_named(name, value) for name, value in values.items())


def _named(name: str, value: Any) -> Line:
    word = WORDS.get(name, {}).get(value) if isinstance(value, str) else None
    spoken = gettext(NAMES[name]) if name in NAMES else name
    if isinstance(value, bool):
        return Line(spoken, gettext("yes") if value else gettext("no"))
    if name.endswith(("_on", "_from")) and isinstance(value, str):
        return Line(spoken, iso(value))
    if name in CODES:
        return Line(spoken, str(value), is_code=True)
    return Line(spoken, gettext(word) if word else _plain(value))


NAMES: Mapping[str, str] = {
    "username": N_("Username"),
    "full_name": N_("Full name"),
    "title": N_("Title"),
    "role": N_("Role"),
    "municipality": N_("Municipality"),
    "province": N_("Province"),
    "factor": N_("Signed with"),
    "kind": N_("Kind"),
    "by": N_("By"),
    "link_made_by": N_("Link issued by"),
    "failures": N_("Failures"),
    "in_a_row": N_("Failures in a row"),
    "pause": N_("Pause in seconds"),
    "address": N_("Network address"),
    "count": N_("Number"),
    "left": N_("Left"),
    "code": N_("Recovery code"),
    "for": N_("Purpose"),
    "credential": N_("Passkey"),
    "rp_id": N_("Bound to the site"),
    "synced": N_("Kept by a password manager"),
    "fingerprint": N_("Digest"),
    "content_sha256": N_("Digest"),
    "name": N_("Name"),
    "effective_from": N_("In force from"),
    "figures": N_("Figures"),
    "grades": N_("Grades"),
    "new": N_("New"),
    "replaced": N_("Replaced"),
    "step": N_("Time step"),
    "held_on": N_("Held on"),
    "minutes": N_("Minutes"),
    "attendance": N_("Attendance"),
    "sitting": N_("Meeting"),
    "origin": N_("Name of the journal"),
    "public_key": N_("Public key"),
    "key_id": N_("Key"),
    "replaces": N_("In place of"),
    "revokes": N_("Revokes"),
    "reason": N_("Reason"),
    "starts_on": N_("First day"),
    "ends_on": N_("Last day"),
    "purpose": N_("Purpose"),
    "since": N_("From entry"),
    "hash_sha256": N_("Digest of what is stored"),
}
"""Values of events that have no words of their own."""
CODES = frozenset(
    {"factor", "public_key", "key_id", "replaces", "revokes", "link_made_by", "username", "origin", "sitting"}
    | {"address", "code", "credential", "rp_id", "fingerprint", "content_sha256", "hash_sha256", "name"}
)
WORDS: Mapping[str, Mapping[str, str]] = {
    "role": names.NAMES[Role],
    "kind": {
        "totp": N_("Authenticator app"),
        "passkey": N_("Passkey"),
        "recovery": N_("Recovery code"),
        **names.NAMES[MandateKind],
    },
    "for": {"sign-in": N_("signing in"), "restoration": N_("reactivating a suspended authenticator")},
    "by": {
        "person": N_("the person"),
        "machine": N_("the server’s operator"),
        "decline": N_("the second person, who declined"),
        "demo": N_("the demonstration"),
        "invitation": N_("an invitation"),
        "reset": N_("reset by the administrator"),
        "replacement": N_("replaced by a new authenticator"),
        "passkey": N_("Passkey"),
        "recovery": N_("Recovery code"),
    },
}
"""What the closed values among them are called."""


def _plain(value: Any) -> str:
    return events.canonical(value).decode() if isinstance(value, (dict, list)) else digits(value)
