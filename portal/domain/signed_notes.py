"""Signed notes and the checkpoints of the journal (C2SP signed-note and tlog-checkpoint, Ed25519 of RFC 8032).

A note is text that ends in a newline, an empty line, and one line for each signature. A checkpoint is a note whose
text is the journal's origin, its size in leaves and its root, each on a line of its own. Public tools read both.
"""

import base64
import binascii
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from portal.domain import signatures

ED25519 = b"\x01"
"""The signature type of C2SP signed-note for plain Ed25519."""
DASH = "— "
LONGEST = 128 * 1024  # characters of a note: room for the sixteen signatures that must be read, post-quantum ones too


class MalformedNote(ValueError):
    """The text is no note, or no checkpoint."""


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key under its name. `public` is 32 bytes (RFC 8032 §5.1.5)."""

    name: str
    public: bytes

    @property
    def id(self) -> bytes:
        """The four bytes that stand before its signatures: SHA-256(name ‖ 0x0A ‖ 0x01 ‖ public)[:4]."""
        return hashlib.sha256(self.name.encode() + b"\n" + ED25519 + self.public).digest()[:4]

    def text(self) -> str:
        """`name+id+key`, as tools of transparency logs read it."""
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(ED25519 + self.public).decode()}"

    def verifies(self, signature: bytes, message: bytes) -> bool:
        """Whether `signature` (64 bytes) over `message` is this key's."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


def verifier_key(text: str) -> VerifierKey:
    """The key that `VerifierKey.text` wrote.

    Raises:
        MalformedNote: it is no Ed25519 key of this form, or its id is not its own.
    """
    name, plus, rest = text.strip().partition("+")
    identifier, _, encoded = rest.partition("+")
    raw = decoded(encoded)
    if not (plus and _is_name(name) and raw[:1] == ED25519 and len(raw) == 33):
        raise MalformedNote("no Ed25519 verifier key")
    key = VerifierKey(name, raw[1:])
    if key.id.hex() != identifier:
        raise MalformedNote("the key's id is not its own")
    return key


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key under its name."""

    name: str
    private: Ed25519PrivateKey

    @property
    def key(self) -> VerifierKey:
        """What its signatures are checked with."""
        return VerifierKey(self.name, self.private.public_key().public_bytes_raw())

    def sign(self, text: str) -> str:
        """`text` (it ends in a newline) as a note with this one signature. Equal texts give equal notes.

        Raises:
            ValueError: it begins like a text of another kind that this key signs, or does not end in a newline.
        """
        if not text.endswith("\n") or not signatures.may_name(text.split("\n", 1)[0]):
            raise ValueError("no text of a note")
        signature = self.key.id + self.private.sign(text.encode())
        return f"{text}\n{DASH}{self.name} {base64.b64encode(signature).decode()}\n"


def signer(name: str, seed: bytes) -> Signer:
    """The signer over the 32 private bytes `seed` (RFC 8032 §5.1.5)."""
    return Signer(name, Ed25519PrivateKey.from_private_bytes(seed))


@dataclass(frozen=True, slots=True)
class Signature:
    """A line of a note: whose it says it is, the id of the key, and the bytes."""

    name: str
    key_id: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Note:
    """A note that is read and not yet believed."""

    text: str
    signatures: tuple[Signature, ...]

    def signed_by(self, keys: Iterable[VerifierKey]) -> list[VerifierKey]:
        """Those of `keys` whose signature on the note holds. Unknown signatures count for nothing.

        Raises:
            MalformedNote: a signature under the name and id of one of `keys` does not hold.
        """
        known = {(key.name, key.id): key for key in keys}
        found = []
        for each in self.signatures:
            key = known.get((each.name, each.key_id))
            if key is None:
                continue
            if not key.verifies(each.signature, self.text.encode()):
                raise MalformedNote("a signature of a known key does not hold")
            found.append(key)
        return found


def read(text: str) -> Note:
    """The note that `text` is.

    Raises:
        MalformedNote.
    """
    if len(text) > LONGEST or any((each < " " and each != "\n") or "\ud800" <= each <= "\udfff" for each in text):
        raise MalformedNote("too long, no UTF-8, or with control characters")
    body, gap, tail = text.rpartition("\n\n")
    lines = tail.split("\n")
    if not gap or lines[-1] or len(lines) < 2:
        raise MalformedNote("no text and signatures, parted by an empty line")
    return Note(body + "\n", tuple(_signature(line) for line in lines[:-1]))


def _signature(line: str) -> Signature:
    name, _, encoded = line.removeprefix(DASH).partition(" ")
    raw = decoded(encoded)
    if not line.startswith(DASH) or not _is_name(name) or len(raw) < 5:
        raise MalformedNote("a malformed signature line")
    return Signature(name, raw[:4], raw[4:])


def _is_name(name: str) -> bool:
    return bool(name) and "+" not in name and not any(each.isspace() for each in name)


def decoded(text: str) -> bytes:
    """The bytes that `text` says in base64.

    Raises:
        MalformedNote.
    """
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise MalformedNote("not base64") from None


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The journal at one size: `origin` names it, `size` counts leaves, `root` is 32 bytes."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """The text that is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def checkpoint(note: Note) -> Checkpoint:
    """The checkpoint that `note` says; extension lines are opaque.

    Raises:
        MalformedNote: it says none.
    """
    origin, *rest = note.text.removesuffix("\n").split("\n")  # nothing but U+000A ends a line
    if len(rest) < 2 or not origin or not all(rest) or not signatures.may_name(origin):
        raise MalformedNote("a checkpoint has origin, size and root")
    size, root = rest[0], decoded(rest[1])
    if not (size.isascii() and size.isdigit() and len(size) < 19 and str(int(size)) == size) or len(root) != 32:
        raise MalformedNote("a checkpoint's size or root is malformed")
    return Checkpoint(origin, int(size), root)


def inclusion_proof(index: int, path: Iterable[bytes], signed_checkpoint: str) -> str:
    """A proof that verifies without the portal, in the format of C2SP tlog-proof."""
    hashes = "".join(f"{base64.b64encode(each).decode()}\n" for each in path)
    return f"c2sp.org/tlog-proof@v1\nindex {index}\n{hashes}\n{signed_checkpoint}"
