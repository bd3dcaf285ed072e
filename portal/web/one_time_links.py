"""The page that shows a one-time link."""

from typing import Any
from uuid import UUID

from litestar import Response

from portal.services.identity import accounts
from portal.settings import Settings
from portal.web.identity import AppRequest
from portal.web.responses import page


async def show_link(request: AppRequest, person: UUID, purpose: str, token: str, settings: Settings) -> Response[Any]:
    """The page that shows a one-time link, this once."""
    row = await accounts.find(person)
    url = f"{settings.base_url}/invitations/{token}"
    return page(request, "accounts/link.html", account=row, purpose=purpose, url=url)
