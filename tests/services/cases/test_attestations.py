"""Attestations: one sheet of verdicts, each on a current document, under one code."""

from uuid import UUID, uuid4

import pytest

from portal.domain.attestations import Judgement, Reason, Sheet
from portal.domain.declarations import DocumentKind
from portal.domain.errors import Conflict, Forbidden, Invalid, NotFound
from portal.domain.lifecycle import State, Verdict
from portal.services.cases import dossiers
from portal.tables.acts import Attestation
from tests.world import acts
from tests.world.builders import UNSEEN, Builder
from tests.world.cases import case_of, statement_at

BAD = Judgement(Verdict.NOT_ACCEPTED, Reason.ILLEGIBLE, "ناخواناست")


async def attest(builder: Builder, number: str, sheet: Sheet, by: str = "officer") -> None:
    who = builder.people[by]
    await builder.sign(who, lambda now: acts.attest(number, by=who, sheet=sheet))


async def review(builder: Builder, number: str, sheet: Sheet, by: str = "officer") -> None:
    who = builder.people[by]
    await acts.attest(number, by=who, sheet=sheet)


async def current(builder: Builder, number: str) -> dict[tuple[DocumentKind, int | None], UUID]:
    """The documents of a case, by place."""
    dossier = await dossiers.open_dossier(number, builder.people["officer"])
    return {held.slot: held.id for held in dossier.documents}


async def test_every_verdict_is_bound_to_its_document_and_what_it_proves(builder: Builder) -> None:
    number = await builder.case(State.SUBMITTED)
    papers = await current(builder, number)
    await attest(
        builder, number, {papers[DocumentKind.CENSUS, None]: BAD, papers[DocumentKind.LAST_GRADE, None]: UNSEEN}
    )
    dossier = await dossiers.open_dossier(number, builder.people["officer"])
    rows = await Attestation.select()
    assert {(row["document"], row["declared"], row["verdict"], row["reason_code"]) for row in rows} == {
        (held.id, held.proves_digest, held.verdict, held.reason_code) for held in dossier.documents if held.verdict
    }
    assert [held.slot[0] for held in dossier.rejected()] == [DocumentKind.CENSUS]
    assert len(dossier.unattested()) == 4
    assert (await case_of(number))["state"] == State.SUBMITTED
    verdicts = (await statement_at(rows[0]["event"]))["intent"]["values"]["verdicts"]
    assert set(verdicts) == {str(row["document"]) for row in rows}


async def test_the_last_word_on_a_document_stands(builder: Builder) -> None:
    number = await builder.case(State.SUBMITTED)
    census = (await current(builder, number))[DocumentKind.CENSUS, None]
    await attest(builder, number, {census: BAD})
    await attest(builder, number, {census: UNSEEN}, "colleague")
    held = (await dossiers.open_dossier(number, builder.people["officer"])).document(census)
    assert (held.verdict, held.reason, held.attested_by) == (Verdict.AUTHENTIC, None, builder.people["colleague"].id)
    assert await Attestation.count() == 2


async def test_a_sheet_says_something_of_current_documents_alone(builder: Builder) -> None:
    number = await builder.case(State.SUBMITTED)
    with pytest.raises(Invalid) as refusal:
        await review(builder, number, {})
    assert refusal.value.errors == {"verdicts": "no-verdict"}
    unknown = uuid4()
    with pytest.raises(Invalid) as refusal:
        await review(builder, number, {unknown: BAD})
    assert refusal.value.errors == {f"verdict-{unknown}": "not-current"}


async def test_who_saw_no_page_says_why_it_is_authentic(builder: Builder) -> None:
    number = await builder.case(State.SUBMITTED)
    census = (await current(builder, number))[DocumentKind.CENSUS, None]
    with pytest.raises(Invalid) as refusal:
        await review(builder, number, {census: Judgement(Verdict.AUTHENTIC)})
    assert refusal.value.errors == {f"unseen-{census}": "unseen-reason"}
    await attest(builder, number, {census: UNSEEN})
    assert [row["unseen"] for row in await Attestation.select()] == [UNSEEN.unseen]


async def test_only_an_officer_of_the_province_attests_and_only_what_was_sent(builder: Builder) -> None:
    number = await builder.case(State.DRAFT)
    with pytest.raises(NotFound):
        await review(builder, number, {})
    await builder.submit(number)
    for name, refusal in {"clerk": Forbidden, "examiner": Forbidden, "head": Forbidden, "stranger": NotFound}.items():
        with pytest.raises(refusal):
            await review(builder, number, {}, name)
    await builder.send_back(number)
    with pytest.raises(Conflict, match="wrong-state"):
        await review(builder, number, {})
