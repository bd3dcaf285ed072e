"""Passkeys over HTTP: made, signing in, signing."""

from typing import Any

from portal.domain.lifecycle import State
from tests.world.authenticators import Device
from tests.world.builders import Builder
from tests.world.client import Page, Visitor
from tests.world.portal import Portal

HOST = {"Host": "localhost:8000"}
PASSKEYS = "/account/passkeys"


def block(page: Page) -> dict[str, str]:
    """The page's request to the device: its data- attributes."""
    found = [each for each in page.root.iter() if each.get("data-passkey")]
    assert len(found) == 1, page.words()
    return {name.removeprefix("data-"): value for name, value in found[0].attrib.items()}


async def enrol(visitor: Visitor, device: Device, name: str = "کلید آبی") -> Page:
    """Make a passkey on the page, as its script would."""
    page = await visitor.get(PASSKEYS, headers=HOST)
    fields = {**page.hidden(PASSKEYS), "name": name, "credential": device.make(block(page)["challenge"])}
    return await visitor.post(PASSKEYS, {**fields, "code": visitor.code()})


async def with_passkey(portal: Portal, username: str = "clerk", **more: Any) -> tuple[Visitor, Device]:
    """Somebody signed in, and the device on which a passkey of theirs was made."""
    visitor, device = await portal.as_(username), Device(**more)
    page = await enrol(visitor, device)
    assert page.status == 303, page.words()
    return visitor, device


async def sign_in(visitor: Visitor, device: Device) -> Page:
    """The second step of signing in, by a passkey."""
    page = await visitor.get("/login/code", headers=HOST)
    fields = {**page.hidden("/login/code"), "assertion": device.answer(block(page)["challenge"])}
    return await visitor.post("/login/code", fields)


async def review(portal: Portal, clerk: Visitor) -> tuple[str, Page]:
    """A clerk before the review of a complete draft."""
    number = await Builder(portal.people, portal.store, portal.clock).case(State.DRAFT)
    url = f"/cases/{number}/submission"
    return url, await clerk.get(url, headers=HOST)
