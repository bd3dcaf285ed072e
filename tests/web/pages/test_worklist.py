"""The rows of the work list: days on one scale, grades that say what was decided."""

from datetime import UTC, datetime, timedelta
from typing import Any

from portal.domain.lifecycle import State
from portal.web.pages import worklist
from portal.web.pages.pictures import GAP, Box, Picture

NOW = datetime(2026, 11, 28, 8, tzinfo=UTC)


def row(state: State, desk: str | None, opened: int, submitted: int | None, since: int, **more: Any) -> dict[str, Any]:
    """A case that was opened so many days ago, submitted, and came to its state."""
    ago = {name: NOW - timedelta(days=days) for name, days in (("opened_at", opened), ("since", since))}
    sent = None if submitted is None else NOW - timedelta(days=submitted)
    grades = {"current_grade": 5, "requested_grade": 7, "decided_grade": None}
    return {"state": state, "desk": desk, "submitted_at": sent, **ago, **grades, **more}


def drawn(bar: Picture) -> list[tuple[str, float]]:
    """Kinds and widths of the days; the ground left out."""
    return [(each.kind, each.width) for each in bar.shapes if isinstance(each, Box) and each.kind != "ground"]


def test_bars_share_one_scale_and_say_their_days() -> None:
    long = row(State.CONFIRMED, "organization", 100, 80, 50)
    short = row(State.DRAFT, "municipality", 10, None, 10)
    bars = [each.bar for each in worklist.lines([long, short], NOW)]
    assert [drawn(bar) for bar in bars] == [
        [("town", 20 - GAP), ("past", 30 - GAP), ("now", 50 - GAP)],
        [("now", 10 - GAP)],
    ]
    assert bars[0].title.count("۰ روز") == 3


def test_what_lies_on_no_desk_spends_no_more_days() -> None:
    done = row(State.NOTIFIED, None, 100, 80, 50, outcome="raised", decided_grade=6)
    assert [kind for kind, _ in drawn(worklist.lines([done], NOW)[0].bar)] == ["town", "past"]


def test_a_notified_case_shows_what_was_decided_and_a_refusal_what_is_held() -> None:
    raised = row(State.NOTIFIED, None, 9, 8, 7, decided_grade=6)
    refused = row(State.NOTIFIED, None, 9, 8, 7)
    fresh = row(State.DRAFT, "municipality", 0, None, 0, current_grade=0, requested_grade=None)
    told = [(each.grade, each.grade_words) for each in worklist.lines([raised, refused, fresh], NOW)]
    assert [grade for grade, _ in told] == [
        "۵ ← ۶",
        "۵",
        "—",
    ]
    assert "خواسته" not in told[0][1]
    assert [each.bar.title for each in worklist.lines([fresh], NOW)] == ["روی هم کمتر از یک روز"]
