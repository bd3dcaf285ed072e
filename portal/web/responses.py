"""The few answers there are: a page, a redirect after an act, a file."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import Field, fields
from typing import Any, ClassVar, Protocol
from urllib.parse import quote, urlencode

from litestar import MediaType, Response
from litestar.response import Redirect

from portal.domain.errors import DomainError, TooMany
from portal.texts import N_, gettext
from portal.web import templating
from portal.web.identity import AppRequest, Login
from portal.web.secret_addresses import without_secret

FLASH = "daraje_flash"
RECORDED = N_("Already recorded.")
AGAIN = N_("Your entries are in the form again; check and submit them.")


class Context(Protocol):
    """What a page shows: a dataclass whose fields are the names that its template asks for."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]
    template: ClassVar[str]


def page(request: AppRequest, context: Context, status: int = 200, *, fragment: str | None = None) -> Response[str]:
    """The page of `context`, or a `fragment` of it: the template of the part that htmx asks for."""
    said = request.cookies.get(FLASH)
    login: Login | None = request.scope.get("auth")
    html = templating.render(
        fragment or context.template,
        person=request.scope.get("user"),
        path=request.url.path + (f"?{request.url.query}" if request.url.query else ""),
        address=without_secret(str(request.url)),
        flash=gettext(AGAIN) if request.scope.get("recalled") else templating.said(said),
        cautions=login.cautions if login and login.proved else (),
        now=request.app.state.clock(),
        approvals_waiting=request.scope.get("approvals_waiting", 0),
        **values_of(context),
    )
    response = Response(html, media_type=MediaType.HTML, status_code=status)
    if said and not request.scope.get("asked by HEAD"):
        response.delete_cookie(FLASH)
    return response


def values_of(context: Context) -> dict[str, Any]:
    """The fields of `context` by name."""
    return {each.name: getattr(context, each.name) for each in fields(context)}


def done(request: AppRequest, url: str, flash: str | None = None) -> Response[Any]:
    """An act is done: go to `url` (303, or the same for htmx). `flash` is the msgid that the next page shows."""
    if request.headers.get("hx-request") == "true":
        response: Response[Any] = Response(
            "", media_type=MediaType.HTML, status_code=200, headers={"HX-Location": address(url)}
        )
    else:
        response = Redirect(url, status_code=303)
    if flash:
        say_next(response, request, flash)
    return response


def address(url: str) -> str:
    """`url` as a header carries it: what is no ASCII letter, digit or sign of an address is percent-encoded."""
    return quote(url, safe="/#%[]=:;$&()+,!?*@'~", errors="replace")


def say_next(response: Response[Any], request: AppRequest, msgid: str) -> None:
    """Let the next page say `msgid`."""
    secure = request.app.state.settings.is_secure
    response.set_cookie(FLASH, quote(msgid), max_age=60, httponly=True, samesite="lax", path="/", secure=secure)


def with_pause(response: Response[Any], error: DomainError) -> Response[Any]:
    """`response`, which says for programs after how many seconds `error` would be none (RFC 9110 §10.2.3)."""
    if isinstance(error, TooMany) and "seconds" in error.facts:
        response.headers["Retry-After"] = str(error.facts["seconds"])
    return response


def is_fragment(request: AppRequest, target: str) -> bool:
    """Whether htmx asks for the fragment with this id alone."""
    return request.headers.get("hx-target") == target


def narrowed(path: str, asked: Mapping[str, object]) -> str:
    """The address of a list, narrowed to what is asked for: what is empty is left out."""
    return f"{path}?{urlencode({name: value for name, value in asked.items() if value})}"


def disposition(filename: str, *, inline: bool = False) -> str:
    """A `Content-Disposition` that carries any name (RFC 6266, RFC 8187)."""
    plain = "".join(each if each.isascii() and each.isprintable() and each not in '"\\%;' else "_" for each in filename)
    kind = "inline" if inline else "attachment"
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(filename, safe='')}"


async def begun(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """`pieces` again, once the first of them is here: what fails before that is a page and no broken download."""
    first = await anext(pieces, b"")
    return _from(first, pieces)


async def _from(first: bytes, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for piece in pieces:
        yield piece
