"""Where the files lie that tests read."""

from pathlib import Path

PROJECT = Path(__file__).parents[2]
PAPERS = PROJECT / "tests" / "papers"
DATABASES = PROJECT / "tests" / "databases"
