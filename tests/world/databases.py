"""Databases of the test server, and statements run in them as their owner."""

from urllib.parse import urlsplit, urlunsplit

import asyncpg


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
