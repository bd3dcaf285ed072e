"""Score tables, previews, waiting periods and pictures over HTTP."""

from datetime import timedelta

import pytest

from portal.domain import persian
from portal.domain.lifecycle import State
from portal.domain.town_tables import Figure
from portal.services.register import census
from portal.services.rulesets import versions
from portal.tables.events import Event
from tests.world.builders import Builder
from tests.world.cast import NEIGHBOUR, TOWN
from tests.world.client import Page, Visitor
from tests.world.journey import DECLARED, prepared
from tests.world.portal import Portal

TEXT = (
    next(versions.SHIPPED.glob("*.toml")).read_text(encoding="utf-8").partition("\n")[2]
)  # its first comment says «None»


def tomorrow(portal: Portal, text: str = TEXT) -> str:
    day = persian.tehran_date(portal.clock()) + timedelta(days=1)
    return text.replace("effective_from = 2015-04-18", f"effective_from = {day.isoformat()}")


def builder(portal: Portal) -> Builder:
    return Builder(portal.people, portal.store, portal.clock)


async def upload(head: Visitor, text: str, **more: object) -> Page:
    page = await head.get("/rulesets/new")
    assert page.status == 200
    return await head.post("/rulesets", {**page.hidden("/rulesets"), "source": text}, **more)


async def test_a_draft_is_uploaded_compared_and_published(portal: Portal) -> None:
    await builder(portal).case(State.CONFIRMED)
    head, examiner = await portal.as_("head"), await portal.as_("examiner")
    page = await upload(head, tomorrow(portal).replace("[49, 7]", "[50, 7]"))
    assert page.status == 303
    address = page.location
    page = await examiner.get("/rulesets")
    assert any(each.get("href") == address for each in page.all("a"))
    page = await examiner.get(f"{address}/comparison")
    assert page.status == 200
    assert "اسدآباد" in page.words()
    assert "۷ (۴۹٫۸ امتیاز)" in page.words()
    assert "حد نصاب درجه‌ها تغییر کرده است" in page.words()
    review = await examiner.get(f"{address}/publication")
    assert "این جدول امتیاز را منتشر می‌کنم." in review.words()
    hidden = review.hidden(f"{address}/publication")
    page = await examiner.post(f"{address}/publication", {**hidden, "code": "000000"})
    assert (page.status, set(page.errors())) == (422, {"code"})
    page = await examiner.post(
        f"{address}/publication", {**page.hidden(f"{address}/publication"), "code": examiner.code()}
    )
    assert (page.status, page.location) == (303, address)
    for again in (await examiner.get(f"{address}/publication"), await examiner.post(f"{address}/publication", hidden)):
        assert again.status == 409
    assert "پیش‌تر منتشر شده است" in again.words()


async def test_a_file_may_be_uploaded_instead(portal: Portal) -> None:
    head = await portal.as_("head")
    files = {"file": ("rules.toml", tomorrow(portal).encode(), "application/toml")}
    page = await head.post("/rulesets", {"source": ""}, files=files)
    assert page.status == 303, page.words()
    page = await head.post("/rulesets", {"source": ""}, files={"file": ("rules.toml", b"\xff\xfe", "text/plain")})
    assert (page.status, set(page.errors())) == (422, {"source"})


async def test_a_text_is_kept_letter_by_letter(portal: Portal) -> None:
    """Arabic letters and narrow spaces stay as they came: the digest is the one that `portal rules check` prints."""
    text = tomorrow(portal).replace("جدول نمونه", "جدول\u00a0نمونه\u200cي كهن")
    page = await upload(await portal.as_("head"), text.replace("\n", "\r\n"))
    assert (page.status, page.location) == (303, f"/rulesets/{versions.parsed(text).digest}")


async def test_findings_are_shown_with_their_lines_and_the_text_is_kept(portal: Portal) -> None:
    head = await portal.as_("head")
    text = tomorrow(portal).replace("weight = 0.20", "wieght = 0.20")
    page = await upload(head, text)
    assert page.status == 422
    assert "wieght = 0.20" in "".join(page.all("textarea")[0].itertext())
    assert "چنین کلیدی وجود ندارد" in page.words()
    assert f"{persian.persian_digits(str(text[: text.index('wieght')].count(chr(10)) + 1))}" in page.words()
    for bad in ("", "x" * 200_001, "=", "\x00"):
        page = await upload(head, bad)
        assert (page.status, set(page.errors())) == (422, {"source"}), bad[:9]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("effective_from = 2015-04-18", "effective_from = 9999-12-31"),
        ("effective_from = 2015-04-18", "effective_from = 0001-01-01"),
        ('id = "ir-2762-sample"', 'id = "x\\u0000"'),
        ('fa = "', 'fa = "\\u0000'),
    ],
)
async def test_what_could_not_be_kept_or_shown_is_refused(portal: Portal, old: str, new: str) -> None:
    head = await portal.as_("head")
    assert TEXT.count(old) == 1
    page = await upload(head, TEXT.replace(old, new))
    assert (page.status, set(page.errors())) == (422, {"source"})
    assert (await head.get("/rulesets")).status == 200


