"""Rule sets over time, waiting periods, figures of the register, and scores that can be computed again."""

import re
from dataclasses import replace
from datetime import date, timedelta

import asyncpg
import pytest

from portal.domain import persian, rulesets
from portal.domain.decisions import RefusalCode, Ruling
from portal.domain.eligibility import Source
from portal.domain.errors import Conflict, Forbidden, Invalid, NotFound
from portal.domain.lifecycle import Outcome, Role
from portal.domain.rulesets import RuleSetError
from portal.domain.town_tables import Figure, HeldGrade
from portal.services.cases import assessments, cases, comparisons, dossiers, eligibility
from portal.services.register import census, grades, towns
from portal.services.rulesets import versions as service
from portal.services.verification import scores
from portal.settings import Settings
from portal.storage.objects import ObjectStore
from portal.tables.acts import Assessment, Decision
from portal.tables.cases import Case
from portal.tables.events import Event
from portal.tables.rulesets import RuleSetVersion
from portal.web.pages import case as case_page
from portal.web.pages import preview
from tests.builders import DECLARED, Builder, State
from tests.cast import TOWN, Cast
from tests.conftest import Clock

TEXT = next(service.SHIPPED.glob("*.toml")).read_text(encoding="utf-8")


@pytest.fixture
def world(people: Cast, store: ObjectStore, clock: Clock) -> Builder:
    return Builder(people, store, clock)


def variant(day: date, *changes: tuple[str, str]) -> str:
    """The shipped sample with another day, and other changes."""
    text = TEXT.replace("effective_from = 2015-04-18", f"effective_from = {day.isoformat()}")
    for old, new in changes:
        assert text.count(old) == 1
        text = text.replace(old, new)
    return text


async def publish(world: Builder, text: str) -> str:
    """Upload `text` as the administrator and publish it as the Organization; its digest."""
    digest = await service.draft(text, by=world.people["head"], now=world.clock.tick(1))
    by = world.people["examiner"]
    await world.sign(by, lambda proof, now: service.publish(digest, by=by, proof=proof, now=now))
    return digest


def today(world: Builder) -> date:
    return persian.tehran_date(world.clock())


async def test_a_draft_applies_to_nothing_until_it_is_published(engine: Settings, world: Builder) -> None:
    text = variant(today(world), ("[57, 8]", "[55, 8]"))
    digest = await service.draft(text, by=world.people["head"], now=world.clock())
    assert await service.named(digest) is None
    assert [row["digest"] for row in await service.drafts()] == [digest]
    before = await service.in_force(world.clock())
    by = world.people["examiner"]
    await world.sign(by, lambda proof, now: service.publish(digest, by=by, proof=proof, now=now))
    assert before is not None
    row = await service.in_force(world.clock())
    assert row is not None
    assert (row["digest"], row["published_by"], row["source"]) == (digest, by.id, text)
    kinds = [each["kind"] for each in await Event.select().where(Event.subject == digest).order_by(Event.position)]
    assert kinds == ["RuleSetDrafted", "RuleSetPublished"]


async def test_who_may_bring_and_who_may_publish(engine: Settings, world: Builder) -> None:
    text = variant(today(world))
    for by in world.people.values():
        if by.role is not Role.ADMINISTRATOR:
            with pytest.raises(Forbidden):
                await service.draft(text, by=by, now=world.clock())
    digest = await service.draft(text, by=world.people["head"], now=world.clock())
    for by in world.people.values():
        if by.role is not Role.ORGANIZATION:
            with pytest.raises(Forbidden):
                await service.publication(digest, by, world.clock())
    with pytest.raises(NotFound):
        await service.publication("0" * 64, world.people["examiner"], world.clock())
    assert await service.draft(text.replace("\n", "\r\n"), by=world.people["head"], now=world.clock()) == digest
    assert len(await service.drafts()) == 1
    in_force = await service.in_force(world.clock())
    assert in_force is not None
    with pytest.raises(Invalid):
        await service.draft(in_force["source"], by=world.people["head"], now=world.clock())


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("weight = 0.20", "weight = 0.21", "weights-do-not-add-up"),
        ('name = "population" ', 'name = "inhabitants" ', "not-declared"),
        ("ostandari = 100", "capital = 100", "value-not-declared"),
        ("[[0, 5], [2500, 12]", "[[1, 5], [2500, 12]", "value-not-declared"),
        ("grades = [1, 2,", 'grades = ["first", 1, 2,', "not-our-grade"),
        ("years = 3", "years = 4", "not-declared"),
    ],
)
async def test_what_could_never_serve_is_refused_at_once(
    engine: Settings, world: Builder, old: str, new: str, code: str
) -> None:
    with pytest.raises(RuleSetError) as refusal:
        await service.draft(variant(today(world), (old, new)), by=world.people["head"], now=world.clock())
    assert [each.code for each in refusal.value.findings] == [code]
    assert await service.drafts() == []


