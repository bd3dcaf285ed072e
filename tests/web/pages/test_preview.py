"""The score while it is typed: under the table that the case is assessed by."""

from dataclasses import replace

from portal.domain.lifecycle import State
from portal.services.cases import dossiers
from portal.services.rulesets import versions
from portal.web.pages import case as case_page
from portal.web.pages import preview
from tests.world.builders import DECLARED, Builder
from tests.world.cases import case_of
from tests.world.publishing import publish, variant
from tests.world.services import today


async def test_a_preview_scores_under_the_table_that_its_case_is_assessed_by(builder: Builder) -> None:
    number = await builder.case(State.RETURNED)
    fresh = await builder.draft("neighbour")
    before = await versions.in_force((await case_of(number))["submitted_at"])
    assert before is not None
    digest = await publish(builder, variant(today(builder.clock), ("[57, 8]", "[55, 8]")))
    for name, clerk, expected in ((number, "clerk", before["digest"]), (fresh, "neighbour", digest)):
        dossier = await dossiers.open_dossier(name, builder.people[clerk])
        shown = await preview.context(DECLARED, dossier.case, builder.clock())
        assert shown.preview is not None
        assert shown.preview["version"]["digest"] == expected
        on_case = await case_page.preview(replace(dossier, declaration=DECLARED), builder.clock())
        assert on_case is not None
        assert on_case["version"]["digest"] == expected
