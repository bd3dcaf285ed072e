"""Passkeys: enrolled once by a verified device of this site, answering each challenge once, ended by their owner."""

import json
import secrets
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from portal.domain import assertions
from portal.domain.errors import Invalid, NotFound, ProofRefused
from portal.services.authentication import passkeys
from portal.services.authentication.passkeys import Answered, Enrolment
from portal.services.identity.identity import Identity
from portal.tables.factors import Caution, Passkey
from tests.world.authenticators import PRESENT, Device, b64
from tests.world.cast import Cast
from tests.world.clock import Clock
from tests.world.services import SITE, add_passkey, kinds, offer, signed_in, statements

DER = Encoding.DER, PublicFormat.SubjectPublicKeyInfo


async def enrol(by: Identity, offered: Enrolment, clock: Clock) -> None:
    async with Passkey._meta.db.transaction():
        await passkeys.enrol(by, offered, now=clock())


def answer(device: Device, challenge: bytes | None = None) -> Answered:
    challenge = challenge or secrets.token_bytes(32)
    return Answered(assertions.parse(device.answer(b64(challenge))), SITE, challenge)


async def use(by: Identity, answered: Answered, clock: Clock, digest: bytes | None = None) -> None:
    async with passkeys.proving(by, answered, now=clock()) as held, Passkey._meta.db.transaction():
        await passkeys.consume(held, digest, now=clock())


async def test_a_passkey_is_enrolled_with_the_key_that_anyone_can_check(people: Cast, clock: Clock) -> None:
    clerk, device = people["clerk"], Device()
    await enrol(clerk, offer(device), clock)
    [row] = await passkeys.of_person(clerk.id)
    assert (row["credential"], row["public_key"]) == (device.id, device.key.public_key().public_bytes(*DER))
    assert (row["name"], row["is_synced"]) == ("کلید", False)
    told = (await statements(clerk.id))[-1]["intent"]["values"]
    assert told == {
        "factor": str(row["id"]),
        "kind": "passkey",
        "credential": b64(device.id),
        "public_key": b64(row["public_key"]),
        "rp_id": "localhost",
        "origin": "http://localhost:8000",
        "synced": False,
    }


@pytest.mark.parametrize(
    "device", [Device(origin="https://evil.example"), Device(rp_id="evil.example"), Device(flags=PRESENT)]
)
async def test_what_was_made_elsewhere_or_without_its_owner_is_no_passkey(
    people: Cast, clock: Clock, device: Device
) -> None:
    with pytest.raises(Invalid) as refused:
        await enrol(people["clerk"], offer(device), clock)
    assert refused.value.errors == {"credential": "passkey-not-made"}


@pytest.mark.parametrize("text", ["", "{}", "null", "[" * 9000, json.dumps({"id": "x" * 40_000})])
async def test_nonsense_is_no_passkey(people: Cast, clock: Clock, text: str) -> None:
    with pytest.raises(Invalid) as refused:
        await enrol(people["clerk"], Enrolment(text, "کلید", b"c" * 32, SITE), clock)
    assert refused.value.errors == {"credential": "passkey-not-made"}


async def test_an_offer_counts_once_and_a_credential_is_one_persons(people: Cast, clock: Clock) -> None:
    clerk, device, challenge = people["clerk"], Device(), b"c" * 32
    await enrol(clerk, offer(device, challenge), clock)
    with pytest.raises(ProofRefused, match="passkey-used"):
        await enrol(clerk, offer(Device(), challenge), clock)
    for by in (clerk, people["officer"]):
        with pytest.raises(Invalid) as refused:
            await enrol(by, offer(device), clock)
        assert refused.value.errors == {"credential": "passkey-taken"}
    with pytest.raises(Invalid) as refused:
        await enrol(clerk, Enrolment(Device().make(b64(b"d" * 32)), "کلید", b"e" * 32, SITE), clock)
    assert refused.value.errors == {"credential": "passkey-not-made"}, "it answers another challenge"


