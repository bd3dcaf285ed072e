"""Content codings: which one an answer goes out in (RFC 9110 §12.5.3), and how it is made."""

import gzip
from collections.abc import Callable, Iterable, Mapping

import brotli


def _br(content: bytes, most: bool) -> bytes:
    return bytes(brotli.compress(content, quality=11 if most else 5))


def _gzip(content: bytes, most: bool) -> bytes:
    return gzip.compress(content, compresslevel=9 if most else 6, mtime=0)


CODINGS: Mapping[str, Callable[[bytes, bool], bytes]] = {"br": _br, "gzip": _gzip}
"""By its name how content is compressed, the smaller coding first; as small as can be, or in a moment."""


def chosen(field: str, offered: Iterable[str]) -> str | None:
    """The first of the `offered` codings that `Accept-Encoding` takes; None: as it is.

    What the reader weighs among codings that it takes is its guess about their size, and we know it.
    """
    weights = dict(_weighed(each) for each in field.split(",") if each.strip())
    return next((each for each in offered if weights.get(each, weights.get("*", 0.0)) > 0), None)


def _weighed(part: str) -> tuple[str, float]:
    name, *parameters = (each.strip().lower() for each in part.split(";"))
    weight = next((each.partition("=")[2].strip() for each in parameters if each.startswith("q")), "1")
    try:
        return name, float(weight)
    except ValueError:
        return name, 0.0  # a weight that is none asks for nothing
