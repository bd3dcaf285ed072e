"""A portal whose store is reached over a line that tests spoil."""

from dataclasses import dataclass, replace

import urllib3

from portal.storage.objects import ObjectStore
from tests.world.lines import Line, Mood
from tests.world.portal import Portal


@dataclass
class Road:
    """The line between the portal and its store, in the test's hands."""

    portal: Portal
    line: Line

    def be(self, *, patient: bool) -> None:
        """How long the portal waits for its store: as in production, or little, so that a bad store is soon told."""
        assert self.portal.settings.s3 is not None
        settings = replace(self.portal.settings.s3, endpoint=f"127.0.0.1:{self.line.port}")
        little = ObjectStore(settings, patience=urllib3.Timeout(connect=1.5, read=1.5), pauses=(0.1,))
        self.portal.app.state.store = ObjectStore(settings) if patient else little

    def turn(self, mood: Mood, *, after: int = 0) -> None:
        self.be(patient=mood is Mood.OPEN)
        self.line.turn(mood, after=after)
