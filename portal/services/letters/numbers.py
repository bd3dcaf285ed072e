"""The numbers of letters: gapless within a Jalali year, in the order of the signatures, never given twice."""

from portal.tables.acts import LetterNumber

_NEXT = """
INSERT INTO letter_numbers AS n (year, last) VALUES ({}, 1)
ON CONFLICT (year) DO UPDATE SET last = n.last + 1 RETURNING last
"""


async def take(year: int) -> int:
    """The next number of `year`; whoever asks next waits until this transaction ends, and gets the same if it fails."""
    rows = await LetterNumber.raw(_NEXT, year)
    return int(rows[0]["last"])