async def test_a_table_that_turns_our_grades_over_is_refused(engine: Settings, world: Builder) -> None:
    """Turned over as a whole it is sound in itself; only the portal's own grades say that 12 is more than 1."""
    text = variant(today(world))
    head, _, cutoffs = text.partition("cutoffs = ")
    turned = re.sub(r", (\d+)\]", lambda found: f", {13 - int(found[1])}]", cutoffs)
    text = f"{head}cutoffs = {turned}".replace(str(list(range(1, 13))), str(list(range(12, 0, -1))))
    assert not [each for each in rulesets.check(text) if each.severity is rulesets.Severity.ERROR]
    with pytest.raises(RuleSetError) as refusal:
        await service.draft(text, by=world.people["head"], now=world.clock())
    assert [each.code for each in refusal.value.findings] == ["grades-not-ascending"]


async def test_a_digest_names_its_own_table_before_any_id(engine: Settings, world: Builder) -> None:
    current = await service.in_force(world.clock())
    assert current is not None
    text = variant(today(world), ('id = "ir-2762-sample"', f'id = "{current["digest"]}"'))
    with pytest.raises(RuleSetError) as refusal:
        await service.draft(text, by=world.people["head"], now=world.clock())
    assert [each.code for each in refusal.value.findings] == ["id-like-digest"]
    later = await publish(world, variant(today(world)))
    columns = await RuleSetVersion.select().where(RuleSetVersion.digest == later).first()
    assert columns is not None
    kept = columns | {"digest": "0" * 64, "name": current["digest"], "published_at": world.clock.tick(1)}
    kept |= {"event": None, "published_by": None}  # as an earlier version of the portal could have let it in
    await RuleSetVersion.insert(RuleSetVersion(**{k: v for k, v in kept.items() if k != "id"}))
    found = await service.named(current["digest"])
    assert found is not None
    assert found["name"] == "ir-2762-sample"


async def test_nothing_comes_into_force_in_the_past(engine: Settings, world: Builder) -> None:
    digest = await service.draft(variant(today(world)), by=world.people["head"], now=world.clock())
    world.clock.tick(24 * 3600)
    with pytest.raises(Conflict, match="effective-in-past"):
        await service.publication(digest, world.people["examiner"], world.clock())


async def test_the_database_keeps_published_versions_and_scores_as_they_are(engine: Settings, world: Builder) -> None:
    await world.case(State.ASSESSED)
    for statement in (
        "UPDATE rulesets SET source = source || ' '",
        "UPDATE rulesets SET effective_from = effective_from - 1",
        "DELETE FROM rulesets",
        "UPDATE assessments SET total = total + 1",
        "DELETE FROM assessments",
    ):
        with pytest.raises(asyncpg.PostgresError, match=r"final|violates"):
            await Case.raw(statement)
    digest = await service.draft(variant(today(world)), by=world.people["head"], now=world.clock())
    await Case.raw("UPDATE rulesets SET name = name WHERE digest = {}", digest)


async def test_three_versions_around_a_decided_case_change_it_in_nothing(engine: Settings, world: Builder) -> None:
    """One before its submission, one between submission and decision, one after it."""
    first = await publish(world, variant(today(world), ("[57, 8]", "[56, 8]")))
    number = await world.case(State.CONFIRMED)
    second = await publish(
        world, variant(today(world), ("[57, 8]", "[40, 8]"), ("[49, 7]", "[39, 7]"), ("[41, 6]", "[38, 6]"))
    )
    case = await Case.select().where(Case.number == number).first()
    assert case is not None
    applicable = await service.in_force(case["submitted_at"])
    assert applicable is not None
    assert applicable["digest"] == first, "published on the same day, but after the submission"
    by = world.people["examiner"]
    with pytest.raises(Invalid) as refusal:
        await world.sign(
            by,
            lambda proof, now: assessments.assess(number, by=by, ruleset=second, note="", proof=proof, now=now),
        )
    assert refusal.value.errors == {"note": "another-ruleset-needs-reason"}
    await world.sign(
        by, lambda proof, now: assessments.assess(number, by=by, ruleset=first, note="", proof=proof, now=now)
    )
    await world.decide(number)
    await world.notify(number)
    kept = await Assessment.select().order_by(Assessment.id), await Decision.select().order_by(Decision.id)
    third = await publish(world, variant(today(world) + timedelta(days=1), ("[57, 8]", "[58, 8]")))
    world.clock.tick(48 * 3600)
    row = await service.in_force(world.clock())
    assert row is not None
    assert row["digest"] == third
    assert (await Assessment.select().order_by(Assessment.id), await Decision.select().order_by(Decision.id)) == kept
    assert kept[0][0]["ruleset"] == first
    replayed = [each async for each in scores.all_scores()]
    assert [(each.number, each.ruleset, each.is_decided, each.code) for each in replayed] == [
        (number, first, True, None)
    ]


