"""Refusal codes in words. A sentence says what happened and what to do next, without blame."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from portal.domain.errors import DomainError, Invalid
from portal.texts import N_, NN_, gettext, ngettext
from portal.web.formats import day, digits, filesize, instant, listed
from portal.web.words import advice, file_messages

FILE = "file"  # the field in which files are sent

SENTENCES: Mapping[str, str | tuple[str, str]] = {
    **file_messages.SENTENCES,
    # fields
    "blank": N_("This is required."),
    "choose": N_("Choose one of the options."),
    "too-long": N_("At most %(most)s characters are allowed; please shorten the text."),
    "too-many": N_("At most %(most)s can be chosen at once."),
    "control-characters": N_("There are characters here that cannot be stored; please type it again."),
    "number": N_("Enter a whole number, for example 55703."),
    "ambiguous": N_("This number is ambiguous; use digits only, for example 1250000."),
    "negative": N_("The number cannot be negative."),
    "too-large": N_("This number is too large; check the number and its unit."),
    "out-of-range": N_("Enter a number between %(least)s and %(most)s."),
    "date": N_("Write the date as year/month/day, for example 1400/10/23."),
    "gregorian": N_("Write the date in the Solar Hijri calendar, for example 1400/10/23."),
    "no-such-day": N_("There is no such date in the calendar; please check it."),
    "future-day": N_("This date is in the future; please check it."),
    "year-twice": N_("This year appears twice; the three settlement years must differ."),
    "no-verdict": N_("Choose a verdict for at least one document."),
    "verdict-reason": N_("Write why this document is not accepted, so that the municipality can correct it."),
    "unseen-reason": N_(
        "No page of this document was shown to you: view it first, or write why it is authentic nevertheless."
    ),
    "not-current": N_("This is no longer the current version of the document; open the case again."),
    "other-kind": N_("The new file must be of the same type as the one it replaces."),
    "not-in-case": N_("Something selected here is not part of this case; reload the page."),
    "unknown-ruleset": N_("Choose one of the published score tables."),
    "another-ruleset-needs-reason": N_("Another table applies; write in the note why you score under this one."),
    "known-ruleset": N_("This exact score table already exists."),
    "not-ruleset": N_("This score table cannot be published; the findings are listed below."),
    "missing-input": N_("This score table needs a value that the declaration does not have."),
    "unusable-sitting": N_("Choose a meeting from the list."),
    "sitting-to-come": N_("This meeting is still to come. Choose one that was held today or before."),
    "sitting-before-confirmation": N_(
        "This meeting was held before the governorate confirmed the case. Choose one that was held that day or later."
    ),
    "before-sitting": N_("This date is before the meeting that decided the case (%(day)s); please check it."),
    "not-assessed": N_("One of these cases no longer awaits a meeting; reload the page."),
    "refusal-needs-reason": N_("Write the reason for the refusal; the municipality reads it in the letter."),
    "nothing-to-keep": N_("This municipality has no grade yet that could stay unchanged."),
    "grade-not-held": N_("“Unchanged” means the current grade, %(held)s."),
    "grade-not-higher": N_("A raised grade must be above the current one (%(held)s) and at most 12."),
    "grade-not-lower": N_("A lowered grade must be below the current one (%(held)s) and at least 1."),
    "differs-from-computed": N_("This differs from the computed grade (%(computed)s): write the reason."),
    "letter-code": N_("The code of a letter has twenty digits in five groups; check what you typed."),
    # proof
    "code-missing": N_("Enter the six-digit code of your authenticator app."),
    "wrong-code": N_("This code is wrong; enter the one that your app shows now."),
    "used-code": NN_(
        "This code has already been used; wait %(seconds)s second for the next one.",
        "This code has already been used; wait %(seconds)s seconds for the next one.",
    ),
    "paused": NN_(
        "Too many wrong codes; try again in %(seconds)s second.",
        "Too many wrong codes; try again in %(seconds)s seconds.",
    ),
    "clock-ahead": NN_(
        "Your phone’s clock is about %(minutes)s minute fast: set it to automatic, and enter the next code.",
        "Your phone’s clock is about %(minutes)s minutes fast: set it to automatic, and enter the next code.",
    ),
    "clock-behind": NN_(
        "Your phone’s clock is about %(minutes)s minute slow: set it to automatic, and enter the next code.",
        "Your phone’s clock is about %(minutes)s minutes slow: set it to automatic, and enter the next code.",
    ),
    "resting": N_(
        "This authenticator is suspended after 100 wrong codes in a row; reactivate it "
        "with a passkey or a recovery code."
    ),
    "no-factor": N_("Your account has no authenticator app yet; set one up first."),
    "passkey-unknown": N_("This passkey does not belong to your account; choose one that you have enrolled here."),
    "passkey-other-site": N_("This passkey was used on another site; open the portal at its own address."),
    "passkey-other-statement": N_("The passkey signed another text than this page shows; sign this one."),
    "passkey-unverified": N_("Your device did not verify you; use its PIN, fingerprint or face, and try again."),
    "passkey-forged": N_("The passkey’s signature is invalid; try again, or enter a code."),
    "passkey-malformed": N_("Your device’s answer could not be read; try again, or enter a code."),
    "passkey-used": N_("This passkey answer has already been used; use the passkey again."),
    "passkey-cloned": N_(
        "This passkey’s counter went backwards, which suggests a copy; enter a code, and delete the passkey."
    ),
    "passkey-nowhere": N_("Passkeys do not work at a bare IP address; enter a code."),
    "passkey-not-made": N_("Your device created no passkey that can be used here; try again, or use another device."),
    "passkey-taken": N_("This passkey is already enrolled."),
    "too-many-passkeys": N_("Ten passkeys are already enrolled; delete one of them first."),
    "wrong-recovery-code": N_("This is not one of your valid recovery codes; each works only once."),
    "not-resting": N_("This authenticator is not suspended; it can be used as it is."),
    "unbound": N_("It was not clear what you were signing; check the page again and sign what it shows."),
    "changed": N_("Something has changed since you opened this page; check it again and sign what it shows now."),
    "expired": N_("This page was open for too long; check it again and sign what it shows now."),
    # state
    "overtaken": N_(
        "Other values were saved after you opened this page; yours are not saved yet. Compare the two, and save "
        "again if yours are the right ones."
    ),
    "tabled-elsewhere": N_("A case selected here has been put on another meeting’s agenda; reload the page."),
    "filled-meanwhile": N_(
        "A document was uploaded here after you opened the page. View it first; then you can replace it."
    ),
    "wrong-state": N_("This is not possible in the case’s current state."),
    "open-case": N_("There is already an open case."),
    "not-reopened": N_("This part was not reopened when the case was returned; it stays as submitted."),
    "not-eligible": N_("This municipality’s waiting period has not ended; the case can be submitted from %(day)s."),
    "not-waiting": N_("This municipality has no waiting period; it can submit its request."),
    "lifted-already": N_("This municipality’s waiting period is already waived."),
    "published-already": N_("This score table is already published."),
    "effective-in-past": N_(
        "This score table would take effect on %(day)s; a table with a past date cannot be published."
    ),
    "nothing-in-force": N_("No score table is in force to compare this one with."),
    "unfit-ruleset": N_("This score table cannot be used in the portal; its page says why."),
    "incomplete": N_("The case is not complete yet; the missing items are listed below."),
    "four-eyes": N_("Two people are required here: a colleague must do this."),
    "not-all-authentic": N_("Not all documents are authenticated yet."),
    # people
    "sign-in-refused": N_("The username or password is wrong."),
    "paused-sign-in": NN_(
        "Too many attempts; try again in %(seconds)s second.",
        "Too many attempts; try again in %(seconds)s seconds.",
    ),
    "busy-sign-in": N_("Many people are signing in right now; please try again in a few seconds."),
    "password-short": N_("The password must have at least %(least)s characters; a short sentence works well."),
    "password-common": N_("This is a very common password; a sentence of your own works well."),
    "password-weak": N_(
        "This password is easy to guess; choose one that does not contain your name or the name of your place."
    ),
    "password-wrong": N_("This is not your current password."),
    "passwords-differ": N_("The two passwords differ; type the new one twice."),
    "username-taken": N_("This username is already taken."),
    "username-shape": N_("A username has 3 to 64 Latin letters, digits, dots or dashes."),
    "unknown-municipality": N_("Choose a municipality from the register."),
    "last-administrator": N_("This is the last administrator; create another administrator’s account first."),
    "last-entered-administrator": N_(
        "This is the last administrator who can sign in and sign: %(names)s has not signed in yet, or no second "
        "person has confirmed their authenticator. That comes first."
    ),
    "enrolled-already": N_("An authenticator is already enrolled."),
    "role": N_("This is outside your account’s authority."),
    "undeclared": N_("This is outside your account’s authority."),
    "other-site": N_("The request came from another site and was refused; open the portal at its own address."),
    # journal
    "no-journal-key": N_("The journal has no key yet, so nothing is signed; set PORTAL_JOURNAL_KEY."),
    "journal-key-missing": N_("The portal does not have the journal’s key %(key)s, which is valid."),
    "receipt-does-not-hold": N_("No receipt can be issued: the journal’s content is not what was signed."),
    "journal-key-broken": N_("A change of the journal’s key was tampered with: entry %(position)s."),
    "journal-incomplete": N_("The journal’s tree has a gap: nothing can be recorded until it is checked and restored."),
    "no-new-journal-key": N_("PORTAL_JOURNAL_KEY has no key that is new to the journal."),
    "no-witness": N_("No external location for checkpoints is set; set PORTAL_JOURNAL_WITNESS."),
    # accounts
    "account": N_("There is no account with this username."),
    "account-closed": N_("This account is already closed."),
    "entered-already": N_("This account already has a password; issue a reset link instead."),
    "not-entered": N_("This account has no password yet; issue an invitation instead."),
    "own-account": N_("You cannot do this to your own account; ask another administrator."),
    "not-confirmed": N_("Your authenticator is not confirmed yet; read its ID to the confirming officer first."),
    "unconfirmed": N_(
        "Your account awaits a second person: read them the code on your account page, or sign in with what they "
        "have confirmed; then everything opens."
    ),
    "never-entered-since": N_(
        "The password was set by a link, and its owner has not signed in since: only the "
        "server’s operator can restore the account."
    ),
    "owner-out-of-office": N_("This person holds no office today and cannot sign in to object; wait until they do."),
    "restoration-old": N_(
        "This recovery request has expired and its link no longer works; decline it so that it can be requested again."
    ),
    "nothing-lost": N_("This account has no authenticator that could be lost; issue an invitation or a reset link."),
    "first-person": N_("This must be done by somebody other than the requester and the account’s owner."),
    "no-factor-yet": N_("This account has no authenticator yet."),
    "other-fingerprint": N_("The authenticator ID differs: do not confirm, and find out who enrolled it."),
    # mandates
    "past-day": N_("This date is past; choose today or a later one."),
    "end-needed": N_("An acting officer or a deputy needs a last day; please enter it."),
    "acting-title": N_("Write the acting officer’s full title, with the word “acting” in it."),
    "ends-before-start": N_("The last day is before the first one; please check both."),
    "too-long-mandate": N_("An acting officer or a deputy is appointed for at most %(days)s days at a time."),
    "mandate-overlaps": N_("On these days this person has another mandate (“%(title)s”); end that one first."),
    "seat-taken": N_("On these days %(holder)s holds this office; end that mandate first, or appoint a deputy."),
    "no-longer": N_("This is after the mandate’s last day; propose another mandate instead."),
    "mandate-waits": N_("A mandate for this person already awaits a second person’s approval."),
    "no-mandate-waits": N_("No mandate of this person awaits approval."),
    "mandate-over-already": N_("This mandate has already ended."),
    "mandate-over": N_("Your mandate has ended: you no longer hold the office you signed in for."),
    "mandate-future": N_("Your mandate begins on %(day)s; sign in from that day."),
    "no-mandate": N_("You hold no office in the portal; ask the administrator."),
    # a case in hand
    "other-desk": N_("The case is not at your office now."),
    "hand-changed": N_("Somebody else has taken over this case in the meantime; open it again."),
}


def sentence(code: str, facts: Mapping[str, Any] | None = None) -> str:
    """The sentence for `code`, its facts in the reader's digits."""
    said = {name: _spoken(name, value) for name, value in (facts or {}).items()}
    told = SENTENCES[code]
    if isinstance(told, str):
        return gettext(told, **said)
    return ngettext(*told, next(each for each in (facts or {}).values() if isinstance(each, int)), **said)


