"""A time-stamp authority as strangers run one: OpenSSL behind a small HTTP server, with a certificate of its own."""

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

TIME_STAMP = "application/timestamp-reply"


@dataclass
class Peer:
    """A small HTTP server: what it was sent, and what it answers."""

    answer: Callable[[bytes], tuple[int, bytes]]
    address: str = ""
    media_type: str = TIME_STAMP
    taken: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)


@contextmanager
def serving(answer: Callable[[bytes], tuple[int, bytes]], media_type: str = TIME_STAMP) -> Iterator[Peer]:
    peer = Peer(answer, media_type=media_type)

    class Handler(BaseHTTPRequestHandler):
        def take(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            peer.taken.append((self.command, self.path, dict(self.headers), body))
            status, data = peer.answer(body)
            self.send_response(status)
            self.send_header("Content-Type", peer.media_type)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            with suppress(BrokenPipeError):  # whoever asked is gone
                self.wfile.write(data)

        do_GET = do_PUT = do_POST = take  # noqa: N815

        def log_message(self, *_: Any) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    peer.address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield peer
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def closed_port() -> str:
    with serving(lambda _: (200, b"")) as peer:
        return peer.address


@dataclass
class Authority:
    folder: Path
    url: str = ""

    def openssl(self, *words: str, data: bytes = b"") -> bytes:
        done = subprocess.run(["openssl", *words], cwd=self.folder, input=data, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    def reply(self, query: bytes) -> bytes:
        (self.folder / "query.tsq").write_bytes(query)
        return self.openssl("ts", "-reply", "-config", "tsa.cnf", "-section", "tsa", "-queryfile", "query.tsq")


CONFIG = """
[tsa]
serial = serial
crypto_device = builtin
signer_cert = tsa.pem
signer_key = tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = {digests}
accuracy = secs:1
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""


def made(folder: Path, *extensions: str) -> Authority:
    """In `folder` a certification authority and a time-stamp authority under it, whose certificate has `extensions`."""
    there = Authority(folder)
    (folder / "serial").write_text("01\n")
    (folder / "tsa.cnf").write_text(CONFIG.format(digests="sha256"))
    (folder / "stamps.ext").write_text("\n".join(("extendedKeyUsage = critical,timeStamping", *extensions)))
    rsa = ("-newkey", "rsa:2048", "-nodes", "-sha256")
    there.openssl(
        "req", "-x509", *rsa, "-keyout", "ca.key", "-out", "ca.pem", "-days", "9", "-subj", "/CN=CA of the test"
    )
    there.openssl("req", *rsa, "-keyout", "tsa.key", "-out", "tsa.csr", "-subj", "/CN=TSA of the test")
    sign = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "9", "-extfile", "stamps.ext")
    there.openssl("x509", "-req", "-in", "tsa.csr", *sign, "-out", "tsa.pem")
    return there
