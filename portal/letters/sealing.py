"""The seal of a letter: revisions behind it that say whose it is and since when, and what proves it later (PAdES).

Everything before a revision stays as it was, byte for byte (ETSI EN 319 142-1). Blocking: call it in a worker thread.
"""

import asyncio
import io
from collections.abc import Awaitable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, TypeVar

from asn1crypto import cms
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.sign.fields import InvisSigSettings, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, PdfTimeStamper
from pyhanko.sign.signers.pdf_signer import (
    DSSContentSettings,
    SigDSSPlacementPreference,
    TimestampDSSContentSettings,
)
from pyhanko.sign.timestamps import HTTPTimeStamper
from pyhanko.sign.validation.generic_cms import validate_tst_signed_data
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.path import ValidationPath

from portal.letters.seal_keys import SealError, SealKey, key_of
from portal.seal_settings import SealSettings

WITHIN = 30  # seconds for a seal or a time stamp, with all that is asked of others for it
ANSWERED_WITHIN = 10  # seconds for one answer of the authority
DIGEST = "sha256"
SEAL_FIELD, STAMP_FIELD = "DarajeSeal", "DarajeTimeStamp"
SEAL_NAME, STAMP_NAME = "مهر الکترونیکی نامه", "مهر زمان نامه"
REASON = "ابلاغ درجهٔ شهرداری"
# Outside the page, of no size, and yet to be printed: so PDF/A-2 (§6.3) and PDF/UA-1 (§7.18) both take it.
UNSEEN = InvisSigSettings(set_print_flag=True, set_hidden_flag=False, box_out_of_bounds=True)
# Earlier than the digest is taken, so that what proves a revision lies in the very same one.
PROVEN_BY_ITSELF = DSSContentSettings(include_vri=False, placement=SigDSSPlacementPreference.TOGETHER_WITH_SIGNATURE)
STAMP_PROVEN = TimestampDSSContentSettings(include_vri=False, update_before_ts=True)

T = TypeVar("T")


class AuthorityError(SealError):
    """The time-stamp authority does not answer, refuses, or answers something else."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed letter; `is_stamped`: a time stamp covers all of it. `missing` says why there is none."""

    data: bytes
    is_stamped: bool
    missing: SealError | None = None


def sealed(letter: bytes, settings: SealSettings, *, stamps: bool = True) -> Sealed:
    """`letter`, sealed; where an authority is set and `stamps`, time-stamped too, unless that does not succeed.

    Without a stamp the seal is the last revision and holds what validates it; with one the seal has a time stamp of
    its own, and one of the whole follows (B-LTA).

    Raises:
        SealError: it cannot be sealed.
    """
    with key_of(settings) as key:
        if not (settings.authority and stamps):
            return Sealed(_run(_seal(letter, key)), False)
        try:
            return Sealed(_run(_sealed_and_stamped(letter, key, settings.authority)), True)
        except SealError as error:
            return Sealed(_run(_seal(letter, key)), False, error)


def stamped(letter: bytes, settings: SealSettings) -> Sealed:
    """The sealed `letter` with one revision more, which time-stamps it all and holds what validates it later.

    Raises:
        SealError: it cannot be stamped.
    """
    assert settings.authority is not None
    with key_of(settings) as key:
        return Sealed(_run(_stamped(letter, key, settings.authority)), True)


def _run(making: Awaitable[T]) -> T:
    """Whatever goes wrong, in time.

    Raises:
        SealError.
    """

    async def within() -> T:
        async with asyncio.timeout(WITHIN):
            return await making

    try:
        return asyncio.run(within())
    except TimeoutError as error:
        raise AuthorityError(f"no answer within {WITHIN} s") from error
    except (SigningError, PdfError, OSError, ValueError) as error:
        raise SealError(f"{type(error).__name__}: {error}") from error


async def _seal(letter: bytes, key: SealKey) -> bytes:
    async with aclosing(key.context(is_strict=False)) as context:
        return await _signed(letter, key, context, None)


async def _sealed_and_stamped(letter: bytes, key: SealKey, address: str) -> bytes:
    async with aclosing(key.context(is_strict=True)) as context:
        authority = _Authority(address, context)
        return await _with_stamp(await _signed(letter, key, context, authority), key, context, authority)


async def _stamped(letter: bytes, key: SealKey, address: str) -> bytes:
    async with aclosing(key.context(is_strict=True)) as context:
        return await _with_stamp(letter, key, context, _Authority(address, context))


async def _signed(letter: bytes, key: SealKey, context: ValidationContext, authority: "_Authority | None") -> bytes:
    meta = PdfSignatureMetadata(
        field_name=SEAL_FIELD,
        md_algorithm=DIGEST,
        reason=REASON,
        subfilter=SigSeedSubFilter.PADES,
        embed_validation_info=True,
        validation_context=context,
        signer_key_usage=set(),  # what it is made for was asked at the start (portal.seal_settings)
        dss_settings=PROVEN_BY_ITSELF,
    )
    field = SigFieldSpec(SEAL_FIELD, invis_sig_settings=UNSEEN, readable_field_name=SEAL_NAME)
    made = await PdfSigner(meta, key.signer, timestamper=authority, new_field_spec=field).async_sign_pdf(
        _Revision(letter)
    )
    return bytes(made.getbuffer())


async def _with_stamp(letter: bytes, key: SealKey, context: ValidationContext, authority: "_Authority") -> bytes:
    revision = _Revision(letter)
    paths = [await _path(each.signer_cert, each.other_embedded_certs, context) for each in revision.seals]
    stamper = PdfTimeStamper(authority, STAMP_FIELD, invis_settings=UNSEEN, readable_field_name=STAMP_NAME)
    made = await stamper.async_timestamp_pdf(
        revision, DIGEST, context, validation_paths=paths, dss_settings=STAMP_PROVEN
    )
    return bytes(made.getbuffer())


async def _path(certificate: Any, others: Any, context: ValidationContext) -> ValidationPath:
    """From a seal's certificate to a root, with the proof of not being revoked that `context` keeps."""
    validator: Any = CertificateValidator(certificate, others, validation_context=context)
    path: ValidationPath = await validator.async_validate_usage(set())
    return path


class _Revision(IncrementalPdfFileWriter):
    """A revision behind `letter`, whose metadata stay those that were signed: title, dates and codes."""

    def __init__(self, letter: bytes) -> None:
        super().__init__(io.BytesIO(letter))

    @property
    def seals(self) -> list[Any]:
        """The signatures in the letter, not its time stamps."""
        return list(self.prev.embedded_regular_signatures)

    def _update_meta(self) -> None:
        """They are no longer pyHanko's to write."""


class _Authority(HTTPTimeStamper):
    """The time-stamp authority at `address`. What it answers is checked before anything rests on it."""

    def __init__(self, address: str, context: ValidationContext) -> None:
        super().__init__(address, timeout=ANSWERED_WITHIN)
        self._context = context

    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> cms.ContentInfo:
        try:
            token = await super().async_timestamp(message_digest, md_algorithm)
            status = await validate_tst_signed_data(token["content"], self._context, lambda _: message_digest)
        except Exception as error:  # strangers' bytes break a parser in many ways
            raise AuthorityError(f"the time-stamp authority: {type(error).__name__}: {error}") from error
        if not (status["intact"] and status["valid"] and status["trust_problem_indic"] is None):
            raise AuthorityError("the time-stamp authority stamped something else, or is not under PORTAL_SEAL_ROOTS")
        return token
