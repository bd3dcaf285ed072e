"""`portal verify`: what the portal says of itself, checked against itself and against what was put outside."""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from tqdm import tqdm

from portal.cli.connect import connected, store_of
from portal.cli.speech import counted, isolated, say, told
from portal.domain import signed_notes
from portal.services.operations import starting
from portal.services.verification import audit
from portal.services.verification.audit import Audit
from portal.services.verification.entries import Reference
from portal.services.verification.statements import Finding, Tick
from portal.storage.calls import StoreUnavailable
from portal.texts import N_
from portal.web.formats import entries

SENTENCES = {
    "entry-missing": N_("is missing"),
    "leaf-differs": N_("the statement is not the one that was written: its leaf differs"),
    "not-canonical": N_("the statement is not canonical JSON"),
    "no-statement": N_("the statement cannot be read"),
    "columns-differ": N_("the columns beside the statement say something else than it"),
    "assertion-differs": N_("the passkey named there has not signed this statement"),
    "intent-differs": N_("the record binds another intent than the statement holds"),
    "node-differs": N_("is not what the leaves give"),
    "log-truncated": N_("and those after it are gone: the tree covers more leaves than there are"),
    "record-unsigned": N_("is not signed, though every record is by then"),
    "record-forged": N_("is not signed by the journal's key that was in force, or was changed after it was signed"),
    "before-differs": N_("was signed over other entries than those that stand before it: one of them was changed"),
    "signing-moved": N_("records are signed from here on, and the row that states the position says something else"),
    "key-unknown": N_(
        "brings in a key of the journal that this portal does not hold and nobody given with --key knows"
    ),
    "key-alone": N_("brings in a key that no key before it vouches for; give the one from the safe with --key"),
    "key-history": N_("a change of the journal's key is not signed by the keys it concerns"),
    "checkpoint-malformed": N_("is no checkpoint, or its signature does not hold (%(why)s)"),
    "checkpoint-stranger": N_("is of another journal, “%(origin)s”, or signed by a key that this one never had"),
    "checkpoint-revoked": N_("is signed by a key that was revoked, %(key)s"),
    "checkpoint-after-its-time": N_("is signed by the key %(key)s over entries that came after its time"),
    "checkpoint-row-differs": N_("its row names another size or root than the note"),
    "log-shorter": N_("covers %(size)s entries, and the journal has %(entries)s: it was cut off"),
    "root-differs": N_("names another root over the first %(size)s entries: one of them was changed"),
    "state-before": N_("begins from another state than the events before it left (case %(case)s)"),
    "opened-twice": N_("opens a case that was open already (case %(case)s)"),
    "never-opened": N_("speaks of a case that was never opened (case %(case)s)"),
    "another-act": N_("is another act than its event says (case %(case)s)"),
    "no-such-transition": N_("is an act that this state and role do not allow (case %(case)s)"),
    "case-missing": N_("speaks of a case that has no row"),
    "case-state": N_("stands as “%(kept)s”; its events say “%(said)s”"),
    "case-outcome": N_("its outcome or grade is not that of its last decision"),
    "case-column": N_("its column “%(column)s” says something else than its events"),
    "declaration-differs": N_("the declaration being edited is not the one that was saved last"),
    "document-missing": N_("is named by the journal and has no row"),
    "document-unrecorded": N_("has a row and no event"),
    "document-differs": N_("its row says something else than the event by which it came in"),
    "document-ended": N_("is current by its row or by the journal, not by both"),
    "submission-count": N_("has more or fewer submissions than the journal"),
    "submission-differs": N_("is not what was signed"),
    "act-unrecorded": N_("has a row and no event (case %(case)s)"),
    "act-differs": N_("its row says something else than entry %(entry)s"),
    "act-missing": N_("has no row in %(table)s"),
    "statement-unreadable": N_("one of its statements cannot be read"),
    "account-unrecorded": N_("has a row, and the journal never opened it"),
    "account-missing": N_("speaks of an account that has no row"),
    "account-differs": N_("its row says something else than the events about it"),
    "password-differs": N_("its password is not the one that was set: the hash in its row is another"),
    "town-missing": N_("is in the register that the portal ships and has no row"),
    "town-unrecorded": N_("has a row and is not in the register that the portal ships"),
    "town-differs": N_("its row says something else than the register that the portal ships"),
    "mandate-unrecorded": N_("has a row and no event"),
    "mandate-missing": N_("is named by the journal and has no row"),
    "mandate-differs": N_("its row says something else than the events about it"),
    "factor-unrecorded": N_("is enrolled by its row, and by no event"),
    "factor-missing": N_("is named by the journal and has no row"),
    "factor-differs": N_("its row says something else than the events about it"),
    "secret-differs": N_("its secret is not the one that was enrolled: its fingerprint differs"),
    "confirmation-unrecorded": N_("has a row, and nothing in the journal stands behind it"),
    "confirmation-missing": N_("was confirmed by the journal, and no row says so"),
    "confirmation-differs": N_("its row says something else than the events about it"),
    "signer-factor": N_("is signed with a factor that was not its signer's, or had ended by then"),
    "signer-mandate": N_("is signed under a mandate that its signer did not hold by then"),
    "ruleset-unrecorded": N_("has a row and no event, and is not what the portal ships"),
    "ruleset-missing": N_("speaks of a rule set that has no row"),
    "ruleset-differs": N_("its row says something else than its text or the events about it"),
    "lift-unrecorded": N_("has a row and no event"),
    "lift-missing": N_("lifts a waiting period and has no row"),
    "lift-differs": N_("its row says something else than its event"),
    "sitting-unrecorded": N_("has a row and no event"),
    "sitting-missing": N_("speaks of a sitting that has no row"),
    "sitting-differs": N_("its row says something else than the events about it"),
    "object-missing": N_("its bytes are gone from the store (%(key)s)"),
    "object-differs": N_("its bytes in the store are not those that were signed (%(key)s)"),
}


