"""Whoever does not keep to tus 1.0 at /uploads is told so, and nothing is lost or half-written."""

import base64
import hashlib
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest

from portal.tables.documents import Document
from portal.tables.uploads import Upload
from tests.world.builders import scan
from tests.world.documents import only_document
from tests.world.portal import Portal
from tests.world.tus import BYTES, checksum, metadata, pdf
from tests.world.uploads import MIB, clerk

# Malformed beginnings


@pytest.mark.parametrize("version", ["", "0.2.2", "1.0.1", "1.0.0, 1.0.1"])
async def test_another_version_is_412(portal: Portal, version: str) -> None:
    tus = await clerk(portal)
    url = await tus.begin(1000)
    said = {"Upload_Offset": "0", "Upload_Length": "9", "Content_Type": BYTES, "Tus_Resumable": version}
    for method, where in (("POST", "/uploads"), ("HEAD", url), ("PATCH", url), ("DELETE", url)):
        answer = await tus.ask(method, where, **said)
        assert (answer.status_code, answer.headers["tus-version"]) == (412, "1.0.0"), method
    assert await tus.offset(url) == 0


@pytest.mark.parametrize("length", ["", "-1", "1.5", "+7", "many", "۷", "9" * 19])
async def test_a_length_that_is_none_is_400(portal: Portal, length: str) -> None:
    tus = await clerk(portal)
    given = metadata(case=tus.number, kind="census")
    answer = await tus.visitor.http.post(
        "/uploads",
        headers=[
            (b"Tus-Resumable", b"1.0.0"),
            (b"Upload-Length", length.encode()),
            (b"Upload-Metadata", given.encode()),
        ],
    )
    assert answer.status_code == 400
    assert await Upload.count() == 0


async def test_a_length_that_comes_later_is_400(portal: Portal) -> None:
    tus = await clerk(portal)
    said = {"Upload_Defer_Length": "1", "Upload_Metadata": metadata(case=tus.number, kind="census")}
    assert (await tus.ask("POST", "/uploads", **said)).status_code == 400


async def test_an_empty_file_is_422_and_one_too_large_413(portal: Portal) -> None:
    tus = await clerk(portal)
    empty, large = await tus.create(0), await tus.create(portal.settings.upload_limit + 1)
    assert (empty.status_code, large.status_code) == (422, 413)
    assert "خالی" in empty.text
    assert "۲۰۰ مگابایت" in large.text
    assert await Upload.count() == 0


@pytest.mark.parametrize(
    ("header", "status"),
    [
        ("case", 404),
        ("case !!", 400),
        ("case " + base64.b64encode(b"\xff\xfe").decode(), 400),
        ("case MQ==,case MQ==", 400),
        ("case é", 400),
        ("ca\x7fse MQ==", 400),
        ("kind Y2Vuc3Vz,filename " + "QUFB" * 2560, 431),
        ("", 404),
    ],
    ids=["no value", "no base64", "no UTF-8", "twice", "no ASCII", "control character", "10 kB", "nothing"],
)
async def test_malformed_metadata(portal: Portal, header: str, status: int) -> None:
    tus = await clerk(portal)
    answer = await tus.ask("POST", "/uploads", Upload_Length="9", Upload_Metadata=header)
    assert answer.status_code == status
    assert await Upload.count() == 0


@pytest.mark.parametrize(
    ("given", "status", "sentence"),
    [
        ({"case": "1405-99999"}, 404, "چنین"),
        ({"case": "1405-00001\x00"}, 404, "چنین"),
        ({"kind": "nothing"}, 422, "گزینه"),
        ({"kind": "settlement"}, 422, ""),
        ({"kind": "settlement", "year": "۱۴۰۲ و نیم"}, 422, "عدد"),
        ({"replaces": "x"}, 422, ""),
        ({"replaces": str(uuid4())}, 422, "نسخهٔ کنونی"),
        ({"sha256": "abc"}, 422, "چکیده"),
    ],
)
async def test_a_misfiled_upload_is_refused_before_it_begins(
    portal: Portal, given: dict[str, Any], status: int, sentence: str
) -> None:
    answer = await (await clerk(portal)).create(1000, **given)
    assert answer.status_code == status
    assert sentence in answer.text
    assert await Upload.count() == 0


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("سند شهرداری ۱۴۰۴.pdf", "سند شهرداری ۱۴۰۴.pdf"),
        ("سند شهرداري.pdf".encode("cp1256"), "سند شهرداری.pdf"),
        (b"\xff.pdf", "ے.pdf"),
        (b"\xfe\x93.pdf", "\ufffd\ufffd.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\اسکن\\سند.pdf", "سند.pdf"),
        ("a\x00b\r\nSet-Cookie: x\x1b[31m.pdf", "abSet-Cookie: x[31m.pdf"),
        ("", "document"),
        ("x" * 2000 + ".pdf", "x" * 190 + ".pdf"),
    ],
)
async def test_a_name_is_kept_without_its_tricks(portal: Portal, sent: str | bytes, kept: str) -> None:
    tus, data = await clerk(portal), scan()
    url = await tus.begin(len(data), filename=sent)
    assert (await tus.ask("HEAD", url)).headers["upload-metadata"].isascii()
    assert (await tus.patch(url, 0, data)).status_code == 204
    row = await only_document()
    assert row["filename"] == kept
    assert "/documents/" in row["key"]
    assert row["key"].isascii()


