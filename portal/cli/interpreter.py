"""What the running Python lacks: weaknesses of its own parsers that a later release mends."""

import http.cookies
import platform

from portal.cli.speech import isolated, say

MENDED = "3.11.10, 3.12.6, 3.13"


def weakness() -> str | None:
    """One sentence about a Python whose parser of cookies is the old one; None for a sound one.

    Distributions mend old releases, so the code is looked at and not the version: the old one has this pattern.
    """
    if not hasattr(http.cookies, "_OctalPatt"):
        return None
    return say(
        "Python %(version)s parses cookies in quadratic time (%(weakness)s, mended in %(mended)s): the portal bounds "
        "them before, but use a newer one.",
        weakness=isolated("CVE-2024-7592"),
        version=isolated(platform.python_version()),
        mended=isolated(MENDED),
    )
