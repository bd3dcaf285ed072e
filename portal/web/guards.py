"""The first door, on every handler: `may=` names roles, `public=True` lets anyone in. No declaration, no entry."""

from litestar.connection import ASGIConnection, Request
from litestar.handlers.base import BaseRouteHandler

from portal.domain.errors import DomainError, Forbidden
from portal.domain.lifecycle import Role
from portal.web import saved_forms

EVERYBODY = frozenset(Role)
ADMINISTRATORS = frozenset({Role.ADMINISTRATOR})
READERS = EVERYBODY - ADMINISTRATORS
"""Who reads cases and their papers, each those in their own sight."""
GENERATED = "litestar.routes.http"  # where the framework's own answers to OPTIONS come from: the methods, and no more


class SignInNeeded(DomainError):
    """Nobody is signed in, or the second step is still to come (303 to where that is done)."""


async def doorkeeper(connection: ASGIConnection, handler: BaseRouteHandler) -> None:  # type: ignore[type-arg]
    """Refuse whoever the handler does not name; a form that comes after its session's end is kept for its person.

    Raises:
        SignInNeeded, Forbidden.
    """
    if handler.opt.get("public") or handler.fn.__module__ == GENERATED:
        return
    may = handler.opt.get("may")
    if may is None:
        raise Forbidden("undeclared")
    login = connection.scope.get("auth")
    if login is None or not login.proved:
        assert isinstance(connection, Request)
        page, kept = await saved_forms.keep(connection)
        raise SignInNeeded("sign-in", page=page, kept=kept)
    if not login.by.confirmed and not _is_own_account(connection.url.path):
        raise Forbidden("unconfirmed")
    if login.by.role not in may:
        raise Forbidden("role")


def _is_own_account(path: str) -> bool:
    """Whether this is a page about the visitor themselves: all that they reach before a second person confirms them."""
    return path == "/account" or path.startswith("/account/")
