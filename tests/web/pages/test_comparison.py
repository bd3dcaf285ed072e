"""A draft against the table in force, counted by what a grade is worth in this portal."""

from portal.domain import comparison, rulesets
from portal.services.cases.comparisons import ComparedVersions
from portal.web.pages import comparison as comparison_page

TABLE = """
id = "x"
effective_from = 2027-01-01
grades = {grades}
[title]
fa = "t"
[[criteria]]
name = "population"
bands = [[0, 1], [5, 2], [9, 3]]
[result]
cutoffs = {cutoffs}
"""
TOWNS = [(str(number), {"population": number}) for number in (1, 5, 9)]


def compare(before: str, after: str) -> comparison_page.ComparisonPage:
    result = comparison.compare(rulesets.parse(before), rulesets.parse(after), TOWNS)
    places = {key: {"town": "t", "province_name": "p"} for key, _ in TOWNS}
    return comparison_page.context(ComparedVersions({}, result, places), {"source": after})


def test_a_grade_that_the_draft_lacks_counts_by_its_number() -> None:
    wide = TABLE.format(grades="[1, 2, 12]", cutoffs="[[0, 1], [2, 2], [3, 12]]")
    narrow = TABLE.format(grades="[2, 3]", cutoffs="[[0, 2], [3, 3]]")
    told = compare(wide, narrow)
    assert (told.raised, told.lowered) == (1, 1)  # 1 to 2; 12 to 3
    assert told.distribution == [(1, 1, 0), (2, 1, 2), (3, 0, 1), (12, 1, 0)]
    told = compare(narrow, wide)
    assert (told.raised, told.lowered) == (1, 1)
