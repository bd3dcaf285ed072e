"""A statement in human words, told from the statement alone: the same before it is signed and in fifty years.

The page that asks for the code, the receipt, its PDF and the auditor's page all read what `tell` makes of an intent.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.domain import events
from portal.domain.declarations import Kind, declaration_of
from portal.domain.events import OfficeAct
from portal.domain.lifecycle import Act, Role, Verdict
from portal.texts import N_, gettext
from portal.web import casepage, labels, officewords
from portal.web.officewords import Intent, Line, iso, lines, reasoned
from portal.web.templating import digits, filesize, fingerprint


@dataclass(frozen=True, slots=True)
class Item:
    """A document as the statement names it. `verdict` is the one given by this statement, else the one that stood."""

    label: str
    filename: str
    about: str
    sha256: str
    proves: str
    verdict: str | None
    said: str | None


@dataclass(frozen=True, slots=True)
class Told:
    """An intent in words."""

    subject: str
    signer: str
    meaning: str
    values: tuple[Line, ...]
    items: tuple[Item, ...]
    declared: tuple[Line, ...]
    states: str
    digest: str
    is_sample: bool  # it rests on a score table that is not official


@dataclass(frozen=True, slots=True)
class Sealed:
    """The record of a signed statement in words: when, with what, what that proves, and where in the journal."""

    at: datetime
    factor: str
    proves: str
    position: int
    nonce: str


def tell(intent: Intent) -> Told:
    """What `intent` says, in the current locale. An act or a value that this version does not know is shown as is."""
    about_case = intent["subject"]["type"] == "case"
    return Told(
        subject=_subject(intent),
        signer=_signer(intent["signer"]),
        meaning=intent["meaning"],
        values=tuple(VALUES.get(intent["act"], _as_it_is)(intent)),
        items=tuple(_item(each, intent) for each in intent["items"] if each.get("type") == "document"),
        declared=_declared(intent["declared"]) if about_case and intent["declared"] else (),
        states=_states(intent) if about_case else "",
        digest=events.digest(intent),
        is_sample=_is_sample(intent),
    )


def _is_sample(intent: Intent) -> bool:
    """Whether the table is said to be a sample; statements of earlier versions of the portal do not say it."""
    facts = intent["facts"]
    return any(each.get("official") is False for each in (intent["values"], facts, facts.get("assessment", {})))


def words(statement: Mapping[str, Any] | None) -> dict[str, Any]:
    """What a page needs for a statement that is read from the journal (None: one that was altered there)."""
    if statement is None:
        return {"act": None, "told": None, "record": None}
    intent = statement["intent"]
    return {"act": intent["act"], "told": tell(intent), "record": tell_record(statement)}


def tell_record(statement: Mapping[str, Any]) -> Sealed:
    """What the record of `statement` says, in the current locale."""
    record, factor = statement["record"], statement["record"]["factor"] or {}
    kind = factor.get("kind")
    uncoded = SIGNED_IN if statement["intent"]["signer"] else NO_FACTOR
    name, proves = FACTORS.get(kind, (kind, "")) if kind else uncoded
    return Sealed(
        at=datetime.fromisoformat(record["at"]),
        factor=gettext(name, step=digits(factor.get("step", ""))),
        proves=gettext(proves) if proves else "",
        position=record["position"],
        nonce=statement["intent"]["nonce"],
    )


FACTORS: Mapping[str | None, tuple[str, str]] = {
    "totp": (
        N_("one-time code, time step %(step)s"),
        N_("The portal found the code right and spent it for this statement alone; nobody can use it again."),
    ),
    "passkey": (
        N_("passkey of the signer's own device"),
        N_("The device signed the digest of this very statement; anyone with its public key can check that."),
    ),
}
"""What each kind of factor is called, and what it proves."""
SIGNED_IN = (N_("no code of its own"), N_("The person had signed in with both steps; this act asks for no code."))
NO_FACTOR = (N_("no second factor"), N_("The portal itself recorded this."))


def _subject(intent: Intent) -> str:
    subject, town = intent["subject"], intent["facts"].get("town")
    title = intent["facts"].get("title") or subject["id"]
    spoken = title[:8] if len(title) == 36 else digits(title)  # a UUID's beginning tells one account from another
    name = gettext(SUBJECTS.get(subject["type"], "%(id)s"), id=spoken)
    return f"{name}، {town}" if town else name


SUBJECTS: Mapping[str, str] = {
    "case": N_("Case %(id)s"),
    "ruleset": N_("Score table %(id)s"),
    "account": N_("Account %(id)s"),
    "municipality": N_("Municipality %(id)s"),
    "sitting": N_("Sitting %(id)s"),
    "journal": N_("The journal's key"),
    "register": N_("Register of municipalities"),
}
"""What a statement is about; `facts.title` stands for the id where there is one."""


def _signer(signer: Mapping[str, Any]) -> str:
    if not signer:
        return ""
    place = (signer.get("place") or {}).get("name")
    said = gettext("I, %(name)s, %(title)s", name=signer["name"], title=signer["title"])
    return f"{said}، {place}" if place else said


def _states(intent: Intent) -> str:
    before, after = intent["state"]["before"], intent["state"]["after"]
    if not before or not after or before == after:
        return labels.state_label(after or before) if after or before else ""
    return gettext(
        "from «%(before)s» to «%(after)s»", before=labels.state_label(before), after=labels.state_label(after)
    )


def _declared(values: Mapping[str, Any]) -> tuple[Line, ...]:
    return tuple(Line(*each) for each in casepage.declared_values(declaration_of(values)))


def _item(item: Mapping[str, Any], intent: Intent) -> Item:
    given = intent["values"].get("verdicts", {}).get(item["id"], {})
    verdict = given.get("verdict") or (None if intent["act"] == Act.ATTESTATION else item.get("verdict"))
    kind = Kind(item["kind"])
    about = [gettext("%(pages)s pages", pages=digits(item["pages"])), filesize(item["size"])]
    if item["id"] in intent["values"].get("pictures", {}):
        shown = {each["page"] for each in intent["values"]["pictures"][item["id"]]}
        about.append(gettext("read in the page: %(n)s of %(all)s", n=digits(len(shown)), all=digits(item["pages"])))
    return Item(
        label=casepage.slot_label((kind, item["year"])),
        filename=item["name"],
        about=" · ".join(about),
        sha256=item["sha256"],
        proves=casepage.proven_values(kind, item["proves"]) if item.get("proves") else "",
        verdict=Verdict(verdict) if verdict else None,
        said=_reason(given),
    )


def _reason(given: Mapping[str, Any]) -> str | None:
    """Why a document is not accepted, the code in words."""
    code, reason = given.get("reason_code"), given.get("reason")
    name = labels.reason_label(code) if code else None
    return " — ".join(each for each in (name, reason) if each) or None


def _as_it_is(intent: Intent) -> Iterable[Line]:
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
    "factor": N_("Second factor"),
    "kind": N_("Kind"),
    "by": N_("By"),
    "link_made_by": N_("Link made by"),
    "failures": N_("Failures"),
    "in_a_row": N_("Failures in a row"),
    "pause": N_("Pause in seconds"),
    "address": N_("From where"),
    "count": N_("How many"),
    "left": N_("Left"),
    "code": N_("Recovery code"),
    "for": N_("What for"),
    "credential": N_("Passkey"),
    "rp_id": N_("Bound to the site"),
    "synced": N_("Kept by a password manager"),
    "fingerprint": N_("Fingerprint"),
    "content_sha256": N_("Fingerprint"),
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
    "sitting": N_("Sitting"),
    "origin": N_("Name of the journal"),
    "public_key": N_("Public key"),
    "key_id": N_("Key"),
    "replaces": N_("In place of"),
    "revokes": N_("Revokes"),
    "reason": N_("Reason"),
}
"""Values of events that have no words of their own."""
CODES = frozenset(
    {"factor", "public_key", "key_id", "replaces", "revokes", "link_made_by", "username", "origin", "sitting"}
    | {"address", "code", "credential", "rp_id", "fingerprint", "content_sha256", "name"}
)
WORDS: Mapping[str, Mapping[str, str]] = {
    "role": labels.LABELS[Role],
    "kind": {"totp": N_("Authenticator app"), "passkey": N_("Passkey"), "recovery": N_("Recovery code")},
    "for": {"sign-in": N_("signing in"), "restoration": N_("waking a resting authenticator")},
    "by": {
        "person": N_("the person"),
        "demo": N_("the demonstration"),
        "invitation": N_("an invitation"),
        "reset": N_("a reset by the administrator"),
        "replacement": N_("a new authenticator in its place"),
        "passkey": N_("Passkey"),
        "recovery": N_("Recovery code"),
    },
}
"""What the closed values among them are called."""


def _plain(value: Any) -> str:
    return events.canonical(value).decode() if isinstance(value, (dict, list)) else digits(value)


def _confirmation(intent: Intent) -> Iterable[Line]:
    v = intent["values"]
    return lines(
        (gettext("Letter number"), digits(v["letter_number"])), (gettext("Letter date"), iso(v["letter_date"]))
    )


def _return(intent: Intent) -> Iterable[Line]:
    v, items = intent["values"], {each["id"]: each for each in intent["items"]}
    names = [
        gettext("Declaration")
        if each == "declaration"
        else casepage.slot_label((Kind(items[each]["kind"]), items[each]["year"]))
        for each in v["reopen"]
    ]
    return lines((gettext("Reason"), v["reason"]), (gettext("Reopened"), "، ".join(names)))


def _assessment(intent: Intent) -> Iterable[Line]:
    v = intent["values"]
    return (
        *lines(
            (gettext("Total points"), digits(v["explanation"]["total"])),
            (gettext("Computed grade"), digits(v["explanation"]["grade"])),
        ),
        Line(gettext("Score table"), fingerprint(v["ruleset"]), True),
        *lines(_kind_of_table(intent), (gettext("Note"), v.get("note"))),
    )


def _decision(intent: Intent) -> Iterable[Line]:
    return _ruling(intent["values"], intent)


def _signature(intent: Intent) -> Iterable[Line]:
    d = intent["facts"]["decision"]
    sitting = f"{d['sitting']['title']}، {iso(d['sitting']['held_on'])}"
    why = intent["values"].get("reason") if intent["act"] == Act.REFUSAL else None
    return (
        *_ruling(d, intent),
        *lines((gettext("Sitting"), sitting), (gettext("Why it is not signed"), why)),
    )


def _kind_of_table(intent: Intent) -> tuple[str, str | None]:
    return gettext("Kind of score table"), gettext("sample, not official") if _is_sample(intent) else None


def _ruling(v: Mapping[str, Any], intent: Intent) -> Iterable[Line]:
    return lines(
        (gettext("Outcome"), labels.outcome_label(v["outcome"])),
        (gettext("Grade"), digits(v["grade"]) if v.get("grade") else None),
        (gettext("Computed grade"), digits(intent["facts"]["assessment"]["grade"])),
        _kind_of_table(intent),
        (gettext("In force from"), iso(v.get("effective_on"))),
        (gettext("Ground of refusal"), labels.refusal_label(v["refusal_code"]) if v.get("refusal_code") else None),
        (gettext("Reason of the decision"), v.get("reason")),
    )


def _publication(intent: Intent) -> Iterable[Line]:
    facts = intent["facts"]
    kind = gettext("official") if facts["official"] else gettext("sample, not official")
    return (
        Line(gettext("Identifier"), facts["name"], True),
        Line(gettext("Fingerprint"), fingerprint(intent["subject"]["id"]), True),
        *lines(
            (gettext("In force from"), iso(facts["effective_from"])),
            (gettext("Waiting years"), digits(facts["waiting_years"])),
            (gettext("State"), kind),
        ),
        *((Line(gettext("In place of"), fingerprint(facts["in_force"]), True),) if facts["in_force"] else ()),
    )


def _eligibility(intent: Intent) -> Iterable[Line]:
    facts = intent["facts"]
    return lines(
        (gettext("Reason"), intent["values"].get("reason")),
        (gettext("Last notification"), iso(facts["notified_on"]) or gettext("not known to the portal")),
        (gettext("Waiting years"), digits(facts["waiting_years"])),
        (gettext("Would be eligible from"), iso(facts["eligible_on"])),
    )


VALUES: Mapping[str, Callable[[Intent], Iterable[Line]]] = {
    Act.DECLARATION: lambda intent: _declared(intent["values"]),
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
    OfficeAct.PUBLICATION: _publication,
    OfficeAct.ELIGIBILITY: _eligibility,
    **officewords.VALUES,
}
"""The values that were typed for each act, in words."""
