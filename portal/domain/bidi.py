"""What runs against a sentence, isolated: it turns nothing around it, and nothing turns it (UAX #9).

After a Persian letter the digits of «1405-00008» become Arabic numbers and its hyphen a neutral (rules W2, W4): the
line would draw «00008-1405». A first strong isolate around the number keeps it as it is.
"""

import re

_DIGITS = "0-9۰-۹٠-٩"
_LATIN = rf"[A-Za-z{_DIGITS}](?:[A-Za-z{_DIGITS}_٫٬]*[A-Za-z{_DIGITS}_])?"
_AS_IT_IS = r"\u2068(?:[^\u2068\u2069]|\u2068[^\u2068\u2069]*\u2069)*\u2069|\{\w+\}"  # isolates, and places for a value
# No possessive repeat here: in Python 3.11.2 it matches nothing at all, and runs come out empty.
# Words, codes, addresses and numbers: joined by signs, and after a Latin letter or digit by a space or comma, too.
_JOINT = r"(?:[-–−/.:+&@%#=?~'’\\]+|(?<=[A-Za-z0-9)])[ ,;]+)"
_WORDS = rf"{_LATIN}(?:{_JOINT}{_LATIN})*"
_LEFT_TO_RIGHT = re.compile(
    rf"{_AS_IT_IS}|(?:(?<![^\s(«])[/.#@](?=[A-Za-z]))?{_WORDS}(?:{_JOINT}?\({_WORDS}\)(?:{_JOINT}{_WORDS})?)*"
)
_IS_TURNED = re.compile(rf"[A-Za-z]|[{_DIGITS}][-–−/][{_DIGITS}]")
_LETTERS = r"\u0620-\u064a\u066e-\u06d3\u06d5\u06ee\u06ef\u06fa-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufefc"
_PERSIAN = rf"[{_LETTERS}۰-۹][{_LETTERS}۰-۹\u064b-\u065f\u066a-\u066c\u06d6-\u06ed\u200c]*"
# Persian words, joined by what Persian is written with; the comma, semicolon and dash of an English sentence part them.
_JOINT_OF_PERSIAN = r"[ \u00a0«»،؛؟.:!/–-]+"
_WORDS_OF_PERSIAN = rf"{_PERSIAN}(?:{_JOINT_OF_PERSIAN}{_PERSIAN})*"
_RIGHT_TO_LEFT = re.compile(
    rf"{_AS_IT_IS}|«?{_WORDS_OF_PERSIAN}(?:(?:{_JOINT_OF_PERSIAN})?\({_WORDS_OF_PERSIAN}\)(?:{_JOINT_OF_PERSIAN}{_WORDS_OF_PERSIAN})?)*»?"
)
_KEPT = "\u2068{"
_IS_PERSIAN = re.compile(rf"[{_LETTERS}]")
_REVERSED = re.compile(r"([0-9]{5})-([0-9]{4})")


def isolated(text: str) -> str:
    """`text` between the marks of a first strong isolate."""
    return f"\u2068{text}\u2069"


def isolated_runs(sentence: str, locale: str) -> str:
    """`sentence` of `locale` with each run of the other direction isolated: «Word، Excel» keeps its order.

    Under fa these are Latin words, and numbers with a hyphen or stroke; otherwise Persian words, in which such numbers
    are isolated in turn. What is isolated already stays as it is.
    """
    if not (_IS_TURNED if locale == "fa" else _IS_PERSIAN).search(sentence):
        return sentence  # most texts of a page: they cost next to nothing
    if locale == "fa":
        return _LEFT_TO_RIGHT.sub(lambda run: _turned(run[0]), sentence)
    return _RIGHT_TO_LEFT.sub(lambda run: _persian(run[0]), sentence)


def _turned(run: str) -> str:
    return isolated(run) if run[0] not in _KEPT and _IS_TURNED.search(run) else run


def _persian(run: str) -> str:
    is_foreign = run[0] not in _KEPT and _IS_PERSIAN.search(run)
    return isolated(isolated_runs(run, "fa")) if is_foreign else run


def year_first(number: str) -> str:
    """A case number, Latin digits; one that was read from right to left («00008-1405») the right way round."""
    return _REVERSED.sub(r"\2-\1", number)
