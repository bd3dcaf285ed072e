"""Which scripts a page loads: those of the hooks that it carries, and no other.

A hook is an attribute to which a module attaches itself. What htmx brings later carries hooks of the page that it
comes to, but for the focus, which the errors of a form take; a whole page in its place brings its own scripts along.
"""

import re
from collections.abc import Mapping

from portal.web import assets

_UPLOAD = frozenset({"data-upload", "data-client"})
_SWAPPED = _UPLOAD | {"hx-get", "hx-post", "hx-put", "hx-patch", "hx-delete", "data-reader"}
_VIEWER = frozenset({"data-viewer"})
HOOKS: Mapping[str, frozenset[str]] = {
    "vendor/htmx.min.js": _SWAPPED,
    "js/amounts.js": frozenset({"data-grouped"}),
    "js/answers.js": _SWAPPED,
    "js/countdown.js": frozenset({"data-countdown"}),
    "js/files.js": frozenset({"data-file"}),
    "js/focus.js": _SWAPPED | {"data-focus", "data-flash", "autofocus"},
    "js/notes.js": _VIEWER,
    "js/passkeys.js": frozenset({"data-passkey"}),
    "js/press.js": frozenset({'method="post"'}),
    "js/reader.js": _VIEWER,
    "js/seen.js": _VIEWER,
    "js/sheet.js": frozenset({"data-sheet"}),
    "js/upload.js": _UPLOAD,
    "js/verify.js": frozenset({"data-verify"}),
}
"""The hooks of each script, in the order in which they are loaded."""
_HOOK = re.compile(rf"\s({'|'.join(sorted(frozenset().union(*HOOKS.values())))})(?=[\s=>])")


def needed(content: str) -> list[str]:
    """The scripts, by their paths under static/, of a page's own `content`: its frame has no hooks."""
    carried = set(_HOOK.findall(content))
    return [script for script, hooks in HOOKS.items() if hooks & carried]


def addresses(content: str) -> list[tuple[str, bool]]:
    """Where they are delivered, and whether each is a module."""
    return [(assets.address(each), not each.startswith("vendor/")) for each in needed(content)]
