"""The register of municipalities as the Statistical Centre codes it: province ⊂ county ⊂ district ⊂ city."""

import csv
import re
from dataclasses import dataclass, fields
from itertools import pairwise

from portal.domain.persian import fold_digits, normalise, search_key


@dataclass(frozen=True, slots=True)
class Town:
    """One town. Names repeat across provinces; only `city_code` tells towns apart."""

    province_code: str
    province: str
    county_code: str
    county: str
    district_code: str
    district: str
    city_code: str
    city: str


def read(text: str) -> list[Town]:
    """The towns of a CSV with these very columns (others are ignored), names normalised.

    Raises:
        ValueError: a field is missing or empty, a code does not lie within the code above it, or a city's code stands
            twice. The message names the line.
    """
    towns: dict[str, Town] = {}
    rows = csv.DictReader(text.removeprefix("\ufeff").splitlines())
    for row in rows:
        town = Town(*(_value(each.name, row.get(each.name) or "") for each in fields(Town)))
        if not _is_whole(town) or town.city_code in towns:
            raise ValueError(f"line {rows.line_num}: {town.city_code}")
        towns[town.city_code] = town
    return list(towns.values())


def spellings(text: str) -> dict[str, str]:
    """The official spelling of names, by the register's own, from a CSV with the columns `register` and `official`."""
    rows = csv.DictReader(text.splitlines())
    return {normalise(row["register"]): normalise(row["official"]) for row in rows}


def search_text(*names: str) -> str:
    """What a search for a town looks through: each of `names` once, folded and without spaces."""
    return " ".join(dict.fromkeys(search_key(each).replace(" ", "") for each in names))


def search_pattern(text: str) -> str:
    """The pattern (of LIKE) under which `search_text` has what was typed; empty where nothing is left of it.

    A space may stand for a space, for a half-space or for nothing: so its words come in their order, however apart.
    """
    words = search_key(text).translate(_UNSEARCHABLE).split()
    return f"%{'%'.join(words)}%" if words else ""


_UNSEARCHABLE = str.maketrans("", "", "%_\\\0")  # what LIKE reads as patterns, and what PostgreSQL cannot hold


def _value(name: str, text: str) -> str:
    value = normalise(fold_digits(text))
    # The Centre writes «چهارمحال وبختیاری»; no province's own name begins with «و».
    return re.sub(r" و(?=\S)", " و ", value) if name == "province" else value


def _is_whole(town: Town) -> bool:
    codes = (town.province_code, town.county_code, town.district_code, town.city_code)
    nested = all(inner.startswith(outer) and inner != outer for outer, inner in pairwise(("", *codes)))
    return nested and all(each.isdecimal() for each in codes) and all(getattr(town, each.name) for each in fields(Town))
