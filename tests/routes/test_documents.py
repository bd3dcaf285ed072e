"""Documents over HTTP: what is refused leaves nothing behind, what is taken is served as it came."""

from dataclasses import replace
from io import BytesIO

import pytest
from PIL import Image

from portal.domain.lifecycle import State
from portal.storage.objects import ObjectStore
from portal.tables.documents import Document
from tests.world.builders import Builder, scan
from tests.world.documents import draft, held
from tests.world.files import PAPERS
from tests.world.portal import Portal


def tiff() -> bytes:
    out = BytesIO()
    Image.new("L", (40, 60)).save(out, "TIFF", save_all=True, append_images=[Image.new("L", (40, 60))])
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "خالی"),
        (scan()[:-60], "بخش پایانی فایل"),
        (b"<html><script>alert(1)</script>", "PDF، JPEG، PNG یا TIFF نیست"),
        (b"%PDF-1.7 nothing more %%EOF", "ناقص یا خراب"),
        (b"\x89PNG\r\n\x1a\n cut off", "ناقص یا خراب"),
    ],
    ids=["empty", "truncated", "renamed", "hollow", "cut image"],
)
async def test_a_refused_file_leaves_nothing(portal: Portal, data: bytes, sentence: str) -> None:
    clerk, number = await draft(portal)
    page = await clerk.send(number, "census", data)
    assert page.status == 422
    assert sentence in page.words()
    assert await held(portal, number) == (0, 0)


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "nothing"},
        {"kind": "settlement"},
        {"kind": "settlement", "year": "14.02"},
        {"kind": "census", "replaces": "x"},
    ],
)
async def test_a_misfiled_file_leaves_nothing(portal: Portal, fields: dict[str, str]) -> None:
    clerk, number = await draft(portal)
    page = await clerk.send(number, data=scan(), **fields)
    assert page.status == 422
    assert await held(portal, number) == (0, 0)


@pytest.mark.parametrize(("sheets", "said"), [(1, "1 page"), (2, "2 pages")])
async def test_an_english_page_counts_in_english(portal: Portal, sheets: int, said: str) -> None:
    clerk, number = await draft(portal)
    clerk.http.cookies.set("daraje_language", "en")
    one = Image.new("L", (40, 60))
    out = BytesIO()
    one.save(out, "TIFF", save_all=True, append_images=[one] * (sheets - 1))
    await clerk.send(number, "census", out.getvalue())
    words = (await clerk.get(f"/cases/{number}")).words()
    assert f"{said} ·" in words


async def test_a_form_without_a_file_is_told_so(portal: Portal) -> None:
    clerk, number = await draft(portal)
    page = await clerk.post(f"/cases/{number}/documents", {"kind": "census"})
    assert page.status == 422
    assert "فایلی برای بارگذاری" in page.words()


async def test_a_file_beyond_the_limit_is_413(portal: Portal) -> None:
    portal.app.state.settings = replace(portal.settings, upload_limit=100_000)
    clerk, number = await draft(portal)
    page = await clerk.send(number, "census", scan() + bytes(400_000))
    assert page.status == 413
    assert await held(portal, number) == (0, 0)


async def test_documents_are_served_as_they_came(portal: Portal) -> None:
    clerk, number = await draft(portal)
    data = scan(3)
    page = await clerk.send(number, "census", data, name="../گواهی سرشماری.html")
    assert page.status == 303
    row = await Document.select().first()
    assert row is not None
    assert (row["media_type"], row["pages"], row["filename"]) == ("application/pdf", 3, "گواهی سرشماری.html")
    url = f"/documents/{row['id']}"
    answer = (await clerk.get(url)).response
    assert answer.content == data
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"].startswith("attachment; ")
    assert "filename*=UTF-8''%DA%AF" in answer.headers["content-disposition"]
    part = (await clerk.get(url, headers={"Range": "bytes=5-9"})).response
    assert (part.status_code, part.content, part.headers["content-range"]) == (
        206,
        data[5:10],
        f"bytes 5-9/{len(data)}",
    )
    assert (await clerk.get(url, headers={"Range": "bytes=-4"})).response.content == data[-4:]
    assert (await clerk.get(url, headers={"Range": f"bytes={len(data)}-"})).status == 416
    for endless in (f"bytes={'9' * 5000}-", f"bytes=-{'9' * 5000}", f"bytes=0-{'9' * 5000}"):
        assert (await clerk.get(url, headers={"Range": endless})).response.content == data
    picture = (await clerk.get(f"{url}/pages/2")).response
    assert picture.headers["content-type"] == "image/jpeg"
    assert (await clerk.get(f"{url}/pages/4")).status == 404


