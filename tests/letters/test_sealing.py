"""The seal: what was signed stays byte for byte, strangers' programs call it whole, and nothing is faked or hangs."""

import io
import time
from pathlib import Path

import anyio.to_thread
import pikepdf
import pytest
from pyhanko.sign.ades.report import AdESPassed
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.validation import SignatureCoverageLevel

from portal.letters import sealing
from portal.letters.seal_keys import SealError
from portal.letters.sealing import AuthorityError
from portal.seal_settings import SealSettings
from tests.world import seals, time_stamps
from tests.world.seals import LETTER
from tests.world.time_stamps import Authority, serving

pytestmark = pytest.mark.anyio
VALID, WHOLE = "Signature Validation: Signature is Valid.", "Total document signed"


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return time_stamps.made(tmp_path)


def test_without_an_authority_the_seal_is_the_last_revision(tmp_path: Path) -> None:
    made = sealing.sealed(LETTER, seals.UNSTAMPED)
    assert made.data.startswith(LETTER)
    assert (made.is_stamped, made.missing) == (False, None)
    assert made.data.count(b"%%EOF") == LETTER.count(b"%%EOF") + 1
    said = seals.pdfsig(made.data, tmp_path)
    assert {VALID, WHOLE, "Signature Type: ETSI.CAdES.detached", "Signature Field Name: DarajeSeal"} <= set(said)
    (seal,) = seals.signatures_of(made.data)
    seal.compute_integrity_info()
    assert seal.coverage is SignatureCoverageLevel.ENTIRE_FILE


def test_what_validates_it_lies_in_the_same_revision() -> None:
    made = sealing.sealed(LETTER, seals.UNSTAMPED)
    with pikepdf.open(io.BytesIO(made.data)) as pdf:
        assert len(pdf.Root.DSS.Certs) == 2
        assert seals.ROOT in [each.read_bytes() for each in pdf.Root.DSS.Certs]


def test_the_sealed_letter_keeps_what_pdf_a_and_pdf_ua_ask_for() -> None:
    """ISO 19005-2 §6.3: a field is printed and not hidden; ISO 14289-1 §7.18: it has a name, or lies off the page."""
    made = sealing.sealed(LETTER, seals.UNSTAMPED).data
    with pikepdf.open(io.BytesIO(LETTER)) as before, pikepdf.open(io.BytesIO(made)) as pdf:
        (field,) = pdf.Root.AcroForm.Fields
        assert (str(field.T), str(field.TU)) == ("DarajeSeal", sealing.SEAL_NAME)
        left, bottom, right, top = (int(each) for each in field.Rect)
        assert (left, bottom) == (right, top)
        assert left < 0
        assert int(field.F) & 0b100
        assert not int(field.F) & 0b100011
        assert pdf.pages[0].Tabs == "/S"
        assert pdf.Root.Metadata.read_raw_bytes() == before.Root.Metadata.read_raw_bytes()
        assert dict(pdf.docinfo) == dict(before.docinfo)
        assert pdf.Root.StructTreeRoot.objgen == before.Root.StructTreeRoot.objgen
        assert "/NeedAppearances" not in pdf.Root.AcroForm


