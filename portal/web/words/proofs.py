"""What is said of a letter that somebody verifies: the answer, its three checks, and what a QR code is worth."""

from collections.abc import Mapping
from typing import Any

from portal.domain.letter_codes import Worth
from portal.domain.lifecycle import Outcome
from portal.services.letters.proofs import Answer, Check, Held, Proof, Verdict
from portal.texts import N_, gettext
from portal.web.formats import digits
from portal.web.words import labels

ANSWERS: Mapping[Held, Mapping[Verdict, str]] = {
    Held.FILE: {
        Verdict.IN_FORCE: N_("This letter is genuine and in force"),
        Verdict.SUPERSEDED: N_("This letter is genuine, but another letter has taken its place"),
        Verdict.WITHDRAWN: N_("This letter is genuine, but it was withdrawn"),
        Verdict.ALTERED: N_("This file was changed after it was signed; do not rely on it"),
        Verdict.NOT_OURS: N_("This file is not a letter of this portal"),
    },
    Held.CODE: {
        Verdict.IN_FORCE: N_("Such a letter was issued and is in force; compare the paper with it yourself"),
        Verdict.SUPERSEDED: N_("Such a letter was issued, but another letter has taken its place"),
        Verdict.WITHDRAWN: N_("Such a letter was issued, but it was withdrawn"),
        Verdict.NOT_OURS: N_("No letter of this portal has this code"),
    },
    Held.NUMBER: {
        Verdict.IN_FORCE: N_("The letter of this number and date is in force"),
        Verdict.SUPERSEDED: N_("Another letter has taken the place of the letter of this number and date"),
        Verdict.WITHDRAWN: N_("The letter of this number and date was withdrawn"),
        Verdict.NOT_OURS: N_("No letter of this portal has this number and date"),
    },
}
ADVICE: Mapping[Held, str] = {
    Held.FILE: N_(
        "It matches no letter that was issued here. A printed, scanned or re-saved copy is another file: ask for the "
        "original PDF, or enter the code at the foot of the letter."
    ),
    Held.CODE: N_(
        "Check the twenty digits against the foot of the letter. If they are the same, the letter was not issued here: "
        "do not rely on it."
    ),
    Held.NUMBER: N_(
        "Check both against the head of the letter. If they are the same, the letter was not issued here: do not rely "
        "on it."
    ),
}
"""What stands below the answer where the letter is not ours."""
CHECKS: Mapping[str, str] = {
    "unchanged": N_("This file is, byte for byte, the one that was signed."),
    "unchanged-sealed": N_("This file is, byte for byte, the letter that was signed and sealed."),
    "altered": N_("This file carries the code of a letter and is not that letter: something in it was changed."),
    "paper": N_("A paper cannot be seen from here: compare it with what the letter says below."),
    "number-alone": N_("A number says nothing of the text: use the code or the file."),
    "nothing-to-compare": N_("There is no letter to compare it with."),
    "in-force": N_("No other letter has taken its place, and it was not withdrawn."),
    "original-in-force": N_("The original letter is in force; this file is not that letter."),
    "superseded": N_("Another letter has taken its place."),
    "superseded-by": N_("Letter %(number)s has taken its place."),
    "withdrawn": N_("It was withdrawn."),
    "no-letter": N_("Without a letter there is no status."),
    "sealed": N_("The seal is on the whole file."),
    "sealed-stamped": N_("The seal and a time stamp are on the whole file."),
    "copy-without-seal": N_(
        "It was signed in this portal. This is the copy without the seal; a sealed one exists too."
    ),
    "seal-pending": N_("It was signed in this portal; its seal is pending."),
    "before-seals": N_("It was signed in this portal, at a time when letters carried no seal."),
    "issued-sealed": N_("This portal has issued such a letter, signed and sealed."),
    "issued-seal-pending": N_("This portal has issued such a letter; its seal is pending."),
    "no-seal": N_("It was signed in this portal; no seal is set up here."),
    "issued-no-seal": N_("This portal has issued such a letter; no seal is set up here."),
    "issuer-altered": N_("The letter whose code it carries is ours; who made this file is not known."),
    "number-issued": N_("This portal has issued a letter of this number and date."),
    "not-issued": N_("This portal has issued no such letter."),
}
WITHOUT_SEAL: Mapping[str, str] = {"seal-pending": "no-seal", "issued-seal-pending": "issued-no-seal"}
"""What is said instead where PORTAL_SEAL_* is not set: no seal is pending."""
SEALED = frozenset({"sealed", "sealed-stamped", "issued-sealed"})
SAID: Mapping[Answer, str] = {
    Answer.YES: N_("Yes"),
    Answer.NO: N_("No"),
    Answer.CANNOT_TELL: N_("Cannot tell"),
}
KINDS: Mapping[Answer, str] = {Answer.YES: "yes", Answer.NO: "no", Answer.CANNOT_TELL: "cant"}
WORTHS: Mapping[Worth, str] = {
    Worth.GENUINE: N_("Genuine: this is what the letter says."),
    Worth.UNREADABLE: N_("This is no QR code of a letter, or it was changed."),
    Worth.FORGED: N_("Not genuine: the signature does not belong to this text. It was changed or forged."),
    Worth.STRANGER: N_("Not genuine: it is signed with a key that this portal never had."),
    Worth.REVOKED: N_("Do not rely on it: it is signed with a key that was revoked."),
    Worth.OUT_OF_TIME: N_("Not genuine: its key was not valid on the date of the letter."),
    Worth.ANOTHER_CODE: N_("Not genuine: its address leads to another letter than the signed one."),
    Worth.ELSEWHERE: N_("Do not rely on it: its address is not the address of this portal."),
}

