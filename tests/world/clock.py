"""The clock of the tests, which only they move."""

from datetime import UTC, datetime, timedelta

BEGIN = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)  # 1405/08/10


class Clock:
    """A clock that only tests move."""

    def __init__(self, now: datetime = BEGIN) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def tick(self, seconds: float = 31) -> datetime:
        self.now += timedelta(seconds=seconds)
        return self.now
