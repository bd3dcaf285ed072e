"""Rule sets to score by: the shipped ones and generated ones, and inputs for them."""

import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

import portal
from portal.domain import rulesets
from portal.domain.rulesets import RuleSet
from tests.world.files import PROJECT

SHIPPED = Path(portal.__file__).parent
SAMPLE = rulesets.parse((SHIPPED / "rulesets" / "ir-2762-sample.toml").read_text(encoding="utf-8"))
RULESETS = PROJECT / "tests" / "rulesets"
RA_11964 = rulesets.parse((RULESETS / "ph-ra-11964-municipality.toml").read_text(encoding="utf-8"))
TOWN: Mapping[str, Any] = {"population": 55_703, "revenue": [10**11, 2 * 10**11, 10**11], "division": "farmandari"}
AMOUNTS = st.integers(0, 10**16) | st.decimals(0, 10**15, places=3)
INPUTS = st.fixed_dictionaries(
    {
        "population": st.integers(0, 20_000_000),
        "revenue": st.lists(AMOUNTS, min_size=3, max_size=3),
        "division": st.sampled_from(["none", "bakhshdari", "farmandari", "ostandari"]),
    }
)

NUMBERS = st.decimals(-1000, 1000, places=3, allow_nan=False)
WEIGHTS = st.decimals("0.001", 10, places=3)
LABELS = st.lists(st.text("abcXYZ ۱۲۳é", min_size=1, max_size=6), min_size=2, max_size=6, unique=True)


def _bands(draw: Any) -> list[list[str]]:
    bounds = sorted(draw(st.sets(NUMBERS, min_size=1, max_size=6)) | {Decimal(-1000)})
    points = sorted(draw(st.lists(NUMBERS, min_size=len(bounds), max_size=len(bounds))))
    return [[format(bound, "f"), format(each, "f")] for bound, each in zip(bounds, points, strict=True)]


def _pairs(pairs: list[list[str]]) -> str:
    return "[" + ", ".join(f"[{bound}, {result}]" for bound, result in pairs) + "]"


@st.composite
def tables(draw: Any) -> tuple[RuleSet, dict[str, Any]]:
    """A monotone rule set with labels for grades, and inputs that it can score."""
    labels = draw(LABELS)
    bounds = sorted(draw(st.sets(NUMBERS, min_size=len(labels) - 1, max_size=len(labels) - 1)))
    cutoffs = [
        [format(bound, "f"), json.dumps(label, ensure_ascii=False)]
        for bound, label in zip([Decimal(-(10**9)), *bounds], labels, strict=True)
    ]
    text = f'id = "generated"\neffective_from = 2026-03-21\ngrades = {json.dumps(labels, ensure_ascii=False)}\n'
    inputs: dict[str, Any] = {}
    for n in range(draw(st.integers(1, 3))):
        text += f'[[criteria]]\nname = "c{n}"\nweight = {draw(WEIGHTS):f}\nbands = {_pairs(_bands(draw))}\n'
        years = draw(st.integers(1, 4))
        if years > 1:
            text += f'statistic = "mean"\nyears = {years}\n'
        amounts = draw(st.lists(NUMBERS, min_size=years, max_size=years))
        inputs[f"c{n}"] = amounts if years > 1 else amounts[0]
    return rulesets.parse(f"{text}[result]\ncutoffs = {_pairs(cutoffs)}\n"), inputs
