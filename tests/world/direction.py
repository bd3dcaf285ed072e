"""What of a text runs against it outside an isolate, so that a reader may see it reversed (UAX #9).

It knows nothing of how the portal isolates: it reads what came, block by block.
"""

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

XHTML = "{http://www.w3.org/1999/xhtml}"
SVG = "{http://www.w3.org/2000/svg}"
INLINE = {"a", "abbr", "b", "button", "code", "em", "i", "label", "mark", "small", "span", "strong", "time", "wbr"}
UNREAD = {"script", "style", "textarea", "pre", "head", "template"}
SHOWN = ("title", "aria-label", "placeholder", "alt", "label", "data-label")
OBJECT = "\ufffc"  # how an isolate looks from without: a neutral
PERSIAN = re.compile("[\u0620-\u064a\u066e-\u06d3\u06fa-\u06ff\ufb50-\ufdff\ufe70-\ufefc]")
LATIN = re.compile("[A-Za-z]{2,}")
BROKEN = re.compile(r"[0-9۰-۹][-–−/][0-9۰-۹]")
MARKS = re.compile("\u2068([^\u2066-\u2069]*)\u2069")
COMMAS = re.compile(f"[{OBJECT}A-Za-z0-9)] *[،؛؟]|[،؛؟] *[{OBJECT}A-Za-z0-9]")


def findings(root: Element) -> list[str]:
    """The texts of an HTML document, its title and what stands in attributes, that would be drawn out of order."""
    language = root.get("lang", "fa")
    texts = [*_blocks(root), *(each.get(name, "") for each in root.iter() for name in SHOWN)]
    texts += ["".join(each.itertext()) for each in root.iter() if each.tag in (XHTML + "title", SVG + "title")]
    return [each for each in texts if is_mixed(each) or (language == "en" and COMMAS.search(_outside(each)))]


def is_mixed(text: str) -> bool:
    """Whether Persian letters stand beside Latin ones or a number with a hyphen or stroke, no isolate between them."""
    outside, inside = MARKS.subn(OBJECT, text), [each[1] for each in MARKS.finditer(text)]
    if outside[1]:
        return is_mixed(outside[0]) or any(map(is_mixed, inside))
    return bool(PERSIAN.search(text) and (LATIN.search(text) or BROKEN.search(text)))


def _outside(text: str) -> str:
    count = 1
    while count:
        text, count = MARKS.subn(OBJECT, text)
    return text


def _blocks(element: Element) -> Iterator[str]:
    """The texts of the blocks in `element`, white space folded, elements that isolate as the marks do."""
    done: list[str] = []
    yield " ".join(_inline(element, done).split())
    yield from done


def _inline(element: Element, done: list[str]) -> str:
    tag = element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
    if tag in UNREAD:
        return ""
    parts = [element.text or ""]
    for each in element:
        name = each.tag.rpartition("}")[2] if isinstance(each.tag, str) else ""
        inner = _inline(each, done)
        if name == "bdi":
            inner = f"\u2068{inner}\u2069"
        elif name not in INLINE:
            done.append(" ".join(inner.split()))
            inner = "\n"
        parts += [inner, each.tail or ""]
        if name == "br":
            parts.append("\n")
    return "".join(parts)
