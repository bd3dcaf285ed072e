"""Every door is declared: no handler without `may=` or `public=True`, and a form page for every POST."""

import re
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from litestar import Litestar, get
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

from portal.routes import ROUTES
from portal.web import errors
from portal.web.guards import doorkeeper
from portal.web.secret_addresses import holds_secret, without_secret

# Their forms stand on another page than their own address (DESIGN §3): the case's, the account's, the footer's.
ELSEWHERE = {
    "/documents/{document:uuid}/withdrawal",
    "/language/{code:str}",
    "/logout",
    "/account/sessions/{session:uuid}/end",
    "/account/cautions/{caution:uuid}/dismissal",
    "/cases",
    "/sittings",
    "/accounts",
    "/accounts/{person:uuid}/sessions",
    "/cases/{number:str}/hand",
    "/rulesets",
    "/documents/{document:uuid}/pages/{number:int}/view",  # a script of the reader says so
    "/uploads",  # spoken by programs (tus 1.0): its form is the case's page
}


def handlers() -> list[HTTPRouteHandler]:
    return [each for each in ROUTES if isinstance(each, HTTPRouteHandler)]


@pytest.mark.parametrize("handler", handlers(), ids=str)
def test_every_handler_declares_who_may(handler: HTTPRouteHandler) -> None:
    assert ("may" in handler.opt) != bool(handler.opt.get("public"))


def test_every_post_address_shows_its_form() -> None:
    app = Litestar([*ROUTES], openapi_config=None)
    methods: dict[str, set[str]] = {}
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            methods[route.path_format] = {str(each) for each in route.methods}
    lonely = {path for path, found in methods.items() if "POST" in found and "GET" not in found}
    known = {each.replace(":uuid", "").replace(":str", "").replace(":int", "") for each in ELSEWHERE}
    assert lonely - known == set()


async def test_an_undeclared_handler_lets_nobody_in() -> None:
    @get("/forgotten")
    async def forgotten() -> str:
        raise AssertionError("entered")

    class State(dict[str, Any]):
        locale = "fa"
        base_url = "http://127.0.0.1"

    app = Litestar(
        [forgotten],
        guards=[doorkeeper],
        exception_handlers=errors.HANDLERS,
        openapi_config=None,
    )
    app.state.settings = State()
    app.state.clock = lambda: datetime.now(UTC)
    transport = httpx.ASGITransport(app)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        assert (await client.get("/forgotten")).status_code == 403


# Path parameters of any text that anybody may read: numbers of cases, digests, codes that are printed on letters.
READABLE = {"number", "code", "digest"}


def test_what_else_stands_in_an_address_is_a_secret_that_no_log_holds() -> None:
    """A parameter of a name that is not known here is a secret until somebody says that it is none."""
    secret = [
        path
        for handler in handlers()
        for path in handler.paths
        for name in re.findall(r"\{([a-z_]+):str\}", path)
        if name not in READABLE
    ]
    assert secret
    assert [path for path in secret if not holds_secret(path) or "{" in without_secret(path)] == []
