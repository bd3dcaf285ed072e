"""A minute of the fault campaign; `python -m bench.faults` runs it as long as wanted, and measures the waits."""

from bench.campaign.ledger import Ledger
from bench.faults import campaign


async def test_nothing_acknowledged_is_lost_under_faults() -> None:
    ledger = Ledger(is_timed=False)
    report = await campaign(ledger, faults=10**6, seconds=60, people=3)
    assert not ledger.wrong, "\n".join(ledger.wrong)
    assert sum(report.struck.values()) >= 3
    assert ledger.acts
    assert ledger.papers
    assert report.objects
