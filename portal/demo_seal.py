"""The demo's own authority and the seal that it certifies. Whoever looks at the seal reads that it is a demo's."""

from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, pkcs12
from cryptography.x509.oid import NameOID

from portal.variables import write_once

AUTHORITY = "مرجع گواهی نمایشی درجه"
SEAL = "گواهی نمایشی مهر سامانهٔ درجه"
BITS = 2048
ROOT = "seal-root.pem"
NOTHING_ELSE = ("key_encipherment", "data_encipherment", "key_agreement", "encipher_only", "decipher_only")
SINCE, UNTIL = datetime(2020, 1, 1, tzinfo=UTC), datetime(2050, 1, 1, tzinfo=UTC)


def kept(var: Path, keep: bool) -> bytes | None:
    """The demo's PKCS#12 file in `var`, made at its first start; None before. Its root lies beside it, to be trusted.

    Raises:
        SettingsError: it cannot be written.
    """
    path, root = var / "seal.p12", var / ROOT
    if keep and not path.exists():
        write_once(path, made())
    data = path.read_bytes() if path.exists() else None
    if keep and data and not root.exists():
        write_once(root, root_of(data))
    return data


def made() -> bytes:
    """The seal of a new authority, whose root is within, as an open PKCS#12 file."""
    root_key, key = (rsa.generate_private_key(65537, BITS) for _ in range(2))
    issuer, subject = _name(AUTHORITY), _name(SEAL)
    root = _certificate(issuer, issuer, root_key, root_key, is_authority=True)
    seal = _certificate(subject, issuer, key, root_key, is_authority=False)
    return pkcs12.serialize_key_and_certificates(SEAL.encode(), key, seal, [root], NoEncryption())


def root_of(data: bytes) -> bytes:
    """The root within such a file, as PEM."""
    return pkcs12.load_pkcs12(data, None).additional_certs[0].certificate.public_bytes(Encoding.PEM)


def _name(common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "IR"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "سامانهٔ درجه – نمایشی"),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: rsa.RSAPrivateKey, by: rsa.RSAPrivateKey, *, is_authority: bool
) -> x509.Certificate:
    """An authority's certificate signs certificates and lists, the seal's signs documents, and neither does more."""
    use = dict.fromkeys(NOTHING_ELSE, False)
    use |= dict.fromkeys(("key_cert_sign", "crl_sign"), is_authority)
    use |= dict.fromkeys(("digital_signature", "content_commitment"), not is_authority)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(SINCE)
        .not_valid_after(UNTIL)
        .add_extension(x509.BasicConstraints(is_authority, 0 if is_authority else None), critical=True)
        .add_extension(x509.KeyUsage(**use), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key()), critical=False)
        .sign(by, hashes.SHA256())
    )
