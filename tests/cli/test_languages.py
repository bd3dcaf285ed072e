"""Commands speak the language of PORTAL_LOCALE: help, sentences and refusals; what programs read stays as it is."""

import http.cookies
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

import portal
from portal import texts
from portal.__main__ import portal as command
from portal.cli import interpreter, offline, replaying, serve, speech, verify
from portal.services.operations import starting
from portal.services.verification.statements import Finding
from portal.settings import load
from portal.variables import SettingsError
from tests.house import messages
from tests.world import commands

SAMPLE = Path(portal.__file__).parent / "rulesets" / "ir-2762-sample.toml"
PERSIAN = re.compile("[\u0600-\u06ff]")
COPIED = re.compile(
    r"openssl rand -base64 [0-9]+|make demo|portal (?:verify journal|migrate)|«The bucket»|"  # commands, a heading
    r"\([^()]*(?:\([^()]*\)[^()]*)*\)|\u2068[^\u2069]*\u2069|"  # a program's own words, and names
    r"\b[\w+.-]*(?:[/_:=@]|--)[\w/:.*=@…-]*|\b[A-Z0-9_]{3,}\b"  # paths, addresses, variables, options
)
PROSE = re.compile(r"[A-Za-z]{2,}[ ,]+[A-Za-z]{2,}")  # two words of English in a row


def mixed(said: str, locale: str) -> str:
    """What of `said` is in another language than `locale`; empty for nothing."""
    found = PERSIAN.search(said) if locale == "en" else PROSE.search(COPIED.sub("، ", said))
    return found[0] if found else ""


def test_a_sentence_of_another_language_is_seen() -> None:
    assert mixed("entry 4: is not signed", "fa")
    assert mixed("رویداد ۴", "en")


@pytest.fixture(params=texts.LOCALES)
def locale(request: pytest.FixtureRequest) -> Iterator[str]:
    token = texts.locale.set(request.param)
    yield request.param
    texts.locale.reset(token)


def leaves(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, each in group.commands.items():
        if isinstance(each, click.Group):
            yield from leaves(each, (*path, name))
        yield (*path, name)


@pytest.mark.parametrize("words", list(leaves(command)), ids=" ".join)
def test_help_is_in_the_language_asked_for(words: tuple[str, ...]) -> None:
    for locale in texts.LOCALES:
        told = commands.invoke(*words, "--help", locale=locale)
        assert told.exit_code == 0
        described = told.output.split("\n\n", 2)[1]
        assert bool(PERSIAN.search(described)) == (locale == "fa"), described


@pytest.mark.parametrize("words", [("totp", "nobody"), ("sweep",), ("accounts", "list"), ("journal", "keys")])
@pytest.mark.parametrize("locale", texts.LOCALES)
def test_a_refusal_is_in_the_language_asked_for(words: tuple[str, ...], locale: str, tmp_path: Path) -> None:
    told = commands.invoke(*words, locale=locale, PORTAL_VAR=str(tmp_path), PORTAL_SECRET_KEY=None)
    said = speech_of(told.exception, locale) if isinstance(told.exception, SettingsError) else told.output
    assert said.strip()
    assert bool(PERSIAN.search(said)) == (locale == "fa")
    assert not mixed(said, locale)


def speech_of(error: SettingsError, locale: str) -> str:
    token = texts.locale.set(locale)
    said = speech.told(error)
    texts.locale.reset(token)
    return said


@pytest.mark.parametrize("locale", texts.LOCALES)
def test_the_lines_of_a_checked_table_keep_their_shape(locale: str) -> None:
    told = commands.invoke("rules", "check", SAMPLE, locale=locale)
    line, digest = told.output.splitlines()[0], told.output.splitlines()[-1]
    assert re.fullmatch(rf"{SAMPLE}:\d+: warning: effective_from: (?P<said>.*) \[effective-in-past\]", line)
    assert bool(PERSIAN.search(line)) == (locale == "fa")
    assert re.fullmatch(r"ir-2762-sample  [0-9a-f]{64}", digest)


def test_a_language_that_the_portal_does_not_speak_is_refused() -> None:
    told = commands.invoke("rules", "check", SAMPLE, locale="xx")
    assert isinstance(told.exception, SettingsError)
    assert "PORTAL_LOCALE" in str(told.exception)


@pytest.mark.parametrize(
    "changes",
    [
        {"PORTAL_PORT": "http"},
        {"PORTAL_FOUR_EYES": "perhaps"},
        {"PORTAL_DATABASE_URL": "nonsense"},
        {"PORTAL_SECRET_KEY": ""},
        {"PORTAL_SECRET_KEY": "short"},
        {"PORTAL_S3_BUCKET": "alone"},
        {"PORTAL_BASE_URL": "http://daraje.example.ir"},
        {"PORTAL_CLAMD": "somewhere"},
        {"PORTAL_SECRET_KEY_FILE": "/nowhere/at all", "PORTAL_SECRET_KEY": ""},
    ],
)
def test_a_setting_is_refused_in_the_language_asked_for(changes: dict[str, str], locale: str) -> None:
    with pytest.raises(SettingsError) as refused:
        load({"PORTAL_SECRET_KEY": "s" * 40, **changes})
    said = speech.told(refused.value)
    assert bool(PERSIAN.search(said)) == (locale == "fa")
    assert not mixed(said, locale)
    assert (said == str(refused.value)) == (locale == "en")


def test_every_sentence_of_commands_is_in_its_own_language_alone() -> None:
    for locale in texts.LOCALES:
        (catalogue,) = (each for path, each in messages.catalogue_files(locale).items() if path.stem == "commands")
        for message in catalogue:
            for said in texts.forms(message.string):
                assert not mixed(re.sub(r"%\(\w+\)s", "", said), locale) or said.startswith("«درجه»"), said


def test_findings_say_where_in_no_language_and_what_in_the_one_asked_for(locale: str) -> None:
    facts = {"case": "1405-00001", "key": "a/b", "why": "because of it", "size": 3, "entries": 2, "entry": 4}
    facts |= {"table": "acts", "kept": "draft", "said": "submitted", "column": "state", "origin": "here"}
    for code in verify.SENTENCES:
        where, _, said = verify.sentence(Finding(code, "entry 4", facts)).partition(": ")
        assert where == "entry 4"
        assert not mixed(said, locale)
    for sentence in (*offline.SAID.values(), *replaying.REASONS.values(), serve.LOST):
        assert not mixed(speech.say(sentence, **facts), locale)


def test_what_a_start_says_is_in_the_language_asked_for(locale: str, monkeypatch: pytest.MonkeyPatch) -> None:
    why = starting.away("database", TimeoutError())
    ends = SettingsError("%(why)s, for %(n)s s: the portal ends its start.", why=why, n=60)
    said = [speech.told(ends), serve.caged("a file that took its reader over could still use sockets")]
    monkeypatch.setattr(http.cookies, "_OctalPatt", object(), raising=False)
    said.append(interpreter.weakness() or "")
    for each in said:
        assert bool(PERSIAN.search(each)) == (locale == "fa")
        assert not mixed(each, locale)


@pytest.mark.parametrize(
    ("count", "en", "fa"), [(1, "1 statement agrees.", "۱ متن"), (2, "2 statements agree.", "۲ متن")]
)
def test_what_is_counted_has_the_form_of_its_number(count: int, en: str, fa: str, locale: str) -> None:
    said = speech.counted("%(n)s statement agrees.", "%(n)s statements agree.", count)
    assert said.startswith(en if locale == "en" else fa)
