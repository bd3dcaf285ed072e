"""A portal run in the test's own process."""

from collections.abc import Callable
from dataclasses import dataclass

from litestar import Litestar

from portal.settings import Settings
from portal.storage.objects import ObjectStore
from tests.world.cast import Cast
from tests.world.client import Visitor
from tests.world.clock import Clock


@dataclass
class Portal:
    """A running portal and its people."""

    app: Litestar
    clock: Clock
    people: Cast
    settings: Settings
    store: ObjectStore
    visit: Callable[[], Visitor]

    async def as_(self, username: str) -> Visitor:
        """A visitor signed in as a person of the cast."""
        return await self.visit().sign_in(username)
