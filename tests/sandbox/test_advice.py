"""What a clerk is advised leads to a file that is taken: pairs made by real programs (tests/papers/advice)."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.domain.producers import Family, family
from portal.sandbox import errors, inspection
from portal.web.words import advice
from portal.web.words.advice import ADVICE
from tests.world.files import PAPERS

FOLDER = PAPERS / "advice"
BROKEN = ("broken", "cut_off")
TRIED: tuple[tuple[str, tuple[str, ...], str], ...] = (  # the file, why it is refused, what is said
    ("encrypted-libreoffice.pdf", ("encrypted",), ADVICE["encrypted"][None]),  # its own names are encrypted
    ("encrypted-printed.pdf", ("encrypted",), ADVICE["encrypted"][None]),
    ("encrypted-acrobat.pdf", ("encrypted",), ADVICE["encrypted"][None]),
    ("encrypted-printer.pdf", ("encrypted",), ADVICE["encrypted"][Family.PRINTER]),
    ("embedded-libreoffice.pdf", ("embedded_files", "two_kinds"), advice.NOT_HYBRID),
    ("embedded-printed.pdf", ("embedded_files",), ADVICE["embedded_files"][None]),
    ("scripts.pdf", ("scripts",), advice.PRINT),
    ("launch.pdf", ("launch_actions",), advice.PRINT),
    ("itself.pdf", ("acts_by_itself",), advice.PRINT),
    ("film.pdf", ("media",), advice.PRINT),
    ("form.pdf", ("dynamic_form",), advice.FROM_READER),
    ("twofold.pdf", ("two_kinds",), advice.PRINT),
    ("huge.pdf", ("absurd_dimensions",), ADVICE["absurd_dimensions"][None]),
    ("many.pdf", ("too_many_pages",), ADVICE["too_many_pages"][Family.LIBREOFFICE]),
    ("pageless.pdf", ("no_pages",), ADVICE["no_pages"][None]),
    ("cut.pdf", BROKEN, ADVICE["cut_off"][None]),
    ("damaged.jpg", ("cut_off",), ADVICE["cut_off"][None]),
)
RESULTS = sorted(FOLDER.glob("*.after.*"))


@pytest.fixture
def one_page_alone() -> Iterator[None]:
    most = inspection.most_pages()
    inspection.take_at_most(1)
    yield
    inspection.take_at_most(most)


async def check(path: Path) -> errors.Checked:
    media_type = inspection.kind_of(path.read_bytes()[:16])
    assert media_type is not None
    return await inspection.inspect(path, media_type)


@pytest.mark.parametrize(("name", "codes", "said"), TRIED, ids=[name for name, *_ in TRIED])
async def test_what_is_refused_is_advised(
    request: pytest.FixtureRequest, name: str, codes: tuple[str, ...], said: str
) -> None:
    if "too_many_pages" in codes:
        request.getfixturevalue("one_page_alone")
    with pytest.raises(errors.Unreadable) as refused:
        await check(FOLDER / name)
    assert refused.value.code in codes
    by_family = ADVICE[refused.value.code]
    assert by_family.get(family(refused.value.producer), by_family[None]) == said


@pytest.mark.parametrize("path", RESULTS, ids=lambda path: path.name)
async def test_what_is_advised_is_taken(path: Path) -> None:
    assert (await check(path)).pages >= 1


async def test_parts_of_a_long_document_are_taken(one_page_alone: None) -> None:
    for path in FOLDER.glob("many-*.after.pdf"):
        assert (await check(path)).pages == 1


def test_every_refused_file_has_its_results_and_all_are_small() -> None:
    for name, *_ in TRIED:
        stem = name.rpartition(".")[0].removesuffix("-printed").removesuffix("-acrobat")
        assert [each for each in RESULTS if each.name.startswith(stem)], name
    assert all(each.stat().st_size < 30_000 for each in FOLDER.iterdir())


async def test_the_program_of_an_encrypted_file_is_not_guessed(tmp_path: Path) -> None:
    """Its names are encrypted with it: unless XMP tells them in plain letters, none is told."""
    with pytest.raises(errors.Unreadable) as refused:
        await check(FOLDER / "encrypted-printed.pdf")
    assert refused.value.producer == ""
    with pytest.raises(errors.Unreadable) as refused:
        await check(FOLDER / "encrypted-printer.pdf")
    assert refused.value.producer == "GPL Ghostscript 10.00.0 / Writer"
    cut = tmp_path / "cut.pdf"
    cut.write_bytes(b"%PDF-1.4\n1 0 obj<</Producer<FEFF004C0069>/Creator(Word)>>endobj\n2 0 obj<</Type/Catalog/Pages 3")
    with pytest.raises(errors.Unreadable) as refused:
        await check(cut)
    assert refused.value.producer == "Li / Word"
