"""What anyone may ask of the journal, checked here with code of the tests' own, as a stranger would write it."""

import base64
import hashlib
import json
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from portal.domain.lifecycle import State
from portal.services.journal import checkpoints, log
from portal.tables.events import Event
from tests.world.builders import Builder
from tests.world.client import Visitor
from tests.world.portal import Portal

HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
JSON = {"Accept": "application/json"}
TEXT = {"Accept": "text/plain"}


def opened(note: str, vkey: str) -> tuple[str, int, bytes]:
    """Origin, size and root of a checkpoint whose signature holds under `vkey` (C2SP signed-note)."""
    name, key_id, encoded = vkey.split("+", 2)
    public = base64.b64decode(encoded)
    text, _, signatures = note.rpartition("\n\n")
    dash, signer, signature = signatures.rstrip("\n").split(" ")
    raw = base64.b64decode(signature)
    assert (dash, signer, raw[:4].hex(), public[0]) == ("—", name, key_id, 1)
    assert hashlib.sha256(name.encode() + b"\n" + public).digest()[:4] == raw[:4]
    Ed25519PublicKey.from_public_bytes(public[1:]).verify(raw[4:], f"{text}\n".encode())
    origin, size, root = text.split("\n")
    return origin, int(size), base64.b64decode(root)


