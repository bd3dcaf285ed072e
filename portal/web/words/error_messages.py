"""Refusal codes in words. A sentence says what happened and what to do next, without blame."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from portal.domain.errors import DomainError, Invalid
from portal.texts import N_, NN_, gettext, ngettext
from portal.web.formats import day, digits, filesize, instant, listed
from portal.web.words import advice

FILE = "file"  # the field in which files are sent

SENTENCES: Mapping[str, str | tuple[str, str]] = {
    # fields
    "blank": N_("Please fill this in."),
    "choose": N_("Please choose one of the options."),
    "too-long": N_("At most %(most)s characters fit here; please shorten it."),
    "too-many": N_("At most %(most)s can be chosen at once."),
    "control-characters": N_("There are characters here that cannot be kept; please type it again."),
    "number": N_("This must be a whole number, for example 55703."),
    "ambiguous": N_("This number can be read in two ways; write it with digits alone, for example 1250000."),
    "negative": N_("This number cannot be below zero."),
    "too-large": N_("This number is too large; check it and its unit."),
    "out-of-range": N_("This must lie between %(least)s and %(most)s."),
    "date": N_("Write the day as year/month/day, for example 1400/10/23."),
    "gregorian": N_("Write the day in the Solar Hijri calendar, for example 1400/10/23."),
    "no-such-day": N_("There is no such day in the calendar; please check it."),
    "future-day": N_("This day is still to come; please check it."),
    "year-twice": N_("This year stands here twice; the three settled years must differ."),
    "no-verdict": N_("Choose a verdict for at least one document."),
    "verdict-reason": N_("Say why this document is not accepted, so that the municipality can mend it."),
    "unseen-reason": N_(
        "No page of this document was shown to you: look at it first, or write why it is authentic all the same."
    ),
    "not-current": N_("This document is no longer the current one; open the case again."),
    "other-kind": N_("The new file must be of the same kind as the one it replaces."),
    "not-in-case": N_("Something chosen here is not part of this case; open the page again."),
    "unknown-ruleset": N_("Choose one of the published score tables."),
    "another-ruleset-needs-reason": N_(
        "Another table applies to this case; write in the note why you score under this one."
    ),
    "known-ruleset": N_("This very score table is here already."),
    "not-ruleset": N_("This is no score table that could be published; what was found is listed below."),
    "missing-input": N_("This score table needs a value that the declaration does not hold."),
    "unusable-sitting": N_("Choose a sitting that has been held."),
    "not-assessed": N_("One of these cases is not waiting for a sitting any more; open the page again."),
    "refusal-needs-reason": N_("Write the reason of the refusal; the municipality reads it in the letter."),
    "nothing-to-keep": N_("This municipality holds no grade yet that could stay unchanged."),
    "grade-not-held": N_("Unchanged means the held grade, %(held)s."),
    "grade-not-higher": N_("A raised grade is above the held one, %(held)s, and at most 12."),
    "grade-not-lower": N_("A lowered grade is below the held one, %(held)s, and at least 1."),
    "differs-from-computed": N_("This differs from the computed grade, %(computed)s: write the reason."),
    # files
    "no-file": N_("Choose a file to send."),
    "empty": N_("This file is empty; scan the document again."),
    "unknown-type": N_("This file is no PDF, JPEG, PNG or TIFF; scan or save it as one of these."),
    "broken": N_("This file is incomplete or damaged and cannot be opened."),
    "cut_off": N_("The end of this file is missing, and with it pages or parts that it names itself."),
    "not-whole": N_("The file did not arrive whole; send it again."),
    "encrypted": N_("This file asks for a password."),
    "no_pages": N_("This file has no pages."),
    "too_many_pages": NN_("This file has more than %(most)s page.", "This file has more than %(most)s pages."),
    "absurd_dimensions": N_("The pages of this file are too large to be shown."),
    "too_heavy": N_("This file asks for too much time or memory to be opened."),
    "heavy-document": N_(
        "Several pages of this file asked for too much time or memory, so the others are not drawn any more; open the "
        "original, or ask for a new scan."
    ),
    "unfamiliar": N_("This picture is packed in a way that the portal does not know."),
    "two_kinds": N_("This file is of two kinds at once: other programs would show something else than the portal."),
    "scripts": N_("This file carries scripts, which could change what it shows."),
    "dynamic_form": N_("This file is a dynamic form (XFA), whose pages only Adobe's programs show."),
    "launch_actions": N_("This file would start a program on the reader's computer."),
    "acts_by_itself": N_("This file would open an address or another file, or send a form, by itself."),
    "embedded_files": N_("Other files are attached inside this file, and nobody would see them on its pages."),
    "media": N_("This file holds film, sound or three-dimensional content, which paper cannot show."),
    "infected": N_("The virus scanner found %(virus)s in this file; clean the computer it comes from and scan anew."),
    "scanner-away": N_("The virus scanner does not answer, so no file can be taken now; try again in a few minutes."),
    "not-drawn": N_("There is no picture of this page yet; open it in the reader."),
    "altered": N_("The stored bytes are not those that were recorded; tell the administrator of the portal."),
    "file-too-large": N_("This file is larger than %(size)s; scan it with fewer dots per inch and send it again."),
    # uploads
    "digest-shape": N_("The fingerprint of the file is not 64 hexadecimal digits; choose the file again."),
    "digest-differs": N_("What arrived is not what was sent: the two fingerprints differ. Send the file again."),
    "intake-documents": NN_(
        "A municipality can send at most %(documents)s file in a day; go on after %(until)s.",
        "A municipality can send at most %(documents)s files in a day; go on after %(until)s.",
    ),
    "intake-size": N_("A municipality can send at most %(size)s in a day; go on after %(until)s."),
    "intake-uploads": NN_(
        "At most %(most)s file of a municipality can be on its way at once; finish or give up some, or go on after "
        "%(until)s.",
        "At most %(most)s files of a municipality can be on their way at once; finish or give up some, or go on after "
        "%(until)s.",
    ),
    "no-upload": N_("There is no such upload in your cases."),
    "being-written": N_("This file is being sent from another window just now; it goes on when that one stops."),
    "being-checked": N_("The file has arrived and is being checked; one moment."),
    "offset-differs": N_("These bytes do not begin where the received ones end."),
    "beyond-length": N_("More bytes came than the file was announced with."),
    "checksum-differs": N_("These bytes arrived damaged and were not kept; they must be sent again."),
    "upload-expired": N_("This upload lay unfinished for too long and was given up; send the file again."),
    "upload-terminated": N_("This upload was given up; send the file again."),
    "upload-closed": N_("The case takes no documents any more, so this unfinished upload was given up."),
    "upload-lost": N_("The store no longer holds what had arrived of this file; send it again."),
    "starting": N_("The portal is starting, and waits for its database or its store."),
    "try-later": N_("The portal cannot take this just now; what has arrived is kept. Try again in a moment."),
    # proof
    "code-missing": N_("Type the six-digit code of your authenticator app."),
    "wrong-code": N_("This code is not right; type the one that your app shows now."),
    "used-code": NN_(
        "This code has been used already; wait %(seconds)s second for the next one.",
        "This code has been used already; wait %(seconds)s seconds for the next one.",
    ),
    "paused": NN_(
        "Too many wrong codes; you can try again in %(seconds)s second.",
        "Too many wrong codes; you can try again in %(seconds)s seconds.",
    ),
    "clock-ahead": NN_(
        "Your phone's clock is about %(minutes)s minute ahead: set it to automatic, and type the next code.",
        "Your phone's clock is about %(minutes)s minutes ahead: set it to automatic, and type the next code.",
    ),
    "clock-behind": NN_(
        "Your phone's clock is about %(minutes)s minute behind: set it to automatic, and type the next code.",
        "Your phone's clock is about %(minutes)s minutes behind: set it to automatic, and type the next code.",
    ),
    "resting": N_("This authenticator rests after 100 wrong codes in a row; restore it with another proof."),
    "no-factor": N_("Your account has no authenticator app yet; set one up first."),
    "passkey-unknown": N_("This passkey does not belong to your account; choose one that you have enrolled here."),
    "passkey-other-site": N_("This passkey was used on another site; open the portal at its own address."),
    "passkey-other-statement": N_(
        "The passkey has signed something else than this page shows; sign what it shows now."
    ),
    "passkey-unverified": N_(
        "Your device did not ask who you are; unlock it with its PIN, finger or face, and try again."
    ),
    "passkey-forged": N_("The passkey's signature does not hold; try again, or type a code."),
    "passkey-malformed": N_("The answer of your device could not be read; try again, or type a code."),
    "passkey-used": N_("This answer of your passkey has been used already; use the passkey again."),
    "passkey-cloned": N_(
        "This passkey's counter went back, as if it had been copied; type a code, and end the passkey."
    ),
    "passkey-nowhere": N_("Passkeys do not work at a bare IP address; type a code."),
    "passkey-not-made": N_("Your device made no passkey that can be used here; try again, or take another device."),
    "passkey-taken": N_("This passkey is enrolled already."),
    "too-many-passkeys": N_("Ten passkeys are enrolled already; end one of them first."),
    "wrong-recovery-code": N_("This is no recovery code of yours that is still good; each counts once."),
    "not-resting": N_("This authenticator does not rest; it can be used as it is."),
    "unbound": N_("It was not clear what you were signing; look at the page again and sign what it shows."),
    "changed": N_("Something changed since this page was opened; look at it again and sign what it shows now."),
    "expired": N_("This page was open for too long; look at it again and sign what it shows now."),
    # state
    "overtaken": N_(
        "Other values were saved after this page was opened; nothing of yours is saved yet. "
        "Compare the two, and save again if yours are to stand."
    ),
    "tabled-elsewhere": N_("A case chosen here was put on another sitting's agenda meanwhile; load the page again."),
    "filled-meanwhile": N_(
        "A document has come into this place since the page was opened. Look at it first; then you can replace it."
    ),
    "wrong-state": N_("This cannot be done to the case in its present state."),
    "open-case": N_("There is an open case already."),
    "not-reopened": N_("The return did not reopen this part; it stays as it was sent."),
    "not-eligible": N_("The waiting period of this municipality is not over; the case can be sent from %(day)s on."),
    "not-waiting": N_("This municipality is not waiting: it can send its request."),
    "lifted-already": N_("The waiting period of this municipality is lifted already."),
    "published-already": N_("This score table is published already."),
    "effective-in-past": N_(
        "This score table would be in force from %(day)s on; a day in the past cannot be published."
    ),
    "nothing-in-force": N_("No score table is in force that this one could be compared with."),
    "unfit-ruleset": N_("This score table cannot serve in the portal; its page says why."),
    "incomplete": N_("The case is not complete yet; what is missing is listed below."),
    "four-eyes": N_("This office asks for two people here: a colleague of yours must do it."),
    "not-all-authentic": N_("Not every document is attested authentic yet."),
    # people
    "sign-in-refused": N_("Username or password is not right."),
    "paused-sign-in": NN_(
        "Too many tries; you can try again in %(seconds)s second.",
        "Too many tries; you can try again in %(seconds)s seconds.",
    ),
    "busy-sign-in": N_("Many people sign in at this moment; please try again in a few seconds."),
    "password-short": N_("A password has at least %(least)s characters; a short sentence serves well."),
    "password-common": N_("This password is one of those that are tried first; a sentence of your own serves well."),
    "password-weak": N_("This password is easy to guess; choose one without your name or your place's in it."),
    "password-wrong": N_("This is not your present password."),
    "passwords-differ": N_("The two passwords differ; type the new one twice."),
    "username-taken": N_("This username is taken already."),
    "username-shape": N_("A username has 3 to 64 Latin letters, digits, dots or dashes."),
    "unknown-municipality": N_("Choose a municipality of the register."),
    "last-administrator": N_("This is the last administrator; open another account for one first."),
    "last-entered-administrator": N_(
        "This is the last administrator who can sign in and sign: %(names)s has not entered yet, or no second person "
        "has confirmed the authenticator. That comes first."
    ),
    "enrolled-already": N_("An authenticator is enrolled already."),
    "role": N_("This is not part of your office."),
    "undeclared": N_("This is not part of your office."),
    "other-site": N_("The request came from another site and was refused; open the portal at its own address."),
    # journal
    "no-journal-key": N_("The journal has no key yet, so that nothing is signed; PORTAL_JOURNAL_KEY gives it one."),
    "journal-key-missing": N_("The portal does not hold the journal's key %(key)s, which is in force."),
    "receipt-does-not-hold": N_("No receipt can be printed: what stands in the journal is not what was signed."),
    "journal-key-broken": N_("A change of the journal's key was tampered with: entry %(position)s."),
    "journal-incomplete": N_(
        "The journal's tree has a gap: nothing can be recorded until it is verified and restored."
    ),
    "no-new-journal-key": N_("PORTAL_JOURNAL_KEY holds no key that is new to the journal."),
    "no-witness": N_("No place outside the portal is named for checkpoints; PORTAL_JOURNAL_WITNESS names one."),
    # accounts
    "account": N_("There is no account of this name."),
    "account-closed": N_("This account is closed already."),
    "entered-already": N_("This account has a password already; make a reset link instead."),
    "not-entered": N_("This account has no password yet; make an invitation instead."),
    "own-account": N_("Nobody does this to his own account; ask another administrator."),
    "not-confirmed": N_("Your authenticator is not confirmed yet; read its fingerprint to the second person first."),
    "unconfirmed": N_(
        "Your account waits for a second person: read him the digits on your account's page, or sign in with what he"
        " has confirmed; then everything opens."
    ),
    "never-entered-since": N_(
        "The password was set by a link, and its owner has not signed in since: whoever holds the machine restores it."
    ),
    "owner-out-of-office": N_(
        "This person holds no office today and cannot sign in to object; wait until he holds one."
    ),
    "restoration-old": N_(
        "This restoration has grown old and its link opens no more; decline it and let it be asked anew."
    ),
    "nothing-lost": N_("This account has no authenticator that could be lost; make an invitation or a reset link."),
    "first-person": N_("This needs another person than the one who asked for it or whom it is about."),
    "no-factor-yet": N_("This account has no authenticator yet."),
    "other-fingerprint": N_("The fingerprint differs: do not confirm, and find out who enrolled this authenticator."),
    # mandates
    "past-day": N_("This day is past; choose today or a later one."),
    "end-needed": N_("An acting officer or a deputy has a last day; please name it."),
    "acting-title": N_("Write the whole title of the acting officer; it says that they act for an office."),
    "ends-before-start": N_("The last day lies before the first one; please check both."),
    "too-long-mandate": N_("An acting officer or a deputy is appointed for at most %(days)s days at once."),
    "mandate-overlaps": N_("On these days another mandate of this person stands («%(title)s»); end that one first."),
    "seat-taken": N_("On these days %(holder)s holds this office; end that mandate first, or appoint a deputy."),
    "no-longer": N_("This is after the mandate's last day; grant another mandate instead."),
    "mandate-waits": N_("A mandate of this person waits for a second person already."),
    "no-mandate-waits": N_("No mandate of this person waits for an agreement."),
    "mandate-over-already": N_("This mandate is over already."),
    "mandate-over": N_("Your mandate is over: you signed in for an office that you no longer hold."),
    "mandate-future": N_("Your mandate begins on %(day)s; sign in from that day on."),
    "no-mandate": N_("You hold no office in the portal; ask its administrator."),
    # a case in hand
    "other-desk": N_("The case does not lie at your office now."),
    "hand-changed": N_("Meanwhile somebody else took this case in hand; open it again."),
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
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, date):
        return day(value)
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
