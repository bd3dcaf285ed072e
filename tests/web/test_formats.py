"""Numbers as officials read them."""

import pytest

from portal import texts
from portal.web import formats


@pytest.mark.parametrize(
    ("locale", "amount", "words"),
    [
        ("fa", 1_200_000_000_000, "یک هزار و دویست میلیارد ریال"),
        ("fa", 0, "صفر ریال"),
        ("fa", 1_000, "یک هزار ریال"),
        ("fa", 9 * 10**17, "نهصد میلیون میلیارد ریال"),
        ("en", 1_200_000_000_000, "1 trillion, 200 billion rials"),
        ("en", 0, "0 rials"),
        ("en", 9 * 10**17, "900 quadrillion rials"),
        ("en", 1_000_001_010, "1 billion, 1 thousand, 10 rials"),
    ],
)
def test_an_amount_is_said_in_words(locale: str, amount: int, words: str) -> None:
    token = texts.locale.set(locale)
    assert formats.rials_in_words(amount) == words
    texts.locale.reset(token)


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        (0, "۰ بایت"),
        (1023, "۱۰۲۳ بایت"),
        (1536, "۱٫۵ کیلوبایت"),
        (200 * 2**20, "۲۰۰ مگابایت"),
        (10 * 2**30, "۱۰ گیگابایت"),
    ],
)
def test_a_size_is_said_in_units_of_1024(size: int, shown: str) -> None:
    token = texts.locale.set("fa")
    assert formats.filesize(size) == shown
    texts.locale.reset(token)
