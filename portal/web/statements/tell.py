"""A statement in human words, told from the statement alone: the same before it is signed and in fifty years.

The page that asks for the code, the receipt, its PDF and the auditor's page all read what `tell` makes of an intent.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.domain import events
from portal.domain.declarations import DocumentKind
from portal.domain.events import OfficeAct
from portal.domain.lifecycle import Act, Verdict
from portal.domain.pageviews import pages_of
from portal.texts import N_, NN_, gettext, ngettext
from portal.web.formats import digits, filesize, fingerprint, listed, pages
from portal.web.pages import facts
from portal.web.pages.facts import Facts
from portal.web.statements import case_acts, fallback, where
from portal.web.statements import unseen as unseen_pages
from portal.web.statements.account_acts import Intent, Line
from portal.web.words import declared as declared_words
from portal.web.words import labels


@dataclass(frozen=True, slots=True)
class Item:
    """A document as the statement names it.

    `verdict` is the one given by this statement, else the one that stood; `unseen` is why it is said to be authentic
    though no page of it was shown to the signer.
    """

    label: str
    filename: str
    about: str
    sha256: str
    proves: str
    verdict: str | None
    said: str | None
    unseen: str | None


@dataclass(frozen=True, slots=True)
class Told:
    """An intent in words. `unshown` names the judged pages that were not shown to the signer."""

    subject: str
    signer: str
    meaning: str
    values: tuple[Line, ...]
    items: tuple[Item, ...]
    unshown: str
    declared: tuple[Line, ...]
    states: str
    digest: str
    is_sample: bool  # it rests on a score table that is not official
    grades: Facts | None  # held, asked, computed and decided, of an act that rests on an assessment


@dataclass(frozen=True, slots=True)
class Sealed:
    """The record of a signed statement in words: when, with what, what that proves, and where in the journal."""

    at: datetime
    factor: str
    step: str  # of a one-time code, for programs
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
        values=(*where.told(intent), *case_acts.VALUES.get(intent["act"], fallback.as_it_is)(intent)),
        items=tuple(_item(each, intent) for each in intent["items"] if each.get("type") == "document"),
        unshown=unseen_pages.told(_judged(intent)),
        declared=case_acts.declared(intent["declared"]) if about_case and intent["declared"] else (),
        states=_states(intent) if about_case else "",
        digest=events.digest(intent),
        is_sample=case_acts.is_sample(intent),
        grades=_grades(intent) if about_case and intent["declared"] else None,
    )


def _grades(intent: Intent) -> Facts | None:
    known = intent["facts"]
    if "assessment" not in known:
        return None
    decision = intent["values"] if intent["act"] == Act.DECISION else known.get("decision")
    return facts.facts(intent["declared"], known["assessment"], decision)


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
        factor=gettext(name),
        step=digits(factor.get("step", "")),
        proves=gettext(proves) if proves else "",
        position=record["position"],
        nonce=statement["intent"]["nonce"],
    )


FACTORS: Mapping[str | None, tuple[str, str]] = {
    "totp": (
        N_("one-time code"),
        N_("The code was checked and used for this text only; it cannot be used again."),
    ),
    "passkey": (
        N_("passkey of the signer’s own device"),
        N_("The device signed the digest of exactly this text; anyone with its public key can check that."),
    ),
}
"""What each kind of factor is called, and what it proves."""
SIGNED_IN = (
    N_("without a separate code"),
    N_("The person had signed in with both steps; this act needs no separate code."),
)
NO_FACTOR = (N_("without a second step"), N_("Recorded by the portal itself."))


def _subject(intent: Intent) -> str:
    if intent["act"] == OfficeAct.OPENING:
        return gettext("New account")
    subject, town = intent["subject"], intent["facts"].get("town")
    name = gettext(SUBJECTS.get(subject["type"], "%(id)s"), id=_name(subject, intent["facts"].get("title")))
    return listed((name, town))


def _name(subject: Mapping[str, Any], title: str | None) -> str:
    """What a subject is called; a digest and a UUID keep their digits, and their beginning tells them apart."""
    if subject["type"] == "ruleset":
        mark = fingerprint(subject["id"])
        return f"{digits(title)} ({mark})" if title else mark
    name = title or subject["id"]
    return name[:8] if len(name) == 36 else digits(name)


SUBJECTS: Mapping[str, str] = {
    "case": N_("Case %(id)s"),
    "ruleset": N_("Score table %(id)s"),
    "account": N_("Account %(id)s"),
    "municipality": N_("Municipality %(id)s"),
    "sitting": N_("Meeting %(id)s"),
    "journal": N_("The journal’s key"),
    "register": N_("Register of municipalities"),
}
"""What a statement is about; `facts.title` stands for the id where there is one."""


def _signer(signer: Mapping[str, Any]) -> str:
    if not signer:
        return ""
    place = (signer.get("place") or {}).get("name")
    said = gettext("I, %(name)s, %(title)s", name=signer["name"], title=signer["title"])
    return listed((said, place))


def _states(intent: Intent) -> str:
    before, after = intent["state"]["before"], intent["state"]["after"]
    if not before or not after or before == after:
        return labels.state_label(after or before) if after or before else ""
    return gettext(
        "from “%(before)s” to “%(after)s”", before=labels.state_label(before), after=labels.state_label(after)
    )


def _item(item: Mapping[str, Any], intent: Intent) -> Item:
    given = intent["values"].get("verdicts", {}).get(item["id"], {})
    verdict = given.get("verdict") or (None if intent["act"] == Act.ATTESTATION else item.get("verdict"))
    kind = DocumentKind(item["kind"])
    about = [pages(item["pages"]), filesize(item["size"])]
    for key, sentence in PICTURED.items():
        if item["id"] in intent["values"].get(key, {}):
            shown = pages_of(intent["values"][key][item["id"]])
            about.append(ngettext(*sentence, item["pages"], n=digits(len(shown)), all=digits(item["pages"])))
    return Item(
        label=declared_words.slot_label((kind, item["year"])),
        filename=item["name"],
        about=" · ".join(about),
        sha256=item["sha256"],
        proves=declared_words.proven_values(kind, item["proves"]) if item.get("proves") else "",
        verdict=Verdict(verdict) if verdict else None,
        said=_reason(given),
        unseen=gettext(UNSEEN, reason=given["unseen"]) if given.get("unseen") else None,
    )


PICTURED: Mapping[str, tuple[str, str]] = {
    "seen": NN_("shown to the signer: %(n)s of %(all)s page", "shown to the signer: %(n)s of %(all)s pages"),
    "pictures": NN_("images were made of %(n)s of %(all)s page", "images were made of %(n)s of %(all)s pages"),
}
"""What a statement says of a document's pictures. Those before 0.3.0 name what was drawn, for whomever."""
UNSEEN = N_("No page of it was shown to the signer, who states: %(reason)s")


def _judged(intent: Intent) -> Iterator[unseen_pages.Paper]:
    """The documents that the statement gives a verdict on, where it says which of their pages were shown."""
    for item in intent["items"]:
        if item.get("id") in (seen := intent["values"].get("seen", {})):
            name = unseen_pages.name_of(DocumentKind(item["kind"]), item["year"], item["name"])
            yield unseen_pages.Paper(name, item["pages"], pages_of(seen[item["id"]]))


def _reason(given: Mapping[str, Any]) -> str | None:
    """Why a document is not accepted, the code in words."""
    code, reason = given.get("reason_code"), given.get("reason")
    name = labels.reason_label(code) if code else None
    return " — ".join(each for each in (name, reason) if each) or None
