"""Passkeys (WebAuthn): enrolled by a device, answering a challenge wherever a code would do.

In a sign-off the challenge is the digest of the signed intent, so the device has signed those very bytes. Ids and
origins are the portal's own (`Settings.passkey_site`), never a request's.
"""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from asyncpg import UniqueViolationError
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey, EllipticCurvePublicNumbers
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from fido2.server import Fido2Server
from fido2.webauthn import AuthenticatorData, PublicKeyCredentialRpEntity, UserVerificationRequirement

from portal.domain.alerts import Alert
from portal.domain.assertions import LONGEST_TEXT, Assertion, AssertionRefused, encode, verify_assertion
from portal.domain.errors import Invalid, NotFound, ProofRefused
from portal.domain.events import EventKind
from portal.services.authentication import factor_confirmations
from portal.services.identity import account_events, alerts
from portal.services.identity.identity import Identity
from portal.tables.factors import Passkey, SpentChallenge

ALGORITHMS = (-7, -8, -257)
"""COSE numbers of ES256, EdDSA and RS256: what `assertions.verify_assertion` can check."""
MOST = 10
"""Passkeys of one person at once."""
_REMEMBERED = timedelta(days=2)  # longer than any page or intent is good for

Site = tuple[str, str]
"""Id and origin of the relying party."""


@dataclass(frozen=True, slots=True)
class Answered:
    """A passkey's answer as it came. `challenge` is that of the page; None where the digest of an intent is."""

    assertion: Assertion
    site: Site
    challenge: bytes | None = None


@dataclass(frozen=True, slots=True)
class PendingAssertion:
    """An answer of a passkey of this person, not yet checked against what it must have signed."""

    passkey: UUID
    public_key: bytes
    answered: Answered

    @property
    def factor(self) -> UUID:
        """As of any proof: what was used."""
        return self.passkey

    @property
    def fingerprint(self) -> str:
        """Hex SHA-256 of the passkey's public key."""
        return factor_confirmations.of_key(self.public_key)

    def as_dict(self) -> dict[str, Any]:
        """The factor as a statement carries it: with the public key's journal entry, all that a verifier needs."""
        rp_id, origin = self.answered.site
        kept = self.answered.assertion.as_dict()
        return {"kind": "passkey", "id": str(self.passkey), "rp_id": rp_id, "origin": origin, "assertion": kept}


async def of_person(person: UUID) -> list[dict[str, Any]]:
    """The passkeys of `person` that are in force, the oldest first."""
    return await (
        Passkey.select().where((Passkey.person == person) & Passkey.ended_at.is_null()).order_by(Passkey.enrolled_at)
    )


@asynccontextmanager
async def proving(by: Identity, answered: Answered, *, now: datetime) -> AsyncIterator[PendingAssertion]:
    """Find the passkey that answered, and hold it while the act runs; the act must call `consume`.

    Raises:
        ProofRefused: `passkey-unknown`: it is not one of `by`.
    """
    row = (
        await Passkey.select(Passkey.id, Passkey.public_key)
        .where(
            (Passkey.credential == answered.assertion.credential)
            & (Passkey.person == by.id)
            & Passkey.ended_at.is_null()
        )
        .first()
    )
    if row is None:
        raise ProofRefused("passkey-unknown")
    try:
        yield PendingAssertion(row["id"], row["public_key"], answered)
    except ProofRefused as refused:
        if refused.code == "passkey-cloned":
            async with Passkey._meta.db.transaction():
                await alerts.warn(by.id, Alert.PASSKEY_DOUBTED, now=now)
                await account_events.record(EventKind.PASSKEY_DOUBTED, by.id, by, {"factor": str(row["id"])}, now)
        raise


async def consume(held: PendingAssertion, digest: bytes | None, *, now: datetime) -> None:
    """Check the answer over `digest`, or over the challenge that it brought, and spend it: inside the act.

    Raises:
        ProofRefused: as `AssertionRefused` says; `passkey-used` for an answer that came before, `passkey-cloned`
            where the device's counter did not go up (WebAuthn §6.1.1).
    """
    challenge = digest if digest is not None else held.answered.challenge
    assert challenge is not None
    try:
        count = verify_assertion(held.public_key, held.answered.assertion, challenge, *held.answered.site)
    except AssertionRefused as refused:
        raise ProofRefused(refused.code) from None
    if not await _spend(challenge, now):
        raise ProofRefused("passkey-used")
    counted = await Passkey.raw(
        "UPDATE passkeys SET sign_count = {}, used_at = {} WHERE id = {} AND ended_at IS NULL "
        "AND (sign_count < {} OR (sign_count = 0 AND {} = 0)) RETURNING id",
        count,
        now,
        held.passkey,
        count,
        count,
    )
    if not counted:
        raise ProofRefused("passkey-cloned")