# Malformed pieces


async def test_a_piece_elsewhere_is_409_and_changes_nothing(portal: Portal) -> None:
    tus, data = await clerk(portal), pdf(12 * MIB)
    url = await tus.begin(len(data))
    early = await tus.patch(url, 100, data[100:200])
    assert (early.status_code, early.headers["upload-offset"]) == (409, "0")
    assert (await tus.patch(url, 0, data[: 6 * MIB])).status_code == 204
    for offset in (0, 6 * MIB - 1, 6 * MIB + 1, len(data)):
        answer = await tus.patch(url, offset, data[offset : offset + 10])
        assert (answer.status_code, answer.headers["upload-offset"]) == (409, str(6 * MIB)), offset
    assert (await tus.patch(url, 6 * MIB, data[6 * MIB :])).status_code == 204
    assert (await only_document())["sha256"] == hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize("offset", ["", "-1", "x", "1e3"])
async def test_an_offset_that_is_none_is_400(portal: Portal, offset: str) -> None:
    tus = await clerk(portal)
    url = await tus.begin(1000)
    assert (await tus.patch(url, offset, b"x")).status_code == 400
    assert await tus.offset(url) == 0


@pytest.mark.parametrize("kind", ["", "application/octet-stream", "multipart/form-data; boundary=x"])
async def test_another_content_type_is_415(portal: Portal, kind: str) -> None:
    tus = await clerk(portal)
    url = await tus.begin(1000)
    assert (await tus.patch(url, 0, b"x", Content_Type=kind)).status_code == 415
    assert await tus.offset(url) == 0


async def unannounced(data: bytes) -> AsyncIterator[bytes]:
    """A body without Content-Length."""
    for start in range(0, len(data), 100_000):
        yield data[start : start + 100_000]


async def test_bytes_past_the_end_are_413(portal: Portal) -> None:
    tus, data = await clerk(portal), pdf(6 * MIB)
    url = await tus.begin(len(data))
    assert (await tus.patch(url, 0, data + b"x")).status_code == 413
    assert await tus.offset(url) == 0
    assert (await tus.patch(url, 0, unannounced(data + b"x"))).status_code == 413
    kept = await tus.offset(url)
    assert kept in (0, 5 * MIB)
    assert await Document.count() == 0
    assert (await tus.patch(url, kept, unannounced(data[kept:]))).status_code == 204
    assert (await only_document())["sha256"] == hashlib.sha256(data).hexdigest()


async def test_after_the_end_nothing_is_taken(portal: Portal) -> None:
    tus, data = await clerk(portal), pdf(900)
    url = await tus.begin(len(data))
    assert (await tus.patch(url, 0, data)).status_code == 204
    assert (await tus.patch(url, len(data), b"")).status_code == 204
    assert (await tus.patch(url, len(data), b"more")).status_code == 413
    assert (await tus.patch(url, 0, data)).status_code == 409
    assert (await only_document())["size"] == len(data)


async def test_a_body_shorter_than_announced_is_kept(portal: Portal) -> None:
    tus, data = await clerk(portal), pdf(12 * MIB)
    url = await tus.begin(len(data))
    await tus.patch(url, 0, unannounced(data[: 7 * MIB]), Content_Length=str(len(data)))
    assert await tus.offset(url) == 7 * MIB
    assert (await tus.patch(url, 7 * MIB, data[7 * MIB :])).status_code == 204
    assert (await only_document())["sha256"] == hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
@pytest.mark.parametrize("size", [1000, 11 * MIB])
async def test_a_checksum_stands_for_all_bytes_or_for_none(portal: Portal, algorithm: str, size: int) -> None:
    tus, data = await clerk(portal), pdf(12 * MIB)
    url = await tus.begin(len(data))
    for start in (0, size):
        piece = data[start : start + size] if start == 0 else data[start:]
        damaged = piece[:-1] + bytes([piece[-1] ^ 1])
        answer = await tus.patch(url, start, damaged, Upload_Checksum=checksum(algorithm, piece))
        assert answer.status_code == 460
        assert await tus.offset(url) == start
        answer = await tus.patch(url, start, piece, Upload_Checksum=checksum(algorithm, piece))
        assert answer.status_code == 204
    row = await only_document()
    assert row["sha256"] == hashlib.sha256(data).hexdigest()
    assert await portal.store.get_bytes(row["key"]) == data


async def test_a_cut_piece_with_a_checksum_is_not_kept(portal: Portal) -> None:
    tus, data = await clerk(portal), pdf(12 * MIB)
    url = await tus.begin(len(data))
    said = {"Upload_Checksum": checksum("sha1", data), "Content_Length": str(len(data))}
    await tus.patch(url, 0, unannounced(data[: 8 * MIB]), **said)
    assert await tus.offset(url) == 0
    assert (await tus.patch(url, 0, data, **said)).status_code == 204


@pytest.mark.parametrize(
    "header", ["md5 1B2M2Y8AsgTpgAmY7PhCfg==", "sha1", "sha1 ???", "sha1 QQ==", "sha1 é", "SHA1 x"]
)
async def test_a_checksum_that_is_none_is_400(portal: Portal, header: str) -> None:
    tus = await clerk(portal)
    url = await tus.begin(1000)
    assert (await tus.patch(url, 0, b"x", Upload_Checksum=header)).status_code == 400
    assert await tus.offset(url) == 0
