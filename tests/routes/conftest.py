"""What tests of routes share."""

from collections.abc import AsyncIterator

import pytest

from tests.world.lines import line
from tests.world.portal import Portal
from tests.world.road import Road


@pytest.fixture
async def road(portal: Portal) -> AsyncIterator[Road]:
    assert portal.settings.s3 is not None
    async with line(int(portal.settings.s3.endpoint.rpartition(":")[2])) as bad:
        road = Road(portal, bad)
        road.be(patient=True)
        yield road
