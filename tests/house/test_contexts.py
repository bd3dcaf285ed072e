"""What a page gives its template is what the template asks for: nothing is missing, and nothing is carried in vain."""

import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

import pytest
from jinja2 import meta, nodes

import portal.routes
import portal.web
import portal.web.pages
from portal.web.templating import ALWAYS, ENVIRONMENT, TEMPLATES

GIVEN = {*ALWAYS, "now"}
"""What every page has: `portal.web.responses.page` gives it."""


def contexts() -> Iterator[type[Any]]:
    """Every dataclass that names its template."""
    for package in (portal.routes, portal.web, portal.web.pages):
        for each in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            module = importlib.import_module(each.name)
            for found in vars(module).values():
                if is_dataclass(found) and hasattr(found, "template") and found.__module__ == each.name:
                    assert isinstance(found, type)
                    yield found


CONTEXTS = {f"{each.__module__}.{each.__name__}": each for each in contexts()}


def asked(template: str) -> set[str]:
    """The names that `template` takes from its context, its layouts and what it includes among them."""
    assert ENVIRONMENT.loader is not None
    tree = ENVIRONMENT.parse(ENVIRONMENT.loader.get_source(ENVIRONMENT, template)[0])
    names = meta.find_undeclared_variables(tree)
    bound = {found.name for found in tree.find_all(nodes.Name) if found.ctx == "store"}
    others: list[nodes.Include | nodes.Extends] = [*tree.find_all(nodes.Include), *tree.find_all(nodes.Extends)]
    for other in others:
        assert isinstance(other.template, nodes.Const)
        names |= asked(other.template.value) - (bound if isinstance(other, nodes.Include) else set())
    return names - own(tree) - ENVIRONMENT.globals.keys()


def own(tree: nodes.Template) -> set[str]:
    """The names that a template makes for itself, in all of its blocks: imports, macros, and what is set at its top."""
    imported = [name for found in tree.find_all(nodes.FromImport) for name in found.names]
    made = {name if isinstance(name, str) else name[1] for name in imported}
    made |= {found.name for found in tree.find_all(nodes.Macro)}
    targets = [found.target for found in tree.body if isinstance(found, (nodes.Assign, nodes.AssignBlock))]
    return made | {target.name for target in targets if isinstance(target, nodes.Name)}


@pytest.mark.parametrize("context", CONTEXTS.values(), ids=CONTEXTS.keys())
def test_a_page_gives_what_its_template_asks_for(context: type[Any]) -> None:
    given = {each.name for each in fields(context)}
    wanted = asked(context.template)
    assert wanted - given - GIVEN == set(), "the template asks for it, and nobody gives it"
    assert given - wanted == set(), "it is given, and no template asks for it"


def test_every_page_has_one_context() -> None:
    pages = {str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("[a-z]*.html")}
    pages = {name for name in pages if name.partition("/")[0] not in ("components", "layouts", "errors")}
    named = [each.template for each in CONTEXTS.values()]
    assert pages - set(named) == set()
    assert len(named) == len(set(named))
