"""What tests of services ask for: whoever walks cases through them."""

import pytest

from portal.storage.objects import ObjectStore
from tests.builders import Builder
from tests.cast import Cast
from tests.conftest import Clock


@pytest.fixture
def builder(people: Cast, store: ObjectStore, clock: Clock) -> Builder:
    return Builder(people, store, clock)
