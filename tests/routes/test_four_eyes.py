"""Two people for attesting and confirming, and for assessing and deciding: on unless somebody says that it is not."""

from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest

from portal.app import create_app
from portal.domain.lifecycle import Outcome, State
from portal.settings import Settings
from tests.world import cast
from tests.world.builders import Builder
from tests.world.cast import password_hash
from tests.world.client import Page, Visitor
from tests.world.clock import Clock
from tests.world.portal import Portal

LETTER = {"letter_number": "42/1883", "letter_date": "1405/08/01"}


@pytest.fixture
def fresh(fresh: Settings) -> Settings:
    """As `portal serve` has it unless told otherwise."""
    return replace(fresh, four_eyes=True)


async def test_whoever_attested_a_document_does_not_confirm_its_case(portal: Portal) -> None:
    builder = Builder(portal.people, portal.store, portal.clock)
    number = await builder.case(State.SUBMITTED)
    await builder.attest(number)
    url = f"/cases/{number}/confirmation"
    officer = await portal.as_("officer")
    page = await officer.get(url)
    assert page.status == 409
    assert "دو نفر" in page.words()
    assert (await officer.post(url, LETTER)).status == 409
    assert (await (await portal.as_("colleague")).sign(url, LETTER)).status == 303


async def test_a_review_that_was_drawn_before_does_not_help(portal: Portal) -> None:
    """The case is the colleague's to confirm, until he attests one of its documents himself."""
    builder = Builder(portal.people, portal.store, portal.clock)
    number = await builder.case(State.SUBMITTED)
    await builder.attest(number)
    url = f"/cases/{number}/confirmation"
    colleague = await portal.as_("colleague")
    review = await colleague.review(url, LETTER)
    await builder.attest(number, "colleague")
    page = await colleague.post(url, {**review.hidden(url), "code": colleague.code()})
    assert page.status == 409, page.words()


async def test_whoever_assessed_a_case_does_not_decide_it(portal: Portal) -> None:
    builder = Builder(portal.people, portal.store, portal.clock)
    number = await builder.case(State.ASSESSED)
    sitting = await builder.sitting()
    url = f"/cases/{number}/decision"
    fields = {"sitting": str(sitting), "outcome": Outcome.RAISED, "grade": "9", "reason": "به تشخیص کارگروه"}
    examiner = await portal.as_("examiner")
    assert (await examiner.get(url)).status == 409
    page = await examiner.post(url, fields)
    assert page.status == 409
    assert "دو نفر" in page.words()


STATES = {
    "on": (True, False, "کنترل دونفره روشن است", "The two-person rule is on"),
    "off": (False, False, "کنترل دونفره خاموش است", "The two-person rule is off"),
    "demo": (False, True, "در نسخهٔ نمایشی کنترل دونفره خاموش است", "In this demonstration the two-person rule is off"),
    "demo, switched on": (True, True, "کنترل دونفره روشن است", "The two-person rule is on"),
}


@pytest.fixture(params=STATES)
async def told(request: pytest.FixtureRequest, fresh: Settings, clock: Clock) -> AsyncIterator[tuple[Portal, str, str]]:
    four_eyes, demo, persian, english = STATES[request.param]
    settings = replace(fresh, four_eyes=four_eyes, demo=demo)
    app = create_app(settings, clock=clock)
    async with app.lifespan():
        people = await cast.enter(await password_hash(), clock())

        def visit() -> Visitor:
            transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]
            return Visitor(httpx.AsyncClient(transport=transport, base_url=settings.base_url), clock)

        yield Portal(app, clock, people, settings, app.state.store, visit), persian, english


async def first_page(portal: Portal, username: str, language: str) -> Page:
    visitor = await portal.as_(username)
    visitor.http.cookies.set("daraje_language", language, domain="127.0.0.1", path="/")
    way = await visitor.get("/")
    assert way.status == 303
    return await visitor.get(way.location)


async def test_their_state_stands_on_the_first_page_of_auditor_and_administrator(
    told: tuple[Portal, str, str],
) -> None:
    portal, persian, english = told
    others = {each for state in STATES.values() for each in state[2:]} - {persian, english}
    for username in ("auditor", "head"):
        for language, sentence in (("fa", persian), ("en", english)):
            words = (await first_page(portal, username, language)).words()
            assert sentence in words, (username, language)
            assert not [each for each in others if each in words and each not in sentence]
    for username in ("clerk", "officer", "examiner"):
        words = (await first_page(portal, username, "en")).words().lower()
        assert "two-person rule" not in words, username
