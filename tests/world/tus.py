"""A tus client that says exactly what a test wants it to say, malformed things too."""

import base64
import hashlib
from dataclasses import dataclass
from typing import Any

import httpx

from tests.world.client import Visitor

BYTES = "application/offset+octet-stream"


def metadata(**values: str | bytes) -> str:
    """Upload-Metadata of `values`."""
    texts = {key: value.encode() if isinstance(value, str) else value for key, value in values.items()}
    return ",".join(f"{key} {base64.b64encode(value).decode()}" for key, value in texts.items())


def checksum(algorithm: str, data: bytes) -> str:
    """Upload-Checksum of `data`."""
    return f"{algorithm} {base64.b64encode(hashlib.new(algorithm, data).digest()).decode()}"


@dataclass
class Tus:
    """One person's uploads into one case."""

    visitor: Visitor
    number: str

    async def ask(self, method: str, url: str, content: Any = None, **headers: str) -> httpx.Response:
        """One request; header names with _ for -, an empty value takes a header away."""
        said = {"Tus-Resumable": "1.0.0"} | {name.replace("_", "-"): value for name, value in headers.items()}
        sent = [(name.encode(), value.encode("latin-1")) for name, value in said.items() if value]
        return await self.visitor.http.request(method, url, content=content, headers=sent)

    async def create(self, length: int | str, content: bytes | None = None, **more: Any) -> httpx.Response:
        given = {"case": self.number, "kind": "census", "filename": "سند.pdf"} | more
        headers = {"Upload_Length": str(length), "Upload_Metadata": metadata(**given)}
        if content is not None:
            headers["Content_Type"] = BYTES
        return await self.ask("POST", "/uploads", content, **headers)

    async def begin(self, length: int, **more: Any) -> str:
        """The address of a new upload."""
        answer = await self.create(length, **more)
        assert answer.status_code == 201, (answer.status_code, answer.text)
        return answer.headers["location"]

    async def patch(self, url: str, offset: int | str, content: Any, **headers: str) -> httpx.Response:
        return await self.ask(
            "PATCH", url, content, **({"Content_Type": BYTES, "Upload_Offset": str(offset)} | headers)
        )

    async def offset(self, url: str) -> int:
        """What is acknowledged."""
        answer = await self.ask("HEAD", url)
        assert answer.status_code == 200, answer.status_code
        return int(answer.headers["upload-offset"])


def pdf(size: int) -> bytes:
    """A one-page PDF of exactly `size` bytes."""
    head = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    head += b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj\n"
    at = [head.index(b"%d 0 obj" % n) for n in (1, 2, 3)]
    rows = b"".join(b"%010d 00000 n \n" % each for each in at)
    tail = b"xref\n0 4\n0000000000 65535 f \n" + rows + b"trailer<</Size 4/Root 1 0 R>>\nstartxref\n%012d\n%%%%EOF\n"
    padding = size - len(head) - len(tail % 0)
    assert padding > 2, "too small for a page"
    filler = (b"%" + bytes(range(14, 254)) * (padding // 240 + 1))[: padding - 1] + b"\n"
    return head + filler + tail % (len(head) + padding)
