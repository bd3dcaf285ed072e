"""Databases of the test server, and statements run in them as their owner."""

from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from tests.world.cast import Cast


@dataclass(frozen=True)
class Populated:
    """A database to be cloned, in which the cast has its accounts."""

    name: str
    people: Cast


def database(url: str, name: str) -> str:
    """`url` aimed at another database of the same server."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


async def run(url: str, *statements: str) -> None:
    """Run statements in the database at `url`, one after another."""
    connection = await asyncpg.connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()
