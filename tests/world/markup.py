"""What an HTML validator would find in a page: what the parser minds, and nesting that it lets pass."""

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

import html5lib


def _named(*elements: str) -> frozenset[str]:
    return frozenset(" ".join(elements).split())


XHTML = "{http://www.w3.org/1999/xhtml}"
FLOW = _named(
    "address article aside blockquote details div dl fieldset figure footer form header hr main nav ol p pre",
    "section table ul",
)
HEADINGS = _named("h1 h2 h3 h4 h5 h6")
PHRASING_ONLY = HEADINGS | _named(
    "abbr b bdi button caption cite code em i label legend output p pre q small span strong sub summary sup time"
)
"""Elements in which no other than running text may stand (HTML §3.2.5.2.5)."""
MAY_HEAD = frozenset({"legend", "summary"})
INTERACTIVE = _named("a button details embed iframe input label select textarea")
CHILDREN = {
    "ul": {"li", "template", "script"},
    "ol": {"li", "template", "script"},
    "dl": {"dt", "dd", "div", "template", "script"},
    "table": {"caption", "colgroup", "thead", "tbody", "tfoot"},
    "tr": {"th", "td"},
    "select": {"option", "optgroup", "hr"},
}
INSTANT = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:?\d\d)?)?")
"""A date, or a date and a time: no more than three digits of a second (§2.3.5)."""
ONE_LINKED = {"as": {"preload", "modulepreload"}, "crossorigin": {"preload", "modulepreload", "stylesheet", "manifest"}}


def findings(text: str) -> list[str]:
    """What is wrong with the page `text`, in words."""
    parser = html5lib.HTMLParser(tree=html5lib.getTreeBuilder("etree"))
    root = parser.parse(text)
    lines = text.splitlines()
    minded = [f"{code}: {lines[line - 1].strip()[:120]}" for (line, _column), code, _facts in parser.errors]
    return [*minded, *(each for element in root.iter() for each in _of(element))]


def _of(element: Element) -> Iterator[str]:
    name = _name(element)
    within = [_name(each) for each in element.iter() if each is not element]
    if name in PHRASING_ONLY:
        wrong = (FLOW | HEADINGS - (HEADINGS if name in MAY_HEAD else frozenset())) & set(within)
        yield from (f"{each} in {name} {element.attrib}" for each in sorted(wrong))
    if name in ("a", "button"):
        inner = [each for each in element.iter() if each is not element and _is_interactive(each)]
        yield from (f"{_name(each)} in {name} {element.attrib}" for each in inner)
    if name == "form":
        yield from (f"form in form {element.attrib}" for each in within if each == "form")
    if name in CHILDREN:
        yield from (f"{_name(each)} directly in {name}" for each in element if _name(each) not in CHILDREN[name])
    if name == "select":
        options = [each for each in element.iter() if _name(each) == "option"]
        yield from ("an option without words" for each in options if not "".join(each.itertext()).strip())
    if name == "time" and not INSTANT.fullmatch(element.get("datetime") or "".join(element.itertext())):
        yield f"no instant: {element.get('datetime')}"
    if name == "link":
        rels = set((element.get("rel") or "").split())
        yield from (
            f"link {rels} with {each}" for each in ONE_LINKED if each in element.attrib and not rels & ONE_LINKED[each]
        )


def _name(element: Element) -> str:
    return str(element.tag).removeprefix(XHTML) if isinstance(element.tag, str) else ""


def _is_interactive(element: Element) -> bool:
    return (_name(element) in INTERACTIVE and element.get("type") != "hidden") or "tabindex" in element.attrib
