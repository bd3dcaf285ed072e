"""What a refused file's sender is told: what was found, and what helps in his own program."""

import re
from collections.abc import Iterator

import pytest

from portal import texts
from portal.domain import bidi
from portal.domain.producers import Family, family
from portal.sandbox.errors import CODES
from portal.web.words import advice, error_messages

FSI, PDI = "\u2068", "\u2069"
FACTS = {"most": 2000}


@pytest.fixture(params=texts.LOCALES)
def locale(request: pytest.FixtureRequest) -> Iterator[str]:
    token = texts.locale.set(request.param)
    yield request.param
    texts.locale.reset(token)


def test_every_refusal_of_the_cage_has_advice_for_any_program() -> None:
    assert advice.ADVICE.keys() == CODES
    assert all(None in by_family for by_family in advice.ADVICE.values())


@pytest.mark.parametrize("code", sorted(CODES))
@pytest.mark.parametrize("producer", ["", "Microsoft® Word 2013", "LibreOffice 7.4 / Writer", "Canon iR-ADV C3530"])
def test_a_refusal_says_what_was_found_and_what_to_do(locale: str, code: str, producer: str) -> None:
    said = error_messages.refusal(code, {**FACTS, "producer": producer})
    assert said == f"{error_messages.sentence(code, FACTS)} {advice.of(code, producer)}"
    assert len(said) < 330
    if locale == "fa":
        outside = re.sub(f"{FSI}[^{PDI}]*{PDI}", "", bidi.isolated_runs(said, locale))
        assert not re.search("[A-Za-z]", outside), outside
    else:
        assert FSI not in said


def test_an_old_event_without_a_program_reads_well(locale: str) -> None:
    for facts in ({}, {"most": 2000}):
        assert error_messages.refusal("two_kinds", facts).count(".") >= 2
    assert error_messages.refusal("empty", {})
    assert "%" not in error_messages.refusal("too_many_pages", {"most": 2000})


@pytest.mark.parametrize(
    ("producer", "expected"),
    [
        ("", Family.UNKNOWN),
        ("  ", Family.UNKNOWN),
        ("Microsoft: Print To PDF", Family.PRINTED),
        ("Microsoft® Word 2013", Family.OFFICE),
        ("Microsoft® Word برای Microsoft 365", Family.OFFICE),
        ("Adobe PDF Library 15.0 / Acrobat PDFMaker 15 for Word", Family.OFFICE),
        ("Microsoft® Excel® 2016", Family.OFFICE),
        ("LibreOffice 7.4 / Writer", Family.LIBREOFFICE),
        ("OpenOffice.org 3.2 / Calc", Family.LIBREOFFICE),
        ("Adobe LiveCycle Designer ES 9.0", Family.ACROBAT),
        ("Adobe PDF Library 9.9 / Adobe InDesign CS5 (7.0)", Family.ACROBAT),
        ("Acrobat Distiller 9.0.0 (Windows) / PScript5.dll Version 5.2.2", Family.ACROBAT),
        ("Adobe PSL 1.3e for Canon / Canon iR-ADV C5235", Family.SCANNER),
        ("HP Scan / HP LaserJet MFP M426", Family.SCANNER),
        ("EPSON Scan", Family.SCANNER),
        ("KONICA MINOLTA bizhub C364", Family.SCANNER),
        ("PDFsharp 1.50 / NAPS2", Family.SCANNER),
        ("PaperStream Capture", Family.SCANNER),
        ("FUJITSU fi-7160", Family.SCANNER),
        ("KM_C3100 / Kyocera", Family.SCANNER),
        ("intsig.com pdf producer / CamScanner", Family.PHONE),
        ("Adobe Scan for Android 21.04", Family.PHONE),
        ("iOS Version 15.1 Quartz PDFContext", Family.PHONE),
        ("Apple / iPhone 12", Family.PHONE),
        ("GPL Ghostscript 9.26 / PDFCreator 3.2", Family.PRINTER),
        ("CutePDF Writer", Family.PRINTER),
        ("doPDF Ver 7.3", Family.PRINTER),
        ("iLovePDF / Microsoft® Word 2016", Family.SERVICE),
        ("iText 2.1.7 by 1T3XT", Family.SERVICE),
        ("Skia/PDF m108 / Chromium", Family.BROWSER),
        ("Typst 0.13", Family.OTHER),
        ("x" * 120, Family.OTHER),
    ],
)
def test_a_program_belongs_to_its_family(producer: str, expected: Family) -> None:
    assert family(producer) is expected


def test_latin_runs_are_isolated_one_by_one() -> None:
    said = bidi.isolated_runs("«Hybrid PDF (embed ODF file)»، Ctrl+P، A4 یا PDF، JPEG.", "fa")
    runs = ["Hybrid PDF (embed ODF file)", "Ctrl+P", "A4", "PDF", "JPEG"]
    assert re.findall(f"{FSI}([^{PDI}]*){PDI}", said) == runs


def test_an_officer_is_not_told_of_the_clerks_program(locale: str) -> None:
    said = error_messages.undrawn("too_heavy")
    assert "Ctrl" not in said
    assert said.count(".") == 2
    assert error_messages.undrawn("heavy-document") == error_messages.sentence("heavy-document")
