"""The virus scanner, against a peer that speaks clamd's protocol, and against clamd itself where it is installed."""

import asyncio
import shutil
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from portal.sandbox import scanner
from portal.sandbox.scanner import Infected, ScannerAway, scan
from tests.world.scanner import EICAR, clamd


@pytest.fixture
async def peer() -> AsyncIterator[str]:
    """The address of a peer that the portal is told to ask."""
    async with await asyncio.start_server(clamd, "127.0.0.1", 0) as server:
        address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        scanner.ask_at(address)
        yield address
        scanner.ask_at(None)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "document"
    path.write_bytes(b"%PDF-1.7\n" + bytes(600_000))
    return path


async def test_a_clean_file_passes(peer: str, file: Path) -> None:
    assert scanner.is_asked()
    await scan(file)


async def test_eicar_is_found(peer: str, file: Path) -> None:
    file.write_bytes(file.read_bytes() + EICAR)
    with pytest.raises(Infected) as found:
        await scan(file)
    assert found.value.name == "Eicar-Test-Signature"


async def test_over_a_unix_socket(file: Path, tmp_path: Path) -> None:
    path = tmp_path / "clamd.ctl"
    async with await asyncio.start_unix_server(clamd, path):
        scanner.ask_at(f"unix:{path}")
        try:
            await scan(file)
            file.write_bytes(file.read_bytes() + EICAR)
            with pytest.raises(Infected):
                await scan(file)
        finally:
            scanner.ask_at(None)


async def test_a_scanner_that_is_away_is_no_verdict(file: Path) -> None:
    scanner.ask_at("127.0.0.1:1")
    try:
        with pytest.raises(ScannerAway):
            await scan(file)
    finally:
        scanner.ask_at(None)


@pytest.mark.parametrize("said", [b"", b"stream: ERROR\0", b"stream: OK", b"UNKNOWN COMMAND\0", b"\xff\xfe\0"])
async def test_anything_but_a_verdict_is_none(file: Path, said: bytes) -> None:
    async def odd(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(said)
        writer.close()

    async with await asyncio.start_server(odd, "127.0.0.1", 0) as server:
        scanner.ask_at(f"127.0.0.1:{server.sockets[0].getsockname()[1]}")
        try:
            with pytest.raises(ScannerAway):
                await scan(file)
        finally:
            scanner.ask_at(None)


async def test_without_a_scanner_nothing_is_asked(file: Path) -> None:
    assert not scanner.is_asked()
    await scan(file)


@pytest.mark.skipif(shutil.which("clamd") is None, reason="Debian's clamav-daemon is not installed")
async def test_debians_clamd_finds_eicar(file: Path, tmp_path: Path) -> None:
    signature = EICAR.hex()
    (tmp_path / "own.ndb").write_text(f"Own.Eicar:0:*:{signature}\n")
    control = tmp_path / "clamd.ctl"
    settings = f"LocalSocket {control}\nDatabaseDirectory {tmp_path}\nForeground yes\nTemporaryDirectory {tmp_path}\n"
    (tmp_path / "clamd.conf").write_text(settings)
    daemon = subprocess.Popen(["clamd", "-c", str(tmp_path / "clamd.conf")], stdout=subprocess.PIPE)
    scanner.ask_at(f"unix:{control}")
    try:
        for _ in range(600):
            if control.exists():
                break
            await asyncio.sleep(0.05)
        await scan(file)
        file.write_bytes(file.read_bytes() + EICAR)
        with pytest.raises(Infected) as found:
            await scan(file)
        assert "Eicar" in found.value.name
    finally:
        scanner.ask_at(None)
        daemon.terminate()
        daemon.wait(20)
