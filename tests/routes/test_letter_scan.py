"""The scan of a letter that was signed by hand: attached by a form, shown beside the letter, read by its readers."""

from dataclasses import replace
from typing import Any

from portal.domain import persian
from portal.domain.lifecycle import State
from portal.tables.acts import LetterScan
from portal.tables.readings import Reading
from tests.world.builders import Builder, scan
from tests.world.client import Page, Visitor
from tests.world.portal import Portal


def today(portal: Portal) -> str:
    return persian.jalali_text(persian.tehran_date(portal.clock()))


async def notified(portal: Portal) -> str:
    return await Builder(portal.people, portal.store, portal.clock).case(State.NOTIFIED)


async def attach(visitor: Visitor, number: str, day: str, data: bytes | None = None, **more: str) -> Page:
    """Fill the form and post it."""
    url = f"/cases/{number}/notice/scan"
    page = await visitor.get(url)
    assert page.status == 200, page.words()
    fields = {**page.hidden(url), "letter_number": "۱۲/۳۴۵", "letter_date": day, **more}
    return await visitor.post(url, fields, files={"file": ("نامه.htm", data or scan(2), "text/html")})


async def only_row() -> dict[str, Any]:
    (row,) = await LetterScan.select()
    return row


async def test_it_is_attached_and_shown_beside_the_letter(portal: Portal) -> None:
    number = await notified(portal)
    url = f"/cases/{number}/notice"
    examiner = await portal.as_("examiner")
    assert f"{url}/scan" in [each.get("href") for each in (await examiner.get(url)).all("a")]
    answer = await attach(examiner, number, today(portal).translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")))
    assert (answer.status, answer.location) == (303, url), answer.words()
    assert "تصویر پیوست شد" in (await examiner.get(url)).text
    row = await only_row()
    for name in ("clerk", "officer", "minister", "keeper", "auditor"):
        page = await (await portal.as_(name)).get(url)
        assert "۱۲/۳۴۵" in page.words(), name
        assert f"{url}/scan/{row['id']}?view" in [each.get("href") for each in page.all("a")], name
        assert (f"{url}/scan" in [each.get("href") for each in page.all("a")]) == (name == "minister")
    history = (await (await portal.as_("clerk")).get(f"/cases/{number}")).words()
    assert "تصویر نامهٔ امضاشده پیوست شد" in history
    assert "۱۲/۳۴۵" in history
    entry = await (await portal.as_("auditor")).get(f"/journal/entries/{row['event']}")
    assert "۱۲/۳۴۵" in entry.words()


async def test_without_a_scan_only_those_who_can_attach_one_are_told_so(portal: Portal) -> None:
    number = await notified(portal)
    for name, told in (("minister", True), ("examiner", True), ("clerk", False), ("auditor", False)):
        page = await (await portal.as_(name)).get(f"/cases/{number}/notice")
        assert ("تصویر نامهٔ امضاشده" in page.words()) == told, name


async def test_a_later_scan_takes_its_place_and_the_earlier_one_stays_listed(portal: Portal) -> None:
    number = await notified(portal)
    minister = await portal.as_("minister")
    await attach(minister, number, today(portal), letter_number="71/1")
    await attach(minister, number, today(portal), letter_number="71/2")
    page = await minister.get(f"/cases/{number}/notice")
    first = next(each for each in page.all("section") if each.get("id") == "notice-scan")
    assert "".join(first.itertext()).index("۷۱/۲") < "".join(first.itertext()).index("۷۱/۱")
    assert "تصویرهای پیشین" in page.words()


async def test_the_bytes_come_as_they_were_sent_and_run_nothing(portal: Portal) -> None:
    number, data = await notified(portal), scan(3)
    await attach(await portal.as_("examiner"), number, today(portal), data)
    url = f"/cases/{number}/notice/scan/{(await only_row())['id']}"
    clerk = await portal.as_("clerk")
    answer = (await clerk.get(url)).response
    assert answer.content == data
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert answer.headers["content-disposition"].startswith("attachment; ")
    assert answer.headers["content-disposition"].endswith(".htm.pdf")
    assert (await clerk.get(url, headers={"Range": "bytes=5-9"})).response.content == data[5:10]
    assert (await clerk.get(f"{url}?view")).response.headers["content-disposition"].startswith("inline; ")
    read = await Reading.select().order_by(Reading.id)
    assert [(row["what"], row["how"], row["name"], row["number"]) for row in read] == [
        ("document", "downloaded", "نامه.htm", number),
        ("document", "opened", "نامه.htm", number),
    ]


async def test_the_doors(portal: Portal) -> None:
    builder = Builder(portal.people, portal.store, portal.clock)
    number, draft = await notified(portal), await builder.draft("neighbour")
    waiting = await builder.case(State.DECIDED, "abroad", "stranger")
    examiner = await portal.as_("examiner")
    await attach(examiner, number, today(portal))
    scanned = (await only_row())["id"]
    for name in ("clerk", "officer", "keeper", "auditor", "head"):
        visitor = await portal.as_(name)
        assert (await visitor.get(f"/cases/{number}/notice/scan")).status == 403, name
        assert (await visitor.post(f"/cases/{number}/notice/scan")).status == 403, name
    for case, status in ((waiting, 409), (draft, 404), ("1405-99999", 404)):
        assert (await examiner.get(f"/cases/{case}/notice/scan")).status == status
        files = {"file": ("a.pdf", scan(), "application/pdf")}
        assert (await examiner.post(f"/cases/{case}/notice/scan", {}, files=files)).status == status
    for name, status in (("stranger", 404), ("neighbour", 404), ("head", 403)):
        assert (await (await portal.as_(name)).get(f"/cases/{number}/notice/scan/{scanned}")).status == status, name
    assert (await portal.visit().get(f"/cases/{number}/notice/scan/{scanned}")).status == 303
    assert await LetterScan.count() == 1


async def test_what_was_typed_stays_when_a_field_or_the_file_is_refused(portal: Portal) -> None:
    number = await notified(portal)
    examiner = await portal.as_("examiner")
    url = f"/cases/{number}/notice/scan"
    for fields, data, wrong in (
        ({"letter_date": "1400/01/01"}, scan(), {"letter_date"}),
        ({"letter_date": "1499/01/01"}, scan(), {"letter_date"}),
        ({"letter_number": ""}, scan(), {"letter_number"}),
        ({"letter_number": " ", "letter_date": "x"}, scan(), {"letter_number", "letter_date"}),
        ({}, b"no scan", {"file"}),
    ):
        page = await attach(examiner, number, today(portal), data, **fields)
        assert (page.status, set(page.errors())) == (422, wrong)
        kept = {each.get("name"): each.get("value") for each in page.all("input")}
        assert kept["letter_number"] == fields.get("letter_number", "۱۲/۳۴۵")
        assert kept["letter_date"] == fields.get("letter_date", today(portal))
    page = await examiner.post(url, {"letter_number": "۵", "letter_date": today(portal)})
    assert (page.status, set(page.errors())) == (422, {"file"})
    portal.app.state.settings = replace(portal.settings, upload_limit=100_000)
    assert (await attach(examiner, number, today(portal), scan() + bytes(400_000))).status == 413
    assert await LetterScan.count() == 0


async def test_pressed_twice_it_is_attached_once(portal: Portal) -> None:
    number = await notified(portal)
    examiner = await portal.as_("examiner")
    url = f"/cases/{number}/notice/scan"
    fields = {**(await examiner.get(url)).hidden(url), "letter_number": "5", "letter_date": today(portal)}
    data = scan()
    for said in ("تصویر پیوست شد", "ثبت شده است"):
        answer = await examiner.post(url, fields, files={"file": ("a.pdf", data, "application/pdf")})
        assert answer.status == 303
        assert said in (await examiner.get(answer.location)).text
    assert await LetterScan.count() == 1
