"""Where each key and each element of a TOML text stands: `tomllib` reads values and forgets their lines."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass

Path = tuple[str | int, ...]
"""Keys and positions from the top of the document, such as `("criteria", 1, "bands", 3)`."""

_TOKEN = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}|'
    r"'''.*?'{3,5}|"
    r'"(?:\\.|[^"\\])*"|'
    r"'[^']*'|#[^\n]*|\n|[\[\]{}=,]|[^\s\[\]{}=,#\"']+",
    re.DOTALL,
)

_LEXEME = re.compile(
    r'"""(?:\\(?:.|\Z)|[^\\])*?(?:"{3,5}|\Z)|'
    r"'''.*?(?:'{3,5}|\Z)|"
    r'"(?:\\(?:.|\Z)|[^"\\\n])*(?:"|(?=\n)|\Z)|'
    r"'[^'\n]*(?:'|(?=\n)|\Z)|#[^\n]*|[\n,=]|[\[{]|[\]}]|[^\s\[\]{}=,#\"']+",
    re.DOTALL,
)
"""The same for any text: what is never closed goes on to the end of its line, or of the text."""
MOST_PARTS = 16
"""Names of one dotted key, and brackets within brackets. Published tables have two; `tomllib` is quadratic in both."""


class Deep(ValueError):
    """A key of too many parts, or brackets too deep, on `line` (from 1)."""

    def __init__(self, line: int) -> None:
        super().__init__(f"too deep (at line {line})")
        self.line = line


def require_shallow(text: str) -> None:
    """Look the TOML `text` over, in time that grows with it, before anything parses it.

    Up to the first fault of a text its tokens are read as `tomllib` reads them, and there `tomllib` stops.

    Raises:
        Deep.
    """
    line, parts, depth = 1, 1, 0
    for match in _LEXEME.finditer(text):
        token = match[0]
        match token[0]:
            case "[" | "{":
                depth, parts = depth + 1, 1
            case "]" | "}":
                depth, parts = max(0, depth - 1), 1
            case "\n" | "," | "=" | "#":
                parts = 1
            case '"' | "'":
                pass
            case _:
                parts += token.count(".")
        if parts > MOST_PARTS or depth > MOST_PARTS:
            raise Deep(line)
        line += token.count("\n")


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    line: int


class _Reader:
    """Walks the tokens of a text that `tomllib` has already accepted; nothing is validated here."""

    def __init__(self, text: str) -> None:
        self.tokens = _tokens(text)
        self.at = 0
        self.found: dict[Path, int] = {}
        self.tables: dict[Path, int] = {}  # arrays of tables: how many elements so far

    def read(self) -> dict[Path, int]:
        table: Path = ()
        while self._skip_blank():
            table = self._header() if self._sees("[") else self._pair(table)
        return self.found

    def _sees(self, text: str) -> bool:
        return self.at < len(self.tokens) and self.tokens[self.at].text == text

    def _next(self) -> _Token:
        self.at += 1
        return self.tokens[self.at - 1]

    def _skip_blank(self) -> bool:
        while self.at < len(self.tokens) and self.tokens[self.at].text[0] in "\n#":
            self.at += 1
        return self.at < len(self.tokens)

    def _key(self, end: str) -> tuple[Path, int]:
        parts: list[str] = []
        line = self.tokens[self.at].line
        while not self._sees(end):
            text = self._next().text
            parts += [_unquoted(text)] if text[0] in "\"'" else [each for each in text.split(".") if each]
        self.at += 1
        return tuple(parts), line

    def _header(self) -> Path:
        self.at += 1
        if is_array := self._sees("["):
            self.at += 1
        key, line = self._key("]")
        self.at += is_array
        path: Path = ()
        for each in key[:-1]:
            path = self._inside((*path, each))
        path = (*path, key[-1])
        if not is_array:
            path = self._inside(path) if path in self.tables else path
        else:
            self.found.setdefault(path, line)
            self.tables[path] = self.tables.get(path, 0) + 1
            path = (*path, self.tables[path] - 1)
        self._mark(path, line)
        return path

    def _inside(self, path: Path) -> Path:
        return (*path, self.tables[path] - 1) if path in self.tables else path

    def _pair(self, table: Path) -> Path:
        key, line = self._key("=")
        self._mark((*table, *key), line)
        self._value((*table, *key))
        return table

    def _value(self, path: Path) -> None:
        self._mark(path, self.tokens[self.at].line)
        opening = self._next().text
        if opening not in ("[", "{"):
            while self.at < len(self.tokens) and self.tokens[self.at].text not in (",", "]", "}", "\n"):
                self.at += 1  # a date and a time of day are two tokens; a comment may follow
            return
        closing, count = "]" if opening == "[" else "}", 0
        while self._skip_blank() and not self._sees(closing):
            if self._sees(","):
                self.at += 1
            elif opening == "[":
                self._value((*path, count))
                count += 1
            else:
                self._pair(path)
        self.at += 1

    def _mark(self, path: Path, line: int) -> None:
        for end in range(1, len(path) + 1):
            self.found.setdefault(path[:end], line)


def _tokens(text: str) -> list[_Token]:
    tokens, line = [], 1
    for match in _TOKEN.finditer(text.replace("\r\n", "\n")):
        tokens.append(_Token(match[0], line))
        line += match[0].count("\n")
    return tokens


def _unquoted(text: str) -> str:
    value: str = tomllib.loads(f"it = {text}")["it"]
    return value


def lines(text: str) -> Mapping[Path, int]:
    """The line, from 1, on which each key and array element of the valid TOML `text` begins."""
    return _Reader(text).read()
