"""What waits for a second person, over HTTP."""

import re

from tests.world.client import Visitor


async def waiting(visitor: Visitor) -> list[str]:
    """The addresses of what waits for this person."""
    page = await visitor.get("/approvals")
    assert page.status == 200
    return sorted({each.get("href", "") for each in page.all("a")} & set(re.findall(r"/approvals/[\w-]+", page.text)))


async def agree(visitor: Visitor, address: str, **fields: str) -> int:
    page = await visitor.sign(f"{address}/approval", fields, at=address)
    return page.status
