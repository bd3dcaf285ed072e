"""Cases and the rows of their acts: what says something else than the journal is named."""

from tests.world.builders import Builder
from tests.world.cast import Cast
from tests.world.clock import Clock
from tests.world.letter_scans import attach
from tests.world.seals import seal_all
from tests.world.verification import World, of, overlooked

EARLIER = "interval '1 hour'"


OF_ACTS = [
        ("UPDATE cases SET state = 'withdrawn' WHERE state = 'notified'", "case-state"),
        ("UPDATE cases SET decided_grade = 12 WHERE state = 'notified'", "case-outcome"),
        ("UPDATE attestations SET verdict = 'not-accepted'", "act-differs"),
        ("UPDATE attestations SET declared = repeat('0', 64)", "act-differs"),
        ("DELETE FROM attestations", "act-missing"),
        ("UPDATE confirmations SET letter_number = '1'", "act-differs"),
        ("UPDATE assessments SET total = total + 1", "act-differs"),
        ("UPDATE decisions SET grade = 12", "act-differs"),
        ("UPDATE decisions SET event = 1", "act-unrecorded"),
        ("UPDATE notices SET sha256 = repeat('0', 64)", "act-differs"),
        ("UPDATE notices SET code = repeat('7', 20)", "act-differs"),
        ("UPDATE notices SET serial = 7", "act-differs"),
        ("UPDATE notices SET pages = 1", "act-differs"),
        ("UPDATE notices SET status = 'withdrawn'", "act-differs"),
        ("UPDATE notices SET superseded_by = id", "act-differs"),
        ("UPDATE notices SET qr = replace(qr, '/verify/', '/verified/')", "act-differs"),
        ("UPDATE notices SET year = NULL", "act-differs"),
        ("UPDATE declarations SET population = population + 1 WHERE fixed_at IS NOT NULL", "submission-differs"),
        ("UPDATE documents SET sha256 = repeat('0', 64) WHERE id = (SELECT min(id::text)::uuid FROM documents)",
         "document-differs"),
        ("UPDATE documents SET ended_at = uploaded_at, ended_as = 'withdrawn'", "document-ended"),
        ("INSERT INTO documents SELECT gen_random_uuid(), \"case\", 'other', NULL, 1, NULL, filename, media_type, size,"
         " pages, sha256, key || 'x', uploaded_at, uploaded_by, NULL, NULL FROM documents LIMIT 1",
         "document-unrecorded"),
        ("UPDATE decisions SET standing = false", "act-differs"),
        (f"UPDATE decisions SET at = at - {EARLIER}", "act-differs"),
        (f"UPDATE notices SET at = at - {EARLIER}", "act-differs"),
        (f"UPDATE attestations SET at = at - {EARLIER}", "act-differs"),
        (f"UPDATE submissions SET at = at - {EARLIER}", "submission-differs"),
        (f"UPDATE submissions SET by = {of('neighbour')}", "submission-differs"),
        ("UPDATE documents SET filename = 'other.pdf'", "document-differs"),
        ("UPDATE documents SET media_type = 'text/html'", "document-differs"),
        (f"UPDATE documents SET uploaded_by = {of('neighbour')}", "document-differs"),
        (f"UPDATE documents SET uploaded_at = uploaded_at - {EARLIER}", "document-differs"),
]  # fmt: skip


async def test_a_row_that_says_something_else(world: World) -> None:
    assert await overlooked(world, OF_ACTS) == []


OF_SCANS = [
        ("UPDATE letter_scans SET letter_number = '1'", "act-differs"),
        ("UPDATE letter_scans SET letter_date = letter_date - 1", "act-differs"),
        ("UPDATE letter_scans SET sha256 = repeat('0', 64)", "act-differs"),
        ("UPDATE letter_scans SET filename = 'other.pdf'", "act-differs"),
        ("UPDATE letter_scans SET pages = 7", "act-differs"),
        (f"UPDATE letter_scans SET at = at - {EARLIER}", "act-differs"),
        (f"UPDATE letter_scans SET by = {of('minister')}", "act-differs"),
        ("UPDATE letter_scans SET id = gen_random_uuid()", "act-differs"),
        ("UPDATE letter_scans SET notice = notice + 1", "act-differs"),
        ("UPDATE letter_scans SET event = 1", "act-unrecorded"),
        ("DELETE FROM letter_scans", "act-missing"),
]  # fmt: skip


async def test_a_scan_of_a_letter_that_says_something_else(world: World, people: Cast, clock: Clock) -> None:
    await attach(Builder(people, world.store, clock), world.number)
    assert await overlooked(world, OF_SCANS) == []


OF_SEALS = [
        ("UPDATE letter_seals SET sha256 = repeat('0', 64)", "act-differs"),
        ("UPDATE letter_seals SET size = size + 1", "act-differs"),
        ("UPDATE letter_seals SET is_stamped = true", "act-differs"),
        (f"UPDATE letter_seals SET at = at - {EARLIER}", "act-differs"),
        ("UPDATE letter_seals SET notice = notice + 1", "act-missing"),
        ("UPDATE letter_seals SET event = 1", "act-unrecorded"),
        ("DELETE FROM letter_seals", "act-missing"),
]  # fmt: skip


async def test_a_seal_of_a_letter_that_says_something_else(world: World, clock: Clock) -> None:
    await seal_all(world.store, clock.tick())
    assert await world.found() == []
    assert await overlooked(world, OF_SEALS) == []


async def test_a_case_that_lost_its_first_event(world: World) -> None:
    await world.tamper("DELETE FROM events WHERE kind = 'CaseOpened'")
    assert {"entry-missing", "state-before"} <= {each.split()[0] for each in await world.found()}
