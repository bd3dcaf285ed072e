"""A device in software: makes a passkey, and answers challenges with it, by nothing but `cryptography` and `hashlib`.

It speaks WebAuthn Level 3 on its own, so that the portal's reading of it is checked against a second hand.
"""

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def cbor_bytes(raw: bytes) -> bytes:
    return (bytes([0x58, len(raw)]) if len(raw) < 256 else b"\x59" + len(raw).to_bytes(2, "big")) + raw


@dataclass
class Device:
    """One passkey. `count` 0 is a device that does not count."""

    rp_id: str = "localhost"
    origin: str = "http://localhost:8000"
    count: int = 0
    flags: int = PRESENT | VERIFIED
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    id: bytes = field(default_factory=lambda: secrets.token_bytes(16))

    def client_data(self, kind: str, challenge: str) -> bytes:
        seen = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(seen).encode()

    def data(self, more: bytes = b"", flags: int = 0) -> bytes:
        head = hashlib.sha256(self.rp_id.encode()).digest()
        return head + bytes([self.flags | flags]) + self.count.to_bytes(4, "big") + more

    def make(self, challenge: str) -> str:
        """What `navigator.credentials.create` gives, as the page sends it."""
        point = self.key.public_key().public_numbers()
        x, y = (n.to_bytes(32, "big") for n in (point.x, point.y))
        cose = b"\xa5\x01\x02\x03\x26\x20\x01\x21" + cbor_bytes(x) + b"\x22" + cbor_bytes(y)
        data = self.data(bytes(16) + len(self.id).to_bytes(2, "big") + self.id + cose, ATTESTED)
        made = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData" + cbor_bytes(data)
        answer = {"clientDataJSON": b64(self.client_data("webauthn.create", challenge)), "attestationObject": b64(made)}
        return json.dumps({"id": b64(self.id), "rawId": b64(self.id), "type": "public-key", "response": answer})

    def answer(self, challenge: str) -> str:
        """What `navigator.credentials.get` gives; the counter of a device that counts goes up."""
        self.count += 1 if self.count else 0
        data, seen = self.data(), self.client_data("webauthn.get", challenge)
        signature = self.key.sign(data + hashlib.sha256(seen).digest(), ec.ECDSA(SHA256()))
        parts = {"authenticatorData": b64(data), "clientDataJSON": b64(seen), "signature": b64(signature)}
        return json.dumps({"id": b64(self.id), "rawId": b64(self.id), "type": "public-key", "response": parts})
