"""The page that shows a one-time link."""

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


async def show_link(request: AppRequest, person: UUID, purpose: str, token: str, settings: Settings) -> Response[Any]:
    """The page that shows a one-time link, this once."""
    row = await accounts.find(person)
    url = f"{settings.base_url}/invitations/{token}"
    return page(request, LinkPage(account=row, purpose=purpose, url=url))
