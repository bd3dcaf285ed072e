"""The sheet on which a governorate officer says of each document whether it is authentic."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post

from portal.domain.errors import Invalid
from portal.domain.lifecycle import Act, Verdict
from portal.domain.permissions import roles_of
from portal.routes.pages import View
from portal.services import attestations, eligibility, pages, signoffs
from portal.services.attestations import Judgement, Reason, Sheet
from portal.services.dossiers import Dossier
from portal.services.people import Identity
from portal.services.signoffs import Proof
from portal.texts import N_
from portal.web import casepage, forms, labels
from portal.web.dependencies import Now
from portal.web.forms import Typed
from portal.web.identity import AppRequest
from portal.web.responses import done, page
from portal.web.signoffs import FIELD, NOTHING, Said, answers, proof, shown

PATH = "/cases/{number:str}/attestation"
MAY = roles_of(Act.ATTESTATION)
LONGEST = 1000
PICTURES = "pictures"


@get(PATH, may=MAY)
async def show(request: AppRequest, by: Identity, number: str, now: Now) -> Response[Any]:
    return await draw(request=request, by=by, number=number, now=now)


async def draw(request: AppRequest, by: Identity, number: str, now: Now, said: Said = NOTHING) -> Response[Any]:
    """Every document beside the value that it should prove."""
    dossier = await signoffs.approach(number, Act.ATTESTATION, by)
    standing = await eligibility.standing(dossier.case, dossier.declaration, now)
    places = casepage.places(dossier, editing=False, remarks=standing.remarks)
    return page(
        request,
        "attestation/form.html",
        said.status,
        dossier=dossier,
        case=dossier.case,
        rows=[_row(place, said) for place in places if place.held],
        changes=casepage.changes(dossier),
        verdicts=labels.options(Verdict),
        reasons=labels.options(Reason),
        hidden={FIELD: shown(by, Act.ATTESTATION, dossier, now)},
        errors=said.errors,
    )


def _row(place: casepage.Place, said: Said) -> dict[str, Any]:
    held = place.held
    assert held is not None
    return {
        "label": place.label,
        "held": held,
        "view": View(held.id, 1, "1", "0", ""),
        "proven": casepage.proven(held),
        "remarks": place.remarks,
        "verdict": said.first(f"verdict-{held.id}", held.verdict or ""),
        "reason_code": said.first(f"reason-code-{held.id}", held.reason_code or ""),
        "reason": said.first(f"reason-{held.id}", held.reason or ""),
    }


@post(PATH, may=MAY)
@answers(draw)
async def attest(request: AppRequest, by: Identity, number: str, now: Now) -> Response[Any]:
    dossier = await signoffs.approach(number, Act.ATTESTATION, by)
    given = await proof(request, Act.ATTESTATION, number, by, now)
    sheet = read_sheet(await forms.typed(request), dossier)
    upto = await _pictures(request, given)
    await attestations.attest(number, by=by, sheet=sheet, proof=given, now=now, upto=upto)
    return done(request, f"/cases/{number}", N_("Your verdicts are signed and recorded."))


async def _pictures(request: AppRequest, given: Proof) -> int:
    """Up to which picture the pages were drawn when the sheet was reviewed; the seal carries it to the signature."""
    typed = await forms.typed(request)
    if given.intent is None:
        typed = {**typed, PICTURES: [str(await pages.latest())]}
        request.scope["typed"] = typed  # type: ignore[typeddict-unknown-key]
    return int(forms.first(typed.get(PICTURES, [])) or 0)


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
            sheet[document] = _judgement(typed, document)
        except forms.Wrong as wrong:
            errors[f"reason-{document}" if wrong.code != "choose" else name] = (wrong.code, wrong.facts)
        except ValueError:
            errors[name] = "not-current"
    if not sheet and not errors:
        errors["" if not dossier.documents else f"verdict-{dossier.documents[0].id}"] = "no-verdict"
    if errors:
        raise Invalid(errors)
    return sheet


def _judgement(typed: Typed, document: UUID) -> Judgement:
    verdict = forms.choice(Verdict)(typed[f"verdict-{document}"])
    if verdict is Verdict.AUTHENTIC:
        return Judgement(Verdict.AUTHENTIC)
    text = forms.text(required=False, most=LONGEST)(typed.get(f"reason-{document}", []))
    code = forms.choice(Reason, required=False)(typed.get(f"reason-code-{document}", []))
    if code is None and text in set(Reason):
        code, text = Reason(text), ""
    if (code is None and not text) or (code is Reason.OTHER and not text):
        raise forms.Wrong("verdict-reason")
    return Judgement(Verdict.NOT_ACCEPTED, Reason(code or Reason.OTHER), text or None)


HANDLERS = [show, attest]
