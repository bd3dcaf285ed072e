"""Where checkpoints are put outside the portal, against real peers: a folder, S3, an HTTP server, OpenSSL as a TSA."""

import base64
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import pytest
from rfc3161_client import decode_timestamp_response

from portal.domain import signed_notes
from portal.embedded.servers import Embedded
from portal.services.journal import log, witnesses
from portal.settings import S3Settings, Settings
from portal.storage import witness
from portal.storage.objects import ObjectStore
from portal.storage.witness import WitnessError
from portal.tables.events import PublishedCheckpoint
from tests.world import time_stamps
from tests.world.cast import Cast
from tests.world.clock import Clock
from tests.world.time_stamps import CONFIG, Authority, closed_port, serving

pytestmark = pytest.mark.anyio
NOTE = "daraje.example.ir/journal\n5\n…\n\n— daraje.example.ir/journal AAAA\n".encode()
SECRET = "ب/ن@:p%"  # what a URL must escape


async def test_a_folder_takes_a_checkpoint_once(tmp_path: Path) -> None:
    folder = tmp_path / "نزد سازمان" / "checkpoints"
    for target in (str(folder), f"file://{folder}"):
        await witness.put(target, "000000000005.checkpoint", NOTE)
        assert [(each.name, each.read_bytes()) for each in folder.iterdir()] == [("000000000005.checkpoint", NOTE)]


async def test_a_folder_never_gives_way_to_another_checkpoint_of_that_size(tmp_path: Path) -> None:
    await witness.put(str(tmp_path), "5.checkpoint", NOTE)
    with pytest.raises(WitnessError, match="another checkpoint of the same size"):
        await witness.put(str(tmp_path), "5.checkpoint", NOTE + b"x")
    assert (tmp_path / "5.checkpoint").read_bytes() == NOTE


async def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(WitnessError, match="cannot be written"):
        await witness.put(str(tmp_path / "file"), "5.checkpoint", NOTE)


@pytest.fixture
def outside(servers: Embedded, worker: str) -> Iterator[tuple[str, ObjectStore]]:
    """Another bucket, as a target and as a store."""
    settings: S3Settings = replace(servers.s3, bucket=f"witness-{worker}")
    store = ObjectStore(settings)
    if not store._client.bucket_exists(settings.bucket):
        store._client.make_bucket(settings.bucket)
    key, secret = quote(settings.access_key, safe=""), quote(settings.secret_key, safe="")
    yield f"s3://{key}:{secret}@{settings.endpoint}/{settings.bucket}", store
    store.close()


@pytest.mark.parametrize("prefix", ["", "/daraje", "/daraje/1405/"])
async def test_a_bucket_takes_a_checkpoint_and_never_another(outside: tuple[str, ObjectStore], prefix: str) -> None:
    address, store = outside
    target, name = f"{address}{prefix}?secure=false", "5.checkpoint"
    await witness.put(target, name, NOTE)
    await witness.put(target, name, NOTE)
    assert await store.get_bytes(f"{prefix}/{name}".strip("/").replace("//", "/")) == NOTE
    with pytest.raises(WitnessError, match="another checkpoint of the same size") as refused:
        await witness.put(target, name, NOTE + b"x")
    provider = store._client._provider
    assert provider is not None
    assert provider.retrieve().secret_key not in str(refused.value)


@pytest.mark.parametrize(
    "target",
    ["s3://127.0.0.1/bucket", "s3://key@127.0.0.1/bucket", "s3://key:secret@127.0.0.1", "s3://key:secret@/bucket"],
)
async def test_a_bucket_that_is_half_named_is_told_how(target: str) -> None:
    with pytest.raises(WitnessError, match="reads s3://") as refused:
        await witness.put(target, "5.checkpoint", NOTE)
    assert "secret" not in str(refused.value).replace("SECRET", "")


async def test_a_bucket_that_does_not_answer_is_told(outside: tuple[str, ObjectStore]) -> None:
    target = f"s3://key:hush@{closed_port().removeprefix('http://')}/bucket?secure=false"
    with pytest.raises(WitnessError, match="does not answer") as refused:
        await witness.put(target, "5.checkpoint", NOTE)
    assert "hush" not in str(refused.value)


async def test_an_address_is_put_to_with_its_password() -> None:
    with serving(lambda _: (201, b"")) as peer:
        host = peer.address.removeprefix("http://")
        await witness.put(f"http://u:{quote(SECRET, safe='')}@{host}/log/", "5.checkpoint", NOTE)
        await witness.put(f"{peer.address}/log", "6.checkpoint", NOTE)
    (method, path, headers, body), (_, second, bare, _) = peer.taken
    assert (method, path, body) == ("PUT", "/log/5.checkpoint", NOTE)
    assert base64.b64decode(headers["Authorization"].removeprefix("Basic ")).decode() == f"u:{SECRET}"
    assert headers["Content-Type"] == "text/plain; charset=utf-8"
    assert (second, "Authorization" in bare) == ("/log/6.checkpoint", False)


@pytest.mark.parametrize("status", [302, 403, 409, 500])
async def test_an_address_that_refuses_is_told_without_its_secrets(status: int) -> None:
    with serving(lambda _: (status, b"")) as peer:
        target = peer.address.replace("http://", "http://user:hush@") + "/log?token=hush"
        with pytest.raises(WitnessError, match=f"refused the checkpoint: {status}") as refused:
            await witness.put(target, "5.checkpoint", NOTE)
    assert "hush" not in str(refused.value)
    assert len(peer.taken) == 1


