"""How rows point at rows: nothing is ever deleted, so no reference may cascade."""

from typing import Any

from piccolo.columns import ForeignKey
from piccolo.columns.base import OnDelete, OnUpdate
from piccolo.table import Table


def belongs_to(table: type[Table], **options: Any) -> ForeignKey[Any]:
    """A foreign key to `table` that refuses deletion and renumbering of what it points at."""
    return ForeignKey(table, on_delete=OnDelete.restrict, on_update=OnUpdate.restrict, **options)