async def test_a_score_that_no_longer_agrees_is_found(engine: Settings, world: Builder) -> None:
    number = await world.case(State.NOTIFIED)
    assert await scores.count() == 1
    assert engine.migration_database_url is not None
    owner = await asyncpg.connect(engine.migration_database_url)
    try:
        await owner.execute("UPDATE declarations SET population = 5")
        assert [each.code async for each in scores.all_scores()] == ["score"]
        await owner.execute("UPDATE declarations SET population = 55704")  # the same points, other inputs
        assert [each.code async for each in scores.all_scores()] == ["score"]
        await owner.execute("UPDATE declarations SET population = 55703, census_year = 1390")
        assert [each.code async for each in scores.all_scores()] == ["signed"]
        await owner.execute("UPDATE declarations SET census_year = 1395")
        await owner.execute("ALTER TABLE rulesets DISABLE TRIGGER rulesets_published_are_final")
        await owner.execute("UPDATE rulesets SET source = replace(source, '[92, 12]', '[93, 12]')")
    finally:
        await owner.close()
    assert [(each.number, each.code) async for each in scores.all_scores()] == [(number, "ruleset")]


async def test_a_draft_is_compared_over_all_past_cases(engine: Settings, world: Builder) -> None:
    number = await world.case(State.CONFIRMED)
    await world.case(State.SUBMITTED, clerk="neighbour")
    digest = await service.draft(
        variant(today(world), ("[49, 7]", "[50, 7]")), by=world.people["head"], now=world.clock()
    )
    compared = await comparisons.with_current(await service.find(digest), world.clock())
    assert compared is not None
    (change,) = compared.result.changes
    assert (compared.result.compared, change.key, change.by_cutoffs) == (1, number, True)
    assert (compared.result.before, compared.result.after) == ({7: 1}, {6: 1})
    same = await comparisons.with_current(compared.current, world.clock())
    assert same is not None
    assert same.result.changes == ()


async def test_a_preview_scores_under_the_table_that_its_case_is_assessed_by(engine: Settings, world: Builder) -> None:
    number = await world.case(State.RETURNED)
    fresh = await world.draft("neighbour")
    case = await Case.select().where(Case.number == number).first()
    assert case is not None
    before = await service.in_force(case["submitted_at"])
    assert before is not None
    digest = await publish(world, variant(today(world), ("[57, 8]", "[55, 8]")))
    for name, clerk, expected in ((number, "clerk", before["digest"]), (fresh, "neighbour", digest)):
        dossier = await dossiers.open_dossier(name, world.people[clerk])
        shown = await preview.context(DECLARED, dossier.case, world.clock())
        assert shown.preview is not None
        assert shown.preview["version"]["digest"] == expected
        on_case = await case_page.preview(replace(dossier, declaration=DECLARED), world.clock())
        assert on_case is not None
        assert on_case["version"]["digest"] == expected


async def declare(world: Builder, number: str, notified_on: date) -> None:
    by = world.people["clerk"]
    declaration = replace(DECLARED, current_grade_notified_on=notified_on)
    await cases.declare(number, by=by, declaration=declaration, now=world.clock.tick(1))


async def test_a_request_is_prepared_but_not_sent_before_its_day(engine: Settings, world: Builder) -> None:
    number = await world.draft()
    await declare(world, number, persian.jalali_date("1401/08/11"))  # today is 1405/08/10
    with pytest.raises(Conflict, match="not-eligible") as refusal:
        await world.submit(number)
    assert refusal.value.facts == {"day": persian.jalali_date("1405/08/11")}
    world.clock.tick(24 * 3600)
    await world.submit(number)


async def lift(world: Builder, code: str = TOWN, by: str = "examiner") -> None:
    who = world.people[by]
    await world.sign(who, lambda proof, now: eligibility.lift(code, by=who, reason="سیل", proof=proof, now=now))