async def _spend(challenge: bytes, now: datetime) -> bool:
    """Whether this is the first answer to `challenge`; of any number at once one is."""
    await SpentChallenge.delete().where(SpentChallenge.at < now - _REMEMBERED)
    spent = await SpentChallenge.raw(
        "INSERT INTO spent_challenges (challenge, at) VALUES ({}, {}) ON CONFLICT DO NOTHING RETURNING at",
        challenge,
        now,
    )
    return bool(spent)


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What a device offered as a new passkey: its JSON, what it is to be called, the challenge it was given."""

    credential: str
    name: str
    challenge: bytes
    site: Site


async def enrol(by: Identity, offered: Enrolment, *, now: datetime) -> UUID:
    """Enrol a passkey inside the transaction that proved `by`; its id.

    Its public key is journalled, so that anyone can check what it signs.

    Raises:
        Invalid: the offer does not hold, is enrolled already, or there are `MOST` already.
        ProofRefused: `passkey-used`.
    """
    made = _verified(offered)
    assert made.credential_data is not None
    public_key = spki(made.credential_data.public_key)
    if len(await of_person(by.id)) >= MOST:
        raise Invalid({"credential": "too-many-passkeys"})
    if not await _spend(offered.challenge, now):
        raise ProofRefused("passkey-used")
    passkey = uuid4()
    is_synced = bool(made.flags & AuthenticatorData.FLAG.BE)
    try:
        await Passkey(
            id=passkey,
            person=by.id,
            credential=made.credential_data.credential_id,
            public_key=public_key,
            sign_count=made.counter,
            name=offered.name,
            is_synced=is_synced,
            enrolled_at=now,
        ).save()
    except UniqueViolationError:
        raise Invalid({"credential": "passkey-taken"}) from None
    values = {
        "factor": str(passkey),
        "kind": "passkey",
        "credential": encode(made.credential_data.credential_id),
        "public_key": encode(public_key),
        "rp_id": offered.site[0],
        "origin": offered.site[1],
        "synced": is_synced,
    }
    await account_events.record(EventKind.FACTOR_ENROLLED, by.id, by, values, now)
    return passkey


def _verified(offered: Enrolment) -> AuthenticatorData:
    """The registration ceremony (WebAuthn §7.1); no attestation is asked for."""
    rp_id, origin = offered.site
    server = Fido2Server(
        PublicKeyCredentialRpEntity(id=rp_id, name="Daraje"), verify_origin=lambda given: given == origin
    )
    state = {"challenge": encode(offered.challenge), "user_verification": UserVerificationRequirement.REQUIRED}
    if len(offered.credential) > LONGEST_TEXT:
        raise Invalid({"credential": "passkey-not-made"})
    try:
        made = server.register_complete(state, json.loads(offered.credential))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise Invalid({"credential": "passkey-not-made"}) from None
    if made.credential_data is None:
        raise Invalid({"credential": "passkey-not-made"})
    return made


def spki(key: Mapping[int, Any]) -> bytes:
    """A COSE key (RFC 9053) as SubjectPublicKeyInfo, which every library reads.

    Raises:
        Invalid: it is none of `ALGORITHMS`, or no key at all.
    """
    made: Ed25519PublicKey | EllipticCurvePublicKey | RSAPublicKey
    try:
        match key.get(3), key.get(-1):
            case -7, 1:
                x, y = (int.from_bytes(key[each], "big") for each in (-2, -3))
                made = EllipticCurvePublicNumbers(x, y, SECP256R1()).public_key()
            case -8, 6:
                made = Ed25519PublicKey.from_public_bytes(key[-2])
            case -257, bytes(modulus):
                made = RSAPublicNumbers(int.from_bytes(key[-2], "big"), int.from_bytes(modulus, "big")).public_key()
            case _:
                raise ValueError
    except (ValueError, KeyError, TypeError):
        raise Invalid({"credential": "passkey-not-made"}) from None
    return bytes(made.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))


async def end(passkey: UUID, by: Identity, *, now: datetime) -> None:
    """End one's own passkey inside the transaction that proved it.

    Raises:
        NotFound.
    """
    mine = (Passkey.id == passkey) & (Passkey.person == by.id) & Passkey.ended_at.is_null()
    ended = await Passkey.update({Passkey.ended_at: now}).where(mine).returning(Passkey.id)
    if not ended:
        raise NotFound("passkey")
    await account_events.record(
        EventKind.FACTOR_ENDED, by.id, by, {"factor": str(passkey), "kind": "passkey", "by": "person"}, now
    )
