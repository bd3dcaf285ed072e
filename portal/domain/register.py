"""The register of municipalities as the Statistical Centre codes it: province ⊂ county ⊂ district ⊂ city."""

import csv
import re
from dataclasses import dataclass, fields
from itertools import pairwise

from portal.domain.persian import fold_digits, normalise


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


def _value(name: str, text: str) -> str:
    value = normalise(fold_digits(text))
    # The Centre writes «چهارمحال وبختیاری»; no province's own name begins with «و».
    return re.sub(r" و(?=\S)", " و ", value) if name == "province" else value


def _is_whole(town: Town) -> bool:
    codes = (town.province_code, town.county_code, town.district_code, town.city_code)
    nested = all(inner.startswith(outer) and inner != outer for outer, inner in pairwise(("", *codes)))
    return nested and all(each.isdecimal() for each in codes) and all(getattr(town, each.name) for each in fields(Town))
