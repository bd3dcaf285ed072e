"""Throughput and memory of resumable uploads, against `Minio.fput_object` of the same file to the same store.

Run it as `.venv/bin/python -m bench.uploads [MIB [MIB_OF_THE_LARGE_ONE]]` (512 and 2048). The portal is `portal serve`
with one worker. Each figure is the best of `ROUNDS`, portal and baseline in turn. `stored` is the time until the whole
object lies in the store, hashed; `recorded` the time until the document is, its file looked at: the 204 of the
last PATCH comes then. The baseline does neither HTTP to the portal nor a digest of the whole, nor looks at the file.
"""

import asyncio
import base64
import os
import socket
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from minio import Minio

from bench.memory import frame
from bench.server import Node, node, resident, watch
from bench.stage import TOKEN, person, signed_in, stage
from portal import piccolo_conf
from portal.domain.lifecycle import Role
from portal.services.administration.accounts import NewAccount
from portal.services.cases import cases
from portal.settings import S3Settings
from portal.tables.places import Municipality

MIB = 1024 * 1024
ROUNDS = 5
AT_ONCE = 8
AIM_ONE, AIM_EIGHT, AIM_RECORDED, AIM_MEMORY = 1.0, 0.9, 0.95, 48


@dataclass(frozen=True)
class Took:
    """Seconds of one upload."""

    stored: float
    recorded: float

    def better(self, other: "Took") -> "Took":
        return Took(min(self.stored, other.stored), min(self.recorded, other.recorded))


def scan(folder: Path, mib: int) -> Path:
    """A PDF of about so many MiB."""
    path = folder / f"{mib}.pdf"
    head, tail = frame(mib * MIB)
    with path.open("wb") as file:
        file.write(head)
        block = os.urandom(MIB)
        for _ in range(mib):
            file.write(block)
        file.write(tail)
    return path


def request(method: str, path: str, port: int, **headers: str) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", f"Cookie: daraje_session={TOKEN}"]
    lines += ["Tus-Resumable: 1.0.0", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


def talk(port: int, head: bytes, path: Path | None = None) -> str:
    """One request over a socket of its own, its body sent by the kernel; the answer's head."""
    with socket.create_connection(("127.0.0.1", port)) as line:
        line.sendall(head)
        if path is not None:
            with path.open("rb") as file:
                line.sendfile(file)
        answer = b""
        while b"\r\n\r\n" not in answer:
            piece = line.recv(65536)
            if not piece:
                break
            answer += piece
    return answer.decode("latin-1")


def upload(port: int, number: str, path: Path) -> Took:
    """Send a file as a tus client does: one POST, one PATCH."""
    size = path.stat().st_size
    said = {"case": number, "kind": "other", "filename": path.name}
    metadata = ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in said.items())
    begun = time.perf_counter()
    made = talk(port, request("POST", "/uploads", port, Upload_Length=str(size), Upload_Metadata=metadata))
    place = next(line.partition(": ")[2] for line in made.split("\r\n") if line.lower().startswith("location"))
    head = request(
        "PATCH",
        place,
        port,
        Upload_Offset="0",
        Content_Type="application/offset+octet-stream",
        Content_Length=str(size),
    )
    done = talk(port, head, path)
    recorded = time.perf_counter() - begun
    assert " 204 " in done.split("\r\n")[0], done
    timing = next(line for line in done.split("\r\n") if line.lower().startswith("server-timing"))
    check = float(timing.partition("check;dur=")[2].partition(",")[0]) / 1000
    return Took(recorded - check, recorded)


def plain(s3: S3Settings, path: Path) -> float:
    """The baseline: seconds of the SDK's own upload of the file."""
    client = Minio(s3.endpoint, access_key=s3.access_key, secret_key=s3.secret_key, secure=s3.secure, region=s3.region)
    begun = time.perf_counter()
    client.fput_object(s3.bucket, "bench", str(path))
    took = time.perf_counter() - begun
    client.remove_object(s3.bucket, "bench")
    return took


