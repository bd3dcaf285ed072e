"""What waits to be signed: encrypted, its maker's alone, used once, and forgotten when it has lapsed."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from portal.domain import events
from portal.domain.errors import ProofRefused
from portal.domain.events import OfficeAct
from portal.services.authentication import encryption
from portal.services.identity.identity import Identity
from portal.services.signing import reviews
from portal.services.signing.reviews import Review
from portal.services.signing.signoffs import Matter, Prepared, Signed
from portal.tables import reviews as tables
from tests.world.cast import Cast
from tests.world.clock import Clock

TYPED = {"reason": ["سیل، نامهٔ ۴۲"]}
PAGE = "/municipalities/1301012467/eligibility"


def prepared(by: Identity) -> Prepared[None]:
    matter = Matter("municipality", "1301012467", facts={"town": "اسدآباد"})

    async def look() -> Matter:
        return matter

    async def write(signed: Signed) -> None:
        raise AssertionError("nothing is written for being looked at")

    values = {"reason": TYPED["reason"][0]}
    return Prepared(act=OfficeAct.ELIGIBILITY, by=by, matter=matter, values=values, look=look, write=write)


async def kept(by: Identity, clock: Clock, page: str = PAGE) -> Review:
    return await reviews.keep(prepared(by), action=PAGE, page=page, typed=TYPED, now=clock())


async def use(by: Identity, review: Review | None, page: str, act: Prepared[None] | None = None) -> None:
    """Write an act that uses `review` up."""

    async def nothing(signed: Signed) -> None:
        pass

    signed: Any = None  # what was signed is not looked at
    async with tables.Review._meta.db.transaction():
        await reviews.using(act or replace(prepared(by), write=nothing), review, page).write(signed)


@pytest.fixture
def maker(people: Cast) -> Identity:
    return people["examiner"]


async def test_a_review_is_found_as_it_was_kept(maker: Identity, clock: Clock) -> None:
    review = await kept(maker, clock)
    assert await reviews.find(review.id, maker) == review
    assert review.basis == prepared(maker).basis
    assert (review.act, review.subject) == (OfficeAct.ELIGIBILITY, "1301012467")
    assert review.intent == prepared(maker).intent(review.id.hex, clock() + reviews.GOOD_FOR)
    assert review.digest == events.digest(review.intent)


async def test_it_is_its_makers_alone_and_no_row_tells_what_it_says(
    maker: Identity, people: Cast, clock: Clock
) -> None:
    review = await kept(maker, clock)
    assert await reviews.find(review.id, people["colleague"]) is None
    assert await reviews.typed_at(PAGE, people["colleague"]) is None
    row = await tables.Review.select().first()
    assert row is not None
    assert "سیل".encode() not in row["kept"]
    await tables.Review.update({tables.Review.person: people["colleague"].id}).where(tables.Review.id == review.id)
    assert await reviews.find(review.id, people["colleague"]) is None, "whose it is stands in what is encrypted"


async def test_what_is_not_as_it_was_kept_is_not_found(maker: Identity, clock: Clock) -> None:
    review = await kept(maker, clock)
    await tables.Review.update({tables.Review.kept: b"nothing of ours"}).where(tables.Review.id == review.id)
    assert await reviews.find(review.id, maker) is None


async def test_what_was_kept_under_another_id_is_not_found(maker: Identity, clock: Clock) -> None:
    first, second = await kept(maker, clock), await kept(maker, clock)
    row = await tables.Review.select(tables.Review.kept).where(tables.Review.id == first.id).first()
    assert row is not None
    await tables.Review.update({tables.Review.kept: row["kept"]}).where(tables.Review.id == second.id)
    assert await reviews.find(second.id, maker) is None
    encryption.configure(("another key",))
    assert await reviews.find(first.id, maker) is None, "nor under a key that is gone"


async def test_why_a_code_was_refused_is_told_with_the_seconds_that_are_left(maker: Identity, clock: Clock) -> None:
    review = await kept(maker, clock)
    await reviews.refuse(review, ProofRefused("paused", seconds=30), now=clock())
    found = await reviews.find(review.id, maker)
    assert found is not None
    assert found.refusal is not None
    for passed, left in ((0, 30), (12, 18), (60, 0)):
        error = found.refusal.error(clock() + timedelta(seconds=passed))
        assert (error.code, error.facts) == ("paused", {"seconds": left})
    await reviews.refuse(found, ProofRefused("wrong-code", left=4), now=clock())
    found = await reviews.find(review.id, maker)
    assert found is not None
    assert found.refusal is not None
    assert found.refusal.error(clock()).facts == {"left": 4}
    assert (found.typed, found.intent) == (TYPED, review.intent)


async def test_the_form_is_filled_by_what_was_typed_last(maker: Identity, clock: Clock) -> None:
    assert await reviews.typed_at(PAGE, maker) is None
    await kept(maker, clock)
    clock.tick(1)
    await reviews.keep(prepared(maker), action=PAGE, page=PAGE, typed={"reason": ["زلزله"]}, now=clock())
    assert await reviews.typed_at(PAGE, maker) == {"reason": ["زلزله"]}
    assert await reviews.typed_at("/cases/1405-00001/return", maker) is None


async def test_what_is_used_is_dropped_and_nothing_fills_its_form_any_more(maker: Identity, clock: Clock) -> None:
    first, second, other = await kept(maker, clock), await kept(maker, clock), await kept(maker, clock, "/accounts/new")
    await use(maker, second, "/somewhere/else")
    assert [await reviews.find(each.id, maker) for each in (first, second)] == [first, None]
    assert (await reviews.typed_at(PAGE, maker), await reviews.typed_at("/accounts/new", maker)) == (None, TYPED)
    await reviews.refuse(first, ProofRefused("wrong-code", left=4), now=clock())
    found = await reviews.find(first.id, maker)
    assert found is not None
    assert (found.page, found.typed) == (PAGE, TYPED)
    await use(maker, None, "/accounts/new")
    assert await reviews.find(other.id, maker) is not None
    assert await reviews.typed_at("/accounts/new", maker) is None, "signed at once, without its review"


async def test_a_review_is_used_with_the_act_or_not_at_all(maker: Identity, clock: Clock) -> None:
    review = await kept(maker, clock)
    with pytest.raises(AssertionError, match="looked at"):
        await use(maker, review, PAGE, prepared(maker))
    assert await reviews.find(review.id, maker) == review


async def test_of_one_person_no_more_wait_than_the_most(maker: Identity, people: Cast, clock: Clock) -> None:
    theirs = await kept(people["colleague"], clock)
    made = []
    for _ in range(reviews.MOST + 2):
        made.append(await kept(maker, clock))
        clock.tick(1)
    found = [await reviews.find(each.id, maker) for each in made]
    assert found == [None, None, *made[2:]], "the oldest gave way"
    assert await reviews.find(theirs.id, people["colleague"]) == theirs


async def test_what_has_lapsed_is_swept_an_hour_later(maker: Identity, clock: Clock) -> None:
    review = await kept(maker, clock)
    clock.tick(15 * 60)
    fresh = await kept(maker, clock, "/accounts/new")
    assert await reviews.sweep(now=review.expires + reviews.LATE) == 0
    assert await reviews.sweep(now=review.expires + reviews.LATE + timedelta(seconds=1)) == 1
    assert await reviews.find(review.id, maker) is None
    assert await reviews.find(fresh.id, maker) == fresh
