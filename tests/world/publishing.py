"""Variants of the shipped rule set, published by the verbs."""

from datetime import date

from portal.services.rulesets import versions as service
from tests.world.builders import Builder

TEXT = next(service.SHIPPED.glob("*.toml")).read_text(encoding="utf-8")


def variant(day: date, *changes: tuple[str, str]) -> str:
    """The shipped sample with another day, and other changes."""
    text = TEXT.replace("effective_from = 2015-04-18", f"effective_from = {day.isoformat()}")
    for old, new in changes:
        assert text.count(old) == 1
        text = text.replace(old, new)
    return text


async def publish(world: Builder, text: str) -> str:
    """Upload `text` as the administrator and publish it as the Organization; its digest."""
    digest = await service.draft(text, by=world.people["head"], now=world.clock.tick(1))
    by = world.people["examiner"]
    await world.sign(by, lambda now: service.prepare_publication(digest, by=by, now=now))
    return digest
