"""`portal rules score` over 100,000 units, against reading and writing the same table with nothing in between.

Run it as `.venv/bin/python -m bench.rules`. Medians of runs taken in turn, each in a process of its own.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import portal

UNITS = 100_000
ROUNDS = 5
SAMPLE = Path(portal.__file__).parent / "rulesets" / "ir-2762-sample.toml"

COPY = """
import csv, sys
with open(sys.argv[1], newline="") as given, open(sys.argv[2], "w", newline="") as out:
    csv.writer(out).writerows(csv.reader(given))
"""


def fill(table: Path) -> None:
    """Towns of every band, amounts with decimals."""
    with table.open("w", encoding="utf-8") as file:
        file.write("id,population,revenue_1,revenue_2,revenue_3,division\n")
        for n in range(UNITS):
            base = 10**10 + n * 10**9
            file.write(f"{n},{1000 + n * 7},{base}.25,{base * 2}.50,{base * 3}.75,farmandari\n")


def taken(*command: str) -> float:
    """Seconds of one run."""
    begin = time.perf_counter()
    subprocess.run([sys.executable, *command], check=True)
    return time.perf_counter() - begin


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        table, out = Path(name, "units.csv"), Path(name, "out.csv")
        fill(table)
        score = ("-m", "portal", "rules", "score", str(SAMPLE), "--csv", str(table), "--out", str(out))
        runs = [(taken(*score), taken("-c", COPY, str(table), str(out))) for _ in range(ROUNDS)]
    scored, copied = (statistics.median(each) for each in zip(*runs, strict=True))
    print(f"{UNITS:,} units scored: {scored:.2f} s (aim: below 10 s)")
    print(f"the same table copied: {copied:.2f} s, ratio {scored / copied:.1f}")


if __name__ == "__main__":
    main()