async def test_ten_passkeys_of_one_person_are_enrolled(people: Cast, clock: Clock) -> None:
    for _ in range(passkeys.MOST):
        await enrol(people["clerk"], offer(Device()), clock)
    with pytest.raises(Invalid) as refused:
        await enrol(people["clerk"], offer(Device()), clock)
    assert refused.value.errors == {"credential": "too-many-passkeys"}
    await enrol(people["officer"], offer(Device()), clock)


async def test_an_answer_holds_for_its_owner_once_and_for_what_it_signed(people: Cast, clock: Clock) -> None:
    clerk = await signed_in(people["clerk"], clock)
    _, device = await add_passkey(clerk, clock)
    given = answer(device)
    await use(clerk, given, clock)
    with pytest.raises(ProofRefused, match="passkey-used"):
        await use(clerk, given, clock)
    with pytest.raises(ProofRefused, match="passkey-unknown"):
        await use(people["officer"], answer(device), clock)
    with pytest.raises(ProofRefused, match="passkey-other-statement"):
        await use(clerk, answer(device), clock, b"d" * 32)
    await use(clerk, Answered(answer(device, b"d" * 32).assertion, SITE), clock, b"d" * 32)


async def test_a_counter_that_did_not_go_up_is_journalled_and_its_owner_warned(people: Cast, clock: Clock) -> None:
    clerk, device = people["clerk"], Device(count=7)
    await enrol(clerk, offer(device), clock)
    await use(clerk, answer(device), clock)
    device.count = 7
    with pytest.raises(ProofRefused, match="passkey-cloned"):
        await use(clerk, answer(device), clock)
    assert (await kinds(clerk.id))[-1] == "PasskeyDoubted"
    [row] = await Caution.select().where(Caution.person == clerk.id)
    assert row["kind"] == "passkey-doubted"
    await use(clerk, answer(device), clock)


async def test_a_passkey_is_ended_by_its_owner_and_once(people: Cast, clock: Clock) -> None:
    clerk = await signed_in(people["clerk"], clock)
    passkey, device = await add_passkey(clerk, clock)
    with pytest.raises(NotFound, match="passkey"):
        await passkeys.end(passkey, people["officer"], now=clock())
    await passkeys.end(passkey, clerk, now=clock())
    with pytest.raises(NotFound, match="passkey"):
        await passkeys.end(passkey, clerk, now=clock())
    with pytest.raises(ProofRefused, match="passkey-unknown"):
        await use(clerk, answer(device), clock)
    assert await passkeys.of_person(clerk.id) == []


def test_every_algorithm_that_is_offered_is_read() -> None:
    edwards, rsa = Ed25519PrivateKey.generate().public_key(), generate_private_key(65537, 2048).public_key()
    numbers, point = rsa.public_numbers(), (device := Device()).key.public_key().public_numbers()
    x, y = (each.to_bytes(32, "big") for each in (point.x, point.y))
    modulus = numbers.n.to_bytes(256, "big")
    made: dict[int, tuple[dict[int, Any], Any]] = {
        -7: ({1: 2, 3: -7, -1: 1, -2: x, -3: y}, device.key.public_key()),
        -8: ({1: 1, 3: -8, -1: 6, -2: edwards.public_bytes(Encoding.Raw, PublicFormat.Raw)}, edwards),
        -257: ({1: 3, 3: -257, -1: modulus, -2: numbers.e.to_bytes(3, "big")}, rsa),
    }
    assert made.keys() == set(passkeys.ALGORITHMS)
    for key, public in made.values():
        assert passkeys.spki(key) == public.public_bytes(*DER)
    for broken in ({}, {3: -7, -1: 1}, {3: -8, -1: 6, -2: b"short"}, {3: -7, -1: 1, -2: x, -3: x}, {3: -37, -1: b""}):
        with pytest.raises(Invalid) as refused:
            passkeys.spki(broken)
        assert refused.value.errors == {"credential": "passkey-not-made"}
