"""The decision letter and its annex, PDF/A-2a and PDF/UA-1: an office letter, Persian whatever the signer reads.

Equal letters give equal bytes: nothing in them depends on the machine or the moment. What they say stands in
`wording.py` and `annex.py`, and not in the catalogues: a letter stays as it was signed.
"""

import json
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

from portal.domain import bidi
from portal.letters import annex, codes, typesetting, wording
from portal.letters.facts import DecisionLetter
from portal.letters.text_shaping import drawable

SOURCE = Path(__file__).parent / "decision.typ"
STANDARDS = ("a-2a", "ua-1")


def typeset(letter: DecisionLetter) -> bytes:
    """The letter as a PDF: a page, and its annex on others. Blocking: call it in a worker thread.

    Raises:
        ValueError: an outcome without its grade.
    """
    on = letter.issue.at if letter.issue else letter.sitting_date  # a draft has no date of its own
    return typesetting.pdf(SOURCE, {"letter": said(letter)}, standards=STANDARDS, on=on, identifier=_address(letter))


def said(letter: DecisionLetter) -> str:
    """`words` as the source reads it."""
    return json.dumps(words(letter), ensure_ascii=False, sort_keys=True)


def _address(letter: DecisionLetter) -> str:
    """Where the letter is looked up: what its QR code says, without the claim behind it."""
    return letter.issue.qr.partition("#")[0] if letter.issue else ""


def words(letter: DecisionLetter) -> dict[str, Any]:
    """What the letter says, as Typst gets it: every sentence with its numbers and Latin runs isolated.

    Raises:
        ValueError: an outcome without its grade.
    """
    letter = clean(letter)
    said: dict[str, Any] = _isolated({**wording.page(letter), "annex": annex.page(letter)})
    qr = codes.drawing(letter.issue.qr) if letter.issue else None
    return {**said, "qr": qr, "stair": annex.stair(letter)}


def clean(facts: Any) -> Any:
    """`facts`, a letter or a part of it, with every text in characters that can be drawn."""
    match facts:
        case str():
            return drawable(facts)
        case tuple():
            return tuple(clean(each) for each in facts)
        case _ if is_dataclass(facts) and not isinstance(facts, type):
            return replace(facts, **{each.name: clean(getattr(facts, each.name)) for each in fields(facts)})
    return facts


def _isolated(said: Any) -> Any:
    match said:
        case str():
            return bidi.isolated_runs(said, "fa")
        case list() | tuple():
            return [_isolated(each) for each in said]
        case dict():
            return {name: _isolated(each) for name, each in said.items()}
    return said
