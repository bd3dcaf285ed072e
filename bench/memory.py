"""Resident memory of a portal while one scan of 1 GiB is sent into a case.

Run it as `.venv/bin/python -m bench.memory [MIB]`. The portal is `portal serve` with one worker; its memory is read
from /proc every tenth of a second, its checking child apart. The last line compares with the plain upload before it.
"""

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import httpx

from bench.server import node, resident, watch
from bench.stage import TOKEN, person, signed_in, stage
from portal import piccolo_conf
from portal.domain.lifecycle import Role
from portal.services.administration.accounts import NewAccount
from portal.services.cases import cases
from portal.tables.places import Municipality

MIB = 1024 * 1024
CHUNK = 256 * 1024
AIM = 64  # MiB


def frame(padding: int) -> tuple[bytes, bytes]:
    """Head and tail of a one-page PDF around a stream of `padding` bytes."""
    head = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    head += b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj\n"
    at = [head.index(b"%d 0 obj" % n) for n in (1, 2, 3)]
    head += b"4 0 obj<</Length %d>>stream\n" % padding
    start = len(head) + padding + len(b"\nendstream endobj\n")
    rows = b"".join(b"%010d 00000 n \n" % each for each in (*at, head.index(b"4 0 obj")))
    tail = b"\nendstream endobj\nxref\n0 5\n0000000000 65535 f \n" + rows
    return head, tail + b"trailer<</Size 5/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % start


async def send(client: httpx.AsyncClient, number: str, mib: int) -> float:
    """Send one document of `mib` MiB by the plain form; seconds."""
    head, tail = frame(mib * MIB)
    edge = b"--edge\r\nContent-Disposition: form-data; name="
    before = edge + b'"kind"\r\n\r\nother\r\n' + edge
    before += b'"file"; filename="scan.pdf"\r\nContent-Type: application/pdf\r\n\r\n' + head
    after = tail + b"\r\n--edge--\r\n"

    async def body() -> AsyncIterator[bytes]:
        yield before
        for _ in range(mib * MIB // CHUNK):
            yield bytes(CHUNK)
        yield after

    begun = time.perf_counter()
    answer = await client.post(
        f"/cases/{number}/documents",
        content=body(),
        headers={
            "Content-Type": "multipart/form-data; boundary=edge",
            "Content-Length": str(len(before) + mib * MIB + len(after)),
        },
    )
    assert answer.status_code == 303, (answer.status_code, answer.text[:2000])
    return time.perf_counter() - begun


async def main(mib: int) -> None:
    async with stage() as settings:
        await piccolo_conf.start_pool(least=1, most=4)
        town = await Municipality.select().first()
        assert town is not None
        by = await person(NewAccount("clerk", "نام", "کارشناس", Role.MUNICIPALITY, municipality=town["code"]))
        number = await cases.open_case(by=by, now=datetime.now(UTC))
        await signed_in(by.id)
        cookies = {"daraje_session": TOKEN}
        async with node(settings, PORTAL_UPLOAD_LIMIT=str(4096 * MIB)) as portal:
            address = f"http://127.0.0.1:{portal.port}"
            async with httpx.AsyncClient(base_url=address, cookies=cookies, timeout=600) as client:
                await send(client, number, 8)
                before, done = resident(portal.worker), asyncio.Event()
                watching = asyncio.create_task(watch(portal.worker, done))
                seconds = await send(client, number, mib)
                done.set()
                grown = (await watching - before) / MIB
        await piccolo_conf.DB.close_connection_pool()
        print(f"{mib} MiB in {seconds:.1f} s; {before / MIB:.0f} MiB resident before, at most {grown:.0f} MiB more,")
        print(f"{grown / AIM:.2f} of the aim of {AIM} MiB")


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1024))