async def test_a_replacement_keeps_the_version_before(portal: Portal) -> None:
    clerk, number = await draft(portal)
    await clerk.send(number, "census", scan())
    first = await Document.select().first()
    assert first is not None
    page = await clerk.send(number, "census", tiff(), name="b.tif", replaces=str(first["id"]))
    assert page.status == 303, page.words()
    rows = await Document.select().order_by(Document.version)
    assert [(row["version"], row["ended_as"]) for row in rows] == [(1, "replaced"), (2, None)]
    assert rows[1]["replaces"] == first["id"]
    assert (await clerk.get(f"/documents/{first['id']}")).status == 200
    page = await clerk.post(f"/documents/{rows[1]['id']}/withdrawal")
    assert page.status == 303
    assert (await clerk.post(f"/documents/{rows[1]['id']}/withdrawal")).status == 303, "it is done"
    assert (await clerk.post(f"/documents/{first['id']}/withdrawal")).status == 404, "it was replaced"


async def test_strangers_see_no_document(portal: Portal) -> None:
    builder = Builder(portal.people, portal.store, portal.clock)
    await builder.case(State.SUBMITTED)
    row = await Document.select().first()
    assert row is not None
    for username, status in (("officer", 200), ("stranger", 404), ("examiner", 404), ("head", 403), ("abroad", 404)):
        assert (await (await portal.as_(username)).get(f"/documents/{row['id']}")).status == status, username


async def test_a_store_that_is_gone_is_503_and_leaves_no_row(portal: Portal) -> None:
    clerk, number = await draft(portal)
    assert portal.settings.s3 is not None
    portal.app.state.store = ObjectStore(replace(portal.settings.s3, endpoint="127.0.0.1:1"))  # nobody answers there
    page = await clerk.send(number, "census", scan())
    assert page.status == 503
    assert await Document.count() == 0


DISPOSITION = b'Content-Disposition: form-data; name="file"; '


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (b'filename="' + "گزارش.pdf".encode("cp1256") + b'"', "گزارش.pdf"),
        (b'filename="C:\\scan\\' + "سند شهرداري.pdf".encode("cp1256") + b'"', "سند شهرداری.pdf"),
        (b"filename=" + "سند 2.pdf".encode("cp1256"), "سند 2.pdf"),
        (b"filename*=UTF-8''%D8%B3%D9%86%D8%AF.pdf", "سند.pdf"),
        (b"filename=\"x.pdf\"; filename*=windows-1256''%D3%E4%CF.pdf", "سند.pdf"),
        (b'filename="=?UTF-8?B?2LPZhtivLnBkZg==?="', "سند.pdf"),
        (b'filename="\xfe\xfe\x80.pdf"', "\ufffd\ufffd\ufffd.pdf"),
        (b'filename="a\x00b.pdf"', "ab.pdf"),
        (b'filename="' + "\u202eسند\u200f.pdf".encode() + b'"', "سند.pdf"),
        (b'filename="' + "س".encode() * 5000 + b'.pdf"', "س" * 190 + ".pdf"),
    ],
)
async def test_a_name_in_any_writing_is_no_reason_to_refuse(portal: Portal, said: bytes, kept: str) -> None:
    clerk, number = await draft(portal)
    kind = b'--frontier\r\nContent-Disposition: form-data; name="kind"\r\n\r\ncensus\r\n'
    file = b"--frontier\r\n" + DISPOSITION + said + b"\r\n\r\n" + scan() + b"\r\n--frontier--\r\n"
    headers = {"Content-Type": "multipart/form-data; boundary=frontier"}
    answer = await clerk.http.post(f"/cases/{number}/documents", content=kind + file, headers=headers)
    assert answer.status_code == 303, answer.text
    row = await Document.select().first()
    assert row is not None
    assert row["filename"] == kept


async def test_a_refusal_says_what_to_do_in_its_own_program(portal: Portal) -> None:
    clerk, number = await draft(portal)
    hybrid = (PAPERS / "advice" / "embedded-libreoffice.pdf").read_bytes()
    page = await clerk.send(number, "census", hybrid)
    assert page.status == 422
    assert "تیک «Hybrid PDF (embed ODF file)» را بردارید" in page.words()
    assert "<bdi>Hybrid PDF (embed ODF file)</bdi>" in page.text
    page = await clerk.get(f"/cases/{number}")  # its history
    assert "تیک «Hybrid PDF (embed ODF file)» را بردارید" in page.words()
    page = await clerk.send(number, "census", (PAPERS / "advice" / "embedded-libreoffice.after.pdf").read_bytes())
    assert page.status == 303


async def test_a_body_without_an_end_is_told_so(portal: Portal) -> None:
    clerk, number = await draft(portal)
    body = b"--frontier\r\n" + DISPOSITION + b'filename="a.pdf"\r\n\r\n' + scan()
    headers = {"Content-Type": "multipart/form-data; boundary=frontier"}
    answer = await clerk.http.post(f"/cases/{number}/documents", content=body, headers=headers)
    assert answer.status_code == 422
    assert "فایل کامل دریافت نشد" in answer.text
