"""The receipt of a sign-off as a sheet of paper, PDF/A-3a and PDF/UA-1. Its words come from the page's own.

The statement, byte for byte, and its proof are attached: programs need not read them off the paper.
"""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from portal.domain import bidi
from portal.letters import typesetting
from portal.letters.text_shaping import drawable

SOURCE = Path(__file__).parent / "receipt.typ"
ATTACHED = ("statement", "proof", "enrolment", "enrolment_proof")
UNSAID = ("statement", "enrolment", "enrolment_proof", "signed_at")  # not printed
UNSPOKEN = ("language", "proof")  # programs read them


@dataclass(frozen=True, slots=True)
class Line:
    """A name and a value; `is_code` for digests, which are read left to right. An empty name goes on with the last.

    `more` stands after the value, which may be of another direction (the name of a file).
    """

    name: str
    value: str
    is_code: bool = False
    more: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """What stands on a receipt. `meaning` is Persian whatever the `language` (fa, en); `proof` is lines of text.

    `statement` is attached, not printed; so are the enrolment of the passkey that signed it, and its proof (empty
    where none did).
    """

    language: str
    is_right_to_left: bool
    title: str
    subject: str
    signer: str
    meaning: str
    sections: tuple[Section, ...]
    proof_title: str
    proof: str
    foot: str
    statement: str
    signed_at: datetime
    enrolment: str = ""
    enrolment_proof: str = ""


def typeset(sheet: Sheet) -> bytes:
    """The sheet as a PDF; equal sheets give equal bytes. Blocking: call it in a worker thread."""
    data = json.dumps(words(sheet), ensure_ascii=False, sort_keys=True)
    attached = {name: getattr(sheet, name) for name in ATTACHED}
    return typesetting.pdf(SOURCE, {"sheet": data}, standards=("a-3a", "ua-1"), on=sheet.signed_at, attached=attached)


def words(sheet: Sheet) -> dict[str, Any]:
    """What the sheet says, as Typst gets it."""
    said = {name: each for name, each in asdict(sheet).items() if name not in UNSAID}
    return {name: _clean(each, "" if name in UNSPOKEN else sheet.language) for name, each in said.items()}


def _clean(value: object, locale: str) -> object:
    """Every text in `value`, line by line, in characters that can be drawn; what is no code is isolated."""
    match value:
        case str():
            text = "\n".join(drawable(line) for line in value.split("\n"))
            return bidi.isolated_runs(text, locale) if locale else text
        case dict():
            code = "value" if value.get("is_code") else None
            return {name: _clean(each, "" if name == code else locale) for name, each in value.items()}
        case list() | tuple():
            return [_clean(each, locale) for each in value]
    return value
