"""Letters joined and put in order: for values that a form holds without a picture of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.sandbox.child import lettering, substitutes

# After UAX #9; None is the direction of the first strong letter.
RUNS = [
    ("abc", ["abc"]),
    ("شهر", ["شهر"]),
    ("ارزش (مبلغ) 123 ریال", [" ریال", "123", "ارزش (مبلغ) "]),
    ("سال ۱۴۰۴/۰۱/۰۲ و 2,600,000 ریال", [" ریال", "2,600,000", " و ", "۱۴۰۴/۰۱/۰۲", "سال "]),
    ("Budget of شهرداری in 1404", ["Budget of ", "شهرداری", " in 1404"]),
    ("AB (ارزش 12) CD", ["AB (", "12", "ارزش ", ") CD"]),
    ("12% از", [" از", "12%"]),
    ("", []),
]


@pytest.mark.parametrize(("text", "runs"), RUNS)
def test_runs_stand_from_left_to_right(text: str, runs: list[str]) -> None:
    assert [each for each, _ in lettering._visual(text, lettering.goes_left(text))] == runs


@given(st.text(st.sampled_from("aA1۲ش(،.%/ \u200c\u064e-"), max_size=60), st.booleans())
def test_no_letter_is_lost(text: str, base_left: bool) -> None:
    assert sorted("".join(each for each, _ in lettering._visual(text, base_left))) == sorted(text)


def test_letters_are_joined() -> None:
    alone = [lettering.line(each).glyphs[0].number for each in "شهر"]
    joined = [each.number for each in lettering.line("شهر").glyphs]
    assert len(joined) == 3
    assert not set(joined) & set(alone)


def test_a_letter_that_no_face_has_is_known() -> None:
    assert not lettering.line("市").is_complete
    assert lettering.line("گچپژ ۱۲۳ می‌شود").is_complete


def test_lines_break_between_words() -> None:
    lines = lettering.wrapped("یک دو سه چهار\nپنج", 10, 40, 9)
    assert len(lines) >= 3
    assert all(each.width * 10 <= 40 for each in lines)
    assert len(lettering.wrapped("آ " * 500, 10, 40, 7)) == 7


def test_a_long_line_is_put_in_order() -> None:
    """So long a line that whoever went over it anew for each of its runs would not come to an end."""
    assert len(lettering.line("شهر 1 " * 20_000).glyphs) == 120_000


def test_each_letter_is_shaped_once_to_be_wrapped(monkeypatch: pytest.MonkeyPatch) -> None:
    line, text, shaped = lettering.line, "شهر 1 " * 4000, []

    def watched(words: str, base_left: bool | None = None) -> lettering.Line:
        shaped.append(len(words))
        return line(words, base_left)

    monkeypatch.setattr(lettering, "line", watched)
    assert len(lettering.wrapped(text, 10, 100, 10_000)) > 500
    assert sum(shaped) < len(text) + 100, "the lines, and each different word alone"


@pytest.mark.parametrize("name", substitutes.FACES)
def test_every_face_has_both_scripts(name: str) -> None:
    assert {
        ord(each) for each in "Aé€ابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهیيكئأءۀ۰۹٠٩،؛؟ـ\u200c\ufedf\ufefb"
    } <= substitutes.letters()
    assert substitutes.face(name)[:4] == b"\x00\x01\x00\x00"


@pytest.mark.parametrize(
    ("asked", "face"),
    [
        (("Helvetica", 400, 0), "Sans-Regular"),
        (("BNazanin", 400, 16), "Serif-Regular"),
        (("BTitr", 700, 0), "Sans-Bold"),
        (("Times-Roman", 400, 0), "Serif-Regular"),
        (("Vazirmatn", 1065, 0), "Sans-Regular"),
        (("Courier-Bold", 700, 1), None),
        (("Symbol", 400, 0), None),
    ],
)
def test_a_face_is_chosen_by_name_and_kind(asked: tuple[str, int, int], face: str | None) -> None:
    number = substitutes._chosen(*asked)
    assert (substitutes.FACES[number - 1] if number else None) == face
