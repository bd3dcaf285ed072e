"""What a file passes before it becomes a document, and what of a refusal stands in the case's history."""

import json
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from portal.domain.declarations import DocumentKind
from portal.domain.documents import Filing
from portal.domain.errors import Invalid
from portal.sandbox import scanner
from portal.services.cases import cases, withdrawals
from portal.services.documents import checks
from portal.services.documents.checks import CheckUnavailable, Incoming
from portal.storage.keys import document_key
from portal.storage.objects import ObjectStore
from portal.tables.events import Event
from tests.world.builders import scan
from tests.world.cast import Cast
from tests.world.clock import Clock


async def incoming(people: Cast, store: ObjectStore, clock: Clock, data: bytes) -> Incoming:
    """A file of these bytes for a new case, in the store already."""
    number, document = await cases.open_case(by=people["clerk"], now=clock()), uuid4()
    stored = await store.put_bytes(document_key(number, document), data)
    return Incoming(number, document, stored, Filing(DocumentKind.CENSUS, None, None, "سند.pdf"))


async def refusals() -> list[dict[str, Any]]:
    """The values of every refusal in the journal."""
    rows = await Event.select(Event.statement).where(Event.kind == "DocumentRefused").order_by(Event.position)
    return [json.loads(each["statement"])["intent"]["values"] for each in rows]


async def test_a_file_is_told_by_its_bytes(people: Cast, store: ObjectStore, clock: Clock) -> None:
    file = await incoming(people, store, clock, scan(pages=2))
    looked = await checks.check(file, by=people["clerk"], store=store, now=clock.tick(1))
    assert (looked.media_type, looked.pages) == ("application/pdf", 2)
    agreed = replace(file, sha256=file.stored.sha256)
    assert await checks.check(agreed, by=people["clerk"], store=store, now=clock.tick(1)) == looked
    assert await refusals() == []


@pytest.mark.parametrize(
    ("data", "code"), [(b"", "empty"), (b"no scan at all", "unknown-type"), (b"%PDF-1.7\nbroken", "cut_off")]
)
async def test_a_refusal_stands_in_the_history(
    people: Cast, store: ObjectStore, clock: Clock, data: bytes, code: str
) -> None:
    file = await incoming(people, store, clock, data)
    with pytest.raises(Invalid) as refused:
        await checks.check(file, by=people["clerk"], store=store, now=clock.tick(1))
    assert code in (refused.value.errors["file"], refused.value.errors["file"][0])
    (said,) = await refusals()
    assert (said["reason_code"], said["size"], said["kind"]) == (code, len(data), "census")
    assert (said["filename"], said["sha256"]) == ("سند.pdf", file.stored.sha256)


async def test_bytes_that_the_sender_did_not_mean_are_refused_unseen(
    people: Cast, store: ObjectStore, clock: Clock
) -> None:
    file = replace(await incoming(people, store, clock, scan()), sha256="0" * 64)
    with pytest.raises(Invalid) as refused:
        await checks.check(file, by=people["clerk"], store=store, now=clock.tick(1))
    assert refused.value.errors == {"sha256": "digest-differs"}
    assert [each["reason_code"] for each in await refusals()] == ["digest-differs"]


async def test_where_nobody_can_look_the_file_is_not_at_fault(people: Cast, store: ObjectStore, clock: Clock) -> None:
    file = await incoming(people, store, clock, scan())
    scanner.ask_at("127.0.0.1:1")
    try:
        with pytest.raises(CheckUnavailable) as away:
            await checks.check(file, by=people["clerk"], store=store, now=clock.tick(1))
    finally:
        scanner.ask_at(None)
    assert away.value.errors == {"file": "scanner-away"}
    assert await refusals() == []


async def test_a_case_that_takes_nothing_more_has_no_line_of_a_refusal(
    people: Cast, store: ObjectStore, clock: Clock
) -> None:
    file = await incoming(people, store, clock, b"no scan at all")
    await withdrawals.withdraw(file.number, by=people["clerk"], reason="منصرف شدیم", now=clock.tick(1))
    with pytest.raises(Invalid):
        await checks.check(file, by=people["clerk"], store=store, now=clock.tick(1))
    assert await refusals() == []
