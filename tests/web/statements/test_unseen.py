"""The pages that were not shown, as a clause of a sentence."""

from collections.abc import Iterator

import pytest

from portal import texts
from portal.domain.declarations import DocumentKind
from portal.web.headers import is_visit
from portal.web.statements import unseen
from portal.web.statements.unseen import Paper


@pytest.fixture(autouse=True)
def own_language() -> Iterator[None]:
    token = texts.locale.set("fa")
    yield
    texts.locale.reset(token)


@pytest.mark.parametrize(
    ("seen", "count", "said"),
    [
        ({1, 2}, 2, ""),
        ({1}, 2, "صفحهٔ ۲ از «مصوبه»"),
        ({1}, 3, "صفحه‌های ۲ و ۳ از «مصوبه»"),
        (set(), 1, "هیچ صفحه‌ای از «مصوبه»"),
        (set(), 9, "هیچ صفحه‌ای از «مصوبه»"),
        ({3}, 9, "صفحه‌های ۱، ۲ و ۴ تا ۹ از «مصوبه»"),
        ({1}, 2000, "صفحه‌های ۲ تا ۲۰۰۰ از «مصوبه»"),
        (set(range(1, 2000, 2)), 2000, "صفحه‌های ۲، ۴، ۶، ۸، ۱۰، ۱۲ و ۹۹۴ صفحهٔ دیگر از «مصوبه»"),
    ],
)
def test_a_paper(seen: set[int], count: int, said: str) -> None:
    assert unseen.told([Paper("مصوبه", count, frozenset(seen))]) == said


def test_papers_stand_beside_one_another() -> None:
    papers = [Paper("الف", 2, frozenset({1})), Paper("ب", 1, frozenset({1})), Paper("پ", 3, frozenset())]
    assert unseen.told(papers) == "صفحهٔ ۲ از «الف»؛ هیچ صفحه‌ای از «پ»"
    texts.locale.set("en")
    assert unseen.told(papers) == "page 2 of “الف”; no page of “پ”"
    assert unseen.told([Paper("A", 9, frozenset({3, 5}))]) == "pages 1, 2, 4 and 6 to 9 of “A”"


def test_papers_without_any_shown_page_are_named_together() -> None:
    papers = [Paper(name, 4, frozenset(seen)) for name, seen in (("الف", ()), ("ب", (1,)), ("پ", ()), ("ت", ()))]
    assert unseen.told(papers) == "صفحه‌های ۲ تا ۴ از «ب»؛ هیچ صفحه‌ای از «الف»، «پ» و «ت»"


def test_of_a_place_that_holds_many_the_file_is_named() -> None:
    assert unseen.name_of(DocumentKind.OTHER, None, "نقشه.pdf").endswith("(نقشه.pdf)")
    assert "pdf" not in unseen.name_of(DocumentKind.SETTLEMENT, 1403, "تفریغ.pdf")


@pytest.mark.parametrize(
    ("headers", "is_one"),
    [
        ({}, True),
        ({"sec-fetch-dest": "document"}, True),
        ({"sec-fetch-dest": "empty"}, False),
        ({"sec-fetch-dest": "document", "sec-purpose": "prefetch"}, False),
        ({"sec-fetch-dest": "document", "sec-purpose": "prefetch;prerender"}, False),
        ({"purpose": "prefetch"}, False),
        ({"x-moz": "Prefetch"}, False),
        ({"x-purpose": "preview"}, False),
    ],
)
def test_only_who_opens_an_address_visits_it(headers: dict[str, str], is_one: bool) -> None:
    assert is_visit(headers) is is_one
