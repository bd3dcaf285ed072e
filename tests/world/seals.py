"""Seals for tests, and what strangers say of a sealed letter: poppler's pdfsig, OpenSSL, pyHanko's validator."""

import asyncio
import io
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import typst
from asn1crypto.x509 import Certificate
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import ades
from pyhanko.sign.validation.ades import AdESLTAValidationResult
from pyhanko.sign.validation.policy_decl import PdfSignatureValidationSpec, SignatureValidationSpec
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.policy_decl import CertRevTrustPolicy, RevocationCheckingPolicy
from pyhanko_certvalidator.registry import SimpleTrustManager

from portal import demo_seal, piccolo_conf
from portal.seal_settings import SealFile, SealSettings
from portal.services.journal import checkpoints
from portal.services.letters import seals as services
from portal.settings import Settings
from portal.storage.objects import ObjectStore
from tests.world import time_stamps
from tests.world.time_stamps import Authority, Peer, serving

SEAL = SealFile(demo_seal.made(), "")
ROOT = x509.load_pem_x509_certificate(demo_seal.root_of(SEAL.data)).public_bytes(Encoding.DER)
UNSTAMPED = SealSettings(SEAL, (), None)
_TEXT = """#set document(title: "نامه", date: datetime(year: 2026, month: 11, day: 24))
#set text(lang: "fa", dir: rtl)
= نامه
متن نامه"""


def _typeset() -> bytes:
    pdf = typst.compile(_TEXT.encode(), format="pdf", pdf_standards=["a-2a", "ua-1"], timestamp=0)
    assert isinstance(pdf, bytes)
    return pdf


LETTER = _typeset()
"""A page as letters are: PDF/A-2a and PDF/UA-1."""


def root_of(authority: Authority) -> bytes:
    """The certificate (DER) above a time-stamp authority."""
    return x509.load_pem_x509_certificate((authority.folder / "ca.pem").read_bytes()).public_bytes(Encoding.DER)


def stamping(authority: Authority, address: str) -> SealSettings:
    """The seal of the tests, with `authority` answering at `address`."""
    return SealSettings(SEAL, (root_of(authority),), address)


@contextmanager
def official(folder: Path) -> Iterator[tuple[SealSettings, Peer]]:
    """A seal and a time-stamp authority that say where one can ask whether they are revoked, as real ones do."""
    kept: list[bytes] = []
    with serving(lambda _: (200, kept[0]), media_type="application/pkix-crl") as asked:
        place = f"{asked.address}/ca.crl"
        authority = time_stamps.made(folder, f"crlDistributionPoints = URI:{place}")
        (folder / "seals.ext").write_text(f"keyUsage = critical,nonRepudiation\ncrlDistributionPoints = URI:{place}\n")
        rsa_key = ("-newkey", "rsa:2048", "-nodes", "-sha256")
        authority.openssl("req", *rsa_key, "-keyout", "seal.key", "-out", "seal.csr", "-subj", "/CN=Seal of the test")
        sign = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "9", "-extfile", "seals.ext")
        authority.openssl("x509", "-req", "-in", "seal.csr", *sign, "-out", "seal.pem")
        authority.openssl(
            *("pkcs12", "-export", "-in", "seal.pem", "-inkey", "seal.key", "-passout", "pass:مهر", "-out", "seal.p12")
        )
        kept.append(_list_of(folder))
        with serving(lambda query: (200, authority.reply(query))) as tsa:
            file = SealFile((folder / "seal.p12").read_bytes(), "مهر")
            yield SealSettings(file, (root_of(authority),), tsa.address), asked


def _list_of(folder: Path) -> bytes:
    """The list of what the authority in `folder` has revoked: nothing."""
    key = load_pem_private_key((folder / "ca.key").read_bytes(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    issuer = x509.load_pem_x509_certificate((folder / "ca.pem").read_bytes()).subject
    now = datetime.now(UTC)
    made = x509.CertificateRevocationListBuilder().issuer_name(issuer).last_update(now - timedelta(minutes=1))
    return made.next_update(now + timedelta(days=1)).sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


def pdfsig(letter: bytes, folder: Path) -> list[str]:
    """The lines that pdfsig prints of `letter`, without their indents."""
    if not shutil.which("pdfsig"):
        pytest.skip("needs poppler-utils")
    path = folder / "letter.pdf"
    path.write_bytes(letter)
    done = subprocess.run(["pdfsig", "-nocert", str(path)], capture_output=True, check=False)
    return [line.strip(" -") for line in done.stdout.decode().splitlines()]


def stamp_verified(letter: bytes, folder: Path) -> str:
    """What OpenSSL says of the document time stamp of `letter`: poppler 22.12 knows of none."""
    stamp = signatures_of(letter)[-1]
    first, length, second, rest = (int(each) for each in stamp.byte_range)
    (folder / "covered").write_bytes(letter[first : first + length] + letter[second : second + rest])
    (folder / "token").write_bytes(stamp.pkcs7_content)
    words = ("ts", "-verify", "-data", "covered", "-in", "token", "-token_in", "-CAfile", "ca.pem")
    done = subprocess.run(["openssl", *words], cwd=folder, capture_output=True, check=False)
    return done.stdout.decode() + done.stderr.decode()


async def validated(letter: bytes, *roots: bytes) -> AdESLTAValidationResult:
    """What pyHanko's validator of long-term signatures (ETSI EN 319 102-1 §5.6.3) says of the seal."""
    trust = SimpleTrustManager.build([Certificate.load(each) for each in roots])
    policy = CertValidationPolicySpec(trust, CertRevTrustPolicy(RevocationCheckingPolicy.from_legacy("hard-fail")))
    spec = PdfSignatureValidationSpec(SignatureValidationSpec(policy))
    return await ades.ades_lta_validation(signatures_of(letter)[0], spec)


def signatures_of(letter: bytes) -> list[Any]:
    """Every signature and time stamp in `letter`, in its order."""
    return list(PdfFileReader(io.BytesIO(letter)).embedded_signatures)


def attempt_elsewhere(settings: Settings, number: str, now: datetime) -> None:
    """What a node does after a signature, in a process of its own: it can be killed on the way."""
    assert settings.database_url is not None
    assert settings.s3 is not None
    piccolo_conf.aim(settings.database_url)
    checkpoints.sign_with(settings.journal_keys)
    services.seal_with(settings.seal)
    asyncio.run(services.attempt(number, store=ObjectStore(settings.s3), now=now))


async def seal_all(store: ObjectStore, now: datetime) -> None:
    """Seal every letter that there is, in a portal that seals none otherwise."""
    services.seal_with(UNSTAMPED)
    try:
        await services.seal_due(store=store, now=now)
    finally:
        services.seal_with(None)
