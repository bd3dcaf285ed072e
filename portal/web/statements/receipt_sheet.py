"""A receipt's words for the printed sheet: the same statement as on the page, and the proof to take away."""

from portal import texts
from portal.domain.lifecycle import Verdict
from portal.letters.receipt import Line, Section, Sheet
from portal.services.archive.receipts import Enrolment, Receipt
from portal.texts import gettext
from portal.web.formats import digits, direction, entries, instant
from portal.web.statements import tell
from portal.web.statements.tell import Sealed, Told
from portal.web.words import labels


def sheet(receipt: Receipt, base_url: str) -> Sheet:
    """The sheet of `receipt` (it holds), in the current locale; `base_url` is where its proof can be fetched again."""
    assert receipt.statement is not None
    told, record = tell.tell(receipt.statement["intent"]), tell.tell_record(receipt.statement)
    title = gettext("Receipt: %(act)s", act=labels.act_label(receipt.statement["intent"]["act"]))
    sections = (_signed(record, receipt), *_statement(told), _proof(receipt, told))
    return Sheet(
        language=texts.locale.get(),
        is_right_to_left=direction() == "rtl",
        title=title,
        subject=told.subject,
        signer=told.signer,
        meaning=told.meaning,
        sections=tuple(each for each in sections if each.lines),
        proof_title=gettext("Proof, which can be checked without this portal"),
        proof=receipt.proof.as_text(),
        foot=gettext(
            "To check: the key is at %(key)s; a newer proof is at %(proof)s.",
            key=f"{base_url}/journal/key",
            proof=f"{base_url}/journal/entries/{receipt.position}/proof",
        ),
        statement=receipt.text,
        signed_at=record.at,
        enrolment=receipt.passkey.text if receipt.passkey else "",
        enrolment_proof=receipt.passkey.proof.as_text() if receipt.passkey else "",
    )


def _signed(record: Sealed, receipt: Receipt) -> Section:
    return Section(
        gettext("Signature"),
        (
            Line(gettext("When"), instant(record.at)),
            Line(gettext("Method of signing"), record.factor),
            *([Line(gettext("Time step"), record.step)] if record.step else ()),
            Line(gettext("What this proves"), record.proves),
            *_passkey(receipt.passkey),
            Line(gettext("Journal entry"), digits(record.position)),
        ),
    )


def _passkey(passkey: Enrolment | None) -> tuple[Line, ...]:
    if passkey is None:
        return ()
    key = [passkey.public_key[at : at + 64] for at in range(0, len(passkey.public_key), 64)]
    lines = [Line(gettext("Public key of the passkey") if at == 0 else "", each, True) for at, each in enumerate(key)]
    return (*lines, Line(gettext("Passkey enrolled by entry"), digits(passkey.position)))


def _statement(told: Told) -> list[Section]:
    state = [Line(gettext("State of the case"), told.states)] if told.states else []
    values = [Line(each.name, each.value, each.is_code) for each in told.values]
    return [
        Section(gettext("What was signed"), (*values, *state)),
        Section(gettext("Documents"), tuple(line for each in told.items for line in _document(each))),
        Section(gettext("Declared values"), tuple(Line(each.name, each.value) for each in told.declared)),
    ]


def _document(item: tell.Item) -> list[Line]:
    verdict = labels.labelled(Verdict, item.verdict) if item.verdict else ""
    said = " — ".join(each for each in (item.proves, verdict, item.said or "") if each)
    more = [Line("", each) for each in (said, item.unseen) if each]
    return [Line(item.label, item.filename, more=item.about), Line("", item.sha256, True), *more]


def _proof(receipt: Receipt, told: Told) -> Section:
    return Section(
        gettext("In the journal"),
        (
            Line(gettext("Digest of the text"), told.digest, True),
            Line(gettext("Leaf in the journal’s tree"), receipt.proof.leaf.hex(), True),
            *_record_key(receipt),
            Line(gettext("Checkpoint covers"), entries(receipt.proof.under.checkpoint.size)),
        ),
    )


def _record_key(receipt: Receipt) -> tuple[Line, ...]:
    key = receipt.key_id
    return (Line(gettext("Record signed by the journal’s key"), key, True),) if key else ()