CODE_CHECKS: Mapping[str, str] = {
    "text-yes": N_("The text of the QR code is, sign by sign, the one that was signed."),
    "text-no": N_("The text of the QR code is not one that was signed."),
    "text-cant": N_("Nothing can be said of the text."),
    "issuer-yes": N_("It is signed with the key of this portal."),
    "issuer-no": N_("It is not signed with a valid key of this portal."),
    "issuer-cant": N_("Nothing can be said of the issuer."),
    "cannot-tell": N_("This browser cannot check signatures: open the page in a newer one, at an address with https."),
}
"""What the page says that needs no network, beside `WORTHS`."""


def of_codes() -> dict[str, str]:
    """All that the page which needs no network can say, by the names that its script knows."""
    said = {**{each.value: sentence for each, sentence in WORTHS.items()}, **CODE_CHECKS}
    said |= {KINDS[each]: sentence for each, sentence in SAID.items()}
    return {name: gettext(each) for name, each in said.items()} | {
        f"outcome-{each}": labels.label(each) for each in Outcome
    }


def answer(proof: Proof) -> str:
    """The answer in one sentence."""
    return gettext(ANSWERS[proof.held][proof.verdict])


def kind(proof: Proof) -> str:
    """Its colour and sign: yes, no or cant."""
    if proof.verdict in (Verdict.ALTERED, Verdict.NOT_OURS):
        return "no"
    return "yes" if proof.verdict is Verdict.IN_FORCE and proof.held is Held.FILE else "cant"


def advice(proof: Proof) -> str | None:
    """What to do where the letter is not ours."""
    return gettext(ADVICE[proof.held]) if proof.verdict is Verdict.NOT_OURS else None


def checks(proof: Proof, seal: str) -> list[dict[str, Any]]:
    """The three checks apart, each with its answer among the three that there are; `seal` is the kind set up here."""
    named = ((N_("Text"), proof.integrity), (N_("Status"), proof.status), (N_("Issuer"), proof.issuer))
    return [
        {
            "name": gettext(name),
            "kind": KINDS[check.answer],
            "said": gettext(SAID[check.answer]),
            "why": _why(check, seal),
            "stops": [(gettext(word), each is check.answer) for each, word in SAID.items()],
        }
        for name, check in named
    ]


def _why(check: Check, seal: str) -> str:
    code = WITHOUT_SEAL.get(check.why, check.why) if seal == "none" else check.why
    said = gettext(CHECKS[code], **{each: digits(value) for each, value in check.facts.items()})
    is_sample = seal == "demo" and code in SEALED
    return " ".join([said, gettext("The certificate of this seal is a sample.")]) if is_sample else said
