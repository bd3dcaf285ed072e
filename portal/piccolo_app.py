"""The one Piccolo app: every table, and where its migrations lie."""

from pathlib import Path

from piccolo.conf.apps import AppConfig, table_finder

APP_CONFIG = AppConfig(
    app_name="portal",
    migrations_folder_path=str(Path(__file__).parent.parent / "migrations"),
    table_classes=table_finder(
        exclude_imported=True,
        modules=[
            "portal.tables.places",
            "portal.tables.people",
            "portal.tables.factors",
            "portal.tables.cases",
            "portal.tables.documents",
            "portal.tables.rulesets",
            "portal.tables.eligibility",
            "portal.tables.acts",
            "portal.tables.mandates",
            "portal.tables.events",
            "portal.tables.pages",
            "portal.tables.readings",
            "portal.tables.reviews",
            "portal.tables.uploads",
            "portal.tables.jobs",
        ],
    ),
    migration_dependencies=[],
    commands=[],
)
