"""The page that shows a one-time link."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from litestar import Response

from portal.services.identity import accounts
from portal.settings import Settings
from portal.web.identity import AppRequest
from portal.web.responses import page


@dataclass(frozen=True, slots=True)
class LinkPage:
    template: ClassVar = "accounts/link.html"
    account: dict[str, Any]
    purpose: str
    url: str


def link_shown(
    request: AppRequest, person: UUID, purpose: str, settings: Settings
) -> Callable[[str], Awaitable[Response[Any]]]:
    """The page that shows the one-time link with a token, this once."""

    async def answer(token: str) -> Response[Any]:
        url = f"{settings.base_url}/invitations/{token}"
        return page(request, LinkPage(account=await accounts.find(person), purpose=purpose, url=url))

    return answer
