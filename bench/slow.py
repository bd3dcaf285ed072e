"""A page for everybody else, while 1,200 connections announce a body or a head and send a byte now and then.

    .venv/bin/python -m bench.slow [--connections 1200] [--seconds 120] [--workers 2]

Prints how long another visitor's page took, with the slow ones and without them.
"""

import argparse
import asyncio
import resource
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import httpx

from bench.server import node
from bench.stage import stage

PAUSE = 4.0  # seconds between two bytes of a slow one
EVERY = 0.25  # seconds between two pages of the other visitor
QUIET = 15.0  # seconds on which the comparison stands
FORM = (
    b"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    b"Content-Length: 4000\r\n\r\nusername="
)
HEAD = b"GET /login HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "


async def be_slow(port: int, words: bytes, seen: Counter[str]) -> None:
    """Open a connection and send a byte now and then; whenever it is closed, begin again."""
    while True:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            seen["refused"] += 1
            await asyncio.sleep(PAUSE)
            continue
        seen["open"] += 1
        try:
            writer.write(words)
            while not reader.at_eof():
                with suppress(TimeoutError):
                    answer = await asyncio.wait_for(reader.read(4096), PAUSE)
                    seen[answer[9:12].decode("ascii", "replace") or "closed"] += 1
                writer.write(b"a")
        except ConnectionError:
            seen["reset"] += 1
        finally:
            seen["open"] -= 1
            writer.close()


@asynccontextmanager
async def slow_ones(port: int, connections: int) -> AsyncIterator[Counter[str]]:
    """So many slow ones, half of them with a form and half with a head."""
    seen: Counter[str] = Counter()
    tasks = []
    for each in range(connections):
        tasks.append(asyncio.create_task(be_slow(port, FORM if each % 2 else HEAD, seen)))
        if each % 50 == 0:
            await asyncio.sleep(0.02)
    try:
        yield seen
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def visit(port: int, seconds: float) -> list[float]:
    """Seconds that the page took each time, over a connection of its own; a failure counts as a minute."""
    took, until = [], time.monotonic() + seconds
    while time.monotonic() < until:
        began = time.monotonic()
        try:
            async with httpx.AsyncClient(timeout=60) as client:
                answer = await client.get(f"http://127.0.0.1:{port}/login")
            took.append(time.monotonic() - began if answer.status_code == 200 else 60.0)
        except httpx.TransportError:
            took.append(60.0)
        await asyncio.sleep(EVERY)
    return sorted(took)


def line(name: str, took: list[float]) -> str:
    """What is printed of a run."""
    p99 = took[min(len(took) - 1, len(took) * 99 // 100)]
    half = took[len(took) // 2]
    return f"{name:16} {len(took):5} pages   median {half:.3f} s   p99 {p99:.3f} s   slowest {took[-1]:.3f} s"


async def main(connections: int, seconds: float, workers: int) -> None:
    """Run it."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    async with stage(durable=False) as settings, node(settings, PORTAL_WORKERS=str(workers)) as portal:
        quiet = await visit(portal.port, min(QUIET, seconds))
        print(line("quiet", quiet), flush=True)
        async with slow_ones(portal.port, connections) as seen:
            took = await visit(portal.port, seconds)
            still = seen["open"]
        print(line(f"{connections} slow ones", took))
        half = took[len(took) // 2] / quiet[len(quiet) // 2]
        print(f"slowest to slowest {took[-1] / quiet[-1]:.1f} times, median to median {half:.1f} times")
        others = ", ".join(f"{name} {count}" for name, count in sorted(seen.items()) if name != "open")
        print(f"the slow ones: {still} open at the end; {others}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--connections", type=int, default=1200)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--workers", type=int, default=2)
    asyncio.run(main(**vars(parser.parse_args())))
