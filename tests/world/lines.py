"""A bad line: a proxy on the loopback that cuts connections at random, goes silent, refuses, or answers 503."""

import asyncio
import random
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from enum import Enum

PIECE = 64 * 1024
ANSWER_503 = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Mood(Enum):
    """What the line does with what it is given."""

    OPEN = "carries everything"
    SILENT = "takes everything and carries nothing"
    CLOSED = "closes at once"
    BUSY = "answers 503"


class Line:
    """Carries bytes between `port` and whoever listens on `target`; `seed` makes its cuts the same every time.

    `between`: bytes that it carries upwards between two cuts, on average; None: it never cuts.
    """

    def __init__(self, target: int, *, between: int | None = None, seed: int = 1405) -> None:
        self.target, self.between = target, between
        self.mood = Mood.OPEN
        self.pace: int | None = None  # bytes a second upwards
        self.last_words: bytes | None = None  # once they were carried upwards, their answer is lost
        self.hasty_words: bytes | None = None  # as often as they are carried upwards, it says `hasty` and then closes
        self.hasty = b""
        self.cuts = 0
        self.carried = 0  # bytes upwards
        self.failed = 0  # connections that met a bad mood
        self.port = 0
        self._mend = 0.0
        self._later = Mood.OPEN
        self._random = random.Random(seed)
        self._until = self._next()
        self._after: int | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._is_answer_lost = False
        self._too_late: set[asyncio.StreamWriter] = set()  # below, they were answered already

    def _next(self) -> float:
        return self.carried + self._random.expovariate(1 / self.between) if self.between else float("inf")

    def turn(self, mood: Mood, *, after: int = 0) -> None:
        """Change the mood once `after` more bytes were carried; connections that stand feel it too."""
        self._later, self._after = mood, self.carried + after
        if after == 0:
            self.mood, self._after = mood, None
            if mood in (Mood.CLOSED, Mood.BUSY):
                self.hang_up()
            if mood is not Mood.OPEN and self._mend:
                asyncio.get_running_loop().call_later(self._mend, self.turn, Mood.OPEN)

    def mend_after(self, seconds: float) -> None:
        """Open the line again, so many seconds after it turned bad."""
        self._mend = seconds

    def hang_up(self) -> None:
        """Cut every connection with a reset."""
        for writer in tuple(self._open):
            writer.transport.abort()

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.failed += self.mood is not Mood.OPEN
        if self.mood is Mood.CLOSED:
            writer.transport.abort()
            return
        if self.mood is Mood.BUSY:
            await reader.read(PIECE)
            writer.write(ANSWER_503)
            with suppress(ConnectionError):
                await writer.drain()
            writer.close()
            return
        try:
            up_reader, up_writer = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.transport.abort()
            return
        if self.mood in (Mood.CLOSED, Mood.BUSY):  # it turned meanwhile, and hung up on those alone that stood by then
            up_writer.close()
            writer.transport.abort()
            return
        ends = {writer, up_writer}
        self._open |= ends
        directions = [
            asyncio.create_task(self._pump(reader, up_writer, writer, up=True)),
            asyncio.create_task(self._pump(up_reader, writer, writer, up=False)),
        ]
        try:
            await asyncio.wait(directions, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in directions:
                each.cancel()
            await asyncio.gather(*directions, return_exceptions=True)
            for end in ends:
                end.close()
            self._open -= ends
            self._too_late.discard(writer)

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, below: asyncio.StreamWriter, *, up: bool
    ) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(PIECE):
                if up:
                    self.carried += len(data)
                if self._after is not None and self.carried >= self._after:
                    self.turn(self._later)
                if not up and below in self._too_late:
                    return
                if up and self.hasty_words and self.hasty_words in data:
                    self._too_late.add(below)
                    below.write(self.hasty)
                if not up and self._is_answer_lost:
                    self._is_answer_lost = False
                    self.hang_up()
                    return
                if up and self.last_words and self.last_words in data:
                    self.last_words, self._is_answer_lost = None, True
                if self.mood is Mood.SILENT:
                    self.failed += 1
                    await asyncio.Event().wait()
                if self.carried >= self._until:
                    self.cuts += 1
                    self._until = self._next()
                    for end in tuple(self._open):
                        end.transport.abort()
                    return
                if up and self.pace:
                    await asyncio.sleep(len(data) / self.pace)
                writer.write(data)
                await writer.drain()


@asynccontextmanager
async def line(target: int, *, between: int | None = None, seed: int = 1405) -> AsyncIterator[Line]:
    """A line to the port `target` of this machine."""
    made = Line(target, between=between, seed=seed)
    ear = socket.socket()
    ear.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2 * PIECE)  # a slow line holds little
    ear.bind(("127.0.0.1", 0))
    server = await asyncio.start_server(made.carry, sock=ear)
    made.port = ear.getsockname()[1]
    try:
        yield made
    finally:
        server.close()
        made.hang_up()
