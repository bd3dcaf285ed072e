"""The catalogues say everything that the portal says, in both languages, and nothing else."""

import re

import pytest

from portal import texts
from portal.web import formats
from tests.house import messages

PLACEHOLDER = re.compile(r"%\((\w+)\)s|\{(\w+)\}")
FOREIGN = re.compile("[يكىةێۆ]")  # Arabic and Kurdish forms of letters that Persian writes otherwise
LATIN_DIGIT = re.compile(r"(?<![A-Za-z0-9])(?<!UTF-)[0-9٠-٩]")  # «A4» is a name, and base64
LOCALES = pytest.mark.parametrize("locale", texts.LOCALES)


@LOCALES
def test_every_sentence_is_translated(locale: str) -> None:
    entries = messages.entries(locale)
    missing = [msgid for msgid in messages.extracted() if not all(entries.get(msgid, ("",)))]
    assert not missing, f"run tests/house/messages.py --write and translate: {missing}"


@LOCALES
def test_no_sentence_is_left_over(locale: str) -> None:
    assert not messages.entries(locale).keys() - messages.extracted().keys()


def test_persian_counts_in_one_form_and_english_in_two() -> None:
    for locale, number in (("fa", 1), ("en", 2)):
        counted = {msgid: said for msgid, said in messages.entries(locale).items() if not isinstance(msgid, str)}
        assert counted
        assert {len(said) for said in counted.values()} == {number}


@LOCALES
def test_placeholders_agree(locale: str) -> None:
    wrong = [
        msgid
        for msgid, said in messages.entries(locale).items()
        if len({tuple(sorted(PLACEHOLDER.findall(each))) for each in (*texts.forms(msgid), *filter(None, said))}) > 1
    ]
    assert not wrong


@LOCALES
def test_files_of_a_locale_agree(locale: str) -> None:
    texts.catalogue.cache_clear()
    assert texts.catalogue(locale)


def test_both_locales_have_the_same_files() -> None:
    names = [{path.name for path in messages.catalogue_files(locale)} for locale in texts.LOCALES]
    assert names[0] == names[1]


def test_persian_is_written_in_persian_letters_and_digits() -> None:
    wrong = [
        msgstr
        for said in messages.entries("fa").values()
        for msgstr in said
        if FOREIGN.search(msgstr) or LATIN_DIGIT.search(PLACEHOLDER.sub("", msgstr))
    ]
    assert not wrong


def test_marked_sentences_are_literals() -> None:
    paths = messages.PORTAL.rglob("*.py")
    wrong = [f"{path}:{line}" for path in paths for line in messages.variable_msgids(path)]
    assert not wrong


def test_a_sentence_is_found_in_the_current_locale() -> None:
    token = texts.locale.set("fa")
    assert texts.gettext("%(n)s MB", n="۲") == "۲ مگابایت"
    assert texts.gettext("a sentence nobody translated") == "a sentence nobody translated"
    texts.locale.reset(token)


@pytest.mark.parametrize(
    ("number", "en", "fa"), [(1, "1 page", "۱ صفحه"), (2, "2 pages", "۲ صفحه"), (0, "0 pages", "۰ صفحه")]
)
def test_what_is_counted_is_said_in_the_form_of_its_number(number: int, en: str, fa: str) -> None:
    for locale, said in (("en", en), ("fa", fa)):
        token = texts.locale.set(locale)
        assert formats.pages(number) == said
        texts.locale.reset(token)


@pytest.mark.parametrize(
    ("number", "said"), [("1", "1 point"), ("1.0", "1 point"), ("1.5", "1.5 points"), ("100", "100 points")]
)
def test_a_number_with_decimals_is_counted_as_it_is_shown(number: str, said: str) -> None:
    token = texts.locale.set("en")
    assert formats.points(number) == said
    texts.locale.reset(token)
