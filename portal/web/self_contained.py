"""A page that holds all that it needs, sheet, font and script, so that it can be kept and opened without network.

The template names them as any page does; here they are put in their place, and the page's Content-Security-Policy
allows exactly them, by their digests.
"""

import base64
import hashlib
import posixpath
import re
from functools import cache

from portal.web import assets

_SHEET = re.compile(r'<link rel="stylesheet" href="/static/(?P<path>[^"?]+)[^"]*">')
_SCRIPT = re.compile(r'<script src="/static/(?P<path>[^"?]+)[^"]*" type="module"></script>')
_IMPORT = re.compile(r'^import (?:\{[^}]*\} from )?"(?P<path>\.{1,2}/[^"]+)";\n', re.MULTILINE)
_FONT = re.compile(r'url\("/static/(?P<path>[^"?]+\.woff2)[^"]*"\)')
_POLICY = (
    "default-src 'none'; script-src {scripts}; style-src {styles}; font-src data:; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def contained(html: str) -> tuple[str, str]:
    """The page `html` with its sheets and scripts inside, and its Content-Security-Policy."""
    sheets = [_sheet(each["path"]) for each in _SHEET.finditer(html)]
    scripts = [_script(each["path"]) for each in _SCRIPT.finditer(html)]
    html = _SHEET.sub(lambda each: f"<style>{_sheet(each['path'])}</style>", html)
    html = _SCRIPT.sub(lambda each: f'<script type="module">{_script(each["path"])}</script>', html)
    policy = _POLICY.format(scripts=_digests(scripts), styles=_digests(sheets))
    return html, policy


def _digests(texts: list[str]) -> str:
    digests = (base64.b64encode(hashlib.sha256(each.encode()).digest()).decode() for each in texts)
    return " ".join(f"'sha256-{each}'" for each in digests)


@cache
def _sheet(path: str) -> str:
    return _FONT.sub(lambda each: f'url("{_data(each["path"])}")', assets.asset(path).content.decode())


def _data(path: str) -> str:
    asset = assets.asset(path)
    return f"data:{asset.media_type};base64,{base64.b64encode(asset.content).decode()}"


@cache
def _script(path: str) -> str:
    return "".join(_modules(path, set()))


def _modules(path: str, known: set[str]) -> list[str]:
    """The text of the module at `path` behind those that it imports, each once: together they are one module."""
    if path in known:
        return []
    known.add(path)
    text = assets.files()[path].read_text("utf-8")
    beside = [
        posixpath.normpath(posixpath.join(posixpath.dirname(path), each["path"])) for each in _IMPORT.finditer(text)
    ]
    return [*(part for each in beside for part in _modules(each, known)), _IMPORT.sub("", text)]