async def test_an_address_that_does_not_answer_is_told() -> None:
    with pytest.raises(WitnessError, match="does not answer"):
        await witness.put(closed_port(), "5.checkpoint", NOTE)


async def test_no_other_kind_of_place_is_taken() -> None:
    with pytest.raises(WitnessError, match="ftp"):
        await witness.put("ftp://example.ir/x", "5.checkpoint", NOTE)


@pytest.mark.parametrize(
    ("target", "shown"),
    [
        ("/srv/witness", "/srv/witness"),
        ("witness", "witness"),
        ("file:///srv/witness", "file:///srv/witness"),
        ("s3://KEY:hush@s3.example.ir:9000/b/p?region=hush", "s3://s3.example.ir:9000/b/p"),
        ("https://user:hush@example.ir/log?token=hush#hush", "https://example.ir/log"),
        ("https://hush@[2001:db8::1]:8443/log", "https://[2001:db8::1]:8443/log"),
    ],
)
def test_secrets_are_never_shown(target: str, shown: str) -> None:
    assert witness.without_secrets(target) == shown


# RFC 3161: OpenSSL as the authority, with a certificate of its own.


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return time_stamps.made(tmp_path)


async def test_a_time_stamp_verifies_with_openssl(authority: Authority) -> None:
    with serving(lambda query: (200, authority.reply(query))) as peer:
        token = await witness.time_stamp(peer.address, NOTE)
    assert peer.taken[0][2]["Content-Type"] == "application/timestamp-query"
    (authority.folder / "token.tsr").write_bytes(token)
    (authority.folder / "note").write_bytes(NOTE)
    verify = ("ts", "-verify", "-data", "note", "-in", "token.tsr", "-CAfile", "ca.pem")
    assert b"Verification: OK" in authority.openssl(*verify)
    (authority.folder / "note").write_bytes(NOTE + b"x")
    with pytest.raises(AssertionError, match="imprint"):
        authority.openssl(*verify)
    assert decode_timestamp_response(token).tst_info.policy.dotted_string == "1.2.3.4.1"


async def test_an_authority_that_refuses_is_told(authority: Authority) -> None:
    (authority.folder / "tsa.cnf").write_text(CONFIG.format(digests="sha512"))
    with (
        serving(lambda query: (200, authority.reply(query))) as peer,
        pytest.raises(WitnessError, match="authority refused"),
    ):
        await witness.time_stamp(peer.address, NOTE)


async def test_an_authority_that_stamps_something_else_is_told(authority: Authority) -> None:
    other = authority.openssl("ts", "-query", "-sha256", "-cert", "-digest", "00" * 32)
    with (
        serving(lambda _: (200, authority.reply(other))) as peer,
        pytest.raises(WitnessError, match="stamped something else"),
    ):
        await witness.time_stamp(peer.address, NOTE)


async def test_an_old_answer_to_the_same_checkpoint_is_told(authority: Authority) -> None:
    """The nonce tells a fresh stamp from one that somebody kept."""
    with serving(lambda query: (200, authority.reply(query))) as peer:
        kept = await witness.time_stamp(peer.address, NOTE)
        peer.answer = lambda _: (200, kept)
        with pytest.raises(WitnessError, match="stamped something else"):
            await witness.time_stamp(peer.address, NOTE)


@pytest.mark.parametrize(
    ("status", "body"),
    [(200, b""), (200, b"<html>"), (404, b"not here"), (200, b"\x30\x03\x02\x01"), (200, b"\x30" * 2_000_000)],
)
async def test_an_authority_that_answers_anything_else_is_told(status: int, body: bytes) -> None:
    with serving(lambda _: (status, body)) as peer, pytest.raises(WitnessError, match="does not answer as it should"):
        await witness.time_stamp(peer.address, NOTE)


async def test_an_authority_that_does_not_answer_is_told() -> None:
    with pytest.raises(WitnessError, match="does not answer"):
        await witness.time_stamp(closed_port(), NOTE)


# Publishing: every place that took the checkpoint is recorded.


@pytest.fixture
async def signing(engine: Settings, people: Cast, clock: Clock) -> Clock:
    return clock


async def test_a_checkpoint_is_published_stamped_and_recorded(
    signing: Clock, authority: Authority, tmp_path: Path
) -> None:
    assert await witnesses.last() is None
    folder = tmp_path / "outside"
    with serving(lambda query: (200, authority.reply(query))) as tsa, serving(lambda _: (201, b"")) as peer:
        targets = (str(folder), peer.address.replace("http://", "http://user:hush@"))
        signed = await witnesses.publish(targets, authority=tsa.address, now=signing())
        await witnesses.publish(targets[:1], authority=None, now=signing.tick())
    size = await log.size()
    note = (folder / f"{size:012d}.checkpoint").read_text()
    assert signed_notes.checkpoint(signed_notes.read(note)) == signed
    (stamp,) = folder.glob("*.tsr")
    assert stamp.name == f"{size:012d}.20261101T080000Z.tsr"
    assert [path for _, path, _, _ in peer.taken] == [f"/{size:012d}.checkpoint", f"/{stamp.name}"]
    rows = await PublishedCheckpoint.select().order_by(PublishedCheckpoint.id)
    assert [row["target"] for row in rows] == [str(folder), peer.address, str(folder)]
    assert [row["token"] for row in rows] == [stamp.read_bytes(), stamp.read_bytes(), None]
    assert {(row["size"], row["root"], row["note"]) for row in rows} == {(size, signed.root, note)}
    last = await witnesses.last()
    assert last is not None
    assert last["at"] == signing()
