"""Notices: the Minister signs a letter that is in the store, or refuses; and who finds the answer."""

import asyncio
import hashlib
from dataclasses import replace

import pytest
import urllib3

from portal.domain.decisions import Ruling
from portal.domain.errors import Conflict, Forbidden, NotFound
from portal.domain.lifecycle import Act, Outcome, State
from portal.services.cases import assessments, decisions, dossiers, notices, signing
from portal.settings import Settings
from portal.storage.calls import StoreUnavailable
from portal.storage.objects import ObjectStore
from portal.tables.acts import Decision, Notice, Refusal
from portal.tables.cases import Case
from tests.world import acts
from tests.world.builders import Builder
from tests.world.cases import case_of, statement_at
from tests.world.lines import Mood, line


async def refuse(builder: Builder, number: str) -> None:
    by = builder.people["minister"]
    await builder.sign(by, lambda now: acts.refuse(number, by=by, reason="ناقص"))


async def test_a_signed_letter_is_the_one_in_the_store(builder: Builder) -> None:
    number = await builder.case(State.NOTIFIED)
    case = await case_of(number)
    notice = await notices.of_case(case["id"])
    letter = await builder.store.get_bytes(notice["key"])
    assert (hashlib.sha256(letter).hexdigest(), len(letter)) == (notice["sha256"], notice["size"])
    assert (notice["number"], notice["minister"], notice["at"]) == (f"{number}/1", "وزیر", case["archived_at"])
    told = (await statement_at(notice["event"]))["record"]["produced"]["letter"]
    assert told == {"number": f"{number}/1", "sha256": notice["sha256"], "size": notice["size"]}
    assert case["state"] == State.NOTIFIED


async def test_a_stranger_finds_the_answer_by_its_letter_alone(builder: Builder) -> None:
    number = await builder.case(State.NOTIFIED)
    notice = await notices.of_case((await case_of(number))["id"])
    found = await notices.by_digest(notice["sha256"])
    assert found is not None
    assert (found["case_number"], found["town"], found["grade"], found["outcome"]) == (number, "اسدآباد", 9, "raised")
    assert await notices.by_digest("0" * 64) is None


async def test_a_refused_decision_stands_no_more_and_another_may_follow(builder: Builder) -> None:
    number = await builder.case(State.DECIDED)
    await refuse(builder, number)
    case = await case_of(number)
    assert (case["state"], case["decided_grade"], case["outcome"]) == (State.ASSESSED, None, None)
    assert await decisions.standing(case["id"]) is None
    assert [row["reason"] for row in await Refusal.select()] == ["ناقص"]
    await builder.decide(number, Ruling(case["sitting"], Outcome.RAISED, 8, None, "دوباره"))
    await builder.notify(number)
    notice, standing = await notices.of_case(case["id"]), await decisions.standing(case["id"])
    assert standing is not None
    assert (notice["decision"], standing["grade"], await Decision.count()) == (standing["id"], 8, 2)


async def test_what_was_refused_between_the_reading_of_its_case_and_of_its_decision_is_not_signed(
    builder: Builder,
) -> None:
    number, by = await builder.case(State.DECIDED), builder.people["minister"]
    dossier = await signing.approach(number, Act.SIGNATURE, by)
    await refuse(builder, number)
    with pytest.raises(Conflict, match="wrong-state"):
        await notices.prepare_signature(dossier, by=by, store=builder.store, base_url="http://127.0.0.1")
    with pytest.raises(Conflict, match="wrong-state"):
        await notices.prepare_refusal(dossier, by=by, reason="ناقص")


async def test_the_minister_is_shown_the_decision_and_what_it_rests_on(builder: Builder) -> None:
    number = await builder.case(State.DECIDED)
    dossier = await dossiers.open_dossier(number, builder.people["minister"])
    assessment = await assessments.latest(dossier.case["id"])
    facts = notices.facts(await notices.ruling(dossier, Act.SIGNATURE))
    assert assessment is not None
    assert facts["assessment"]["event"] == assessment["event"]
    shown = facts["decision"]
    assert (shown["grade"], shown["outcome"], shown["reason"]) == (9, "raised", "به تشخیص کارگروه")
    assert shown["sitting"]["title"] == "جلسهٔ ششم"


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
    monkeypatch.setattr(notices, "WITHIN", 2.0)
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
