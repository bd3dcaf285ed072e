"""Answers for programs: plain text, JSON, and which of them a request prefers."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from litestar import MediaType, Response
from litestar.datastructures.headers import Accept

from portal import texts
from portal.domain import bidi
from portal.domain.errors import Invalid
from portal.web.identity import AppRequest

PROBLEM = "application/problem+json"
KINDS = {"text/html": "html", "application/json": "json", "text/plain": "text"}
ADDRESSES = re.compile(r"/(health/.*|metrics|journal/(checkpoint|key|consistency|entries/[^/]*/proof))")
"""What programs ask for: who names no kind there gets text."""


def prefers(request: AppRequest, usual: str = "text") -> str:
    """`html`, `json` or `text`, whichever the request's Accept prefers (RFC 9110 §12.5.1); else the `usual` one."""
    kinds = sorted(KINDS, key=lambda each: KINDS[each] != usual)
    try:
        best = Accept(request.headers.get("accept", "").lower()).best_match(kinds)
    except (ValueError, OverflowError):  # a weight that is no number
        best = None
    return KINDS.get(best or "", usual)


def is_machine_address(path: str) -> bool:
    """Whether programs ask here, rather than people."""
    return ADDRESSES.fullmatch(path) is not None


def refusal(
    kind: str, status: int, title: str, sentences: Sequence[str], *, public: bool, headers: Mapping[str, str]
) -> Response[Any]:
    """Why nothing else comes, as `json` (RFC 9457) or `text`."""
    detail = bidi.isolated_runs(" ".join(sentences), texts.locale.get())
    said: Any = {"status": status, "title": title, "detail": detail}
    media_type: Any = PROBLEM
    if kind == "text":
        said, media_type = "\n".join([title, *sentences, ""]), MediaType.TEXT
    more = {**(ANYBODY if public else {}), **headers}
    return Response(said, media_type=media_type, status_code=status, headers=more)


def plain(text: str) -> Response[str]:
    """UTF-8 text that may be fetched from any site: it is public, and says the same to everybody."""
    return Response(text, media_type=MediaType.TEXT, headers=ANYBODY)


def json_of(value: Any) -> Response[Any]:
    """`value` as JSON, likewise public."""
    return Response(value, media_type=MediaType.JSON, headers=ANYBODY)


ANYBODY = {"Access-Control-Allow-Origin": "*", "Cache-Control": "no-cache"}


def whole(request: AppRequest, name: str) -> int:
    """The whole number that the query's field `name` says.

    Raises:
        Invalid: it says none.
    """
    text = request.query_params.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) < 18):
        raise Invalid({name: "number"})
    return int(text)
