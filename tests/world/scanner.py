"""A peer that speaks clamd's protocol."""

import asyncio
import struct

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR" + rb"-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


async def clamd(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, most: int = 10_000_000) -> None:
    """INSTREAM as clamd(8) describes it: lengths and pieces, an empty piece, one answer."""
    assert await reader.readexactly(10) == b"zINSTREAM\0"
    data = b""
    while length := struct.unpack(">I", await reader.readexactly(4))[0]:
        data += await reader.readexactly(length)
        if len(data) > most:
            writer.write(b"INSTREAM size limit exceeded. ERROR\0")
            break
    else:
        writer.write(b"stream: Eicar-Test-Signature FOUND\0" if EICAR in data else b"stream: OK\0")
    await writer.drain()
    writer.close()
