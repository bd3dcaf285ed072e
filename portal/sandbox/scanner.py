"""The virus scanner: clamd's INSTREAM over TCP or a Unix socket (clamd(8), «COMMANDS»)."""

import asyncio
import re
import struct
from pathlib import Path

PIECE = 256 * 1024
PATIENCE = 120.0  # seconds for one file
FOUND = re.compile(r"^stream: (.+) FOUND$")

_address: str | None = None


class Infected(Exception):
    """A virus was found; `name` is what the scanner calls it."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class ScannerAway(Exception):
    """No verdict came, so none can be assumed."""


def ask_at(address: str | None) -> None:
    """Sets where clamd listens: `host:port`, `unix:/path`, or None for no scanner (`PORTAL_CLAMD`)."""
    global _address
    _address = address


def is_asked() -> bool:
    """Whether files are scanned at all."""
    return _address is not None


async def scan(path: Path) -> None:
    """Have the file at `path` scanned, if there is a scanner.

    Raises:
        Infected.
        ScannerAway: it does not answer, or gives no verdict.
    """
    if _address is None:
        return
    try:
        async with asyncio.timeout(PATIENCE):
            verdict = await _verdict(path, _address)
    except (OSError, TimeoutError, EOFError, ValueError, asyncio.LimitOverrunError) as error:
        raise ScannerAway(type(error).__name__) from error
    if verdict == "stream: OK":
        return
    if found := FOUND.match(verdict):
        raise Infected("".join(each for each in found[1] if each.isprintable())[:100])
    raise ScannerAway(verdict[:200])


async def _verdict(path: Path, address: str) -> str:
    reader, writer = await _connected(address)
    try:
        writer.write(b"zINSTREAM\0")
        with path.open("rb") as file:
            while piece := await asyncio.to_thread(file.read, PIECE):
                writer.write(struct.pack(">I", len(piece)) + piece)
                await writer.drain()
        writer.write(struct.pack(">I", 0))
        await writer.drain()
        said = await reader.readuntil(b"\0")
    finally:
        writer.close()
    return said.rstrip(b"\0").decode("utf-8", "replace")


async def _connected(address: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    if address.startswith("unix:"):
        return await asyncio.open_unix_connection(address.removeprefix("unix:"))
    host, _, port = address.rpartition(":")
    return await asyncio.open_connection(host.strip("[]"), int(port))
