"""Which statements the portal sends to the database."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from portal.piccolo_conf import DB

ASIDE = re.compile(r"\s*(BEGIN|COMMIT|ROLLBACK)|.*(typeinfo_tree|set_config\('jit')", re.DOTALL)
"""The frames of transactions, and what the driver asks about a type that a connection meets for the first time."""


@asynccontextmanager
async def statements() -> AsyncIterator[list[str]]:
    """What is asked meanwhile, as the driver sends it, but for what stands `ASIDE`."""
    asked: list[str] = []
    is_over = False

    def note(record: Any) -> None:
        if not is_over and not ASIDE.match(record.query):
            asked.append(record.query)

    borrow = DB.borrow

    async def watched() -> Any:
        connection = await borrow()
        connection.add_query_logger(note)  # a set of them: once
        return connection

    DB.borrow = watched  # type: ignore[method-assign]
    try:
        yield asked
    finally:
        is_over = True
        DB.borrow = borrow  # type: ignore[method-assign]
