"""Answers for programs: plain text, JSON, and which of them a request prefers."""

from http import HTTPStatus
from typing import Any

from litestar import MediaType, Response

from portal.domain.errors import Invalid
from portal.web.identity import AppRequest


def prefers(request: AppRequest) -> str:
    """`html`, `json` or `text`: the first of them that the request's Accept names; `text` where it names none."""
    kinds = {"text/html": "html", "application/json": "json", "text/plain": "text"}
    for each in request.headers.get("accept", "").split(","):
        if found := kinds.get(each.partition(";")[0].strip().lower()):
            return found
    return "text"


def asked(request: AppRequest) -> str | None:
    """`json` or `text` where a program asks: by its Accept, or by an address that answers nobody else; None: a page."""
    accept = request.headers.get("accept", "")
    if any(kind in accept for kind in ("text/html", "application/json", "text/plain")):
        kind = prefers(request)
        return None if kind == "html" else kind
    path = request.url.path
    if path.startswith("/journal/") and path.endswith(("/proof", "/consistency")):
        return "json"
    return "text" if path in ("/journal/checkpoint", "/journal/key") else None


def problem(kind: str, status: int, detail: str) -> Response[Any]:
    """An error for a program: problem details (RFC 9457), or the same as text."""
    title = HTTPStatus(status).phrase
    if kind == "json":
        said = {"type": "about:blank", "title": title, "status": status} | ({"detail": detail} if detail else {})
        return Response(said, status_code=status, media_type="application/problem+json", headers=dict(ANYBODY))
    text = f"{status} {title}\n" + (f"{detail}\n" if detail else "")
    return Response(text, status_code=status, media_type=MediaType.TEXT, headers=dict(ANYBODY))


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
