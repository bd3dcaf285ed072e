"""Attestations: what an officer may say of a document, and until when it stands.

Who attests, and in which state of the case, is `lifecycle.TRANSITIONS`'.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any
from uuid import UUID

from portal.domain.dossiers import CurrentDocument, Dossier
from portal.domain.errors import Invalid
from portal.domain.lifecycle import Verdict


class Reason(StrEnum):
    """Why a document is not accepted: the product's own codes; official ones are unknown."""

    ILLEGIBLE = "illegible"
    INCOMPLETE = "incomplete"
    DISAGREES = "disagrees"
    NOT_APPROVED = "not-approved"
    NOT_CENSUS = "not-census"
    NOT_GENUINE = "not-genuine"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the officer says of one document; `unseen` is why it is authentic though no page of it was shown to them."""

    verdict: Verdict
    reason_code: Reason | None = None
    reason: str | None = None
    unseen: str | None = None

    def as_dict(self) -> dict[str, Any]:
        said = {"verdict": self.verdict, "reason_code": self.reason_code, "reason": self.reason}
        return {**said, "unseen": self.unseen}


Sheet = Mapping[UUID, Judgement]
Seen = Mapping[str, list[dict[str, Any]]]


def judged(document: CurrentDocument, row: Mapping[str, Any] | None) -> CurrentDocument:
    """`document` under its last attestation `row`, which is void once the version or the declared value changed."""
    if row is None or row["declared"] != document.proves_digest:
        return document
    return replace(
        document,
        verdict=Verdict(row["verdict"]),
        reason_code=row["reason_code"],
        reason=row["reason"],
        unseen=row["unseen"],
        attested_by=row["by"],
    )


def require_current(dossier: Dossier, sheet: Sheet) -> None:
    """Refuse (`Invalid`) an empty sheet, and one that names what is no current document of the case."""
    current = {held.id for held in dossier.documents}
    if not sheet:
        raise Invalid({"verdicts": "no-verdict"})
    if strangers := set(sheet) - current:
        raise Invalid({f"verdict-{document}": "not-current" for document in strangers})


def founded(judgement: Judgement, pictures: list[dict[str, Any]]) -> Judgement:
    """A reason for not having seen a document stands in its verdict only where it is asked for."""
    is_asked = judgement.verdict is Verdict.AUTHENTIC and not pictures
    return judgement if is_asked else replace(judgement, unseen=None)


def require_founded(sheet: Sheet, seen: Seen) -> None:
    """Refuse (`Invalid`) *authentic* where no page was shown to whoever says so, and no reason is given."""
    unfounded = [
        document
        for document, each in sheet.items()
        if each.verdict is Verdict.AUTHENTIC and not seen[str(document)] and not each.unseen
    ]
    if unfounded:
        raise Invalid({f"unseen-{document}": "unseen-reason" for document in unfounded})
