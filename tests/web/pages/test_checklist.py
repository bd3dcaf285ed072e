"""A draft as three steps, of which the first open one leads; a returned case likewise."""

from portal.domain.declarations import DocumentKind
from portal.domain.lifecycle import Act, State
from portal.services.cases import cases, dossiers
from portal.web.pages import case as case_page
from portal.web.pages.case import CasePage
from tests.world.builders import Builder


async def shown(builder: Builder, number: str, name: str = "clerk") -> CasePage:
    by = builder.people[name]
    return await case_page.context(await dossiers.open_dossier(number, by), by, builder.clock())


def steps(page: CasePage) -> list[tuple[str, int, int, str, bool]]:
    return [(each.name, each.done, each.total, each.status, each.why is None) for each in page.checklist]


async def test_an_empty_draft_begins_with_its_declaration(builder: Builder) -> None:
    number = await cases.open_case(by=builder.people["clerk"], now=builder.clock())
    page = await shown(builder, number)
    assert steps(page) == [
        ("declaration", 0, 12, "now", True),
        ("documents", 0, 6, "todo", True),
        ("submission", 0, 0, "todo", False),
    ]
    assert [each.year for each in page.places if each.kind is DocumentKind.SETTLEMENT] == [1402, 1403, 1404]
    assert page.declared == []


async def test_a_whole_draft_leads_to_its_submission(builder: Builder) -> None:
    page = await shown(builder, await builder.draft())
    assert steps(page) == [
        ("declaration", 12, 12, "done", True),
        ("documents", 6, 6, "done", True),
        ("submission", 0, 0, "now", True),
    ]


async def test_a_returned_case_leads_to_the_documents_that_were_not_accepted(builder: Builder) -> None:
    number = await builder.draft()
    await builder.submit(number)
    await builder.attest(number, refuse=DocumentKind.CENSUS)
    await builder.send_back(number)
    page = await shown(builder, number)
    assert [each[3] for each in steps(page)] == ["done", "now", "todo"]
    assert page.checklist[0].href is None
    assert page.checklist[1].done == 5
    assert page.places[0].kind is DocumentKind.CENSUS
    assert page.places[0].is_rejected


async def test_an_office_has_no_checklist_but_its_acts(builder: Builder) -> None:
    page = await shown(builder, await builder.case(State.SUBMITTED), "officer")
    assert page.checklist == []
    assert page.buttons[0][0] is Act.ATTESTATION
