"""`portal verify record` and `portal verify archive`: without a database, a store, or any setting."""

import hashlib
import sys
import zipfile
from pathlib import Path

import click

from portal.cli.speech import counted, isolated, say
from portal.cli.verify import SENTENCES
from portal.domain import offline
from portal.domain.offline import Published
from portal.texts import N_

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
LARGEST = 16 * 1024 * 1024  # bytes of a statement, a proof or a list, unpacked
SAID = SENTENCES | {
    "checkpoint-stranger": N_("its checkpoint is of another journal, or signed by a key that this one never had"),
    "checkpoint-revoked": N_("its checkpoint is signed by a key that was revoked"),
    "checkpoint-after-its-time": N_("its checkpoint is signed by a key over entries that came after its time"),
    "no-proof": N_("its proof cannot be read, or its checkpoint's signature does not hold"),
    "not-included": N_("its proof does not lead from these bytes to the checkpoint's root"),
    "no-manifest": N_("is not listed in the package, or listed and not there"),
    "file-differs": N_("its bytes are not those that the package lists"),
}


@click.command("record")
@click.argument("statement", type=FILE)
@click.option("--keys", "known", type=FILE, required=True, help="The journal's keys: the JSON of /journal/key.")
@click.option("--proof", type=FILE, help="Its .tlog-proof.")
@click.option("--enrolment", type=FILE, help="The enrolment of the passkey that signed it: enrolment.json.")
def record(statement: Path, known: Path, proof: Path | None, enrolment: Path | None) -> None:
    """Check a statement that a receipt or a package carried: its signature, its proof, its passkey."""
    text, by = statement.read_text("utf-8"), _published(known.read_text("utf-8"))
    found = offline.wrong_record(text, by, enrolment.read_text("utf-8") if enrolment else None)
    found += offline.wrong_proof(text, proof.read_text("utf-8"), by) if proof else []
    _end([f"{statement.name}: {say(SAID[each])}" for each in found], 1)


@click.command("archive")
@click.argument("package", type=FILE)
@click.option("--keys", "known", type=FILE, help="The keys from outside; without them those in the package count.")
def archive(package: Path, known: Path | None) -> None:
    """Check a package: the bytes of every file, and signature and proof of every statement."""
    try:
        with zipfile.ZipFile(package) as bag:
            found, count = _archive(bag, _published(known.read_text("utf-8")) if known else None)
    except (zipfile.BadZipFile, UnicodeDecodeError, KeyError) as error:
        sentence = say("This is no package of the portal (%(error)s):", error=isolated(str(error)))
        click.echo(f"{sentence} {package.name}", err=True)
        sys.exit(1)
    _end(found, count)


def _archive(bag: zipfile.ZipFile, by: Published | None) -> tuple[list[str], int]:
    top = bag.namelist()[0].split("/")[0]
    lines = (line.partition("  ") for line in _text(bag, f"{top}/manifest-sha256.txt").splitlines())
    listed = {name: digest for digest, _, name in lines}
    there = {name.removeprefix(f"{top}/") for name in bag.namelist() if not name.endswith("/")}
    payload = {name for name in there if name.startswith("data/")}
    found = [f"{name}: {say(SAID['no-manifest'])}" for name in sorted(payload ^ listed.keys())]
    found += [
        f"{name}: {say(SAID['file-differs'])}"
        for name in sorted(payload & listed.keys())
        if _digest(bag, f"{top}/{name}") != listed[name]
    ]
    data, statements = f"{top}/data", sorted(name for name in payload if name.startswith("data/statements/"))
    by = by or _published(_text(bag, f"{data}/journal/keys.json"))
    for name in statements:
        text, number = _text(bag, f"{top}/{name}"), Path(name).stem
        wrong = offline.wrong_record(text, by)
        wrong += offline.wrong_proof(text, _text(bag, f"{data}/journal/proofs/{number}.tlog-proof"), by)
        found += [f"{name}: {say(SAID[each])}" for each in wrong]
    return found, len(statements)


def _text(bag: zipfile.ZipFile, name: str) -> str:
    if bag.getinfo(name).file_size > LARGEST:
        raise KeyError(f"{name} is too large")
    return bag.read(name).decode()


def _digest(bag: zipfile.ZipFile, name: str) -> str:
    with bag.open(name) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]


def _published(text: str) -> Published:
    try:
        return offline.read_published(text)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--keys") from None


def _end(found: list[str], count: int) -> None:
    for each in found:
        click.echo(each)
    if found:
        sys.exit(1)
    click.echo(counted("%(n)s statement agrees.", "%(n)s statements agree.", count))
