"""Recovery codes over HTTP: asked for, and read from the page."""

import re

from tests.world.client import Page, Visitor

RECOVERY_CODES = "/account/recovery-codes"


async def issued(visitor: Visitor) -> list[str]:
    """Fresh recovery codes, asked for under a code."""
    page = await visitor.submit(RECOVERY_CODES, {"code": visitor.code()})
    assert page.status == 200, page.words()
    return codes_on(page)


def codes_on(page: Page) -> list[str]:
    """The recovery codes that a page shows."""
    return re.findall(r"[0-9A-Z]{4}(?:-[0-9A-Z]{4}){5}", page.words())
