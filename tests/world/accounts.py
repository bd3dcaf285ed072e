"""Accounts over HTTP: opened, their one-time links followed, their second factors enrolled."""

import re
from typing import Any
from uuid import UUID

from portal.domain import totp
from portal.services.authentication import encryption, second_factor
from portal.tables.people import Person
from tests.world import cast
from tests.world.client import Page, Visitor
from tests.world.portal import Portal

PASSWORD = "جمله‌ای که فقط من می‌دانم"
PASSWORDS = {"password": PASSWORD, "password_again": PASSWORD}
FACTOR = "/account/second-factor"
NEW = {
    "username": "new.officer",
    "full_name": "نام تازه",
    "title": "کارشناس احراز",
    "role": "governorate",
    "province": "13",
}
CLERK = {
    "username": "new.clerk",
    "full_name": "کارشناس تازه",
    "title": "کارشناس برنامه",
    "role": "municipality",
    "municipality": cast.NEIGHBOUR,
}
EXAMINER = {"username": "new.examiner", "full_name": "ارزیاب تازه", "title": "کارشناس", "role": "organization"}
SECOND_HEAD = {"username": "new.head", "full_name": "مدیر تازه", "title": "مدیر سامانه", "role": "administrator"}


def link_of(page: Page) -> str:
    """The path of the one-time link on a page."""
    link = re.search(r"/invitations/[\w-]+", page.text)
    assert link is not None, page.words()
    return link.group()


def secret_on(page: Page) -> str:
    """The second factor's secret that a page offers."""
    return str(re.findall(r"secret=([A-Z2-7]+)", page.text)[0])


async def opened(head: Visitor, new: dict[str, str]) -> str:
    """The link of a new account."""
    return link_of(await head.sign("/accounts", new, at="/accounts/new"))


async def reset(by: Visitor, person: Any) -> str:
    """The link by which the owner sets a new password."""
    return link_of(await by.sign(f"/accounts/{person}/reset"))


async def enrol(visitor: Visitor, portal: Portal) -> Page:
    """Enrol the secret that the page offers by its present code."""
    page = await visitor.get(FACTOR)
    return await visitor.post(FACTOR, {"code": totp.current_code(secret_on(page), portal.clock())})


async def follow(portal: Portal, link: str) -> Visitor:
    """Whoever follows a one-time link, sets the password, and enrols what they are offered."""
    owner = portal.visit()
    page = await owner.post(link, PASSWORDS)
    assert page.status == 303, page.words()
    assert (await enrol(owner, portal)).status in (200, 303)  # 200 before the first day of their mandate
    return owner


async def entered(portal: Portal, new: dict[str, str]) -> Visitor:
    """The owner of a new account, whom `head` invited, with their authenticator enrolled."""
    return await follow(portal, await opened(await portal.as_("head"), new))


async def half_way(portal: Portal, username: str = "clerk", visitor: Visitor | None = None) -> Visitor:
    """A visitor whose password was right, before the second factor."""
    visitor = visitor or portal.visit()
    visitor.username = username
    page = await visitor.post("/login", {"username": username, "password": cast.PASSWORD})
    assert page.status == 303, page.words()
    return visitor


async def person(username: str) -> dict[str, Any]:
    """The row of an account."""
    row = await Person.select().where(Person.username == username).first()
    assert row is not None
    return row


async def code_of(portal: Portal, person: UUID) -> str:
    """A fresh code of whatever this person has enrolled."""
    portal.clock.tick(31)
    factor = await second_factor.in_force(person)
    assert factor is not None
    return totp.current_code(encryption.decrypt(factor["secret"]), portal.clock())
