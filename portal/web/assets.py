"""What stands under static/, as it is delivered: one stylesheet, compressed once, under the digest of its content.

Sources stay split: the sheet is joined by its own `@import` rules, and modules import one another by relative paths.
Both then name what they need under its digest, so that all of it may be kept for ever. A file is read once.
"""

import hashlib
import mimetypes
import posixpath
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from portal.web import encodings

ROOT = "/static/"
PACKAGE = Path(__file__).parent.parent
# An installed wheel carries the static files inside the package, a checkout beside it.
STATIC = next(
    (folder for folder in (PACKAGE / "static", PACKAGE.parent / "static") if folder.is_dir()),
    PACKAGE / "static",
)
SHEET = "css/all.css"
TYPES = {".js": "text/javascript", ".woff2": "font/woff2", ".md": "text/plain"}
TEXTS = frozenset({"text/css", "text/javascript", "text/plain", "image/svg+xml"})
"""What becomes smaller; a font and a picture are compressed already."""
_IMPORT = re.compile(r'@import "(?P<path>[^"]+)"(?P<media>[^;]*);')
_URL = re.compile(r'url\("(?P<path>\.{1,2}/[^"]+)"\)')
_MODULE = re.compile(r"""(?:(?<=from )|(?<=import ))(?P<quote>["'])(?P<path>\.{1,2}/[^"']+)(?P=quote)""")


@dataclass(frozen=True, slots=True)
class Asset:
    """A file as it is sent, `encoded` by the name of the content coding, the preferred one first; none for pictures."""

    content: bytes
    media_type: str
    digest: str
    encoded: Mapping[str, bytes]

    @property
    def version(self) -> str:
        """What its address names: as much of the digest as tells one content from another."""
        return self.digest[:12]


@cache
def files() -> Mapping[str, Path]:
    """Every file by its path under static/. Nothing else is delivered, whatever an address says."""
    return {path.relative_to(STATIC).as_posix(): path for path in sorted(STATIC.rglob("*")) if path.is_file()}


@cache
def asset(path: str) -> Asset:
    """The file at `path` under static/. Raises KeyError where there is none."""
    source = files()[path]
    content = _rewritten(path, source.read_bytes())
    media_type = TYPES.get(source.suffix) or mimetypes.guess_type(source.name)[0] or "application/octet-stream"
    encoded = {coding: encodings.CODINGS[coding](content, True) for coding in encodings.CODINGS if media_type in TEXTS}
    smaller = {coding: data for coding, data in encoded.items() if len(data) < len(content)}
    return Asset(content, media_type, hashlib.sha256(content).hexdigest(), smaller)


@cache
def address(path: str) -> str:
    """Address of the file at `path`, with a digest of what is delivered, so that it may be kept for ever."""
    return f"{ROOT}{path}?v={asset(path).version}"


def prepare() -> None:
    """Read, join and compress everything, so that few visitors wait for it."""
    for path in files():
        asset(path)


def _rewritten(path: str, content: bytes) -> bytes:
    if path.endswith(".css"):
        return _joined(path).encode()
    if path.endswith(".js"):
        return _MODULE.sub(_resolving(path, '"{}"'), content.decode()).encode()
    return content


def _joined(path: str) -> str:
    """The sheet at `path` with those that it imports in their place."""

    def imported(rule: re.Match[str]) -> str:
        text, media = _joined(_beside(path, rule["path"])), rule["media"].strip()
        return f"@media {media} {{\n{text}}}\n" if media else text

    text = files()[path].read_text("utf-8")
    return _IMPORT.sub(imported, _URL.sub(_resolving(path, 'url("{}")'), text))


def _resolving(path: str, form: str) -> Callable[[re.Match[str]], str]:
    return lambda found: form.format(address(_beside(path, found["path"])))


def _beside(path: str, relative: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), relative))
