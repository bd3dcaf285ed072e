"""Names of files as old programs send them."""

from email.header import Header
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain import filenames, persian

NAME = "گزارش چاپ سال ۱۴۰۴ شهرداری.pdf".replace("ی", "ي").replace("ک", "ك")
ANSI = "گزارش چاپ شهرداري.pdf"


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        (NAME.encode(), NAME),
        (ANSI.encode("cp1256"), ANSI),
        ("سند\u200cها.pdf".encode("cp1256"), "سند\u200cها.pdf"),
        ("سند.pdf".encode("utf-16"), "سند.pdf"),
        (b"scan.pdf", "scan.pdf"),
        (b"100%25 ready.pdf", "100%25 ready.pdf"),
        (quote(NAME).encode(), NAME),
        (quote(ANSI.encode("cp1256")).encode(), ANSI),
        (str(Header(NAME, "utf-8", maxlinelen=10_000).encode()).encode(), NAME),
        (str(Header(ANSI, "windows-1256", maxlinelen=10_000).encode()).encode(), ANSI),
        (b"=?nothing?B?AAAA?=.pdf", "=?nothing?B?AAAA?=.pdf"),
        ("سند شهرداري".encode()[:-1], "سند شهردار\ufffd"),
        (b"\x80\x93\x96.pdf", "\ufffd\ufffd\ufffd.pdf"),
        (b"", ""),
    ],
)
def test_a_name_is_read_as_it_was_meant(sent: bytes, name: str) -> None:
    assert filenames.decoded(sent) == name


@given(st.binary(max_size=300))
def test_any_bytes_are_some_name(sent: bytes) -> None:
    filenames.decoded(sent).encode()  # no half of a pair
    filenames.clean(filenames.decoded(sent)).encode()


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("\u200fسند\u202e fdp.exe", "سند fdp.exe"),
        ("a\x00b.pdf", "ab.pdf"),
        ("C:\\scan\\" + "س" * 10_000 + ".pdf", "س" * 190 + ".pdf"),
        ("نام بی‌پایان" + "x" * 10_000, "نام بی‌پایان" + "x" * 188),
        ("\u202e", "document"),
    ],
)
def test_what_is_kept_of_a_name_is_short_and_plain(sent: str, kept: str) -> None:
    assert filenames.clean(sent) == kept


def test_of_a_name_without_end_little_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    fold, looked_at = persian.fold_letters, []

    def watched(text: str) -> str:
        looked_at.append(len(text))
        return fold(text)

    monkeypatch.setattr(persian, "fold_letters", watched)
    filenames.clean("a" + "\u0315\u0300" * 200_000 + ".pdf")
    assert looked_at == [filenames.GLANCE]