async def open_case() -> str:
    """A case of a signed-in clerk: its number."""
    await piccolo_conf.start_pool(least=1, most=4)
    town = await Municipality.select().first()
    assert town is not None
    by = await person(NewAccount("clerk", "نام", "کارشناس", Role.MUNICIPALITY, municipality=town["code"]))
    number = await cases.open_case(by=by, now=datetime.now(UTC))
    await signed_in(by.id)
    return number


async def speed(portal: Node, s3: S3Settings, number: str, folder: Path, mib: int) -> None:
    """One alone against the baseline, then eight at once against one alone; portal and baseline in turn."""
    path, eighth = scan(folder, mib), scan(folder, mib // AT_ONCE)
    await eight(portal, number, eighth)  # both processes that look at files are up now
    baseline, ours, together = 1e9, Took(1e9, 1e9), Took(1e9, 1e9)
    for _ in range(ROUNDS):
        baseline = min(baseline, await asyncio.to_thread(plain, s3, path))
        ours = ours.better(await asyncio.to_thread(upload, portal.port, number, path))
        together = together.better(await eight(portal, number, eighth))
    tell("fput_object", mib, baseline)
    tell("one alone, stored", mib, ours.stored)
    tell("one alone, recorded", mib, ours.recorded)
    tell(f"{AT_ONCE} at once, stored", mib, together.stored)
    tell(f"{AT_ONCE} at once, recorded", mib, together.recorded)
    verdict("one alone until stored, of fput_object", baseline / ours.stored, AIM_ONE)
    verdict("one alone until recorded, of fput_object", baseline / ours.recorded, AIM_ONE)
    verdict("one alone until recorded, of stored", ours.stored / ours.recorded, AIM_RECORDED)
    verdict("eight at once until stored, of one alone", ours.stored / together.stored, AIM_EIGHT)
    verdict("eight at once until recorded, of one alone", ours.recorded / together.recorded, AIM_EIGHT)


async def eight(portal: Node, number: str, path: Path) -> Took:
    """Seconds until the last of eight is stored, and recorded."""
    with ThreadPoolExecutor(AT_ONCE) as threads:  # the loop's own has fewer on a small machine, and some would wait
        begun = [threads.submit(upload, portal.port, number, path) for _ in range(AT_ONCE)]
        took = await asyncio.gather(*map(asyncio.wrap_future, begun))
    return Took(max(each.stored for each in took), max(each.recorded for each in took))


async def memory(portal: Node, number: str, folder: Path, mib: int) -> None:
    """What one large file adds to the memory of a portal that has taken a small one."""
    await asyncio.to_thread(upload, portal.port, number, scan(folder, 8))
    before, done = resident(portal.worker), asyncio.Event()
    watching = asyncio.create_task(watch(portal.worker, done))
    took = await asyncio.to_thread(upload, portal.port, number, scan(folder, mib))
    done.set()
    grown = (await watching - before) / MIB
    tell("one large file, stored", mib, took.stored)
    print(f"resident memory: {before / MIB:.0f} MiB before, at most {grown:.0f} more (aim: below {AIM_MEMORY})")


async def main(mib: int, large: int) -> None:
    with tempfile.TemporaryDirectory(prefix="daraje-bench-") as name:
        async with stage() as settings:
            number, folder, limit = await open_case(), Path(name), (max(mib, large) + 64) * MIB
            room = {"PORTAL_UPLOAD_LIMIT": str(limit), "PORTAL_SPOOL_LIMIT": os.environ.get("SPOOL", str(2 * limit))}
            assert settings.s3 is not None
            async with node(settings, **room) as portal:
                await memory(portal, number, folder, large)
            async with node(settings, **room) as portal:
                await speed(portal, settings.s3, number, folder, mib)
            await piccolo_conf.DB.close_connection_pool()


def tell(what: str, mib: int, seconds: float) -> None:
    print(f"{what}: {mib} MiB in {seconds:.2f} s, {mib / seconds:.0f} MiB/s")


def verdict(what: str, ratio: float, aim: float) -> None:
    print(f"{what}: {ratio:.2f} (aim: at least {aim})")


if __name__ == "__main__":
    asyncio.run(main(*[int(each) for each in sys.argv[1:]] or (512, 2048)))
