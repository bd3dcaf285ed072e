"""While a database or a store is still away at the start, every page asks for patience, in the visitor's language."""

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

from portal.domain.errors import Unavailable
from portal.web.identity import NOBODYS, AppRequest


class Patience:
    """Answers 503 until the start is over, but for what needs neither database nor store."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_asked = scope["type"] == ScopeType.HTTP and not scope["path"].startswith(NOBODYS)
        if is_asked and not AppRequest(scope).app.state.start.is_over:
            raise Unavailable("starting")
        await self.app(scope, receive, send)
