"""The QR code of a letter, read by a stranger's decoder from its page as a printer and a scanner leave it."""

import random
from dataclasses import replace

import pypdfium2 as pdfium
import pytest
import segno
import zxingcpp
from PIL import Image, ImageFilter

from portal.domain import letter_codes, signed_notes
from portal.domain.letter_codes import Claim
from portal.domain.lifecycle import Outcome
from portal.letters.decision import typeset
from portal.letters.facts import DecisionLetter
from tests.world.letters import LETTERS

DPI = 150
BASE = "https://daraje.moi.example.ir"
SIGNER = signed_notes.signer("daraje.moi.example.ir/journal", bytes(range(32)))
MODULES = 2.0
"""Pixels of a module at that resolution, at least: below that no scan is read."""


def _issued(letter: DecisionLetter) -> tuple[DecisionLetter, str]:
    """`letter` with a QR code that is signed, and what it says."""
    assert letter.issue is not None
    claim = Claim(
        town=letter.municipality,
        province=letter.province,
        outcome=Outcome(letter.outcome),
        grade=letter.grade,
        date=letter.issue.at.date(),
        number=letter.issue.number,
        code=letter.issue.code,
        statement=bytes.fromhex(letter.issue.statement)[:8],
    )
    text = letter_codes.address(BASE, letter.issue.code, letter_codes.sign(claim, SIGNER))
    return replace(letter, issue=replace(letter.issue, qr=text)), text


def _page(letter: DecisionLetter) -> Image.Image:
    page = pdfium.PdfDocument(typeset(letter))[0]
    picture: Image.Image = page.render(scale=DPI / 72).to_pil()
    return picture


def _scanned(page: Image.Image, degrees: float) -> Image.Image:
    """`page` as a worn copier leaves it: turned a little, grey on grey, soft, with grain."""
    grain = random.Random(7)
    turned = page.convert("L").rotate(degrees, resample=Image.Resampling.BICUBIC, expand=True, fillcolor=255)
    soft = turned.filter(ImageFilter.GaussianBlur(0.6)).point(lambda light: 40 + light * 170 // 255)
    noise = bytes(grain.choices(range(108, 149), k=soft.width * soft.height))
    return Image.blend(soft, Image.frombytes("L", soft.size, noise), 0.15)


def _read(picture: Image.Image) -> set[str]:
    return {each.text for each in zxingcpp.read_barcodes(picture)}


@pytest.mark.parametrize("name", ["raised", "refused", "longest"])
def test_the_code_of_a_page_is_read_and_genuine(name: str) -> None:
    letter, text = _issued(LETTERS[name])
    page = _page(letter)
    assert text in _read(page)
    for degrees in (-3, 1.5, 4):
        assert text in _read(_scanned(page, degrees)), degrees
    (found,) = (each for each in zxingcpp.read_barcodes(page) if each.text == text)
    width = found.position.top_right.x - found.position.top_left.x
    modules, _ = segno.make(text, error="m", boost_error=False).symbol_size(border=0)
    assert abs(width) / modules > MODULES, "a module is too small for a scan"
