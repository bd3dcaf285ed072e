"""Rule sets, sittings, lifted waiting periods and towns: a row that says something else than the journal is named."""

from tests.world.cast import NEIGHBOUR
from tests.world.staffed import Staffed
from tests.world.verification import overlooked

DRAFT, PUBLISHED = "published_at IS NULL", "event IS NOT NULL"


OF_REGISTERS = [
        (f"UPDATE rulesets SET source = replace(source, '[54, 8]', '[58, 8]') WHERE {DRAFT}", "ruleset-differs"),
        (f"UPDATE rulesets SET source = replace(source, '[55, 8]', '[50, 8]') WHERE {PUBLISHED}", "ruleset-differs"),
        ("UPDATE rulesets SET source = source || ' = = ='", "ruleset-differs"),
        (f"UPDATE rulesets SET effective_from = '2030-01-01' WHERE {PUBLISHED}", "ruleset-differs"),
        ("UPDATE rulesets SET waiting_years = 0 WHERE drafted_at IS NULL", "ruleset-differs"),
        (f"UPDATE rulesets SET name = 'another' WHERE {PUBLISHED}", "ruleset-differs"),
        (f"UPDATE rulesets SET published_at = now() WHERE {DRAFT}", "ruleset-differs"),
        (f"UPDATE rulesets SET published_at = published_at - interval '1 day' WHERE {PUBLISHED}", "ruleset-differs"),
        ("UPDATE rulesets SET published_at = NULL WHERE drafted_at IS NULL", "ruleset-unrecorded"),
        (f"DELETE FROM rulesets WHERE {DRAFT}", "ruleset-missing"),
        ("UPDATE eligibility_lifts SET reason = 'هیچ'", "lift-differs"),
        ("UPDATE eligibility_lifts SET notified_on = NULL", "lift-differs"),
        ("UPDATE eligibility_lifts SET eligible_on = '2020-01-01'", "lift-differs"),
        (f"UPDATE eligibility_lifts SET municipality = '{NEIGHBOUR}'", "lift-unrecorded"),
        (f"INSERT INTO eligibility_lifts (municipality, reason, by, at, event)"
         f" SELECT '{NEIGHBOUR}', reason, by, at, event FROM eligibility_lifts", "lift-unrecorded"),
        ("DELETE FROM eligibility_lifts", "lift-missing"),
        ("UPDATE sittings SET title = 'دیگر' WHERE minutes <> ''", "sitting-differs"),
        ("UPDATE sittings SET held_on = held_on - 1", "sitting-differs"),
        ("UPDATE sittings SET minutes = ''", "sitting-differs"),
        ("UPDATE sittings SET attendance = 'هیچ‌کس'", "sitting-differs"),
        ("INSERT INTO sittings SELECT gen_random_uuid(), title, held_on, minutes, attendance, made_by, made_at"
         " FROM sittings", "sitting-unrecorded"),
        ("DELETE FROM sittings WHERE minutes <> ''", "sitting-missing"),
        (f"UPDATE municipalities SET name = 'ناکجا' WHERE code = '{NEIGHBOUR}'", "town-differs"),
        (f"UPDATE municipalities SET province = '07' WHERE code = '{NEIGHBOUR}'", "town-differs"),
        (f"UPDATE municipalities SET code = '9999999999' WHERE code = '{NEIGHBOUR}'", "town-unrecorded"),
        (f"DELETE FROM municipalities WHERE code = '{NEIGHBOUR}'", "town-missing"),
        ("UPDATE provinces SET name = 'ناکجا' WHERE code = '07'", "town-differs"),
]  # fmt: skip


async def test_a_register_that_says_something_else(staffed: Staffed) -> None:
    assert await overlooked(staffed.world, OF_REGISTERS) == []
