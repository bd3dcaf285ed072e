"""What the running Python lacks: weaknesses of its own parsers that a later release mends."""

import http.cookies
import platform

MENDED = "3.11.10, 3.12.6, 3.13"
SENTENCE = (
    "Python {version} parses cookies in quadratic time (CVE-2024-7592, mended in {mended}): the portal bounds them "
    "before, but use a newer one."
)


def weakness() -> str | None:
    """One sentence for the log about a Python whose parser of cookies is the old one; None for a sound one.

    Distributions mend old releases, so the code is looked at and not the version: the old one has this pattern.
    """
    if not hasattr(http.cookies, "_OctalPatt"):
        return None
    return SENTENCE.format(version=platform.python_version(), mended=MENDED)
