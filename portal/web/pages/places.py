"""The places for the documents of a case: what is required, what fills it, what can be changed now."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from portal.domain import documents, persian
from portal.domain.cross_checks import Remark
from portal.domain.declarations import DocumentKind, Slot, required_slots
from portal.domain.dossiers import CurrentDocument, Dossier
from portal.domain.lifecycle import FINAL, Verdict
from portal.web.words.cross_check_messages import by_slot
from portal.web.words.declared import slot_label


@dataclass(frozen=True, slots=True)
class Place:
    """A row of the documents' list: a slot, what fills it, and whether it can be changed now."""

    kind: DocumentKind
    year: int | None
    held: CurrentDocument | None
    editable: bool
    required: bool
    remarks: tuple[str, ...] = ()
    twins: tuple[str, ...] = ()  # other places that hold the very same bytes

    @property
    def label(self) -> str:
        return slot_label((self.kind, self.year))

    @property
    def is_rejected(self) -> bool:
        """Whether what fills it stands not accepted."""
        return self.held is not None and self.held.verdict is Verdict.NOT_ACCEPTED

    @property
    def slot_name(self) -> str:
        """The place's name for programs; every other document has one of its own."""
        if self.kind is DocumentKind.OTHER and self.held:
            return f"other-{self.held.id}"
        return slot_name(self.kind, self.year)


def places(dossier: Dossier, now: datetime, *, editing: bool, remarks: Iterable[Remark] = ()) -> list[Place]:
    """Required places first, each with its document if there is one; then what else the case holds.

    What was not accepted leads. Beside each stands what disagrees with the value that it proves.
    """
    told = by_slot(remarks)
    rows = sorted(_places(dossier, now, editing), key=lambda each: not each.is_rejected)
    return [replace(each, remarks=tuple(told.get((each.kind, each.year), ()))) for each in rows]


def usual_years(now: datetime) -> tuple[int, int, int]:
    """The settled years of a request that does not say them yet: the three (Jalali) before the one of `now`."""
    year = persian.jalali_year(now)
    return year - 3, year - 2, year - 1


def _places(dossier: Dossier, now: datetime, editing: bool) -> list[Place]:
    wanted = required_slots(dossier.declaration, usual_years(now)) if dossier.state not in FINAL else ()
    held = {each.slot: each for each in dossier.documents if each.slot[0] is not DocumentKind.OTHER}
    rows = [_place(dossier, slot, held.get(slot), editing, True) for slot in wanted]
    rest = [each for each in dossier.documents if each.slot not in wanted or each.slot[0] is DocumentKind.OTHER]
    return _with_twins(rows + [_place(dossier, each.slot, each, editing, False) for each in rest])


def slot_name(kind: str, year: int | None) -> str:
    """A slot as one word."""
    return f"{kind}-{year}" if year else kind


def _with_twins(rows: list[Place]) -> list[Place]:
    """Each place with the others that hold the same bytes: one scan sent twice is rarely meant."""
    by_digest: dict[str, list[Place]] = defaultdict(list)
    for row in rows:
        if row.held:
            by_digest[row.held.row["sha256"]].append(row)
    same = {id(row): group for group in by_digest.values() for row in group}
    return [replace(row, twins=tuple(each.label for each in same.get(id(row), ()) if each is not row)) for row in rows]


def _place(dossier: Dossier, slot: Slot, held: CurrentDocument | None, editing: bool, required: bool) -> Place:
    return Place(slot[0], slot[1], held, editing and documents.is_editable(dossier, held, slot), required)
