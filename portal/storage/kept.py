"""What of an object that arrives in parts is durable, and who remembers it from one request to the next."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Kept:
    """What of an object is durable: `tags` of its whole parts in order, and `tail`, the key of what lies behind them.

    `received` is the number of bytes that both hold; `parts` is the multipart id, None before the first whole part.
    """

    received: int = 0
    parts: str | None = None
    tags: tuple[str, ...] = ()
    tail: str | None = None


NOTHING = Kept()


class Keeper(Protocol):
    """Remembers between two requests what of an object is durable."""

    def tail(self, received: int) -> str:
        """The key of the tail of so many bytes; no other writer may have one of these."""

    async def keep(self, kept: Kept) -> None:
        """Make a new state durable; called in order, and never with fewer bytes than before."""
