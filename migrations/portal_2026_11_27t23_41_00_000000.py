"""The rows that are there get what they are shown and sorted by; loading the register then spells them officially."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from portal.tables.places import Municipality

ID = "2026-11-27T23:41:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "names by the Persian alphabet"

ALPHABET = " 0123456789ءآابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهیabcdefghijklmnopqrstuvwxyz"
KEY = f"""
(SELECT coalesce(string_agg(lpad((strpos('{ALPHABET}', letter) - 1)::text, 2, '0'), '' ORDER BY place), '')
 FROM regexp_split_to_table(translate(lower(name), 'أإٱؤئةۀ', 'اااویهه'), '') WITH ORDINALITY AS t (letter, place)
 WHERE strpos('{ALPHABET}', letter) > 0)
"""
FORWARDS = (
    f"UPDATE provinces SET sort_key = {KEY}",
    f"UPDATE municipalities SET display_name = name, display_county = county, display_district = district, "
    f"sort_key = {KEY}",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="portal", description=DESCRIPTION)

    async def run() -> None:
        for statement in FORWARDS:
            await Municipality._meta.db.run_ddl(statement)

    async def undo() -> None:
        return

    manager.add_raw(run)
    manager.add_raw_backwards(undo)
    return manager
