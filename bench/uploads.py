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
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from minio import Minio

from bench.memory import frame
from bench.server import node, resident, watch
from bench.stage import TOKEN, person, signed_in, stage
from portal import piccolo_conf
from portal.domain.lifecycle import Role
from portal.services import cases
from portal.services.accounts import NewAccount
from portal.settings import S3Settings
from portal.tables.places import Municipality

MIB = 1024 * 1024
ROUNDS = 3
AT_ONCE = 8
AIM_ONE, AIM_EIGHT, AIM_MEMORY = 1.0, 0.9, 48


@dataclass(frozen=True)
class Took:
    """Seconds of one upload."""

    stored: float
    recorded: float


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


async def ready_case(clerks: int) -> list[str]:
    """Cases of so many towns, one open to all the clerks of the bench: their numbers."""
    await piccolo_conf.start_pool(least=1, most=4)
    town = await Municipality.select().first()
    assert town is not None
    by = await person(NewAccount("clerk", "نام", "کارشناس", Role.MUNICIPALITY, municipality=town["code"]))
    number = await cases.open_case(by=by, now=datetime.now(UTC))
    await signed_in(by.id)
    return [number] * clerks


async def main(mib: int, large: int) -> None:
    with tempfile.TemporaryDirectory(prefix="daraje-bench-") as name:
        async with stage() as settings:
            number = (await ready_case(1))[0]
            assert settings.s3 is not None
            limit = str((large + 64) * MIB)
            async with node(settings, PORTAL_UPLOAD_LIMIT=limit) as portal:
                await asyncio.to_thread(upload, portal.port, number, scan(Path(name), 8))
                path = scan(Path(name), mib)
                plain_best, ours = 1e9, Took(1e9, 1e9)
                for _ in range(ROUNDS):
                    plain_best = min(plain_best, await asyncio.to_thread(plain, settings.s3, path))
                    took = await asyncio.to_thread(upload, portal.port, number, path)
                    ours = Took(min(ours.stored, took.stored), min(ours.recorded, took.recorded))
                tell("fput_object", mib, plain_best)
                tell("stored", mib, ours.stored)
                tell("recorded", mib, ours.recorded)
                verdict("throughput until stored, of fput_object's", plain_best / ours.stored, AIM_ONE)
                eighth = scan(Path(name), mib // AT_ONCE)
                begun = time.perf_counter()
                several = [asyncio.to_thread(upload, portal.port, number, eighth) for _ in range(AT_ONCE)]
                await asyncio.gather(*several)
                together = time.perf_counter() - begun
                tell(f"{AT_ONCE} at once, of {mib // AT_ONCE} MiB each, recorded", mib, together)
                verdict("eight at once, of one alone", ours.recorded / together, AIM_EIGHT)
                huge = scan(Path(name), large)
                before, done = resident(portal.worker), asyncio.Event()
                watching = asyncio.create_task(watch(portal.worker, done))
                took = await asyncio.to_thread(upload, portal.port, number, huge)
                done.set()
                grown = (await watching - before) / MIB
                tell("stored", large, took.stored)
                print(f"resident memory: {before / MIB:.0f} MiB before, at most {grown:.0f} more", end=" ")
                print(f"(aim: below {AIM_MEMORY})")
            await piccolo_conf.DB.close_connection_pool()


def tell(what: str, mib: int, seconds: float) -> None:
    print(f"{what}: {mib} MiB in {seconds:.2f} s, {mib / seconds:.0f} MiB/s")


def verdict(what: str, ratio: float, aim: float) -> None:
    print(f"{what}: {ratio:.2f} (aim: at least {aim})")


if __name__ == "__main__":
    asyncio.run(main(*[int(each) for each in sys.argv[1:]] or (512, 2048)))
