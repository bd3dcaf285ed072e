"""Signatures: the Minister signs a letter that is in the store."""

import asyncio
import hashlib
from dataclasses import replace
from uuid import uuid4

import pytest
import urllib3

from portal.domain import events
from portal.domain.errors import Conflict, Forbidden, NotFound
from portal.domain.lifecycle import State
from portal.services.authentication.second_factor import Matched
from portal.services.letters import drafts, issuing, notices
from portal.services.signing.signoffs import Signed
from portal.settings import Settings
from portal.storage.calls import StoreUnavailable
from portal.storage.objects import ObjectStore
from portal.tables.acts import Notice
from portal.tables.cases import Case
from tests.world import acts
from tests.world.builders import Builder
from tests.world.cases import case_of, statement_at
from tests.world.lines import Mood, line


async def test_a_signed_letter_is_the_one_in_the_store(builder: Builder) -> None:
    number = await builder.case(State.NOTIFIED)
    case = await case_of(number)
    notice = await notices.of_case(case["id"])
    letter = await builder.store.get_bytes(notice["key"])
    assert (hashlib.sha256(letter).hexdigest(), len(letter)) == (notice["sha256"], notice["size"])
    assert notice["pages"] == drafts.pages_of(letter)
    assert (notice["number"], notice["minister"], notice["at"]) == ("1405/1", "وزیر", case["archived_at"])
    told = (await statement_at(notice["event"]))["record"]["produced"]["letter"]
    code = hashlib.sha256(notice["code"].encode()).hexdigest()
    sealed = {"number": "1405/1", "sha256": notice["sha256"], "size": notice["size"], "code_sha256": code, "pages": 2}
    assert told == sealed
    assert case["state"] == State.NOTIFIED


async def test_nobody_but_the_minister_signs_and_only_what_is_decided(builder: Builder) -> None:
    number = await builder.case(State.ASSESSED)
    for name, refusal in {
        "examiner": Forbidden,
        "clerk": Forbidden,
        "auditor": Forbidden,
        "minister": Conflict,
    }.items():
        with pytest.raises(refusal):
            await acts.notify(number, by=builder.people[name], store=builder.store, base_url="http://127.0.0.1")
        with pytest.raises(refusal):
            await acts.refuse(number, by=builder.people[name], reason="ناقص")
    with pytest.raises(NotFound):
        await notices.of_case((await case_of(number))["id"])


async def test_a_silent_store_locks_no_case_for_long(
    settings: Settings, builder: Builder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(issuing, "WITHIN", 2.0)
    number, store = await builder.case(State.DECIDED), builder.store
    assert settings.s3 is not None
    async with line(int(settings.s3.endpoint.rpartition(":")[2])) as bad:
        patient = urllib3.Timeout(connect=600, read=600)
        endpoint = f"127.0.0.1:{bad.port}"
        builder.store = ObjectStore(replace(settings.s3, endpoint=endpoint), patience=patient, deadline=600)
        bad.turn(Mood.SILENT)
        async with asyncio.timeout(60):  # the store itself would be waited for ten minutes
            with pytest.raises(StoreUnavailable, match="in time"):
                await builder.notify(number)
        assert not await Notice.exists()
        async with Case._meta.db.transaction():
            await Case.select(Case.id).where(Case.number == number).lock_rows("UPDATE", nowait=True)
    builder.store = store
    await builder.notify(number)


OFFICES = (("clerk", "officer"), ("neighbour", "officer"), ("abroad", "stranger"))


class Failed(Exception):
    pass


async def signed_at_once(builder: Builder, numbers: list[str], failing: int) -> list[object]:
    """What became of the signatures of all of `numbers`, each in its own transaction; every `failing`th fails last."""
    by = builder.people["minister"]

    async def sign(n: int, number: str) -> None:
        prepared = await acts.notify(number, by=by, store=builder.store, base_url="http://127.0.0.1:8000")
        now, turn = builder.clock(), uuid4()
        async with turns, Notice._meta.db.transaction():
            matter = await prepared.look()
            intent = prepared.intent(turn.hex, now)
            text = events.canonical(intent)
            proven = Matched(turn, n, (), "", "")
            await prepared.write(Signed(by=by, now=now, matter=matter, intent=intent, text=text, proven=proven))
            if n % failing == 1:
                raise Failed

    turns = asyncio.Semaphore(8)  # the pool has ten connections
    return await asyncio.gather(*(sign(*each) for each in enumerate(numbers)), return_exceptions=True)


async def test_signatures_at_once_are_numbered_without_gaps_though_some_fail(builder: Builder) -> None:
    numbers = [await builder.case(State.DECIDED, *office) for office in OFFICES]
    ended = await signed_at_once(builder, numbers, failing=3)
    assert [type(each) for each in ended] == [type(None), Failed, type(None)]
    rows = await Notice.select(Notice.number, Notice.serial, Notice.code).order_by(Notice.serial)
    assert [(row["number"], row["serial"]) for row in rows] == [("1405/1", 1), ("1405/2", 2)]
    assert len({row["code"] for row in rows}) == 2
    await builder.notify(numbers[1])
    assert sorted(row["serial"] for row in await Notice.select(Notice.serial)) == [1, 2, 3]
