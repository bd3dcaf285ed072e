"""The sentences of the portal, read out of templates and code: for the house test, and to fill the catalogues.

`python tests/house/messages.py --write` appends what is missing: the msgid itself in English, nothing in Persian.
"""

import ast
import sys
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_python
from babel.messages.pofile import read_po, write_po
from jinja2.ext import babel_extract

from portal import texts

ROOT = Path(__file__).parent.parent.parent
PORTAL = ROOT / "portal"
LOCALES = PORTAL / "locales"
REFUSALS = ("OperatorError", "SettingsError", "ServersError", "AlreadyRunning", "WitnessError")
KEYWORDS: dict[str, Any] = dict.fromkeys(("_", "gettext", "N_", "say", *REFUSALS))
COUNTED = {"ngettext": (1, 2), "NN_": (1, 2), "counted": (1, 2)}
Msgid = str | tuple[str, str]
"""A sentence, or what is said of one and of many of a thing."""
HEADER = 'msgid ""\nmsgstr ""\n"Language: {locale}\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'
TO_OPERATORS = (
    *("cli/", "__main__", "settings", "seal_settings", "variables"),
    *("embedded/", "storage/", "services/operations/"),
)
SHARED = {"layouts", "components"}


@cache
def extracted() -> dict[Msgid, set[Path]]:
    """Every msgid with the files that say it."""
    found: dict[Msgid, set[Path]] = defaultdict(set)
    for path in sorted([*PORTAL.rglob("*.py"), *(PORTAL / "templates").rglob("*.html")]):
        for msgid in _msgids(path):
            found[msgid].add(path)
    return found


def _msgids(path: Path) -> Iterator[Msgid]:
    with path.open("rb") as file:
        if path.suffix == ".py":
            found: list[Any] = list(extract_python(file, KEYWORDS | COUNTED, [], {"encoding": "utf-8"}))
        else:
            options = {"trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}
            found = list(babel_extract(file, [*KEYWORDS, *COUNTED], [], options))
    if path.suffix == ".py" and path.relative_to(PORTAL).parts[0] in ("cli", "__main__.py"):
        yield from _help(ast.parse(path.read_text("utf-8")))
    for _line, function, message, _comments in found:
        said = message if isinstance(message, tuple | list) else (message,)
        if said[0]:
            yield (said[0], said[1]) if function in COUNTED else said[0]


def _help(module: ast.Module) -> Iterator[str]:
    """What commands say of themselves: paragraphs of their docstrings, and what stands beside their options."""
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef) and any(map(_is_command, node.decorator_list)):
            yield from (" ".join(each.split()) for each in (ast.get_docstring(node) or "").split("\n\n"))
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "click.option":
            yield from (ast.literal_eval(each.value) for each in node.keywords if each.arg == "help")


def _is_command(decorator: ast.expr) -> bool:
    return isinstance(decorator, ast.Call) and ast.unparse(decorator.func).rpartition(".")[2] in ("command", "group")


def variable_msgids(path: Path) -> list[int]:
    """Lines of a Python file that mark a computed text with N_, which no tool can find in the catalogues."""
    calls = (node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call))
    return [
        call.lineno
        for call in calls
        if isinstance(call.func, ast.Name)
        and call.func.id in ("N_", "NN_")
        and not all(isinstance(each, ast.Constant) for each in call.args)
    ]


def noun(paths: set[Path]) -> str:
    """The catalogue a sentence belongs to: its template folder, its module, `common` when several say it."""
    nouns = {_noun(path) for path in paths}
    return nouns.pop() if len(nouns) == 1 else "common"


def _noun(path: Path) -> str:
    if path.suffix == ".py" and path.relative_to(PORTAL).as_posix().startswith(TO_OPERATORS):
        return "commands"
    if path.suffix == ".html":
        folder = path.relative_to(PORTAL / "templates").parts[0]
        return "common" if folder in SHARED else folder
    kept = {each.stem for each in LOCALES.glob("*/*.po")}
    return next((name for name in (path.stem, path.stem.removesuffix("s")) if name in kept), "common")


def catalogue_files(locale: str) -> dict[Path, Catalog]:
    """Each `.po` file of the locale, as written."""
    catalogues = {}
    for path in sorted((LOCALES / locale).glob("*.po")):
        with path.open("rb") as file:
            catalogues[path] = read_po(file, locale=locale)
    return catalogues


def entries(locale: str) -> dict[Msgid, tuple[str, ...]]:
    """All msgids of the locale with the forms of their msgstr, empty ones too."""
    return {
        _msgid(message.id): texts.forms(message.string)
        for catalogue in catalogue_files(locale).values()
        for message in catalogue
        if message.id
    }


def _msgid(found: str | list[str] | tuple[str, ...]) -> Msgid:
    return found if isinstance(found, str) else (found[0], found[1])


def save(path: Path, catalogue: Catalog) -> None:
    """Write a catalogue with no more header than its readers need: dates and names would only make conflicts."""
    text = BytesIO()
    write_po(text, catalogue, width=0, omit_header=True, ignore_obsolete=True)
    head = HEADER.format(locale=catalogue.locale).encode()
    path.write_bytes(head + text.getvalue())


def write(locale: str) -> int:
    """Append the missing msgids to the catalogues of `locale`; returns how many there were."""
    known, missing = entries(locale), defaultdict(list)
    for msgid, paths in sorted(extracted().items(), key=lambda each: texts.forms(each[0])):
        if msgid not in known:
            missing[noun(paths)].append(msgid)
    for name, msgids in missing.items():
        path = LOCALES / locale / f"{name}.po"
        catalogue = catalogue_files(locale).get(path) or Catalog(locale=locale, fuzzy=False, project="daraje")
        for msgid in msgids:
            catalogue.add(msgid, msgid if locale == "en" else "" if isinstance(msgid, str) else ("",))
        save(path, catalogue)
    return sum(map(len, missing.values()))


if __name__ == "__main__":
    for each in ("fa", "en"):
        if "--write" in sys.argv:
            sys.stdout.write(f"{each}: {write(each)} added\n")
        else:
            sys.stdout.write(f"{each}: {len(extracted().keys() - entries(each).keys())} missing\n")
