"""Anyone verifies a letter: by its file, its digest and code, its code alone, or its number and date."""

import hashlib
from typing import Any

import pytest

from portal.domain import letter_codes, persian
from portal.domain.lifecycle import State
from portal.services.authentication import rate_limits
from portal.services.letters import notices
from portal.tables.acts import Notice
from tests.world.builders import Builder
from tests.world.cases import case_of
from tests.world.client import Page
from tests.world.portal import Portal

GENUINE, ALTERED = "این نامه اصیل و معتبر است", "این فایل پس از امضا تغییر کرده است"
ISSUED, NOT_OURS = "چنین نامه‌ای صادر شده و معتبر است", "این فایل از نامه‌های این سامانه نیست"
NO_CODE, NO_NUMBER = "هیچ نامه‌ای در این سامانه این کد را ندارد", "هیچ نامه‌ای در این سامانه این شماره و تاریخ را ندارد"
IN_FORCE = "نامهٔ این شماره و تاریخ معتبر است"
PDF = "application/pdf"


@pytest.fixture
async def notice(portal: Portal) -> dict[str, Any]:
    number = await Builder(portal.people, portal.store, portal.clock).case(State.NOTIFIED)
    return await notices.of_case((await case_of(number))["id"])


def heading(page: Page) -> str:
    return " ".join("".join(page.all("h1")[0].itertext()).split())


async def _sent(portal: Portal, content: bytes) -> Page:
    return await portal.visit().post("/verify", files={"file": ("letter.pdf", content, PDF)})


async def test_the_form_teaches_its_own_address_and_is_found_by_no_search(portal: Portal) -> None:
    page = await portal.visit().get("/verify")
    assert f"{portal.settings.base_url}/verify" in page.words()
    assert page.response.headers["cache-control"] == "no-store"
    assert "noindex" in page.response.headers["x-robots-tag"]


async def test_a_file_is_hashed_and_searched_for_its_code(portal: Portal, notice: dict[str, Any]) -> None:
    letter = await portal.store.get_bytes(notice["key"])
    genuine = await _sent(portal, letter)
    assert (genuine.status, heading(genuine)) == (200, GENUINE)
    address = f"<dc:identifier>{portal.settings.base_url}/verify/{notice['code']}</dc:identifier>".encode()
    for filler in (0, 64 * 1024 - 20):  # across two chunks, too
        altered = await _sent(portal, letter.replace(b"%PDF", b"%PdF") + b" " * filler + address)
        assert heading(altered).startswith(ALTERED)
        assert persian.persian_digits(notice["number"]) in altered.words()
    strange = await _sent(portal, b"%PDF-1.7 strange")
    assert (strange.status, heading(strange)) == (200, NOT_OURS)
    assert hashlib.sha256(b"%PDF-1.7 strange").hexdigest() in strange.words()


async def test_a_digest_with_a_code_is_the_file(portal: Portal, notice: dict[str, Any]) -> None:
    visitor = portal.visit()
    for sha256, code, answer in (
        (notice["sha256"].upper(), notice["code"], GENUINE),
        (notice["sha256"], "", GENUINE),
        ("0" * 64, notice["code"], ALTERED),
        ("0" * 64, "0" * 20, NOT_OURS),
        ("0" * 64, "", NOT_OURS),
    ):
        page = await visitor.post("/verify", {"sha256": sha256, "code": code})
        assert (page.status, heading(page).startswith(answer)) == (200, True), heading(page)
    assert (await visitor.post("/verify", {"sha256": "12"})).status == 422


async def test_a_code_opens_what_the_letter_says(portal: Portal, notice: dict[str, Any]) -> None:
    visitor = portal.visit()
    typed = persian.persian_digits(letter_codes.grouped(notice["code"]))
    pages = [await visitor.get(f"/verify/{notice['code']}"), await visitor.post("/verify", {"code": typed})]
    for page in pages:
        words = page.words()
        assert (page.status, heading(page).startswith(ISSUED)) == (200, True)
        assert "درجهٔ شهرداری اسدآباد، از ۷ (هفت) به ۹ (نه)" in words
        assert "وزیر" in words
        assert words.count("نمی‌توان گفت") == 4, "each check names all three answers, and the text's is this one"
        assert (page.response.headers["cache-control"], page.response.headers["x-robots-tag"]) == (
            "no-store",
            "noindex, nofollow",
        )
        assert any(each.get("href") == f"/journal/entries/{notice['event']}/proof" for each in page.all("a"))