async def test_the_organization_lifts_the_waiting_period(engine: Settings, world: Builder) -> None:
    number = await world.draft()
    await declare(world, number, persian.jalali_date("1404/08/11"))
    for name in ("clerk", "officer", "head", "minister", "auditor"):
        with pytest.raises(Forbidden):
            await lift(world, by=name)
    with pytest.raises(NotFound):
        await lift(world, code="9999999999")
    await lift(world)
    with pytest.raises(Conflict, match="lifted-already"):
        await lift(world)
    await world.submit(number)
    (kept,) = await eligibility.lifts(TOWN)
    assert (kept["reason"], kept["by"]) == ("سیل", world.people["examiner"].id)
    event = await Event.select().where(Event.kind == "WaitingPeriodLifted").first()
    assert event is not None
    assert (event["subject_type"], event["subject"], event["position"]) == ("municipality", TOWN, kept["event"])


async def test_a_town_that_was_notified_waits_until_its_day_whatever_it_declares(
    engine: Settings, world: Builder
) -> None:
    await world.case(State.NOTIFIED)
    notified_on = today(world)
    number = await world.draft()
    with pytest.raises(Conflict, match="not-eligible"):
        await world.submit(number)
    dossier_case = await Case.select().where(Case.number == number).first()
    assert dossier_case is not None
    found = await eligibility.of_case(dossier_case, DECLARED, world.clock())
    assert found is not None
    assert (found.source, found.since) == (Source.PORTAL, notified_on)
    standing = await eligibility.standing(dossier_case, DECLARED, world.clock())
    assert [each.check for each in standing.remarks] == ["grade-differs", "notification-differs"]
    await lift(world)
    await world.submit(number)


async def test_a_case_that_follows_another_is_free_of_the_waiting(engine: Settings, world: Builder) -> None:
    first = await world.case(State.NOTIFIED)
    number = await world.draft()
    await Case.update({Case.follows: first}).where(Case.number == number)
    await world.submit(number)


async def test_a_refused_request_starts_no_waiting(engine: Settings, world: Builder) -> None:
    number = await world.case(State.ASSESSED)
    ruling = Ruling(await world.sitting(), Outcome.REFUSED, None, None, "امتیاز نرسید", RefusalCode.FEW_POINTS)
    await world.decide(number, ruling)
    await world.notify(number)
    await world.submit(await world.draft())


async def test_a_lift_is_not_asked_for_where_nobody_waits(engine: Settings, world: Builder) -> None:
    await census.load_grades([HeldGrade(TOWN, 7, date(2015, 1, 1))], now=world.clock())
    with pytest.raises(Conflict, match="not-waiting"):
        await lift(world)


async def test_the_register_outranks_the_declared_day(engine: Settings, world: Builder) -> None:
    number = await world.draft()
    await census.load_grades([HeldGrade(TOWN, 7, persian.jalali_date("1403/01/01"))], now=world.clock())
    with pytest.raises(Conflict, match="not-eligible") as refusal:
        await world.submit(number)
    assert refusal.value.facts["day"] == persian.jalali_date("1407/01/01")


async def test_census_figures_are_loaded_once_and_corrections_are_told(engine: Settings, world: Builder) -> None:
    figures = [Figure(TOWN, 1395, 55_703), Figure(TOWN, 1385, 59_911)]
    assert await census.load(figures, now=world.clock()) == census.Loaded(2, 0)
    assert await census.load(figures, now=world.clock()) == census.Loaded(0, 0)
    assert await census.load([Figure(TOWN, 1395, 55_704)], now=world.clock()) == census.Loaded(0, 1)
    assert (await towns.known(TOWN)).census == {1395: 55_704, 1385: 59_911}
    events = await Event.select().where(Event.kind == "CensusLoaded").order_by(Event.position)
    assert len(events) == 2
    assert f'"{TOWN}/1395":[55703,55704]' in events[1]["statement"]


async def test_grades_of_towns_come_from_decisions_first(engine: Settings, world: Builder) -> None:
    await world.case(State.NOTIFIED)
    neighbour = "1307011472"
    await census.load_grades([HeldGrade(TOWN, 3, None), HeldGrade(neighbour, 2, None)], now=world.clock())
    found = {each.code: each for each in await grades.of_province(TOWN[:2])}
    assert (found[TOWN].grade, found[TOWN].source, found[TOWN].notified_on) == (9, Source.PORTAL, today(world))
    assert (found[neighbour].grade, found[neighbour].source) == (2, Source.REGISTER)
    assert sum(each.grade is not None for each in await grades.of_country()) == 2
    assert await grades.of_province("99") == []
