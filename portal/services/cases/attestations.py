"""A governorate officer says of each document whether it is authentic; one code signs the whole sheet."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from portal.domain.errors import Invalid
from portal.domain.events import Kind
from portal.domain.lifecycle import Act, Verdict
from portal.services.cases.dossiers import Dossier
from portal.services.cases.signing import signing
from portal.services.identity.identity import Identity
from portal.services.reader import views
from portal.services.signing.signoffs import Proof
from portal.tables.acts import Attestation


class Reason(StrEnum):
    """Why a document is not accepted: the product's own codes (DOMAIN §2, *unknown* officially)."""

    ILLEGIBLE = "illegible"
    INCOMPLETE = "incomplete"
    DISAGREES = "disagrees"
    NOT_APPROVED = "not-approved"
    NOT_CENSUS = "not-census"
    NOT_GENUINE = "not-genuine"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the officer says of one document; `unseen` is why it is authentic though no page of it was shown to him."""

    verdict: Verdict
    reason_code: Reason | None = None
    reason: str | None = None
    unseen: str | None = None

    def as_dict(self) -> dict[str, Any]:
        said = {"verdict": self.verdict, "reason_code": self.reason_code, "reason": self.reason}
        return {**said, "unseen": self.unseen}


Sheet = Mapping[UUID, Judgement]
Seen = Mapping[str, list[dict[str, Any]]]


async def attest(
    number: str, *, by: Identity, sheet: Sheet, proof: Proof, now: datetime, upto: int | None = None
) -> None:
    """Record the verdicts of `sheet`, each bound to a version and to the declared values that it proves.

    The statement names the pictures of the documents' pages that were shown to `by`, with digest and renderer: up to
    view number `upto` (None: all there are), so that a review and its signature name the same ones.

    Raises:
        NotFound, Forbidden, Conflict, ProofRefused, CodeAwaited.
        Invalid: the sheet is empty, or names a document that is not the case's current one; a document is said to be
            authentic of which no page was shown to `by`, and not why.
    """
    seen = await views.seen(sheet, by=by, upto=await views.latest(by) if upto is None else upto)
    sheet = {document: _founded(each, seen[str(document)]) for document, each in sheet.items()}

    async def ready(dossier: Dossier) -> None:
        _require_current(dossier, sheet)
        _require_founded(sheet, seen)

    async with signing(number, Act.ATTESTATION, by, proof, now=now, ready=ready) as act:
        verdicts = {str(document): each.as_dict() for document, each in sheet.items()}
        await act.prove({"verdicts": verdicts, "seen": seen})
        event = await act.record(Kind.ATTESTATION_GIVEN)
        await Attestation.insert(
            *(
                Attestation(
                    case=act.dossier.case["id"],
                    document=document,
                    declared=act.dossier.document(document).proves_digest,
                    verdict=each.verdict,
                    reason_code=each.reason_code,
                    reason=each.reason,
                    unseen=each.unseen,
                    by=by.id,
                    at=now,
                    event=event,
                )
                for document, each in sheet.items()
            )
        )


def _require_current(dossier: Dossier, sheet: Sheet) -> None:
    current = {held.id for held in dossier.documents}
    if not sheet:
        raise Invalid({"verdicts": "no-verdict"})
    if strangers := set(sheet) - current:
        raise Invalid({f"verdict-{document}": "not-current" for document in strangers})


def _founded(judgement: Judgement, pictures: list[dict[str, Any]]) -> Judgement:
    """A reason for not having seen a document stands in its verdict only where it is asked for."""
    is_asked = judgement.verdict is Verdict.AUTHENTIC and not pictures
    return judgement if is_asked else replace(judgement, unseen=None)


def _require_founded(sheet: Sheet, seen: Seen) -> None:
    unfounded = [
        document
        for document, each in sheet.items()
        if each.verdict is Verdict.AUTHENTIC and not seen[str(document)] and not each.unseen
    ]
    if unfounded:
        raise Invalid({f"unseen-{document}": "unseen-reason" for document in unfounded})
