"""Refused files counted: by reason, by program, within a window, and never more than the newest."""

from datetime import timedelta
from uuid import uuid4

import pytest

from portal.domain.declarations import DocumentKind
from portal.domain.documents import Filing
from portal.domain.producers import Family
from portal.services.cases import cases
from portal.services.documents import checks, refused_files
from portal.services.documents.checks import Incoming
from portal.storage.spool import Stored
from tests.world.cast import Cast
from tests.world.clock import Clock

REFUSALS = (
    ("encrypted", "LibreOffice 7.4 / Writer"),
    ("broken", "Canon iR-ADV C3530"),
    ("broken", "Canon iR-ADV C3530"),
    ("unknown-type", None),
)


@pytest.fixture
async def refused(people: Cast, clock: Clock) -> None:
    """The refusals above, in the journal, one an hour."""
    by = people["clerk"]
    number = await cases.open_case(by=by, now=clock())
    for code, producer in REFUSALS:
        facts = {"producer": producer} if producer else {}
        stored = Stored("key", 48_000, "0" * 64, b"%PDF-1.7")
        file = Incoming(number, uuid4(), stored, Filing(DocumentKind.OTHER, None, None, "سند.pdf"))
        await checks.record(code, facts, file, by=by, now=clock.tick(3600))


async def test_nothing_is_counted_where_nothing_was_refused(people: Cast, clock: Clock) -> None:
    found = await refused_files.within(7, now=clock())
    assert (found.count, found.taken, found.reasons, found.newest) == (0, 0, [], [])
    assert not found.is_capped


@pytest.mark.usefixtures("refused")
async def test_each_reason_stands_with_what_it_mostly_goes_with(clock: Clock) -> None:
    found = await refused_files.within(7, now=clock())
    assert (found.count, found.taken) == (4, 0)
    assert [(each.name, each.count) for each in found.reasons] == [("broken", 2), ("encrypted", 1), ("unknown-type", 1)]
    assert found.reasons[0].mostly == Family.SCANNER
    assert (found.families[0].name, found.families[0].mostly) == (Family.SCANNER, "broken")
    assert [each.name for each in found.programs] == ["Canon iR-ADV C3530", "LibreOffice 7.4 / Writer"]
    assert [each["reason"] for each in found.newest] == ["unknown-type", "broken", "broken", "encrypted"]
    assert {each["size"] for each in found.newest} == {48_000}


@pytest.mark.usefixtures("refused")
async def test_what_lies_before_the_window_is_not_counted(clock: Clock) -> None:
    assert (await refused_files.within(7, now=clock() + timedelta(days=7, hours=-1, minutes=-30))).count == 2
    assert (await refused_files.within(7, now=clock() + timedelta(days=8))).count == 0


@pytest.mark.usefixtures("refused")
async def test_only_the_newest_are_counted(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refused_files, "MOST", 3)
    found = await refused_files.within(7, now=clock())
    assert (found.count, found.is_capped) == (3, True)
    assert "encrypted" not in [each.name for each in found.reasons]
