"""The key that seals, from a PKCS#12 file or a PKCS#11 token, and the certificates that it stands under."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache

from asn1crypto import x509
from pyhanko.sign.signers import Signer, SimpleSigner
from pyhanko_certvalidator import ValidationContext

from portal.seal_settings import SealFile, SealSettings, SealToken

LONGEST = 512  # bytes of a signature: RSA of 4096 bits


class SealError(Exception):
    """The seal or the time stamp cannot be made now; the text says why."""


@dataclass(frozen=True, slots=True)
class SealKey:
    """What signs, and `known`, the certificates beside it that its holder trusts."""

    signer: Signer
    known: tuple[x509.Certificate, ...]

    def context(self, *, is_strict: bool) -> ValidationContext:
        """What certificates are held against: `is_strict` where what they name as proof of not being revoked must come.

        Trusted are the roots; where none is known, whatever stands nearest to one. Close it: it may hold connections.
        """
        own = self.signer.signing_cert
        roots = [each for each in self.known if each.self_issued] or list(self.known) or ([own] if own else [])
        return ValidationContext(
            trust_roots=roots,
            other_certs=self.known,
            allow_fetching=True,
            revocation_mode="hard-fail" if is_strict else "soft-fail",
        )


@contextmanager
def key_of(settings: SealSettings) -> Iterator[SealKey]:
    """The key of `settings`, for as long as the context lasts.

    Raises:
        SealError: the token does not give it.
    """
    if settings.file:
        yield _opened(settings.file, settings.roots)
    elif settings.token:
        trusted = _certificates(settings.roots)
        with _token(settings.token, trusted) as signer:
            yield SealKey(signer, trusted)


def _certificates(roots: tuple[bytes, ...]) -> tuple[x509.Certificate, ...]:
    return tuple(x509.Certificate.load(each) for each in roots)


class _FileSigner(SimpleSigner):
    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        """The room for a signature is measured without one: that would cost as much as the signature."""
        return bytes(LONGEST) if dry_run else await super().async_sign_raw(data, digest_algorithm)


@lru_cache(maxsize=1)
def _opened(file: SealFile, roots: tuple[bytes, ...]) -> SealKey:
    """Kept open: a passphrase is made to take its time."""
    read = SimpleSigner.load_pkcs12_data(file.data, _certificates(roots), file.passphrase.encode() or None)
    signer = _FileSigner(signing_cert=read.signing_cert, signing_key=read.signing_key, cert_registry=read.cert_registry)
    return SealKey(signer, tuple(signer.cert_registry))


@contextmanager
def _token(token: SealToken, trusted: tuple[x509.Certificate, ...]) -> Iterator[Signer]:
    from pkcs11.exceptions import PKCS11Error  # an extra: who has no token needs no driver for it
    from pyhanko.config.pkcs11 import TokenCriteria
    from pyhanko.sign.pkcs11 import PKCS11Signer, open_pkcs11_session

    try:
        with open_pkcs11_session(
            token.module, token_criteria=TokenCriteria(label=token.token), user_pin=token.pin
        ) as session:
            yield PKCS11Signer(session, cert_label=token.label, key_label=token.label, ca_chain=trusted)
    except PKCS11Error as error:
        raise SealError(f"the token {token.token}: {type(error).__name__}: {error}".rstrip(": ")) from error
