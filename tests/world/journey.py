"""One case walked through pages, from its draft to its notice."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from portal.domain import persian
from tests.world.builders import SLOTS, scan
from tests.world.client import Fields, Visitor

DECLARED = {
    "current_grade": "7",
    "current_grade_notified_on": "۱۳۹۸/۱۰/۲۳",
    "requested_grade": "9",
    "census_year": "1395",
    "population": "٥٥٬۷03",
    "division": "farmandari",
    "settled_year_1": "1402",
    "settled_amount_1": "900,000,000,000",
    "settled_year_2": "1403",
    "settled_amount_2": "1100000000000",
    "settled_year_3": "1404",
    "settled_amount_3": "1300000000000",
}


async def prepared(clerk: Visitor) -> str:
    """A complete draft, made through pages; its number."""
    page = await clerk.submit("/cases", at="/cases/new")
    number = page.location.rsplit("/", 1)[-1]
    page = await clerk.submit(f"/cases/{number}/declaration", DECLARED)
    assert page.status == 303, page.words()
    for kind, year in SLOTS:
        more = {"year": str(year)} if year else {}
        page = await clerk.send(number, kind, scan(2), **more)
        assert page.status == 303, page.words()
    return number


async def sign(visitor: Visitor, number: str, act: str, fields: Fields | None = None) -> None:
    """Fill the form of `act`, look at its review, and sign it."""
    page = await visitor.sign(f"/cases/{number}/{act}", fields)
    assert page.status == 303, page.words()


async def walk(as_: Callable[[str], Awaitable[Visitor]]) -> str:
    """The whole way of one case, `as_` signing each person in; its number."""
    clerk = await as_("clerk")
    number = await prepared(clerk)
    await sign(clerk, number, "submission")

    officer = await as_("officer")
    assert number in (await officer.get("/cases")).text
    page = await officer.get(f"/cases/{number}/attestation")
    names = {each.get("name", "") for each in page.all("input")}
    verdicts: dict[str, str | list[str]] = {name: "authentic" for name in names if name.startswith("verdict-")}
    assert len(verdicts) == len(SLOTS)
    for name in verdicts:
        assert (await officer.get(f"/documents/{name.removeprefix('verdict-')}/reader")).status == 200
    await sign(officer, number, "attestation", verdicts)
    await sign(officer, number, "confirmation", {"letter_number": "۴۲/۱۸۸۳", "letter_date": "1405/08/01"})

    examiner = await as_("examiner")
    page = await examiner.get(f"/cases/{number}/assessment")
    digest = next(each.get("value", "") for each in page.all("option"))
    await sign(examiner, number, "assessment", {"ruleset": digest, "note": ""})
    today = persian.jalali_text(persian.tehran_date(examiner.clock() if examiner.clock else datetime.now(UTC)))
    page = await examiner.submit("/sittings", {"title": "جلسهٔ ششم", "held_on": today}, at="/sittings/new")
    sitting = page.location.rsplit("/", 1)[-1]
    page = await examiner.submit(f"/sittings/{sitting}", {"case": number})
    assert page.status == 303, page.words()
    ruling: dict[str, str | list[str]] = {"sitting": sitting, "outcome": "raised", "grade": "9", "reason": "به تشخیص"}
    await sign(examiner, number, "decision", ruling)

    await sign(await as_("minister"), number, "signature")
    return number