async def test_a_draft_of_the_past_cannot_be_published(portal: Portal) -> None:
    head, examiner = await portal.as_("head"), await portal.as_("examiner")
    page = await upload(head, TEXT.replace("2015-04-18", "2016-04-18"))
    assert page.status == 303
    page = await examiner.get(f"{page.location}/publication")
    assert page.status == 409
    assert "۲۹ فروردین ۱۳۹۵" in page.words() or "۳۰ فروردین ۱۳۹۵" in page.words()


@pytest.mark.parametrize(
    ("path", "may"),
    [
        ("/rulesets", {"examiner", "head", "auditor"}),
        ("/rulesets/new", {"head"}),
        ("/rulesets/ir-2762-sample/comparison", {"examiner", "auditor"}),
        ("/rulesets/ir-2762-sample/publication", set()),
        (f"/municipalities/{TOWN}", {"examiner", "head", "auditor"}),
        (f"/municipalities/{TOWN}/eligibility", {"examiner"}),
        ("/grades", {"examiner", "auditor", "minister", "officer"}),
        (f"/grades/{TOWN[:2]}", {"examiner", "auditor", "minister", "officer"}),
    ],
)
async def test_every_page_knows_its_readers(portal: Portal, path: str, may: set[str]) -> None:
    for name in ("clerk", "officer", "examiner", "minister", "keeper", "auditor", "head"):
        page = await (await portal.as_(name)).get(path)
        assert (page.status == 200) == (name in may), (name, page.status)
        assert page.status in (200, 403, 404), (name, page.status)
    visitor = await portal.visit().get(path)
    assert (visitor.status, visitor.location.startswith("/login")) == (303, True)


async def test_places_that_are_not_there(portal: Portal) -> None:
    examiner, stranger = await portal.as_("examiner"), await portal.as_("stranger")
    for path in (
        "/rulesets/none",
        "/rulesets/none/comparison",
        "/municipalities/9",
        "/municipalities/9/eligibility",
        "/grades/99",
    ):
        assert (await examiner.get(path)).status == 404, path
    assert (await stranger.get(f"/grades/{TOWN[:2]}")).status == 404


async def test_the_score_is_shown_while_it_is_typed_and_nothing_is_saved(portal: Portal) -> None:
    clerk = await portal.as_("clerk")
    number = (await clerk.submit("/cases", at="/cases/new")).location.rsplit("/", 1)[-1]
    path = f"/cases/{number}/declaration"
    fragment = await clerk.get(
        path, params=DECLARED, headers={"HX-Request": "true", "HX-Target": "declaration-preview"}
    )
    assert fragment.status == 200
    assert fragment.text.lstrip().startswith('<div id="declaration-preview"')
    assert "درجهٔ ۷" in fragment.text
    assert "پیش‌نمایش" in fragment.text
    assert fragment.text.count('<svg class="picture') == 4
    whole = await clerk.get(path, params={**DECLARED, "population": "many"})
    assert whole.status == 200
    assert set(whole.errors()) == {"population"}
    assert next(each.get("value") for each in whole.all("input") if each.get("name") == "population") == "many"
    assert "پس از تکمیل این موارد نشان داده می‌شود: جمعیت" in whole.words()
    kept = await clerk.get(path)
    assert not any(each.get("value") for each in kept.all("input") if each.get("name") == "population")
    assert (await (await portal.as_("neighbour")).get(path, params=DECLARED)).status == 404


MEAN = "میانگین تفریغ بودجه۱٬۱۰۰٬۰۰۰٬۰۰۰٬۰۰۰ ریال"  # the term and its value


def texts_of(page: Page) -> dict[str, str]:
    return {each.get("name", ""): each.get("value", "") for each in page.all("input")}


