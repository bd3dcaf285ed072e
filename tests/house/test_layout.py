"""Files lie where a stranger looks for them, and stay short."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.world.files import PROJECT

PORTAL, TESTS, SERVICES = PROJECT / "portal", PROJECT / "tests", PROJECT / "portal" / "services"
LINES = 300


def imported(path: Path) -> Iterator[str]:
    """The dotted names that a file imports, a module's own attributes among them."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module or ''}.{each.name}" for each in node.names)


@pytest.mark.parametrize("folder", ["tests", "bench"])
def test_no_test_module_is_imported_by_another(folder: str) -> None:
    """What two of them need stands in tests/world/, or is a fixture of a conftest.py."""
    wrong = [
        f"{path.relative_to(PROJECT)}: {name}"
        for path in (PROJECT / folder).rglob("*.py")
        for name in imported(path)
        if name.startswith("tests.") and any(each == "conftest" or each.startswith("test_") for each in name.split("."))
    ]
    assert not wrong


def test_every_service_has_a_test_module_of_its_name() -> None:
    modules = [path.relative_to(SERVICES) for path in SERVICES.rglob("*.py") if path.name != "__init__.py"]
    without = {
        str(each.with_suffix(""))
        for each in modules
        if not (TESTS / "services" / each.parent / f"test_{each.name}").exists()
    }
    assert not without


def test_a_file_of_python_is_short() -> None:
    lines = {path.relative_to(PORTAL): len(path.read_text("utf-8").splitlines()) for path in PORTAL.rglob("*.py")}
    assert {str(path) for path, count in lines.items() if count > LINES} == set()
