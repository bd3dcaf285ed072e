"""Secrets at rest, encrypted under PORTAL_SECRET_KEY: second factors, kept forms; and the seals of forms.

The keys are a list, newest first: the newest encrypts, all decrypt. Set once at start by `configure`.
"""

import base64
import hashlib
import json
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from itsdangerous import BadSignature, URLSafeSerializer

_keys: tuple[str, ...] = ()


def configure(keys: tuple[str, ...]) -> None:
    """Use `keys` (PORTAL_SECRET_KEY, newest first) from now on."""
    global _keys
    _keys = keys


FACTOR = "second factor"


def _fernet(purpose: str = FACTOR) -> MultiFernet:
    derived = [hashlib.sha256(f"daraje {purpose}\0{key}".encode()).digest() for key in _keys]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in derived])


def encrypt(secret: str) -> bytes:
    """`secret` (base32), encrypted."""
    return _fernet().encrypt(secret.encode())


def decrypt(encrypted: bytes) -> str:
    """The secret that `encrypt` encrypted.

    Raises:
        cryptography.fernet.InvalidToken: it was encrypted under a key that is no longer in the list.
    """
    return _fernet().decrypt(encrypted).decode()


def reencrypted(encrypted: bytes) -> bytes:
    """What `encrypt` encrypted, again under the newest key.

    Raises:
        cryptography.fernet.InvalidToken: as `decrypt`.
    """
    return _fernet().rotate(encrypted)


def encrypt_value(purpose: str, value: Any) -> bytes:
    """`value` (JSON), encrypted for this purpose alone."""
    return _fernet(purpose).encrypt(json.dumps(value).encode())


def decrypt_value(purpose: str, encrypted: bytes) -> Any | None:
    """What `encrypt_value` encrypted for this purpose; None when its key is no longer in the list."""
    try:
        return json.loads(_fernet(purpose).decrypt(encrypted))
    except InvalidToken:
        return None


def _serializer(purpose: str) -> URLSafeSerializer:
    return URLSafeSerializer(list(reversed(_keys)), salt=f"daraje {purpose}")  # the last key signs


def sign(purpose: str, value: Any) -> str:
    """`value` as text that only this portal can have made (HMAC); readable by whoever holds it."""
    return str(_serializer(purpose).dumps(value))


def verified(purpose: str, text: str) -> Any | None:
    """What `sign` signed, or None for anything else."""
    try:
        return _serializer(purpose).loads(text)
    except BadSignature:
        return None