async def test_amounts_come_back_grouped_in_words_and_with_their_mean(portal: Portal) -> None:
    clerk = await portal.as_("clerk")
    number = await prepared(clerk)
    path = f"/cases/{number}/declaration"
    page = await clerk.get(path)
    shown = texts_of(page)
    assert (shown["population"], shown["settled_amount_1"]) == ("۵۵٬۷۰۳", "۹۰۰٬۰۰۰٬۰۰۰٬۰۰۰")
    assert (shown["settled_amount_2"], shown["settled_year_1"]) == ("۱٬۱۰۰٬۰۰۰٬۰۰۰٬۰۰۰", "۱۴۰۲")
    assert "یک هزار و صد میلیارد ریال" in page.words()
    for place in (path, f"/cases/{number}"):
        assert MEAN in (await clerk.get(place)).words(), place
    review = await clerk.get(f"/cases/{number}/submission")
    assert MEAN in review.words()
    assert (await clerk.post(path, {**page.hidden(path), **shown, **CHOSEN})).status == 303, "what is shown is read"
    clerk.http.cookies.set("daraje_language", "en")
    page = await clerk.get(path)
    assert texts_of(page)["settled_amount_2"] == "1,100,000,000,000"
    assert "1 trillion, 100 billion rials" in page.words()


CHOSEN = {name: DECLARED[name] for name in ("current_grade", "requested_grade", "census_year", "division")}


async def test_what_was_typed_stays_as_it_was_typed_when_the_form_is_refused(portal: Portal) -> None:
    clerk = await portal.as_("clerk")
    number = (await clerk.submit("/cases", at="/cases/new")).location.rsplit("/", 1)[-1]
    path = f"/cases/{number}/declaration"
    typed = {"population": "٥٥703", "settled_year_1": "1402", "settled_amount_1": "12,5", "settled_amount_2": "1200000"}
    page = await clerk.submit(path, typed)
    assert page.status == 422
    assert {name: texts_of(page)[name] for name in typed} == typed
    assert set(page.errors()) == {"settled_amount_1"}


async def test_words_and_mean_come_with_the_preview(portal: Portal) -> None:
    clerk = await portal.as_("clerk")
    number = (await clerk.submit("/cases", at="/cases/new")).location.rsplit("/", 1)[-1]
    headers = {"HX-Request": "true", "HX-Target": "declaration-preview"}
    part = await clerk.get(f"/cases/{number}/declaration", params=DECLARED, headers=headers)
    for said in ("نهصد میلیارد ریال", "یک هزار و صد میلیارد ریال", "یک هزار و سیصد میلیارد ریال"):
        assert said in part.text
    assert part.text.count('-words" hx-swap-oob="true"') == 3
    whole = await clerk.get(f"/cases/{number}/declaration", params=DECLARED)
    assert "hx-swap-oob" not in whole.text
    assert "یک هزار و صد میلیارد ریال" in whole.words()


@pytest.mark.parametrize("junk", ["٫", "9" * 400, "\u202e<xmp>", "-1", "1e9", "۱۲.۳۴"])
async def test_hostile_values_are_answered_in_the_preview(portal: Portal, junk: str) -> None:
    clerk = await portal.as_("clerk")
    number = (await clerk.submit("/cases", at="/cases/new")).location.rsplit("/", 1)[-1]
    page = await clerk.get(f"/cases/{number}/declaration", params=dict.fromkeys(DECLARED, junk))
    assert page.status == 200
    assert "<xmp>" not in page.text


async def test_a_request_before_its_day_is_prepared_refused_and_freed(portal: Portal) -> None:
    clerk, examiner = await portal.as_("clerk"), await portal.as_("examiner")
    number = await prepared(clerk)
    path = f"/cases/{number}/declaration"
    page = await clerk.submit(path, {**DECLARED, "current_grade_notified_on": "1404/01/15"})
    assert page.status == 303
    page = await clerk.get(f"/cases/{number}")
    assert "از ۱۵ فروردین ۱۴۰۸ ارسال کرد" in page.words()
    assert not any(each.get("href") == f"/cases/{number}/submission" for each in page.all("a"))
    page = await clerk.get(f"/cases/{number}/submission")
    assert page.status == 409
    assert "۱۵ فروردین ۱۴۰۸" in page.words()

    lift = f"/municipalities/{TOWN}/eligibility"
    page = await examiner.submit(lift, {"reason": ""})
    assert (page.status, set(page.errors())) == (422, {"reason"})
    page = await examiner.review(lift, {"reason": "سیل، نامهٔ ۴۲"})
    assert "سیل، نامهٔ ۴۲" in page.words()
    page = await examiner.post(lift, {**page.hidden(lift), "code": examiner.code()})
    assert (page.status, page.location) == (303, f"/municipalities/{TOWN}")
    page = await examiner.get(page.location)
    assert "سیل، نامهٔ ۴۲" in page.words()
    assert (await examiner.get(lift)).status == 409
    page = await clerk.get(f"/cases/{number}/submission")
    page = await clerk.post(
        f"/cases/{number}/submission", {**page.hidden(f"/cases/{number}/submission"), "code": clerk.code()}
    )
    assert page.status == 303, page.words()


