"""The picture and the page of the house are those of the code."""

import re

import grimp
import pytest

from tests.house import architecture

PAGE = architecture.ROOT / "docs" / "architecture.md"
NAMED = re.compile(r"`((?:portal|tests|bench|deploy|docs|migrations)/[\w./]*)`")


def test_the_picture_is_drawn_from_the_present_imports() -> None:
    assert architecture.PICTURE.read_text("utf-8") == architecture.drawn(), "run `make architecture`"


def test_what_the_page_names_is_there() -> None:
    named = NAMED.findall(PAGE.read_text("utf-8"))
    assert len(named) > 40
    assert [each for each in named if not (architecture.ROOT / each).exists()] == []


@pytest.mark.parametrize("room", [name for names in architecture.floors("services") for name in names])
def test_the_page_says_what_each_room_of_the_services_is_for(room: str) -> None:
    assert re.search(rf"`{room}`[^`\n]*:", PAGE.read_text("utf-8"))
    assert (architecture.ROOT / "portal" / "services" / room / "__init__.py").read_text() == ""


def test_every_arrow_goes_down() -> None:
    floors = {name: at for at, names in enumerate(architecture.floors("services")) for name in names}
    graph = grimp.build_graph("portal")
    found = architecture.arrows(graph, architecture.SERVICES)
    assert {(ours, other) for ours, known in found.items() for other in known if floors[other] <= floors[ours]} == set()
    assert found["cases"] >= {"reader", "register", "rulesets"}, "the arrows are those of the imports"