def refusal(code: str, facts: Mapping[str, Any]) -> str:
    """Why a file is not taken, and what its sender does next in the program that made it."""
    found = sentence(code, facts)
    if code in advice.ADVICE:
        found = f"{found} {advice.of(code, facts.get('producer', ''))}"
    return found


def undrawn(code: str) -> str:
    """Why a page of a document is not drawn, and what its reader does next."""
    found = sentence(code)
    return f"{found} {gettext('Open the original, or ask for a new scan.')}" if code in advice.ADVICE else found


def _spoken(name: str, value: Any) -> Any:
    if name == "size":  # bytes
        return filesize(value)
    if isinstance(value, date):
        return instant(value) if isinstance(value, datetime) else day(value)
    if name == "names":
        return listed(value)
    return digits(value) if isinstance(value, int) else value


def of_error(error: DomainError) -> dict[str, str]:
    """Sentences by field; a refused proof stands beside the code."""
    if isinstance(error, Invalid):
        return {name: _of_field(name, given) for name, given in error.errors.items()}
    return {"code": sentence(error.code, error.facts)}


def _of_field(name: str, given: str | tuple[str, dict[str, Any]]) -> str:
    code, facts = (given, {}) if isinstance(given, str) else given
    return refusal(code, facts) if name == FILE else sentence(code, facts)
