"""Codes over HTTP: wrong, used, paused, replayed, in Persian digits, many at once, for a page that went stale."""

import asyncio

import pytest

from portal.domain.lifecycle import State
from portal.domain.persian import persian_digits
from portal.tables.events import Event
from portal.tables.people import SecondFactor
from tests.world import cast
from tests.world.builders import Builder
from tests.world.client import Page, Visitor
from tests.world.portal import Portal


async def submission(portal: Portal) -> tuple[Visitor, str, Page]:
    """A clerk before the review of a complete draft."""
    number = await Builder(portal.people, portal.store, portal.clock).case(State.DRAFT)
    clerk = await portal.as_("clerk")
    url = f"/cases/{number}/submission"
    return clerk, url, await clerk.get(url)


async def events(kind: str) -> int:
    return int(await Event.count().where(Event.kind == kind))


async def test_a_wrong_code_is_told_and_signs_nothing(portal: Portal) -> None:
    clerk, url, page = await submission(portal)
    for code in ("000000", "12345", "abcdef", ""):
        page = await clerk.post(url, {**page.hidden(url), "code": code})
        assert page.status == 422
        assert page.errors()["code"]
    assert await events("CaseSubmitted") == 0


@pytest.mark.parametrize("shape", [persian_digits, lambda code: f" {code[:3]}-{code[3:]} ", str])
async def test_a_code_is_the_same_however_it_is_written(portal: Portal, shape) -> None:  # type: ignore[no-untyped-def]
    clerk, url, page = await submission(portal)
    page = await clerk.post(url, {**page.hidden(url), "code": shape(clerk.code())})
    assert page.status == 303, page.words()


async def test_a_used_code_is_a_replay_and_no_failure(portal: Portal) -> None:
    clerk, url, page = await submission(portal)
    used = cast.code("clerk", portal.clock())  # the one that signed in
    page = await clerk.post(url, {**page.hidden(url), "code": used})
    assert page.status == 422
    assert "پیش‌تر به کار رفته" in page.words()
    assert await events("CodeReplayed") == 1
    factor = await SecondFactor.select().where(SecondFactor.person == portal.people["clerk"].id).first()
    assert factor is not None
    assert factor["failures"] == 0


async def test_five_wrong_codes_pause_and_success_forgets(portal: Portal) -> None:
    clerk, url, page = await submission(portal)
    for _ in range(5):
        page = await clerk.post(url, {**page.hidden(url), "code": "000000"})
    assert await events("CodesFailed") == 1
    portal.clock.tick(5)
    page = await clerk.post(url, {**page.hidden(url), "code": cast.code("clerk", portal.clock())})
    assert page.status == 422
    assert "ثانیهٔ دیگر" in page.words()
    page = await clerk.post(url, {**page.hidden(url), "code": clerk.code()})
    assert page.status == 303, page.words()
    factor = await SecondFactor.select().where(SecondFactor.person == portal.people["clerk"].id).first()
    assert factor is not None
    assert (factor["failures"], factor["paused_until"]) == (0, None)


async def test_of_many_at_once_one_signs(portal: Portal) -> None:
    clerk, url, page = await submission(portal)
    fields = {**page.hidden(url), "code": clerk.code()}
    answers = await asyncio.gather(*(clerk.http.post(url, data=fields) for _ in range(20)))
    assert {each.status_code for each in answers} == {303}
    assert await events("CaseSubmitted") == 1
    assert await events("CodeReplayed") == 0


async def test_a_second_page_of_what_is_signed_is_refused(portal: Portal) -> None:
    clerk, url, page = await submission(portal)
    other = await clerk.get(url)
    assert (await clerk.post(url, {**page.hidden(url), "code": clerk.code()})).status == 303
    assert (await clerk.post(url, {**other.hidden(url), "code": clerk.code()})).status == 409


async def test_what_changed_since_it_was_shown_is_not_signed(portal: Portal) -> None:
    clerk, url, page = await submission(portal)
    number = url.split("/")[2]
    await clerk.send(number, "other", b"%PDF-")  # refused: nothing changes
    await Builder(portal.people, portal.store, portal.clock).send(number, "census", shade=90)  # type: ignore[arg-type]
    page = await clerk.post(url, {**page.hidden(url), "code": clerk.code()})
    assert page.status == 422
    assert "تغییر کرده است" in page.words()
    page = await clerk.post(url, {**page.hidden(url), "code": clerk.code()})
    assert page.status == 303, page.words()


async def test_a_page_that_was_not_shown_signs_nothing(portal: Portal) -> None:
    clerk, url, page = await submission(portal)
    assert (await clerk.post(url, {"code": clerk.code()})).status == 422
    assert (await clerk.post(url, {"shown": page.hidden(url)["shown"] + "x", "code": clerk.code()})).status == 422
    portal.clock.tick(31 * 60)
    clerk = await portal.as_("clerk")
    page = await clerk.post(url, {**page.hidden(url), "code": clerk.code()})
    assert page.status == 422
    assert "مدت زیادی باز مانده" in page.words()


async def test_two_officers_at_once_one_confirms(portal: Portal) -> None:
    builder = Builder(portal.people, portal.store, portal.clock)
    number = await builder.case(State.SUBMITTED)
    await builder.attest(number)
    url = f"/cases/{number}/confirmation"
    tries = []
    for username in ("officer", "colleague"):
        visitor = await portal.as_(username)
        page = await visitor.get(url)
        letter = {"letter_number": "42/1", "letter_date": "1405/08/01"}
        tries.append((visitor, {**page.hidden(url), **letter}))
    portal.clock.tick(31)
    codes = [cast.code(visitor.username, portal.clock()) for visitor, _ in tries]
    posts = (
        visitor.http.post(url, data={**fields, "code": code})
        for (visitor, fields), code in zip(tries, codes, strict=True)
    )
    answers = await asyncio.gather(*posts)
    assert sorted(each.status_code for each in answers) == [303, 409]
    assert await events("CaseConfirmed") == 1
