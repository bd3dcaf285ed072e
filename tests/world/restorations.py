"""Restorations over HTTP: begun, and what became of them."""

from typing import Any

from portal.tables.mandates import Restoration
from tests.world.accounts import link_of
from tests.world.client import Visitor
from tests.world.portal import Portal


async def begun(portal: Portal, username: str) -> tuple[Visitor, str]:
    """The administrator who asked for it, and the link that does not open yet."""
    head = await portal.as_("head")
    url = f"/accounts/{portal.people[username].id}/restoration"
    page = await head.sign(url, {"reason": "گوشی در سفر گم شد؛ تلفنی با او گفت‌وگو کردم"})
    assert page.status == 200, page.words()
    return head, link_of(page)


async def outcome() -> dict[str, Any]:
    """The row of the restoration begun last."""
    row = await Restoration.select().order_by(Restoration.begun_at, ascending=False).first()
    assert row is not None
    return row