async def test_a_code_shows_the_first_page_to_hold_the_paper_against(portal: Portal, notice: dict[str, Any]) -> None:
    visitor = portal.visit()
    page = await visitor.get(f"/verify/{notice['code']}")
    (shown,) = [each.get("src") or "" for each in page.all("img")]
    picture = (await visitor.get(shown)).response
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/jpeg")
    assert picture.headers["cache-control"] == "no-store"
    assert (await visitor.get(f"/verify/{'0' * 20}/page")).status == 404
    answers = [(await visitor.get(f"/verify/{'0' * 20}/page")).status for _ in range(rate_limits.FREE_LOOK_UPS)]
    assert (answers[0], answers[-1]) == (404, 429), "each costs work, found or not"
    assert (await visitor.get(f"/verify/{notice['code']}")).status == 200, "the answer itself is another matter"


async def test_an_unknown_code_is_not_found_in_plain_words(portal: Portal) -> None:
    visitor = portal.visit()
    for page in (await visitor.get(f"/verify/{'0' * 20}"), await visitor.post("/verify", {"code": "0" * 20})):
        assert (page.status, heading(page)) == (404, NO_CODE)
        assert "پای نامه" in page.words()


async def test_a_malformed_code_is_kept_and_explained(portal: Portal) -> None:
    visitor = portal.visit()
    for page in (await visitor.get("/verify/1234-۵۶"), await visitor.post("/verify", {"code": "1234-۵۶"})):
        assert page.status == 422
        assert "بیست رقم" in page.errors()["code"]
        assert [each.get("value") for each in page.all("input") if each.get("name") == "code"] == ["1234-۵۶"]
    assert (await visitor.post("/verify", {})).status == 422


async def test_number_and_date_say_nothing_but_the_status(portal: Portal, notice: dict[str, Any]) -> None:
    visitor = portal.visit()
    day = persian.jalali_text(persian.tehran_date(notice["at"]))
    page = await visitor.post("/verify", {"number": persian.persian_digits(notice["number"]), "date": day})
    assert (page.status, heading(page)) == (200, IN_FORCE)
    assert "اسدآباد" not in page.words()
    assert notice["case"] not in page.words().split()
    assert heading(await visitor.post("/verify", {"number": notice["number"], "date": "1405/01/01"})) == NO_NUMBER
    wrong = await visitor.post("/verify", {"number": notice["number"], "date": "1405/13/01"})
    assert (wrong.status, set(wrong.errors())) == (422, {"date"})
    assert [each.get("value") for each in wrong.all("input") if each.get("name") == "number"] == [notice["number"]]


async def test_guesses_from_one_address_are_slowed_and_no_others(
    portal: Portal, notice: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rate_limits, "FREE_LOOK_UPS", 3)
    guesser = portal.visit()
    for _ in range(3):
        assert (await guesser.get(f"/verify/{'0' * 20}")).status == 404
    paused = await guesser.get(f"/verify/{notice['code']}")
    assert (paused.status, paused.response.headers["retry-after"]) == (429, "30")
    assert "۳۰ ثانیه" in paused.words()
    posted = await guesser.post("/verify", {"code": notice["code"]})
    assert posted.status == 429
    assert [each.get("value") for each in posted.all("input") if each.get("name") == "code"] == [notice["code"]]
    assert heading(await guesser.post("/verify", {"sha256": notice["sha256"]})) == GENUINE, "a file is no guess"
    portal.clock.tick(31)
    assert (await guesser.get(f"/verify/{notice['code']}")).status == 200
    assert (await guesser.get(f"/verify/{'0' * 20}")).status == 404, "who has a code may look on"


async def test_numbers_are_counted_even_when_found(
    portal: Portal, notice: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rate_limits, "FREE_LOOK_UPS", 2)
    asked = {"number": notice["number"], "date": persian.jalali_text(persian.tehran_date(notice["at"]))}
    statuses = [(await portal.visit().post("/verify", asked)).status for _ in range(3)]
    assert statuses == [200, 200, 429]


async def test_a_letter_of_before_codes_is_found_by_its_file(portal: Portal, notice: dict[str, Any]) -> None:
    await Notice.update({Notice.code: None}).where(Notice.id == notice["id"])
    page = await _sent(portal, await portal.store.get_bytes(notice["key"]))
    assert heading(page) == GENUINE


async def test_the_page_that_needs_no_network_holds_all_that_it_needs(portal: Portal) -> None:
    page = await portal.visit().get("/verify/offline")
    said = page.response.headers
    assert said["permissions-policy"] == "camera=(self), microphone=(), geolocation=()"
    assert "default-src 'none'" in said["content-security-policy"]
    assert "unsafe" not in said["content-security-policy"]
    assert 'src="/' not in page.text
    assert "stylesheet" not in page.text
    assert f"{portal.settings.base_url}/verify/offline" in page.words()
    assert (await portal.visit().get("/verify")).response.headers["permissions-policy"].startswith("camera=()")
