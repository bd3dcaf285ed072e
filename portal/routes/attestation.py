"""The sheet on which a governorate officer says of each document whether it is authentic."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from litestar import Response, get, post

from portal.domain.attestations import Judgement, Reason, Sheet
from portal.domain.dossiers import CurrentDocument, Dossier
from portal.domain.errors import Invalid
from portal.domain.lifecycle import Act, Verdict
from portal.domain.pageviews import pages_of
from portal.domain.permissions import roles_of
from portal.services.cases import attestations, eligibility, signing
from portal.services.identity.identity import Identity
from portal.services.reader import views
from portal.texts import N_
from portal.web import forms
from portal.web.dependencies import Now
from portal.web.form_state import NOTHING, FormState
from portal.web.forms import Typed
from portal.web.identity import AppRequest
from portal.web.pages import places
from portal.web.pages.reader import View
from portal.web.responses import is_fragment, page
from portal.web.sent import FIELD, Sent, shown
from portal.web.signoffs import ToSign, answers
from portal.web.statements import unseen
from portal.web.words import declared, labels

PATH = "/cases/{number:str}/attestation"
MAY = roles_of(Act.ATTESTATION)
LONGEST = 1000
SEEN = "seen"


@get(PATH, may=MAY, recalls=True)
async def show(request: AppRequest, by: Identity, number: str, now: Now) -> Response[Any]:
    return await draw(request=request, by=by, number=number, now=now)


@dataclass(frozen=True, slots=True)
class UnseenNotice:
    template: ClassVar = "attestation/_unseen.html"
    case: dict[str, Any]
    unshown: str


@dataclass(frozen=True, slots=True)
class AttestationPage:
    template: ClassVar = "attestation/form.html"
    case: dict[str, Any]
    unshown: str
    rows: list[dict[str, Any]]
    changes: list[str]
    verdicts: list[tuple[str, str]]
    reasons: list[tuple[str, str]]
    hidden: Mapping[str, str]
    errors: Mapping[str, str]
    summary: Mapping[str, str]  # the errors, with the names of their papers


async def draw(request: AppRequest, by: Identity, number: str, now: Now, said: FormState = NOTHING) -> Response[Any]:
    """Every document beside the value that it should prove."""
    dossier = await signing.approach(number, Act.ATTESTATION, by)
    standing = await eligibility.standing(dossier.case, dossier.declaration, now)
    sheet = places.places(dossier, now, editing=False, remarks=standing.remarks)
    papers = await _papers(dossier, by)
    unshown = unseen.told(papers.values())
    if is_fragment(request, "attestation-unseen"):
        return page(request, UnseenNotice(case=dossier.case, unshown=unshown))
    context = AttestationPage(
        case=dossier.case,
        unshown=unshown,
        rows=[_row(place, place.held, papers[place.held.id], said) for place in sheet if place.held],
        changes=declared.changes(dossier),
        verdicts=labels.options(Verdict),
        reasons=labels.options(Reason),
        hidden={FIELD: shown(by, Act.ATTESTATION, dossier, now)},
        errors=said.errors,
        summary=_named(said.errors, papers),
    )
    return page(request, context, said.status)


async def _papers(dossier: Dossier, by: Identity) -> dict[UUID, unseen.Paper]:
    """Every document of the case, and which of its pages were shown to `by`."""
    pictures = await views.seen([each.id for each in dossier.documents], by=by, upto=await views.latest(by))
    return {
        each.id: unseen.Paper(
            unseen.name_of(*each.slot, each.row["filename"]),
            each.row["pages"],
            pages_of(pictures[str(each.id)]),
        )
        for each in dossier.documents
    }


def _named(errors: Mapping[str, str], papers: Mapping[UUID, unseen.Paper]) -> dict[str, str]:
    """The sentences beside the fields of many papers, each with the name of its paper; of no paper, of the form."""
    names = {str(document): paper.name for document, paper in papers.items()}
    length = len(str(UUID(int=0)))
    told = {}
    for field, sentence in errors.items():
        name = names.get(field[-length:])
        told[field if name else ""] = f"{name}: {sentence}" if name else sentence
    return told


def _row(place: places.Place, held: CurrentDocument, paper: unseen.Paper, said: FormState) -> dict[str, Any]:
    return {
        "label": place.label,
        "held": held,
        "view": View(held.id, 1, "1", "0", ""),
        "proven": declared.proven(held),
        "remarks": place.remarks,
        "verdict": said.first(f"verdict-{held.id}", held.verdict or ""),
        "reason_code": said.first(f"reason-code-{held.id}", held.reason_code or ""),
        "reason": said.first(f"reason-{held.id}", held.reason or ""),
        "is_seen": bool(paper.seen),
        "unseen": said.first(f"unseen-{held.id}", held.unseen or ""),
    }


@post(PATH, may=MAY)
@answers(draw)
async def attest(request: AppRequest, by: Identity, number: str, now: Now, sent: Sent) -> ToSign[None]:
    dossier = await signing.approach(number, Act.ATTESTATION, by)
    sheet = read_sheet(sent.typed, dossier)
    upto = await _upto(sent, by)
    prepared = await attestations.prepare(dossier, by=by, sheet=sheet, upto=upto)
    said = N_("Your verdicts are signed and recorded.")
    return ToSign(prepared, f"/cases/{number}", said, kept={SEEN: [str(upto)]})


async def _upto(sent: Sent, by: Identity) -> int:
    """Up to which view pages were shown when the sheet was reviewed; the review carries it to the signature."""
    is_reviewed = sent.review is not None and sent.review.act == Act.ATTESTATION
    return int(forms.first(sent.typed[SEEN])) if is_reviewed else await views.latest(by)


def read_sheet(typed: Typed, dossier: Dossier) -> Sheet:
    """The verdicts that were typed, by document; a document without one is left as it stands.

    Raises:
        Invalid.
    """
    sheet: dict[UUID, Judgement] = {}
    errors: dict[str, Any] = {}
    for name in typed:
        if not name.startswith("verdict-") or not forms.first(typed[name]):
            continue
        try:
            document = UUID(name.removeprefix("verdict-"))
            if name != f"verdict-{document}":
                raise ValueError
            sheet[document] = _judgement(typed, document)
        except forms.Wrong as wrong:
            errors[_field(typed, document, wrong)] = (wrong.code, wrong.facts)
        except ValueError:
            errors[name] = "not-current"
    if not sheet and not errors:
        errors["" if not dossier.documents else f"verdict-{dossier.documents[0].id}"] = "no-verdict"
    if errors:
        raise Invalid(errors)
    return sheet


def _field(typed: Typed, document: UUID, wrong: forms.Wrong) -> str:
    """Beside which field of the document `wrong` is told."""
    if wrong.code == "choose":
        return f"verdict-{document}"
    is_good = forms.first(typed[f"verdict-{document}"]) == Verdict.AUTHENTIC
    return f"unseen-{document}" if is_good else f"reason-{document}"


def _judgement(typed: Typed, document: UUID) -> Judgement:
    verdict = forms.choice(Verdict)(typed[f"verdict-{document}"])
    if verdict is Verdict.AUTHENTIC:
        why = forms.text(required=False, most=LONGEST)(typed.get(f"unseen-{document}", []))
        return Judgement(Verdict.AUTHENTIC, unseen=why or None)
    text = forms.text(required=False, most=LONGEST)(typed.get(f"reason-{document}", []))
    code = forms.choice(Reason, required=False)(typed.get(f"reason-code-{document}", []))
    if code is None and text in set(Reason):
        code, text = Reason(text), ""
    if (code is None and not text) or (code is Reason.OTHER and not text):
        raise forms.Wrong("verdict-reason")
    return Judgement(Verdict.NOT_ACCEPTED, Reason(code or Reason.OTHER), text or None)


HANDLERS = [show, attest]
