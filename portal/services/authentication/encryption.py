"""Secrets at rest, encrypted under PORTAL_SECRET_KEY: second factors, kept forms; and the seals of forms.

The keys are a list, newest first: the newest encrypts, all decrypt. Set once at start by `lock_with`.
"""

import base64
import hashlib
import json
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from itsdangerous import BadSignature, URLSafeSerializer

_keys: tuple[str, ...] = ()


def lock_with(keys: tuple[str, ...]) -> None:
    """Use `keys` (PORTAL_SECRET_KEY, newest first) from now on."""
    global _keys
    _keys = keys


FACTOR = "second factor"


def _fernet(purpose: str = FACTOR) -> MultiFernet:
    derived = [hashlib.sha256(f"daraje {purpose}\0{key}".encode()).digest() for key in _keys]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in derived])


def close_secret(secret: str) -> bytes:
    """`secret` (base32), encrypted."""
    return _fernet().encrypt(secret.encode())


def open_secret(closed: bytes) -> str:
    """The secret that `close_secret` closed.

    Raises:
        cryptography.fernet.InvalidToken: it was closed under a key that is no longer in the list.
    """
    return _fernet().decrypt(closed).decode()


def reencrypted(closed: bytes) -> bytes:
    """What `close_secret` closed, closed again under the newest key.

    Raises:
        cryptography.fernet.InvalidToken: as `open_secret`.
    """
    return _fernet().rotate(closed)


def close(purpose: str, value: Any) -> bytes:
    """`value` (JSON), encrypted for this purpose alone."""
    return _fernet(purpose).encrypt(json.dumps(value).encode())


def reveal(purpose: str, closed: bytes) -> Any | None:
    """What `close` closed for this purpose; None when its key is no longer in the list."""
    try:
        return json.loads(_fernet(purpose).decrypt(closed))
    except InvalidToken:
        return None


def _serializer(purpose: str) -> URLSafeSerializer:
    return URLSafeSerializer(list(reversed(_keys)), salt=f"daraje {purpose}")  # the last key signs


def seal(purpose: str, value: Any) -> str:
    """`value` as text that only this portal can have made (HMAC); readable by whoever holds it."""
    return str(_serializer(purpose).dumps(value))


def unseal(purpose: str, text: str) -> Any | None:
    """What `seal` sealed, or None for anything else."""
    try:
        return _serializer(purpose).loads(text)
    except BadSignature:
        return None
