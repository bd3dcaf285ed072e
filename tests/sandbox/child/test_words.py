"""Where the words stand behind which an object may begin: the fast search finds what a plain expression does."""

import re

from hypothesis import given
from hypothesis import strategies as st

from portal.sandbox.child.bodies import AHEAD, words_in

PIECES = st.sampled_from([b"obj", b"trailer", b"o", b"ob", b"j", b"t", b"trail", b"er", b" ", b"\n", b"1 0 ", b"\x80x"])


@given(st.lists(PIECES).map(b"".join))
def test_the_words_are_found(data: bytes) -> None:
    words = words_in(data)
    objects = [each.start() for each in re.finditer(b"obj", data) if each.start() and data[each.start() - 1] in AHEAD]
    assert list(words.objects) == objects
    assert list(words.trailers) == [each.end() for each in re.finditer(b"trailer", data)]


@given(st.integers(0, 300), st.binary(max_size=300))
def test_a_word_is_found_wherever_it_stands_among_other_bytes(place: int, other: bytes) -> None:
    words = words_in(b"\xff" * place + b" obj" + other)
    assert words.objects[0] == place + 1
