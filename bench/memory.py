"""Resident memory of a portal while one scan of 1 GiB is sent into a case.

Run it as `.venv/bin/python -m bench.memory [MIB]`. The portal is `portal serve` with one worker; its memory is read
from /proc every tenth of a second, its checking child apart. The last line compares with the plain upload before it.
"""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import httpx

from bench.stage import TOKEN, person, signed_in, stage
from portal import piccolo_conf
from portal.domain.lifecycle import Role
from portal.services import cases
from portal.services.accounts import NewAccount
from portal.tables.places import Municipality
from tests.browser.conftest import free_port

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


def resident(pid: int) -> int:
    """Resident bytes of a process."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmRSS"))


def worker_of(pid: int) -> int:
    """The process that serves: the child of `portal serve` that is itself no server of ours."""
    children = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=True).stdout.split()
    return max((int(each) for each in children), key=resident)


async def watch(pid: int, done: asyncio.Event) -> int:
    """The most that the process ever held."""
    most = 0
    while not done.is_set():
        most = max(most, resident(pid))
        await asyncio.sleep(0.1)
    return most


async def main(mib: int) -> None:
    async with stage() as settings:
        await piccolo_conf.start_pool(least=1, most=4)
        town = await Municipality.select().first()
        assert town is not None
        by = await person(NewAccount("clerk", "نام", "کارشناس", Role.MUNICIPALITY, municipality=town["code"]))
        number = await cases.open_case(by=by, now=datetime.now(UTC))
        await signed_in(by.id)
        assert settings.s3 is not None
        port = free_port()
        environment = os.environ | {
            "PORTAL_DATABASE_URL": settings.database_url or "",
            "PORTAL_S3_ENDPOINT": settings.s3.endpoint,
            "PORTAL_S3_ACCESS_KEY": settings.s3.access_key,
            "PORTAL_S3_SECRET_KEY": settings.s3.secret_key,
            "PORTAL_S3_BUCKET": settings.s3.bucket,
            "PORTAL_S3_SECURE": "false",
            "PORTAL_S3_REGION": settings.s3.region,
            "PORTAL_SECRET_KEY": settings.secret_keys[0],
            "PORTAL_JOURNAL_KEY": settings.journal_key or "",
            "PORTAL_UPLOAD_LIMIT": str(4096 * MIB),
            "PORTAL_WORKERS": "1",
            "PORTAL_PORT": str(port),
        }
        portal = _serve(environment)
        try:
            cookies = {"daraje_session": TOKEN}
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", cookies=cookies, timeout=600) as client:
                await _ready(client)
                pid = worker_of(portal.pid)
                await send(client, number, 8)
                before, done = resident(pid), asyncio.Event()
                watching = asyncio.create_task(watch(pid, done))
                seconds = await send(client, number, mib)
                done.set()
                grown = (await watching - before) / MIB
        finally:
            portal.terminate()
            portal.wait(20)
            await piccolo_conf.DB.close_connection_pool()
        print(f"{mib} MiB in {seconds:.1f} s; {before / MIB:.0f} MiB resident before, at most {grown:.0f} MiB more,")
        print(f"{grown / AIM:.2f} of the aim of {AIM} MiB")


def _serve(environment: dict[str, str]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-m", "portal", "serve"], env=environment, stdout=subprocess.DEVNULL)


async def _ready(client: httpx.AsyncClient) -> None:
    for _ in range(300):
        try:
            if (await client.get("/health/ready")).status_code == 200:
                return
        except httpx.TransportError:
            pass
        await asyncio.sleep(0.1)
    raise RuntimeError("the portal does not become ready")


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1024))
