"""`portal verify`: what the portal says of itself, checked against itself and against what was put outside."""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from tqdm import tqdm

from portal.cli.connect import connected, store_of
from portal.domain import signed_notes
from portal.services.verification import audit
from portal.services.verification.audit import Audit
from portal.services.verification.entries import Reference
from portal.services.verification.statements import Finding, Tick
from portal.storage.calls import StoreUnavailable

SENTENCES = {
    "entry-missing": "is missing",
    "leaf-differs": "the statement is not the one that was written: its leaf differs",
    "not-canonical": "the statement is not canonical JSON",
    "no-statement": "the statement cannot be read",
    "columns-differ": "the columns beside the statement say something else than it",
    "assertion-differs": "the passkey named there has not signed this statement",
    "intent-differs": "the record binds another intent than the statement holds",
    "node-differs": "is not what the leaves give",
    "log-truncated": "and those after it are gone: the tree covers more leaves than there are",
    "record-unsigned": "is not signed, though every record is by then",
    "record-forged": "is not signed by the journal's key that was in force, or was changed after it was signed",
    "before-differs": "was signed over other entries than those that stand before it: one of them was changed",
    "signing-moved": "records are signed from here on, and the row that states the position says something else",
    "key-unknown": "brings in a key of the journal that this portal does not hold and nobody given with --key knows",
    "key-alone": "brings in a key that no key before it vouches for; give the one from the safe with --key",
    "key-history": "a change of the journal's key is not signed by the keys it concerns",
    "checkpoint-malformed": "is no checkpoint, or its signature does not hold ({why})",
    "checkpoint-stranger": "is of another journal, “{origin}”, or signed by a key that this one never had",
    "checkpoint-revoked": "is signed by a key that was revoked, {key}",
    "checkpoint-after-its-time": "is signed by the key {key} over entries that came after its time",
    "checkpoint-row-differs": "its row names another size or root than the note",
    "log-shorter": "covers {size} entries, and the journal has {entries}: it was cut off",
    "root-differs": "names another root over the first {size} entries: one of them was changed",
    "state-before": "begins from another state than the events before it left (case {case})",
    "opened-twice": "opens a case that was open already (case {case})",
    "never-opened": "speaks of a case that was never opened (case {case})",
    "another-act": "is another act than its event says (case {case})",
    "no-such-transition": "is an act that this state and role do not allow (case {case})",
    "case-missing": "speaks of a case that has no row",
    "case-state": "stands as “{kept}”; its events say “{said}”",
    "case-outcome": "its outcome or grade is not that of its last decision",
    "case-column": "its column “{column}” says something else than its events",
    "declaration-differs": "the declaration being edited is not the one that was saved last",
    "document-missing": "is named by the journal and has no row",
    "document-unrecorded": "has a row and no event",
    "document-differs": "its row says something else than the event by which it came in",
    "document-ended": "is current by its row or by the journal, not by both",
    "submission-count": "has more or fewer submissions than the journal",
    "submission-differs": "is not what was signed",
    "act-unrecorded": "has a row and no event (case {case})",
    "act-differs": "its row says something else than entry {entry}",
    "act-missing": "has no row in {table}",
    "statement-unreadable": "one of its statements cannot be read",
    "account-unrecorded": "has a row, and the journal never opened it",
    "account-missing": "speaks of an account that has no row",
    "account-differs": "its row says something else than the events about it",
    "password-differs": "its password is not the one that was set: the hash in its row is another",
    "town-missing": "is in the register that the portal ships and has no row",
    "town-unrecorded": "has a row and is not in the register that the portal ships",
    "town-differs": "its row says something else than the register that the portal ships",
    "mandate-unrecorded": "has a row and no event",
    "mandate-missing": "is named by the journal and has no row",
    "mandate-differs": "its row says something else than the events about it",
    "factor-unrecorded": "is enrolled by its row, and by no event",
    "factor-missing": "is named by the journal and has no row",
    "factor-differs": "its row says something else than the events about it",
    "secret-differs": "its secret is not the one that was enrolled: its fingerprint differs",
    "confirmation-unrecorded": "has a row, and nothing in the journal stands behind it",
    "confirmation-missing": "was confirmed by the journal, and no row says so",
    "confirmation-differs": "its row says something else than the events about it",
    "signer-factor": "is signed with a factor that was not its signer's, or had ended by then",
    "signer-mandate": "is signed under a mandate that its signer did not hold by then",
    "ruleset-unrecorded": "has a row and no event, and is not what the portal ships",
    "ruleset-missing": "speaks of a rule set that has no row",
    "ruleset-differs": "its row says something else than its text or the events about it",
    "lift-unrecorded": "has a row and no event",
    "lift-missing": "lifts a waiting period and has no row",
    "lift-differs": "its row says something else than its event",
    "sitting-unrecorded": "has a row and no event",
    "sitting-missing": "speaks of a sitting that has no row",
    "sitting-differs": "its row says something else than the events about it",
    "object-missing": "its bytes are gone from the store ({key})",
    "object-differs": "its bytes in the store are not those that were signed ({key})",
}


def sentence(finding: Finding) -> str:
    """A finding in one line: where, and what."""
    return f"{finding.where}: {SENTENCES[finding.code].format(**finding.facts)}"


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
        click.echo(f"The store does not answer: {error}.", err=True)
        sys.exit(2)
    for each in done.findings[:most]:
        click.echo(sentence(each))
    if len(done.findings) > most:
        click.echo(f"… and {len(done.findings) - most} more.")
    if done.findings:
        sys.exit(1)
    click.echo(
        f"{done.entries} entries with root {done.root.hex()}, {done.cases} cases, {done.objects} objects and "
        f"{done.checkpoints} checkpoints agree."
    )


async def _journal(held: list[Reference], anchors: list[bytes], skip_bytes: bool) -> Audit:
    async with connected() as settings:
        if skip_bytes:
            return await audit.journal(held, None, _progress, anchors)
        async with store_of(settings) as store:
            return await audit.journal(held, store, _progress, anchors)


@contextmanager
def _progress(name: str, total: int) -> Iterator[Tick]:
    """A bar on a terminal, nothing in a pipe."""
    with tqdm(total=total, desc=name, disable=None, leave=False) as bar:
        yield lambda done: bar.update(done) and None