async def test_a_lift_in_one_post_of_values_and_code(portal: Portal) -> None:
    examiner = await portal.as_("examiner")
    lift = f"/municipalities/{NEIGHBOUR}/eligibility"
    page = await examiner.submit(lift, {"reason": "زلزله", "code": examiner.code()})
    assert page.status == 303, page.words()


async def test_what_disagrees_is_read_by_clerk_officer_and_organization(portal: Portal) -> None:
    """And it holds nothing up."""
    await census.load([Figure(TOWN, 1395, 60_001)], now=portal.clock())
    walk = builder(portal)
    number = await walk.draft()
    told = "بر اساس سرشماری ۱۳۹۵ جمعیت ۶۰٬۰۰۱ نفر است؛ جمعیت اظهارشده ۵۵٬۷۰۳ نفر است."
    clerk = await portal.as_("clerk")
    for path in (f"/cases/{number}", f"/cases/{number}/declaration"):
        assert told in (await clerk.get(path)).words()
    await walk.submit(number)
    officer = await portal.as_("officer")
    for path in (f"/cases/{number}", f"/cases/{number}/attestation"):
        assert told in (await officer.get(path)).words()
    await walk.attest(number)
    await walk.confirm(number)
    examiner = await portal.as_("examiner")
    for path in (f"/cases/{number}", f"/cases/{number}/assessment"):
        assert told in (await examiner.get(path)).words()
    await walk.assess(number)
    await walk.decide(number)
    await walk.notify(number)
    assert told not in (await examiner.get(f"/cases/{number}")).words()


SAMPLE = "جدول امتیاز نمونه است و رسمی نیست."


async def test_no_number_of_a_sample_table_stands_without_its_label(portal: Portal) -> None:
    number = await builder(portal).case(State.NOTIFIED)
    examiner = await portal.as_("examiner")
    for path in (f"/cases/{number}", f"/cases/{number}/notice", "/rulesets/ir-2762-sample/comparison"):
        assert SAMPLE in (await examiner.get(path)).words(), path
    for path in ("/grades", f"/grades/{TOWN[:2]}"):
        assert "جدول امتیاز نمونه" in (await examiner.get(path)).words(), path
    positions = await Event.select(Event.position).where(
        Event.kind.is_in(["CaseAssessed", "DecisionTaken", "DecisionSigned"])
    )
    assert len(positions) == 3
    for row in positions:
        assert SAMPLE in (await examiner.get(f"/receipts/{row['position']}")).words()
    assert SAMPLE not in (await examiner.get("/cases")).words()


async def test_the_page_that_asks_for_the_code_says_that_the_table_is_a_sample(portal: Portal) -> None:
    number = await builder(portal).case(State.CONFIRMED)
    examiner = await portal.as_("examiner")
    path = f"/cases/{number}/assessment"
    page = await examiner.get(path)
    table = next(value for each in page.all("option") if (value := each.get("value")))
    review = await examiner.review(path, {"ruleset": table, "note": ""})
    assert "این پرونده را" in review.words()
    assert SAMPLE in review.words()


async def test_grades_of_an_official_table_carry_no_label(portal: Portal) -> None:
    world = builder(portal)
    official = tomorrow(portal).replace("official = false", "official = true")
    page = await upload(await portal.as_("head"), official)
    by, digest = world.people["examiner"], page.location.rsplit("/", 1)[-1]
    await world.sign(by, lambda now: versions.prepare_publication(digest, by=by, now=now))
    portal.clock.tick(48 * 3600)
    number = await world.case(State.NOTIFIED)
    examiner = await portal.as_("examiner")
    for path in (f"/cases/{number}", f"/cases/{number}/notice", f"/rulesets/{digest}/comparison"):
        assert SAMPLE not in (await examiner.get(path)).words(), path
    for path in ("/grades", f"/grades/{TOWN[:2]}"):
        assert "جدول امتیاز نمونه" not in (await examiner.get(path)).words(), path


async def test_pictures_have_tables_and_are_read_in_both_languages(portal: Portal) -> None:
    number = await builder(portal).case(State.NOTIFIED)
    examiner = await portal.as_("examiner")
    for language in ("fa", "en"):
        await examiner.post(f"/language/{language}")
        for path in ("/grades", f"/grades/{TOWN[:2]}", f"/cases/{number}", "/rulesets/ir-2762-sample/comparison"):
            page = await examiner.get(path)
            assert page.status == 200
            drawn = [each for each in page.root.iter() if each.tag.endswith("svg") and each.get("role") == "img"]
            named = path.startswith("/grades/") or path.endswith("/comparison")  # words and numbers beside each bar
            assert named or any("picture" in (each.get("class") or "") for each in drawn), path
            assert all(each.get("aria-label") for each in drawn), path
            assert page.all("table"), path
