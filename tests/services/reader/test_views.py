"""What was shown to whom, and what a signed sheet says of it."""

import asyncio
from typing import Any

import asyncpg
import pytest

from portal.domain.attestations import Judgement, Reason, Sheet
from portal.domain.dossiers import Dossier
from portal.domain.errors import Conflict, Invalid
from portal.domain.lifecycle import State, Verdict
from portal.sandbox import inspection
from portal.sandbox.inspection import WIDTH
from portal.services.cases import dossiers
from portal.services.identity.identity import Identity
from portal.services.reader import faults, images, views
from portal.services.verification import cases
from portal.tables.acts import Attestation
from portal.tables.cases import Case
from portal.tables.pages import PageImage, PageView
from tests.world import acts
from tests.world.builders import UNSEEN, Builder, scan
from tests.world.documents import sent

AUTHENTIC = Judgement(Verdict.AUTHENTIC)


async def looked(builder: Builder, row: dict[str, Any], page: int, by: str = "officer") -> str | None:
    """Somebody opens the reader."""
    who = builder.people[by]
    return await views.opened(row, page, WIDTH, by=who, store=builder.store, now=builder.clock.tick(1))


async def seen_of(builder: Builder, row: dict[str, Any], by: str = "officer") -> list[int]:
    who = builder.people[by]
    found = await views.seen([row["id"]], by=who, upto=await views.latest(who))
    return [each["page"] for each in found[str(row["id"])]]


async def reviewed(builder: Builder, number: str, sheet: Sheet, upto: int | None = None) -> dict[str, Any]:
    """The values that a review of `sheet` would show."""
    prepared = await acts.attest(number, by=builder.people["officer"], sheet=sheet, upto=upto)
    return dict(prepared.values)


async def refused(builder: Builder, number: str, sheet: Sheet, by: str = "officer") -> dict[str, Any]:
    with pytest.raises(Invalid) as refusal:
        await acts.attest(number, by=builder.people[by], sheet=sheet)
    return refusal.value.errors


async def submitted(builder: Builder) -> tuple[str, Identity, Dossier]:
    number, officer = await builder.case(State.SUBMITTED), builder.people["officer"]
    return number, officer, await dossiers.open_dossier(number, officer)


async def test_a_picture_that_was_fetched_was_not_shown(builder: Builder) -> None:
    row = await sent(builder, scan(3))
    await images.picture(row, 1, WIDTH, store=builder.store, now=builder.clock())
    assert await seen_of(builder, row) == []
    await views.note(row["id"], 1, WIDTH, by=builder.people["officer"], now=builder.clock())
    assert await seen_of(builder, row) == [1]
    assert await seen_of(builder, row, "colleague") == []


async def test_what_was_never_drawn_was_not_shown(builder: Builder) -> None:
    row = await sent(builder, scan(3))
    with pytest.raises(Conflict, match="not-drawn"):
        await views.note(row["id"], 2, WIDTH, by=builder.people["officer"], now=builder.clock())
    await faults.keep(row["id"], 2, WIDTH, "too_heavy", builder.clock())
    assert await looked(builder, row, 2) == "too_heavy"
    with pytest.raises(Conflict, match="not-drawn"):
        await views.note(row["id"], 2, WIDTH, by=builder.people["officer"], now=builder.clock())
    assert await PageView.count() == 0


async def test_who_opens_the_reader_is_shown_the_page_once(builder: Builder) -> None:
    row = await sent(builder, scan(3))
    assert await looked(builder, row, 3) is None
    first = await PageView.select()
    assert [(each["page"], each["at"]) for each in first] == [(3, builder.clock())]
    await asyncio.gather(*(looked(builder, row, 3) for _ in range(4)))
    assert await PageView.select() == first
    assert await PageImage.count().where(PageImage.document == row["id"]) == 1


async def test_what_was_shown_stays_so(builder: Builder) -> None:
    row = await sent(builder, scan(3))
    await looked(builder, row, 1)
    for change in ("UPDATE page_views SET page = 2", "DELETE FROM page_views"):
        with pytest.raises((asyncpg.RaiseError, asyncpg.InsufficientPrivilegeError)):
            await PageView.raw(change)


async def test_a_statement_names_what_its_signer_was_shown(builder: Builder) -> None:
    number, officer, dossier = await submitted(builder)
    held, other = dossier.documents[:2]
    shown = await images.picture(held.row, 1, WIDTH, store=builder.store, now=builder.clock())
    await looked(builder, held.row, 1)
    await looked(builder, other.row, 1, "colleague")
    upto = await views.latest(officer)
    await looked(builder, other.row, 1)
    values = await reviewed(builder, number, {held.id: AUTHENTIC, other.id: UNSEEN}, upto)
    expected = {"page": 1, "width": WIDTH, "renderer": inspection.renderer(), "sha256": shown.sha256}
    assert values["seen"] == {str(held.id): [expected], str(other.id): []}
    assert values["verdicts"][str(other.id)]["unseen"] == UNSEEN.unseen
    assert "pictures" not in values


async def test_authentic_without_a_page_shown_takes_a_reason(builder: Builder) -> None:
    number, _, dossier = await submitted(builder)
    first, second = dossier.documents[:2]
    asked = {f"unseen-{first.id}": "unseen-reason", f"unseen-{second.id}": "unseen-reason"}
    sheet = {first.id: AUTHENTIC, second.id: AUTHENTIC}
    assert await refused(builder, number, sheet) == asked
    await looked(builder, first.row, 1, "colleague")
    assert await refused(builder, number, sheet) == asked, "what a colleague was shown is not what the signer was"
    await looked(builder, first.row, 1)
    assert await refused(builder, number, sheet) == {f"unseen-{second.id}": "unseen-reason"}
    bad = Judgement(Verdict.NOT_ACCEPTED, Reason.ILLEGIBLE)
    assert (await reviewed(builder, number, {second.id: bad}))["seen"] == {str(second.id): []}


async def test_a_reason_that_nobody_asks_for_is_not_signed(builder: Builder) -> None:
    number, _, dossier = await submitted(builder)
    first, second = dossier.documents[:2]
    await looked(builder, first.row, 1)
    bad = Judgement(Verdict.NOT_ACCEPTED, Reason.ILLEGIBLE, unseen="بی‌جا")
    values = await reviewed(builder, number, {first.id: UNSEEN, second.id: bad})
    assert [each["unseen"] for each in values["verdicts"].values()] == [None, None]


async def test_the_reason_is_kept_signed_and_verified(builder: Builder) -> None:
    number, officer, dossier = await submitted(builder)
    held = dossier.documents[0]
    await builder.sign(
        officer,
        lambda now: acts.attest(number, by=officer, sheet={held.id: UNSEEN}),
    )
    assert (await dossiers.open_dossier(number, officer)).document(held.id).unseen == UNSEEN.unseen
    case = await Case.select().where(Case.number == number).first()
    assert case is not None
    assert await cases.of_case(case) == []
    await Attestation.update({Attestation.unseen: "دیگر"}).where(Attestation.document == held.id)
    assert [each.code for each in await cases.of_case(case)] == ["act-differs"]


async def test_another_version_was_not_shown(builder: Builder) -> None:
    row = await sent(builder, scan(1))
    await looked(builder, row, 1)
    newer = await sent(builder, scan(1, shade=90), str(row["key"]).split("/")[1])
    assert await seen_of(builder, newer) == []