@pytest.mark.parametrize("at", [200, len(LETTER) // 2, len(LETTER) - 40])
def test_one_changed_byte_is_told(tmp_path: Path, at: int) -> None:
    data = bytearray(sealing.sealed(LETTER, seals.UNSTAMPED).data)
    data[at] ^= 1
    assert VALID not in seals.pdfsig(bytes(data), tmp_path)


async def test_with_an_authority_it_is_of_the_level_b_lta(tmp_path: Path) -> None:
    with seals.official(tmp_path) as (settings, asked):
        made = await anyio.to_thread.run_sync(sealing.sealed, LETTER, settings)
    assert made.data.startswith(LETTER)
    assert (made.is_stamped, made.missing) == (True, None)
    assert asked.taken, "nobody asked whether the certificates are revoked"
    found = await seals.validated(made.data, *settings.roots)
    assert found.ades_subindic is AdESPassed.OK
    assert found.signature_timestamp_status is not None
    assert found.signature_timestamp_status.ades_subindic is AdESPassed.OK
    assert found.oldest_evidence_record_timestamp is not None
    assert found.api_status is not None
    assert found.api_status.bottom_line
    assert found.api_status.modification_level is ModificationLevel.LTA_UPDATES
    with pikepdf.open(io.BytesIO(made.data)) as pdf:
        assert len(pdf.Root.DSS.CRLs) == 1
        assert [str(each.TU) for each in pdf.Root.AcroForm.Fields] == [sealing.SEAL_NAME, sealing.STAMP_NAME]
    said = seals.pdfsig(made.data, tmp_path)
    first, second = said[: said.index("Signature #2:")], said[said.index("Signature #2:") :]
    assert VALID in first
    assert WHOLE not in first
    assert WHOLE in second
    assert "Verification: OK" in seals.stamp_verified(made.data, tmp_path)


async def test_a_stamp_that_comes_later_is_a_further_revision(tmp_path: Path, authority: Authority) -> None:
    earlier = (await anyio.to_thread.run_sync(sealing.sealed, LETTER, seals.UNSTAMPED)).data
    with serving(lambda query: (200, authority.reply(query))) as peer:
        made = await anyio.to_thread.run_sync(sealing.stamped, earlier, seals.stamping(authority, peer.address))
    later = made.data
    assert later.startswith(earlier)
    assert later.count(b"%%EOF") == earlier.count(b"%%EOF") + 1
    found = await seals.validated(later, seals.ROOT, seals.root_of(authority))
    assert found.api_status is not None
    assert found.api_status.bottom_line
    assert found.oldest_evidence_record_timestamp is not None
    assert "Verification: OK" in seals.stamp_verified(later, tmp_path)
    assert WHOLE in seals.pdfsig(later, tmp_path)


@pytest.mark.parametrize(
    ("status", "body"), [(200, b""), (200, b"<html>"), (404, b"not here"), (200, b"\x30\x03\x02\x01"), (500, b"")]
)
def test_an_authority_that_answers_anything_leaves_a_seal_without_stamp(
    tmp_path: Path, authority: Authority, status: int, body: bytes
) -> None:
    with serving(lambda _: (status, body)) as peer:
        settings = seals.stamping(authority, peer.address)
        made = sealing.sealed(LETTER, settings)
        with pytest.raises(AuthorityError):
            sealing.stamped(made.data, settings)
    assert not made.is_stamped
    assert isinstance(made.missing, AuthorityError)
    assert {VALID, WHOLE} <= set(seals.pdfsig(made.data, tmp_path))


def test_an_old_answer_and_one_to_another_question_are_refused(authority: Authority) -> None:
    with serving(lambda query: (200, authority.reply(query))) as peer:
        settings = seals.stamping(authority, peer.address)
        sealing.sealed(LETTER, settings)
        kept = authority.reply(peer.taken[0][3])
        peer.answer = lambda _: (200, kept)
        assert isinstance(sealing.sealed(LETTER, settings).missing, AuthorityError)
        other = authority.openssl("ts", "-query", "-sha256", "-cert", "-digest", "00" * 32)
        peer.answer = lambda _: (200, authority.reply(other))
        assert isinstance(sealing.sealed(LETTER, settings).missing, AuthorityError)


def test_an_authority_under_another_root_is_refused(tmp_path: Path, authority: Authority) -> None:
    (tmp_path / "other").mkdir()
    stranger = time_stamps.made(tmp_path / "other")
    with serving(lambda query: (200, stranger.reply(query))) as peer:
        made = sealing.sealed(LETTER, seals.stamping(authority, peer.address))
    assert isinstance(made.missing, AuthorityError)
    assert not made.is_stamped


def test_a_silent_authority_is_not_waited_for(
    tmp_path: Path, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing, "ANSWERED_WITHIN", 0.5)

    def silent(_: bytes) -> tuple[int, bytes]:
        time.sleep(3)
        return 200, b""

    with serving(silent) as peer:
        made = sealing.sealed(LETTER, seals.stamping(authority, peer.address))
    assert isinstance(made.missing, AuthorityError)
    assert {VALID, WHOLE} <= set(seals.pdfsig(made.data, tmp_path))


def test_no_proof_that_the_certificates_stand_no_stamp(tmp_path: Path) -> None:
    """A long-term seal needs what it will be validated by; a plain one is made without, and says as much."""
    with seals.official(tmp_path) as (settings, asked):
        asked.answer = lambda _: (503, b"")
        made = sealing.sealed(LETTER, settings)
    assert not made.is_stamped
    assert isinstance(made.missing, SealError)
    assert VALID in seals.pdfsig(made.data, tmp_path)


def test_what_is_no_pdf_cannot_be_sealed() -> None:
    with pytest.raises(SealError):
        sealing.sealed(b"%PDF-1.7 and nothing", seals.UNSTAMPED)


def test_a_seal_is_of_the_key_in_the_file(tmp_path: Path) -> None:
    with seals.official(tmp_path) as (settings, _):
        named = SealSettings(settings.file, settings.roots, None)
        said = seals.pdfsig(sealing.sealed(LETTER, named).data, tmp_path)
    assert "Signer Certificate Common Name: Seal of the test" in said
