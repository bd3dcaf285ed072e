"""The receipt as paper: what stands where on its pages."""

from datetime import UTC, datetime

import pypdfium2
import pytest

from portal.letters.receipt import Line, Section, Sheet, typeset

SIGNED = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)


def pages(before: int) -> list[str]:
    """The text of each page of a receipt with `before` lines before its second section."""
    sections = (
        Section("مدارک", tuple(Line(f"مدرک {each}", "اصیل") for each in range(before))),
        Section("مندرجات اظهارنامه", (Line("جمعیت", "یکم"), Line("درجه", "دوم"))),
    )
    sheet = Sheet("fa", True, "رسید", "موضوع", "من", "امضا می‌کنم.", sections, "اثبات", "c", "پانوشت", "{}", SIGNED)
    document = pypdfium2.PdfDocument(typeset(sheet))
    return [page.get_textpage().get_text_bounded() for page in document]


@pytest.mark.parametrize("before", range(24, 36))
def test_a_heading_stands_with_its_first_line(before: int) -> None:
    holding = next(text for text in pages(before) if "مندرجات" in text)
    assert "یکم" in holding
