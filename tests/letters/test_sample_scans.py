"""Demo scans: every paper of a town, readable by the portal's own check, and always the same."""

from datetime import date
from pathlib import Path

from portal.letters.sample_scans import SampleTown, scans_of
from portal.sandbox import inspection

TOWN = SampleTown(
    key="1306011469",
    town="اسدآباد",
    province="همدان",
    county="اسدآباد",
    grade=7,
    notified_on=date(2020, 1, 13),
    requested=9,
    census_year=1395,
    population=55_703,
    settled=((1402, 900_000_000_000), (1403, 1_100_000_000_000), (1404, 1_300_000_000_000)),
)


async def test_every_paper_of_a_town_is_a_pdf_that_opens(tmp_path: Path) -> None:
    papers = scans_of([TOWN])
    assert {(kind, year) for _, kind, year in papers} == {
        ("last_grade", None),
        ("settlement", 1402),
        ("settlement", 1403),
        ("settlement", 1404),
        ("census", None),
        ("justification", None),
    }
    for data in papers.values():
        path = tmp_path / "scan.pdf"
        path.write_bytes(data)
        assert (await inspection.inspect(path, "application/pdf")).pages in (1, 2)


async def test_equal_towns_give_equal_pictures(tmp_path: Path) -> None:
    path = tmp_path / "scan.pdf"
    pictures = set()
    for _ in range(2):
        path.write_bytes(scans_of([TOWN])[TOWN.key, "census", None])
        picture = await inspection.render(path, "application/pdf", 1)
        pictures.add(picture.data)
    assert len(pictures) == 1