def sentence(finding: Finding) -> str:
    """A finding in one line: where, which no language changes, and what."""
    facts = {each: isolated(value) if isinstance(value, str) else value for each, value in finding.facts.items()}
    return f"{finding.where}: {say(SENTENCES[finding.code], **facts)}"


@click.group()
def verify() -> None:
    """Check what the portal keeps."""


@verify.command("journal")
@click.option(
    "--checkpoint",
    "files",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A checkpoint kept outside the portal; may be given more than once.",
)
@click.option(
    "--key", "keys", multiple=True, metavar="VERIFIER_KEY", help="The journal's key as it is kept in the safe."
)
@click.option("--skip-bytes", is_flag=True, help="Leave out the objects in the store.")
@click.option("--most", default=20, show_default=True, help="How many findings are printed.")
def verify_journal(files: tuple[Path, ...], keys: tuple[str, ...], skip_bytes: bool, most: int) -> None:
    """Recompute the journal; follow its statements to rows and bytes; play every case again.

    Exit code 0 when all agrees, 1 with the first place that does not.
    """
    held = [Reference(path.read_text("utf-8", "replace"), str(path)) for path in files]
    try:
        anchors = [signed_notes.verifier_key(each).public for each in keys]
    except signed_notes.MalformedNote as error:
        raise click.BadParameter(str(error), param_hint="--key") from None
    try:
        done = asyncio.run(_journal(held, anchors, skip_bytes))
    except StoreUnavailable as error:
        click.echo(told(starting.away("store", error)), err=True)
        sys.exit(2)
    for each in done.findings[:most]:
        click.echo(sentence(each))
    if len(done.findings) > most:
        click.echo(say("… and %(n)s more.", n=len(done.findings) - most))
    if done.findings:
        sys.exit(1)
    click.echo(
        say(
            "%(entries)s with root %(root)s, %(cases)s, %(objects)s and %(checkpoints)s agree.",
            entries=entries(done.entries),
            root=isolated(done.root.hex()),
            cases=counted("%(n)s case", "%(n)s cases", done.cases),
            objects=counted("%(n)s object", "%(n)s objects", done.objects),
            checkpoints=counted("%(n)s checkpoint", "%(n)s checkpoints", done.checkpoints),
        )
    )


async def _journal(held: list[Reference], anchors: list[bytes], skip_bytes: bool) -> Audit:
    async with connected() as settings:
        if skip_bytes:
            return await audit.journal(held, None, _progress, anchors)
        async with store_of(settings) as store:
            return await audit.journal(held, store, _progress, anchors)


@contextmanager
def _progress(of: str, total: int) -> Iterator[Tick]:
    """A bar on a terminal, nothing in a pipe."""
    with tqdm(total=total, desc=of, disable=None, leave=False) as bar:
        yield lambda done: bar.update(done) and None
