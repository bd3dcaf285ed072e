"""RFC 9110 §13 and §14 as tables: which fields end a request, and which part of a file is asked for."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.web import validators
from portal.web.validators import Part, Validators, http_date, instant

CHANGED = datetime(1994, 11, 6, 8, 49, 37, 250_000, UTC)
DATE = "Sun, 06 Nov 1994 08:49:37 GMT"
BEFORE, AFTER = (http_date(CHANGED + timedelta(seconds=each)) for each in (-1, 1))
KNOWN = Validators('"xyzzy"', CHANGED)

PRECONDITIONS = [
    # §13.1.1 If-Match: strong comparison
    ({"if-match": '"xyzzy"'}, None),
    ({"if-match": '"xyzzy", "r2d2xxxx", "c3piozzzz"'}, None),
    ({"if-match": "*"}, None),
    ({"if-match": '"other"'}, 412),
    ({"if-match": 'W/"xyzzy"'}, 412),
    ({"if-match": "xyzzy"}, 412),
    ({"if-match": ""}, 412),
    # §13.1.2 If-None-Match: weak comparison
    ({"if-none-match": '"xyzzy"'}, 304),
    ({"if-none-match": 'W/"xyzzy"'}, 304),
    ({"if-none-match": 'W/"a", "b,c" , "xyzzy"'}, 304),
    ({"if-none-match": ',"a",, "xyzzy",'}, 304),
    ({"if-none-match": "*"}, 304),
    ({"if-none-match": '"other"'}, None),
    ({"if-none-match": '"xyz,zy"'}, None),
    ({"if-none-match": '"a "xyzzy"'}, None),
    # §13.1.3 If-Modified-Since
    ({"if-modified-since": DATE}, 304),
    ({"if-modified-since": AFTER}, 304),
    ({"if-modified-since": BEFORE}, None),
    ({"if-modified-since": "Sunday, 06-Nov-94 08:49:37 GMT"}, 304),
    ({"if-modified-since": "Sun Nov  6 08:49:37 1994"}, 304),
    ({"if-modified-since": "yesterday"}, None),
    ({"if-modified-since": ""}, None),
    # §13.1.4 If-Unmodified-Since
    ({"if-unmodified-since": DATE}, None),
    ({"if-unmodified-since": AFTER}, None),
    ({"if-unmodified-since": BEFORE}, 412),
    ({"if-unmodified-since": "1994"}, None),
    # §13.2.2: the order
    ({"if-match": '"xyzzy"', "if-unmodified-since": BEFORE}, None),
    ({"if-match": '"other"', "if-none-match": '"xyzzy"'}, 412),
    ({"if-match": '"xyzzy"', "if-none-match": '"xyzzy"'}, 304),
    ({"if-unmodified-since": BEFORE, "if-none-match": '"xyzzy"'}, 412),
    ({"if-none-match": '"other"', "if-modified-since": AFTER}, None),
    ({"if-none-match": '"xyzzy"', "if-modified-since": BEFORE}, 304),
    ({}, None),
]


@pytest.mark.parametrize(("headers", "status"), PRECONDITIONS, ids=str)
def test_preconditions(headers: dict[str, str], status: int | None) -> None:
    assert validators.refusal(headers, KNOWN) == status


def test_without_a_known_change_dates_say_nothing() -> None:
    for name in ("if-modified-since", "if-unmodified-since"):
        assert validators.refusal({name: BEFORE}, Validators('"xyzzy"')) is None
        assert validators.refusal({name: AFTER}, Validators('"xyzzy"')) is None


WHOLE = None
UNMET = Part(0, 0, 10_000)
RANGES = [
    # §14.1.2, with a representation of 10,000 bytes
    ("bytes=0-499", Part(0, 500, 10_000)),
    ("bytes=500-999", Part(500, 500, 10_000)),
    ("bytes=-500", Part(9500, 500, 10_000)),
    ("bytes=9500-", Part(9500, 500, 10_000)),
    ("BYTES=0-0", Part(0, 1, 10_000)),
    ("bytes= 0-0 ", Part(0, 1, 10_000)),
    ("bytes=0-0,", Part(0, 1, 10_000)),
    ("bytes=9999-20000", Part(9999, 1, 10_000)),
    ("bytes=-20000", Part(0, 10_000, 10_000)),
    ("bytes=0-", Part(0, 10_000, 10_000)),
    ("bytes=00000-000000", Part(0, 1, 10_000)),
    # unsatisfiable: 416
    ("bytes=10000-", UNMET),
    ("bytes=10000-10001", UNMET),
    ("bytes=-0", UNMET),
    ("bytes=10000-,20000-", UNMET),
    # several: may be answered whole (§14.2)
    ("bytes=0-0,-1", WHOLE),
    ("bytes=500-600,601-999", WHOLE),
    ("bytes=0-0,10000-", WHOLE),
    # malformed, or another unit: as if it had not come
    ("bytes=5-2", WHOLE),
    ("bytes=", WHOLE),
    ("bytes=-", WHOLE),
    ("bytes=,", WHOLE),
    ("bytes=a-b", WHOLE),
    ("bytes=1-2-3", WHOLE),
    ("bytes=+1-2", WHOLE),
    ("bytes=۱-۲", WHOLE),
    ("bytes 0-1", WHOLE),
    ("pages=0-1", WHOLE),
    ("bytes=0-1,x", WHOLE),
    ("bytes=" + "9" * 19 + "-", WHOLE),
    ("bytes=" + "0-1," * 100, WHOLE),
    ("", WHOLE),
]


@pytest.mark.parametrize(("field", "expected"), RANGES)
def test_ranges(field: str, expected: Part | None) -> None:
    assert validators.part({"range": field}, KNOWN, 10_000) == expected


IF_RANGE = [
    ('"xyzzy"', True),
    ('W/"xyzzy"', False),
    ('"other"', False),
    ('"xyzzy", "other"', False),
    ("*", False),
    (DATE, True),
    (AFTER, False),
    (BEFORE, False),
    ("nonsense", False),
]


@pytest.mark.parametrize(("field", "goes_on"), IF_RANGE)
def test_if_range(field: str, goes_on: bool) -> None:
    """§13.1.5: a strong match alone lets a part be sent; else the whole, and no 412."""
    headers = {"range": "bytes=5-", "if-range": field}
    assert (validators.part(headers, KNOWN, 10) == Part(5, 5, 10)) is goes_on
    assert validators.refusal(headers, KNOWN) is None
    assert validators.part({"if-range": field}, KNOWN, 10) is None, "nothing without Range"


def test_nothing_of_an_empty_file_can_be_had_in_part() -> None:
    for field in ("bytes=0-", "bytes=-1", "bytes=0-0"):
        assert validators.part({"range": field}, KNOWN, 0) == Part(0, 0, 0)


def test_dates_are_written_and_read_as_the_rfc_says() -> None:
    assert KNOWN.as_headers() == {"ETag": '"xyzzy"', "Last-Modified": DATE}
    assert instant(DATE) == CHANGED.replace(microsecond=0)
    assert Part(21010, 26012, 47022).content_range == "bytes 21010-47021/47022"


@given(st.text(max_size=60), st.integers(0, 100))
def test_whatever_comes_is_answered(field: str, size: int) -> None:
    found = validators.part({"range": f"bytes={field}", "if-range": '"xyzzy"'}, KNOWN, size)
    assert found is None or (0 <= found.start <= size and found.start + found.length <= size)
    for name in ("if-match", "if-none-match", "if-modified-since", "if-unmodified-since", "if-range"):
        assert validators.refusal({name: field}, KNOWN) in (None, 304, 412)


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=1), st.integers(1, 50))
def test_a_part_is_that_slice_of_the_file(spans: list[tuple[int, int]], size: int) -> None:
    data = bytes(range(size))
    for first, last in spans:
        found = validators.part({"range": f"bytes={first}-{last}"}, KNOWN, size)
        if last >= first:
            assert found is not None
            assert data[found.start : found.start + found.length] == data[first : last + 1]
