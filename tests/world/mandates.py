"""Mandates over HTTP: their form, and their end."""

from datetime import timedelta
from uuid import UUID

from portal.domain import persian
from portal.tables.mandates import Mandate
from tests.world import cast
from tests.world.client import Visitor
from tests.world.portal import Portal

DEPUTY = {
    "username": "deputy",
    "full_name": "معاون وزیر",
    "title": "وزیر کشور",
    "role": "minister",
    "kind": "deputy",
}


def day(portal: Portal, days: int) -> str:
    """A day from today on as a form takes it."""
    return persian.jalali_text(persian.tehran_date(portal.clock()) + timedelta(days=days))


async def mandate_of(portal: Portal, username: str) -> UUID:
    """The mandate granted last."""
    row = (
        await Mandate.select(Mandate.id)
        .where(Mandate.person == portal.people[username].id)
        .order_by(Mandate.granted_at, ascending=False)
        .first()
    )
    assert row is not None
    value: UUID = row["id"]
    return value


def fields(portal: Portal, **changed: str) -> dict[str, str]:
    """A mandate as its form sends it."""
    return {
        "kind": "regular",
        "title": "کارشناس ارشد احراز",
        "role": "governorate",
        "province": cast.TOWN[:2],
        "starts_on": day(portal, 10),
        "ends_on": "",
        **changed,
    }


async def end(portal: Portal, head: Visitor, username: str, last_day: str = "") -> None:
    """End the mandate granted last, `head` signing it."""
    page = await head.sign(f"/mandates/{await mandate_of(portal, username)}/end", {"last_day": last_day})
    assert page.status == 303, page.words()
