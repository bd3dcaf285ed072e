"""Where a file belongs in a case, and whether that place is open."""

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest

from portal.domain.declarations import Declaration, DocumentKind
from portal.domain.documents import Filing, require_place
from portal.domain.dossiers import CurrentDocument, Dossier
from portal.domain.errors import Conflict, Invalid
from portal.domain.lifecycle import State

CENSUS = Filing(DocumentKind.CENSUS, None, None, "سند.pdf")


def held(kind: DocumentKind, year: int | None = None) -> CurrentDocument:
    return CurrentDocument({"id": uuid4(), "kind": kind, "year": year}, {})


def dossier(*documents: CurrentDocument, state: State = State.DRAFT, reopened: tuple[str, ...] = ()) -> Dossier:
    case: dict[str, Any] = {"number": "1405-00001", "state": state, "reopened": list(reopened)}
    return Dossier(case, Declaration(), None, documents)


def test_a_file_takes_the_place_of_whatever_fills_its_slot() -> None:
    census, other = held(DocumentKind.CENSUS), held(DocumentKind.OTHER)
    assert require_place(dossier(other), CENSUS) is None
    assert require_place(dossier(census, other), CENSUS) is census
    assert require_place(dossier(census), replace(CENSUS, replaces=census.id)) is census
    assert require_place(dossier(other), replace(CENSUS, kind=DocumentKind.OTHER)) is None, "there may be many"


@pytest.mark.parametrize("year", [1402, 1403])
def test_a_settlement_is_that_of_its_year(year: int) -> None:
    settled = held(DocumentKind.SETTLEMENT, 1402)
    found = require_place(dossier(settled), Filing(DocumentKind.SETTLEMENT, year, None, "سند.pdf"))
    assert found is (settled if year == 1402 else None)


def test_a_named_document_must_be_current_and_of_that_kind() -> None:
    other = held(DocumentKind.OTHER)
    for named, code in ((UUID(int=0), "not-current"), (other.id, "other-kind")):
        with pytest.raises(Invalid) as refused:
            require_place(dossier(other), replace(CENSUS, replaces=named))
        assert refused.value.errors == {"replaces": code}


def test_a_slot_that_was_empty_on_the_page_may_be_filled_meanwhile() -> None:
    census, once = held(DocumentKind.CENSUS), uuid4()
    with pytest.raises(Conflict, match="filled-meanwhile"):
        require_place(dossier(census), replace(CENSUS, once=once))
    assert require_place(dossier(census), replace(CENSUS, once=once, replaces=census.id)) is census


def test_after_a_return_only_what_was_reopened_is_open() -> None:
    census = held(DocumentKind.CENSUS)
    with pytest.raises(Conflict, match="not-reopened"):
        require_place(dossier(census, state=State.RETURNED), CENSUS)
    assert require_place(dossier(census, state=State.RETURNED, reopened=(str(census.id),)), CENSUS) is census
    with pytest.raises(Conflict, match="not-reopened"):
        require_place(dossier(census, state=State.SUBMITTED), CENSUS)
