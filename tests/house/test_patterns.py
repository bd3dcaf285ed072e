"""The components keep their markup: what they draw is compared with what was looked at and kept."""

import difflib
import os
import re
from datetime import UTC, datetime
from pathlib import Path

from portal import texts
from portal.web.templating import render

KEPT = Path(__file__).parent / "patterns.html"
NOW = datetime(2026, 11, 14, 8, 0, tzinfo=UTC)
RENEW = "Look at /patterns of a demo; if all is well there, keep the new markup: make patterns"


def drawn() -> str:
    """The main part of the page of patterns in Persian, a tag or text a line."""
    token = texts.locale.set("fa")
    html = render("components/patterns.html", now=NOW)
    texts.locale.reset(token)
    main = html[html.index("<main") : html.index("<footer")]
    main = re.sub(r"(/static/[^\"?]*)\?[^\"]*", r"\1", main)
    lines = re.split(r"(?<=>)|(?=<)", re.sub(r"\s+", " ", main))
    return "".join(f"{line.strip()}\n" for line in lines if line.strip())


def test_the_markup_of_components_is_what_was_kept() -> None:
    if os.environ.get("PORTAL_PATTERNS") == "keep":
        KEPT.write_text(drawn(), "utf-8")
    changed = list(
        difflib.unified_diff(KEPT.read_text("utf-8").splitlines(), drawn().splitlines(), "kept", "drawn", n=1)
    )
    assert not changed, "\n".join([RENEW, *changed[:60]])
