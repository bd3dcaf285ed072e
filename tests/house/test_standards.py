"""Every test that docs/security-standards.md names is there; a mapping to nothing would be worse than none."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
NAMED = re.compile(r"`(test_\w+\.py)::(test_\w+)`")


def test_every_test_that_is_named_exists() -> None:
    text = (ROOT / "docs" / "security-standards.md").read_text("utf-8")
    files: dict[str, str] = {}
    for path in (ROOT / "tests").rglob("test_*.py"):
        files[path.name] = files.get(path.name, "") + path.read_text("utf-8")
    named = set(NAMED.findall(text))
    assert len(named) > 40
    assert {each for each in named if f"def {each[1]}(" not in files.get(each[0], "")} == set()
    assert not re.findall(r"`test_\w+`", text), "a test is named with its file"
