"""The schema, the rights of the application's role, the register and the shipped score tables."""

import contextlib
import io
from datetime import UTC, datetime
from urllib.parse import unquote, urlsplit

from piccolo.apps.migrations.commands.forwards import run_forwards

from portal import piccolo_conf
from portal.services.register import shipped
from portal.services.rulesets import versions
from portal.settings import Settings
from portal.tables.events import Event

RIGHTS = """
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role};
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role};
REVOKE UPDATE, DELETE, TRUNCATE ON events, journal_nodes, published_checkpoints, readings, page_views FROM {role};
REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON journal_head, journal_signing_begins FROM {role};
REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON migration FROM {role}
"""


async def bring_up_to_date(settings: Settings) -> str:
    """Migrate the database of `settings` as the role that owns the schema; what the migrations printed.

    Raises:
        RuntimeError: a migration failed.
    """
    owner = settings.migration_database_url or settings.database_url
    assert owner is not None
    assert settings.database_url is not None
    piccolo_conf.aim(owner)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        result = await run_forwards("portal")
    if not result.success:
        raise RuntimeError(result.message)
    await _grant(settings.database_url, owner)
    await shipped.load()
    await versions.load_shipped(now=datetime.now(UTC))
    return printed.getvalue()


async def _grant(application: str, owner: str) -> None:
    """The application owns nothing: of the journal it may read and add, no more."""
    role, owning = (unquote(urlsplit(url).username or "") for url in (application, owner))
    if not role or role == owning:
        return
    quoted = '"' + role.replace('"', '""') + '"'
    for statement in RIGHTS.format(role=quoted).strip().split(";\n"):
        await Event._meta.db.run_ddl(statement)
