"""Scans of letters that were signed by hand: attached to a notified case, never changed, the last one counts."""

import asyncio
import hashlib
import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from portal.domain import persian
from portal.domain.errors import Conflict, Forbidden, Invalid, NotFound
from portal.domain.events import EventKind
from portal.domain.lifecycle import State
from portal.services.documents import letter_scans
from portal.services.letters import notices
from portal.tables.acts import LetterScan
from portal.tables.events import Event
from tests.world.builders import Builder, scan
from tests.world.cases import case_of
from tests.world.documents import objects
from tests.world.letter_scans import attach
from tests.world.portal import Portal


async def of(number: str) -> list[dict[str, Any]]:
    return await letter_scans.of_notice((await notices.of_case((await case_of(number))["id"]))["id"])


async def events() -> list[dict[str, Any]]:
    rows = await Event.select(Event.statement).where(Event.kind == EventKind.LETTER_SCANNED).order_by(Event.position)
    return [json.loads(row["statement"]) for row in rows]


async def test_a_scan_is_stored_recorded_and_told_by_one_event(builder: Builder) -> None:
    number = await builder.case(State.NOTIFIED)
    assert await attach(builder, number)
    (row,) = await of(number)
    data = await builder.store.get_bytes(row["key"])
    assert row["sha256"] == hashlib.sha256(data).hexdigest() == await builder.store.labelled(row["key"])
    assert (row["media_type"], row["pages"], row["size"]) == ("application/pdf", 2, len(data))
    assert (row["letter_number"], row["filename"], row["name"]) == ("۱۲/۳۴۵", "نامه.pdf", "ارزیاب سازمان")
    (told,) = await events()
    values = told["intent"]["values"]
    assert (values["id"], values["sha256"], values["letter_number"]) == (str(row["id"]), row["sha256"], "۱۲/۳۴۵")
    assert values["letter_date"] == row["letter_date"].isoformat()
    assert told["record"]["position"] == row["event"]
    assert told["record"]["factor"] is None
    case = await case_of(number)
    assert case["state"] == State.NOTIFIED


async def test_the_last_one_counts_and_the_earlier_ones_stay(builder: Builder) -> None:
    number = await builder.case(State.NOTIFIED)
    assert await attach(builder, number, letter_number="1")
    assert await attach(builder, number, letter_number="2", by="minister")
    assert [row["letter_number"] for row in await of(number)] == ["2", "1"]
    assert [row["name"] for row in await of(number)] == ["وزیر", "ارزیاب سازمان"]


async def test_the_same_post_counts_once(portal: Portal) -> None:
    builder = Builder(portal.people, portal.store, portal.clock)
    number, once, data = await builder.case(State.NOTIFIED), uuid4(), scan()
    kept = len(objects(portal, number))
    done = await asyncio.gather(*(attach(builder, number, data=data, once=once) for _ in range(3)))
    assert sorted(done) == [False, False, True]
    assert len(await of(number)) == len(await events()) == 1
    assert len(objects(portal, number)) == kept + 1
    assert await attach(builder, number, data=scan(3), once=once), "another file is another scan"
    assert await attach(builder, number, data=data, letter_number="2", once=once), "and so is another number"


async def test_the_date_is_between_the_meeting_and_today(builder: Builder) -> None:
    number = await builder.case(State.NOTIFIED)
    today = persian.tehran_date(builder.clock())
    for day, code in ((today + timedelta(days=1), "future-day"), (today - timedelta(days=1), "before-sitting")):
        with pytest.raises(Invalid) as refused:
            await attach(builder, number, letter_date=day)
        told = refused.value.errors["letter_date"]
        assert code in (told, told[0])
    assert await LetterScan.count() == 0
    builder.clock.tick(3 * 24 * 3600)
    assert await attach(builder, number, letter_date=today), "a paper of the meeting's own day, scanned later"


@pytest.mark.parametrize("data", [b"", b"no scan at all", b"%PDF-1.7\nbroken"])
async def test_bytes_that_do_not_open_are_refused_and_go(portal: Portal, data: bytes) -> None:
    builder = Builder(portal.people, portal.store, portal.clock)
    number = await builder.case(State.NOTIFIED)
    kept, before = objects(portal, number), await Event.count()
    with pytest.raises(Invalid) as refused:
        await attach(builder, number, data=data)
    assert set(refused.value.errors) == {"file"}
    assert (objects(portal, number), await LetterScan.count(), await Event.count()) == (kept, 0, before)


async def test_organization_and_minister_attach_to_what_is_notified(builder: Builder) -> None:
    number = await builder.case(State.DECIDED)
    with pytest.raises(Conflict):
        await attach(builder, number)
    draft = await builder.draft("abroad")
    with pytest.raises(NotFound):
        await attach(builder, draft)
    await builder.notify(number)
    for name in ("clerk", "officer", "auditor", "keeper", "head"):
        with pytest.raises(Forbidden):
            await attach(builder, number, by=name)
    assert await LetterScan.count() == 0


async def test_whoever_sees_the_case_reads_the_scan_of_that_case(builder: Builder) -> None:
    number = await builder.case(State.NOTIFIED)
    other = await builder.case(State.NOTIFIED, "abroad", "stranger")
    await attach(builder, number)
    (row,) = await of(number)
    for name in ("clerk", "officer", "examiner", "minister", "keeper", "auditor"):
        assert (await letter_scans.readable(number, row["id"], builder.people[name]))["key"] == row["key"]
    for name in ("abroad", "neighbour", "stranger", "head"):
        with pytest.raises(NotFound):
            await letter_scans.readable(number, row["id"], builder.people[name])
    for wrong, scanned in ((other, row["id"]), (number, uuid4())):
        with pytest.raises(NotFound):
            await letter_scans.readable(wrong, scanned, builder.people["auditor"])
