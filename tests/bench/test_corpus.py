"""The bench of papers runs, against the programs that are here."""

import shutil
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from PIL import Image, ImageDraw

from bench import corpus
from bench.verdicts import Outcome
from bench.witnesses import said, stretch
from portal.sandbox import inspection

needs_poppler = pytest.mark.skipif(not shutil.which("pdftoppm"), reason="needs poppler-utils")
needs_imagemagick = pytest.mark.skipif(not shutil.which("identify"), reason="needs ImageMagick")


@pytest.fixture(autouse=True)
def cage() -> Iterator[None]:
    yield
    inspection.shut()


def written(pages: int, script: str = "") -> bytes:
    """A PDF with a black field on each page, and perhaps a script."""
    out = BytesIO()
    with pikepdf.new() as pdf:
        for _ in range(pages):
            pdf.add_blank_page(page_size=(300, 400)).Contents = pdf.make_stream(b"40 40 90 90 re f")
        if script:
            pdf.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=script)
        pdf.save(out)
    return out.getvalue()


def scan(path: Path) -> None:
    image = Image.new("RGB", (300, 400), "white")
    ImageDraw.Draw(image).rectangle((40, 40, 130, 130), fill="black")
    image.save(path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "two.pdf").write_bytes(written(2))
    (tmp_path / "a.PDF").write_bytes(written(1, "app.alert(1)"))
    (tmp_path / "c.pdf").write_bytes(b"%PDF-1.7\nstartxref\n5\n%%EOF\n")
    (tmp_path / "notes.txt").write_text("not sent")
    return tmp_path


@needs_poppler
async def test_every_file_is_judged_in_one_order(folder: Path) -> None:
    found = await corpus.run(folder)
    assert [(each.name, each.outcome) for each in found] == [
        ("a.PDF", Outcome.RULE),
        ("b/two.pdf", Outcome.TAKEN),
        ("c.pdf", Outcome.NEITHER),
    ]
    assert (found[1].ours.pages, found[1].other) == (2, 2)
    assert found[1].likeness is not None
    assert found[1].likeness.apart < 0.05


@needs_imagemagick
@pytest.mark.parametrize("name", ["scan.png", "scan.jpg", "scan.tif"])
async def test_images_are_judged_too(name: str, tmp_path: Path) -> None:
    scan(tmp_path / name)
    (found,) = await corpus.run(tmp_path)
    assert (found.outcome, found.other) == (Outcome.TAKEN, 1)
    assert found.likeness is not None
    assert found.likeness.apart < 0.05


@needs_poppler
def test_the_command_tells_its_figures(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sheet, table = folder / "sheet.png", folder / "table.tsv"
    monkeypatch.setattr(sys, "argv", ["corpus", str(folder), "--sheet", str(sheet), "--list", str(table)])
    corpus.main()
    said_so = capsys.readouterr().out
    assert "3 files" in said_so
    assert "refused wrongly, of 2 that the other program opens: 0.00 %" in said_so
    assert len(table.read_text("utf-8").splitlines()) == 4
    with Image.open(sheet) as drawn:
        assert drawn.format == "PNG"


async def test_a_program_that_says_too_much_or_fails_has_said_nothing() -> None:
    assert await said("cat", "/dev/zero") == b""
    assert await said("false") == b""


def test_a_fax_is_shown_as_high_as_it_is() -> None:
    assert stretch([b"204", b"98", b"TopLeft"]) == pytest.approx(0.48, abs=0.01)
    assert stretch([b"98", b"204", b"RightTop"]) == pytest.approx(0.48, abs=0.01)
    assert stretch([b"0", b"0", b"Undefined"]) == 1.0
    assert stretch([]) == 1.0
