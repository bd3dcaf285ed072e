"""The portal under faults: what it acknowledged stands, it answers in time, and it comes back by itself.

Run it as `.venv/bin/python -m bench.faults --faults 300`, or `--seconds 60`; `--only WORD` takes the faults whose
names hold the word, `--seed N` the same faults in the same order. Two nodes of two workers serve the people of some
provinces, who take cases from the draft to the answer, while one fault after the other strikes. After each, both
nodes must be ready again. After each round of five, every act, code and document that was acknowledged is looked for
in the database and the store, the journal is recomputed and every case played again, and each worker's pool must
have all its connections back. At the end every stored byte is read once more. Exit code 1 where anything did not hold.
"""

import argparse
import asyncio
import logging
import random
import sys
import time
from collections import Counter
from contextlib import nullcontext
from dataclasses import dataclass, field

import bench.campaign.parts  # noqa: F401 (its faults enter themselves)
from bench.campaign.faults import FAULTS, NEEDS_SMALL_DISK
from bench.campaign.ground import Ground, ground
from bench.campaign.ledger import Ledger
from bench.campaign.work import provinces
from portal.services.verification import audit

ROUND = 5  # faults, after which everything is looked at
QUIET_AFTER = 10.0  # seconds in which everybody who works comes to an end


@dataclass
class Report:
    """How it went."""

    struck: Counter[str] = field(default_factory=Counter)
    answered: int = 0
    entries: int = 0
    objects: int = 0


async def campaign(
    ledger: Ledger, *, faults: int, seconds: float, only: str = "", seed: int = 1405, people: int = 4
) -> Report:
    """Let faults strike until there were `faults` of them or `seconds` are over; what did not hold is in `ledger`."""
    dice, report = random.Random(seed), Report()
    async with ground(ledger) as made:
        names = [each for each in FAULTS if only in each and (made.is_small_disk or each != NEEDS_SMALL_DISK)]
        stop = asyncio.Event()
        ports = [node.port for node in made.nodes]
        working = await provinces(people, ports, ledger, dice, stop)
        lives = [asyncio.create_task(each.live()) for each in working]
        await asyncio.sleep(5)
        ends, deck = time.monotonic() + seconds, [""]
        while sum(report.struck.values()) < faults and time.monotonic() < ends:
            deck = [each for each in deck if each] or dice.sample(names, len(names))
            name = deck.pop()
            await strike(made, name, dice)
            report.struck[name] += 1
            if sum(report.struck.values()) % ROUND == 0:
                await hold_against(made, whole=False)
            ledger.fault = "none"
            print(_line(report, ledger, name), flush=True)
        stop.set()
        ledger.gate.set()
        await asyncio.wait(lives, timeout=QUIET_AFTER * 4)
        for life in lives:
            life.cancel()
        await asyncio.wait(lives)
        done = await hold_against(made, whole=True)
        report.entries, report.objects = done.entries, done.objects
        report.answered = sum(each.answered for each in working)
        for death in await asyncio.gather(*lives, return_exceptions=True):
            if isinstance(death, Exception):
                ledger.blame(f"the campaign itself: {death!r}")
    return report


async def strike(made: Ground, name: str, dice: random.Random) -> None:
    """One fault, and the way back."""
    made.ledger.fault = name
    await FAULTS[name](made, dice)
    made.ledger.fault = f"after: {name}"
    await made.settle()


async def hold_against(made: Ground, *, whole: bool) -> audit.Audit:
    """Everything acknowledged against rows and bytes; the journal; the pools, while nobody works for a moment."""
    async with made.ledger.quiet():
        done = await _held_against(made, whole=whole)
    made.ledger.fault = "none"
    return done


async def _held_against(made: Ground, *, whole: bool) -> audit.Audit:
    database = await made.connect()
    try:
        await made.ledger.check(database, made.store)
    finally:
        await database.close()
    done = await audit.journal([], made.store if whole else None, lambda *_: nullcontext(lambda _: None))
    for finding in done.findings:
        made.ledger.blame(f"JOURNAL: {finding}")
    await made.count_leaks()
    return done


def _line(report: Report, ledger: Ledger, name: str) -> str:
    struck = sum(report.struck.values())
    waited = max(ledger.waits.get(name, 0.0), ledger.waits.get(f"after: {name}", 0.0))
    return (
        f"{struck:4} {name:45} longest {waited:5.1f} s, acts {len(ledger.acts)}, "
        f"papers {len(ledger.papers)}, wrong {len(ledger.wrong)}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--faults", type=int, default=10**9)
    parser.add_argument("--seconds", type=float, default=10**9)
    parser.add_argument("--only", default="")
    parser.add_argument("--seed", type=int, default=1405)
    parser.add_argument("--people", type=int, default=8, help="provinces that work at once")
    given = parser.parse_args()
    if given.faults == given.seconds == 10**9:
        parser.error("say --faults or --seconds")
    logging.disable(logging.CRITICAL)  # what this process hears of servers that are down is meant
    ledger = Ledger()
    report = asyncio.run(
        campaign(
            ledger, faults=given.faults, seconds=given.seconds, only=given.only, seed=given.seed, people=given.people
        )
    )
    for name, times in sorted(report.struck.items()):
        waited = max(ledger.waits.get(name, 0.0), ledger.waits.get(f"after: {name}", 0.0))
        print(f"{times:4} × {name:45} longest answer {waited:5.1f} s")
    print(f"{sum(report.struck.values())} faults; answers: {dict(sorted(ledger.statuses.items()))}")
    print(
        f"{len(ledger.acts)} acts, {len(ledger.papers)} documents and {len(ledger.steps)} people's codes were "
        f"acknowledged, {report.answered} cases answered; {report.entries} entries and {report.objects} objects agree"
    )
    for sentence in ledger.wrong:
        print(f"WRONG {sentence}")
    sys.exit(1 if ledger.wrong else 0)


if __name__ == "__main__":
    main()
