"""`portal verify qr`: the QR code of a letter, checked against the journal's keys."""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from portal import texts
from portal.cli.connect import connected
from portal.cli.offline import FILE
from portal.cli.speech import isolated, say
from portal.domain import letter_codes, offline, persian
from portal.domain.journal_keys import JournalKey
from portal.domain.letter_codes import Checked, Claim, Worth
from portal.services.journal import checkpoints
from portal.web.words import labels
from portal.web.words.proofs import WORTHS


@click.command("qr")
@click.argument("text")
@click.option(
    "--keys", "known", type=FILE, help="The journal's keys: the JSON of /journal/key. Then nothing else is asked."
)
def qr(text: str, known: Path | None) -> None:
    """Check the QR code of a letter: the address that it says, or what stands behind its #.

    Whether the letter is still in force, only the portal can tell. Exit code 0 for genuine, 1 for anything else.
    """
    keys, base_url = (_published(known), None) if known else asyncio.run(_own())
    found = letter_codes.check(text, keys, base_url)
    click.echo(say(WORTHS[found.worth]))
    for line in _lines(found):
        click.echo(line)
    if found.worth is not Worth.GENUINE:
        sys.exit(1)


def _published(file: Path) -> Sequence[JournalKey]:
    try:
        return offline.read_published(file.read_text("utf-8")).keys
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--keys") from None


async def _own() -> tuple[Sequence[JournalKey], str | None]:
    async with connected() as settings:
        return await checkpoints.history(), settings.base_url if settings.has_base_url else None


def _lines(found: Checked) -> list[str]:
    lines = _said(found.claim) if found.claim else []
    if found.key:
        lines.append(say("Key: %(key)s, %(status)s", key=isolated(found.key.key.id.hex()), status=_status(found.key)))
    if found.claim:
        lines.append(say("Status: cannot be told without the portal"))
    return lines


def _status(key: JournalKey) -> str:
    return {"revoked": say("revoked"), "replaced": say("replaced"), "in force": say("valid")}[offline.status(key)]


def _said(claim: Claim) -> list[str]:
    locale = texts.locale.get()
    number, code = isolated(claim.number), isolated(letter_codes.grouped(claim.code))
    return [
        say("Number: %(number)s", number=number),
        say("Date: %(day)s", day=persian.format_date(claim.date, locale)),
        say("Municipality: %(town)s, %(province)s", town=isolated(claim.town), province=isolated(claim.province)),
        say("Outcome: %(outcome)s", outcome=labels.label(claim.outcome)),
        *([say("Grade: %(grade)s", grade=claim.grade)] if claim.grade is not None else []),
        say("Code: %(code)s", code=code),
    ]
