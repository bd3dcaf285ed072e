"""What commands say, in the language of PORTAL_LOCALE: sentences, counts, refusals, and their own help.

What one copies out of a terminal into a shell (a path, a command) ends its sentence and is not isolated: the invisible
marks would be copied along. A left-to-right run at the end of a line needs none (UAX #9).
"""

import inspect

import click

from portal import texts
from portal.domain import bidi
from portal.settings import language
from portal.texts import gettext, ngettext
from portal.variables import Copied, OperatorError
from portal.web.formats import digits

_HELP: dict[click.Option, str] = {}
"""The msgids of what stands beside options: a process that speaks twice may do so in two languages."""


def say(msgid: str, **facts: object) -> str:
    """The sentence `msgid`, numbers among its facts in the reader's digits."""
    return gettext(msgid, **{each: digits(value) if isinstance(value, int) else value for each, value in facts.items()})


def counted(one: str, many: str, number: int, **facts: object) -> str:
    """As `say`, of `number` things, which the sentence calls `n`."""
    return ngettext(one, many, number, n=digits(number), **facts)


def isolated(text: str) -> str:
    """A name or an address as a Persian sentence takes it: isolated."""
    return bidi.isolated(text) if texts.locale.get() == "fa" else text


def told(error: OperatorError) -> str:
    """What whoever runs the portal must mend."""
    return say(error.msgid, **{each: _spoken(value) for each, value in error.facts.items()})


def _spoken(value: object) -> object:
    match value:
        case OperatorError():
            return told(value)
        case str() if not isinstance(value, Copied):
            return isolated(value)
    return value


class Speaking(click.Group):
    """A group of commands that is told its language before anything is read or printed, help included."""

    def make_context(self, *arguments: object, **more: object) -> click.Context:
        """As click's own. Raises SettingsError for a language that the portal does not speak."""
        texts.locale.set(language())
        _translate(self)
        return super().make_context(*arguments, **more)  # type: ignore[arg-type]


def _translate(command: click.Command) -> None:
    """Help in the current language, of the msgids that docstrings and options are."""
    command.help = _of_docstring(command.callback) or command.help
    for each in command.params:
        if isinstance(each, click.Option) and each.help:
            each.help = gettext(_HELP.setdefault(each, each.help))
    for child in command.commands.values() if isinstance(command, click.Group) else ():
        _translate(child)


def _of_docstring(callback: object) -> str | None:
    text = inspect.getdoc(callback)
    return "\n\n".join(map(gettext, map(_unwrapped, text.split("\n\n")))) if text else None


def _unwrapped(paragraph: str) -> str:
    return " ".join(paragraph.split())