def root_of(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes:
    """The root that a leaf and its path lead to (RFC 9162 §2.1.3.2)."""
    fn, sn, found = index, size - 1, leaf
    for each in path:
        assert sn > 0
        if fn & 1 or fn == sn:
            found = hashlib.sha256(b"\x01" + each + found).digest()
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            found = hashlib.sha256(b"\x01" + found + each).digest()
        fn, sn = fn >> 1, sn >> 1
    assert sn == 0
    return found


def is_consistent(first: int, second: int, old: bytes, new: bytes, path: list[bytes]) -> bool:
    """RFC 9162 §2.1.4.2."""
    if first == second:
        return not path and old == new
    whole = [old, *path] if first & (first - 1) == 0 else path
    fn, sn = first - 1, second - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = whole[0]
    for each in whole[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr = hashlib.sha256(b"\x01" + each + fr).digest()
            sr = hashlib.sha256(b"\x01" + each + sr).digest()
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = hashlib.sha256(b"\x01" + sr + each).digest()
        fn, sn = fn >> 1, sn >> 1
    return fr == old and sr == new and sn == 0


def decoded(texts: list[str]) -> list[bytes]:
    return [base64.b64decode(each) for each in texts]


async def vkey(stranger: Visitor) -> str:
    return (await stranger.get("/journal/key", headers=TEXT)).text.splitlines()[0]


@pytest.fixture
async def stranger(portal: Portal) -> Visitor:
    """Somebody who never signed in, and a journal with a case's whole way in it."""
    await Builder(portal.people, portal.store, portal.clock).case(State.NOTIFIED)
    return portal.visit()


async def test_the_checkpoint_holds_under_the_published_key(stranger: Visitor, portal: Portal) -> None:
    page = await stranger.get("/journal/checkpoint")
    assert page.status == 200
    assert page.response.headers["content-type"] == "text/plain; charset=utf-8"
    assert page.response.headers["access-control-allow-origin"] == "*"
    key = await vkey(stranger)
    origin, size, root = opened(page.text, key)
    assert origin == key.partition("+")[0] == portal.settings.base_url.partition("//")[2] + "/journal"
    assert (size, root) == (await Event.count(), await log.root_at(size))
    with pytest.raises(InvalidSignature):
        opened(page.text.replace(f"\n{size}\n", f"\n{size + 1}\n"), key)


async def test_the_key_is_told_as_text_json_and_page(stranger: Visitor, portal: Portal) -> None:
    for headers, kind in ((TEXT, "text/plain"), ({"Accept": "*/*"}, "text/plain"), (JSON, "application/json")):
        page = await stranger.get("/journal/key", headers=headers)
        assert page.status == 200
        assert page.response.headers["content-type"].startswith(kind)
    told = json.loads(page.text)
    assert told["keys"][0]["key"] == await vkey(stranger)
    assert told["keys"][0]["status"] == "in force"
    assert told["origin"] == told["keys"][0]["key"].partition("+")[0]
    page = await stranger.get("/journal/key", headers=HTML)
    assert await vkey(stranger) in page.text
    assert "کلید دفتر" in page.words()
    assert "هنوز هیچ نقطهٔ بررسی بیرون از سامانه نگهداری نشده" in page.words()


async def test_replaced_and_revoked_keys_stay_published(stranger: Visitor, portal: Portal) -> None:
    before = await vkey(stranger)
    seeds = portal.settings.journal_keys
    second, third = (base64.b64encode(bytes([each]) * 32).decode() for each in (1, 2))
    checkpoints.sign_with((*seeds, second, third))
    key = await checkpoints.rotate(reason="سالی یک بار", now=portal.clock.tick())
    await checkpoints.revoke(key.key.id.hex(), reason="لو رفت", now=portal.clock.tick())
    text = (await stranger.get("/journal/key", headers=TEXT)).text
    assert next(line for line in text.splitlines() if before in line).startswith("# replaced")
    assert text.splitlines()[1].startswith("# revoked")
    told = json.loads((await stranger.get("/journal/key", headers=JSON)).text)
    assert [each["status"] for each in told["keys"]] == ["in force", "revoked", "replaced"]
    assert told["keys"][1]["reason"] == "لو رفت"
    page = await stranger.get("/journal/key", headers=HTML)
    assert all(word in page.words() for word in ("باطل", "لو رفت", key.key.id.hex()))
    opened((await stranger.get("/journal/checkpoint")).text, await vkey(stranger))


async def test_every_entry_is_proven_to_who_knows_its_bytes(stranger: Visitor) -> None:
    key, rows = await vkey(stranger), await Event.select().order_by(Event.position)
    assert len(rows) > 20
    for row in rows:
        page = await stranger.get(f"/journal/entries/{row['position']}/proof")
        proof: dict[str, Any] = json.loads(page.text)
        leaf = hashlib.sha256(b"\x00" + row["statement"].encode()).digest()
        _, size, root = opened(proof["checkpoint"], key)
        assert base64.b64decode(proof["leaf_hash"]) == leaf
        assert (proof["leaf_index"], proof["tree_size"]) == (row["position"], size)
        assert base64.b64decode(proof["root_hash"]) == root
        assert root_of(leaf, row["position"], size, decoded(proof["inclusion_path"])) == root
        assert row["nonce"] not in page.text


async def test_a_proof_reads_as_tlog_proof_too(stranger: Visitor) -> None:
    row = await Event.select().order_by(Event.position, ascending=False).first()
    assert row is not None
    url = f"/journal/entries/{row['position']}/proof"
    for page in (await stranger.get(url, headers=TEXT), await stranger.get(f"{url}?text")):
        assert page.response.headers["content-type"].startswith("text/plain")
        proof, _, note = page.text.partition("\n\n")
        form, index, *path = proof.split("\n")
        assert (form, index) == ("c2sp.org/tlog-proof@v1", f"index {row['position']}")
        _, size, root = opened(note, await vkey(stranger))
        assert root_of(row["leaf"], row["position"], size, decoded(path)) == root
    assert (await stranger.get(url, headers=HTML)).response.headers["content-type"].startswith("application/json")


async def test_any_two_checkpoints_of_a_growing_journal_are_consistent(stranger: Visitor, portal: Portal) -> None:
    builder = Builder(portal.people, portal.store, portal.clock)
    key = await vkey(stranger)
    held = [opened((await stranger.get("/journal/checkpoint")).text, key)[1:]]
    for clerk in ("neighbour", "abroad"):
        await builder.case(State.WITHDRAWN, clerk)
        held.append(opened((await stranger.get("/journal/checkpoint")).text, key)[1:])
    for at, (first, old) in enumerate(held):
        for second, new in held[at:]:
            page = await stranger.get(f"/journal/consistency?from={first}&to={second}")
            told = json.loads(page.text)
            path = decoded(told["consistency_path"])
            assert decoded([told["first_root"], told["second_root"]]) == [old, new]
            assert is_consistent(first, second, old, new, path)
            assert not is_consistent(first, second, hashlib.sha256(old).digest(), new, path)
    latest = json.loads((await stranger.get(f"/journal/consistency?from={held[0][0]}")).text)
    assert latest["second"] == held[-1][0]


async def test_every_size_of_the_journal_is_consistent_with_the_present_one(stranger: Visitor) -> None:
    size = await Event.count()
    for first in range(1, size + 1):
        told = json.loads((await stranger.get(f"/journal/consistency?from={first}&to={size}")).text)
        old, new = decoded([told["first_root"], told["second_root"]])
        assert is_consistent(first, size, old, new, decoded(told["consistency_path"]))


@pytest.mark.parametrize(
    "query",
    [
        "",
        "to=5",
        "from=",
        "from=x",
        "from=-1",
        "from=1.5",
        "from=%DB%B5",
        "from=1&to=",
        "from=1&to=x",
        f"from={'9' * 18}",
    ],
)
async def test_sizes_that_are_no_numbers_are_422(portal: Portal, query: str) -> None:
    assert (await portal.visit().get(f"/journal/consistency?{query}")).status == 422


@pytest.mark.parametrize("query", ["from=0", "from=5&to=4", "from=1&to=99999", f"from={'9' * 17}"])
async def test_sizes_that_the_journal_never_had_are_404(portal: Portal, query: str) -> None:
    assert (await portal.visit().get(f"/journal/consistency?{query}")).status == 404


@pytest.mark.parametrize("entry", ["99999", "-1", "9" * 17, "9" * 30, "x"])
async def test_entries_that_do_not_exist_are_404(portal: Portal, entry: str) -> None:
    visitor = portal.visit()
    assert (await visitor.get(f"/journal/entries/{entry}/proof")).status == 404
    auditor = await portal.as_("auditor")
    assert (await auditor.get(f"/journal/entries/{entry}")).status == 404


async def test_leaves_are_the_auditors_alone(portal: Portal) -> None:
    for path in ("/journal", "/journal/entries/0"):
        page = await portal.visit().get(path)
        assert (page.status, page.location.partition("?")[0]) == (303, "/login")
        for username in ("clerk", "officer", "examiner", "minister", "keeper", "head"):
            assert (await (await portal.as_(username)).get(path)).status == 403, username
        assert (await (await portal.as_("auditor")).get(path)).status == 200


async def test_a_portal_without_a_key_says_so(portal: Portal) -> None:
    checkpoints.sign_with(())
    visitor = portal.visit()
    assert (await visitor.get("/journal/checkpoint")).status == 503
    assert (await visitor.get("/journal/key", headers=TEXT)).status == 200  # the journal still names its key
    proof = json.loads((await visitor.get("/journal/entries/0/proof")).text)
    assert proof["checkpoint"] is None
    assert (await visitor.get("/journal/entries/0/proof?text")).text.count("\n\n") == 1
    checkpoints.sign_with((base64.b64encode(b"x" * 32).decode(),))
    assert (await visitor.get("/journal/checkpoint")).status == 503
    assert "کلید" in (await visitor.get("/journal/entries/0/proof")).text


MACHINE = [
    ("/journal/entries/999999/proof", 404),
    ("/journal/consistency?from=x", 422),
    ("/journal/consistency", 422),
]


@pytest.mark.parametrize(("address", "status"), MACHINE)
async def test_a_refusal_has_the_form_that_was_asked_for(stranger: Visitor, address: str, status: int) -> None:
    asked = await stranger.get(address, headers=JSON)
    assert (asked.status, asked.response.headers["content-type"]) == (status, "application/problem+json")
    said = asked.response.json()
    assert said["status"] == status
    assert said["title"]
    assert "<" not in asked.text
    for headers in (TEXT, {"Accept": "*/*"}):
        asked = await stranger.get(address, headers=headers)
        assert (asked.status, asked.response.headers["content-type"]) == (status, "text/plain; charset=utf-8")
        assert said["title"] in asked.text
        assert "<" not in asked.text
    asked = await stranger.get(address, headers=HTML)
    assert (asked.status, asked.response.headers["content-type"]) == (status, "text/html; charset=utf-8")


async def test_what_a_program_may_not_get_is_told_in_its_form(stranger: Visitor, portal: Portal) -> None:
    checkpoints.sign_with(())
    for address, accept, kind in (
        ("/journal/checkpoint", JSON, "application/problem+json"),
        ("/journal/checkpoint", {}, "text/plain; charset=utf-8"),
        ("/nowhere", JSON, "application/problem+json"),
        ("/nowhere", TEXT, "text/plain; charset=utf-8"),
        ("/nowhere", {"Accept": "application/json;q=0.5, text/html"}, "text/html; charset=utf-8"),
        ("/nowhere", {"Accept": "*/*"}, "text/html; charset=utf-8"),
        ("/health/nothing", {"Accept": "*/*"}, "text/plain; charset=utf-8"),
    ):
        asked = await stranger.get(address, headers=accept)
        assert asked.response.headers["content-type"] == kind, address
