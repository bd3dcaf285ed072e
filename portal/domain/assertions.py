"""What a passkey signs (WebAuthn Level 3 §7.2), checked with nothing but its public key. Pure.

`verify_assertion` is all there is to know: whoever holds a statement and the public key that the journal recorded
at enrolment can check it with any library, years later, without this portal.
"""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import rfc8785
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

USER_PRESENT, USER_VERIFIED = 0x01, 0x04
"""Flags of the authenticator data: somebody touched the device, and proved to it who they are."""
LONGEST = 4096
"""Bytes of any part of an assertion."""
LONGEST_TEXT = 8 * LONGEST
"""Characters of a browser's JSON: its parts in base64, and what is not looked at."""


class AssertionRefused(Exception):
    """An assertion that does not hold.

    `code` says why: `passkey-malformed`, `passkey-other-site`, `passkey-other-statement`, `passkey-unverified` or
    `passkey-forged`.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Assertion:
    """What a device answered: which credential, what it saw of itself and of the browser, and the signature."""

    credential: bytes
    authenticator_data: bytes
    client_data: bytes
    signature: bytes

    def as_dict(self) -> dict[str, str]:
        """As a statement carries it: base64url without padding."""
        return {name: encode(value) for name, value in asdict(self).items()}

    @classmethod
    def of(cls, given: Mapping[str, str]) -> "Assertion":
        """The assertion that `as_dict` gave.

        Raises:
            AssertionRefused: `passkey-malformed`.
        """
        try:
            return cls(*(decode(given[name]) for name in cls.__slots__))
        except (KeyError, AttributeError, TypeError):
            raise AssertionRefused("passkey-malformed") from None


def encode(raw: bytes) -> str:
    """Base64url without padding, as WebAuthn writes bytes."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """The bytes that `encode` wrote.

    Raises:
        AssertionRefused: `passkey-malformed`.
    """
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise AssertionRefused("passkey-malformed") from None
    if not 0 < len(raw) <= LONGEST:
        raise AssertionRefused("passkey-malformed")
    return raw


def parse(text: str) -> Assertion:
    """The assertion in a browser's JSON (`PublicKeyCredential.toJSON`).

    Raises:
        AssertionRefused: `passkey-malformed`.
    """
    if len(text) > LONGEST_TEXT:
        raise AssertionRefused("passkey-malformed")
    try:
        given = json.loads(text)
        answer = given["response"]
        parts = (given["id"], answer["authenticatorData"], answer["clientDataJSON"], answer["signature"])
    except (ValueError, KeyError, TypeError, RecursionError):
        raise AssertionRefused("passkey-malformed") from None
    if not all(isinstance(each, str) for each in parts):
        raise AssertionRefused("passkey-malformed")
    return Assertion(*map(decode, parts))


def verify_assertion(public_key: bytes, assertion: Assertion, digest: bytes, rp_id: str, origin: str) -> int:
    """Check that the device behind `public_key` (SubjectPublicKeyInfo, DER) signed `digest` at this very site.

    `digest` is the challenge: the 32 bytes of a signed intent, or those of a page. `rp_id` and `origin` are the
    portal's own.

    Returns:
        The device's counter; 0 for one that does not count.

    Raises:
        AssertionRefused.
    """
    seen = _client_data(assertion.client_data)
    if seen.get("type") != "webauthn.get" or len(assertion.authenticator_data) < 37:
        raise AssertionRefused("passkey-malformed")
    rp_hash = hashlib.sha256(rp_id.encode()).digest()
    if seen.get("origin") != origin or seen.get("crossOrigin") or assertion.authenticator_data[:32] != rp_hash:
        raise AssertionRefused("passkey-other-site")
    if not hmac.compare_digest(str(seen.get("challenge")).encode(), encode(digest).encode()):
        raise AssertionRefused("passkey-other-statement")
    flags = assertion.authenticator_data[32]
    if not (flags & USER_PRESENT and flags & USER_VERIFIED):
        raise AssertionRefused("passkey-unverified")
    signed = assertion.authenticator_data + hashlib.sha256(assertion.client_data).digest()
    _verify(public_key, assertion.signature, signed)
    return int.from_bytes(assertion.authenticator_data[33:37], "big")


def verify_record(statement: Mapping[str, Any], enrolled: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether the passkey that signed `statement` did sign it; true where no passkey did.

    `enrolled` holds the values of the `FactorEnrolled` entries before it, by factor: the public key, and the site
    for which it was made. The digest is computed from the intent, whatever the record says.
    """
    factor = statement["record"]["factor"] or {}
    if factor.get("kind") != "passkey":
        return True
    made = enrolled.get(str(factor.get("id")), {})
    try:
        digest = hashlib.sha256(rfc8785.dumps(statement["intent"])).digest()
        assertion, public_key = Assertion.of(factor["assertion"]), decode(made["public_key"])
        verify_assertion(public_key, assertion, digest, made["rp_id"], made["origin"])
    except (AssertionRefused, KeyError, TypeError):
        return False
    return True


def _client_data(raw: bytes) -> dict[str, Any]:
    try:
        seen = json.loads(raw)
    except (ValueError, RecursionError):
        raise AssertionRefused("passkey-malformed") from None
    if not isinstance(seen, dict):
        raise AssertionRefused("passkey-malformed")
    return seen


def _verify(public_key: bytes, signature: bytes, signed: bytes) -> None:
    """ES256, EdDSA or RS256 (COSE −7, −8, −257), as the key is."""
    try:
        key = load_der_public_key(public_key)
        match key:
            case EllipticCurvePublicKey():
                key.verify(signature, signed, ECDSA(SHA256()))
            case Ed25519PublicKey():
                key.verify(signature, signed)
            case RSAPublicKey():
                key.verify(signature, signed, PKCS1v15(), SHA256())
            case _:
                raise AssertionRefused("passkey-forged")
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        raise AssertionRefused("passkey-forged") from None
