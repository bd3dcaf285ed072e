"""What the portal and its register know of one town, in one query; and its page."""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from portal.domain import persian
from portal.domain.eligibility import Known, Notified
from portal.domain.errors import NotFound
from portal.domain.lifecycle import Outcome
from portal.tables.places import Municipality

LONGEST = 240
"""Characters of what a town is chosen by."""

_KNOWN = """
SELECT m.grade, m.grade_notified_on,
  (SELECT json_object_agg(f.year, f.population) FROM census_figures f WHERE f.municipality = m.code) AS census,
  (SELECT json_agg(json_build_object('at', n.at, 'outcome', n.outcome, 'grade', n.grade) ORDER BY n.at DESC) FROM (
     SELECT notices.at, decisions.outcome, decisions.grade FROM cases c JOIN notices ON notices."case" = c.id
     JOIN decisions ON decisions.id = notices.decision
     WHERE c.municipality = m.code AND c.state = 'notified' ORDER BY notices.at DESC LIMIT 20) AS n) AS notified,
  (SELECT max(l.at) FROM eligibility_lifts l WHERE l.municipality = m.code) AS lifted_at
FROM municipalities m WHERE m.code = {}
"""


async def known(code: str) -> Known:
    """What is known of the municipality with this code, without asking it.

    Raises:
        NotFound.
    """
    rows = await Municipality.raw(_KNOWN, code)
    if not rows:
        raise NotFound("municipality")
    return _known(rows[0])


def _known(row: Mapping[str, Any]) -> Known:
    return Known(
        notified=tuple(_notified(each) for each in json.loads(row["notified"] or "[]")),
        register_grade=row["grade"],
        register_notified_on=row["grade_notified_on"],
        census={int(year): persons for year, persons in json.loads(row["census"] or "{}").items()},
        lifted_on=persian.tehran_date(row["lifted_at"]) if row["lifted_at"] else None,
    )


def _notified(row: Mapping[str, Any]) -> Notified:
    at = persian.tehran_date(datetime.fromisoformat(row["at"]))
    return Notified(at, Outcome(row["outcome"]), row["grade"])


async def find(code: str, *, lock: bool = False) -> dict[str, Any]:
    """The town's row of the register, its province's name beside it; `lock` until the transaction ends.

    Raises:
        NotFound.
    """
    if lock:
        await Municipality.select(Municipality.code).where(Municipality.code == code).lock_rows("UPDATE")
    row = (
        await Municipality.select(*Municipality.all_columns(), Municipality.province.name.as_alias("province_name"))
        .where(Municipality.code == code)
        .first()
    )
    if row is None:
        raise NotFound("municipality")
    return row


async def choices() -> dict[str, str]:
    """Codes of all towns by what they are chosen by: name, county and province, in the order of the alphabet."""
    rows = await Municipality.select(
        Municipality.code,
        Municipality.display_name,
        Municipality.display_county,
        Municipality.province.name.as_alias("province_name"),
    ).order_by(Municipality.sort_key, Municipality.code)
    return {f"{row['display_name']}، {row['display_county']}، {row['province_name']}": row["code"] for row in rows}


async def code_of(text: str) -> str:
    """The code of the town that `text` names: one of `choices`, or a name that one town alone has; else `text`."""
    wanted = _key(text)
    if not wanted or wanted.isdecimal():
        return text
    known = await choices()
    found = [code for choice, code in known.items() if wanted in (_key(choice), _key(choice.partition("،")[0]))]
    return found[0] if len(found) == 1 else text


def _key(text: str) -> str:
    return re.sub(r"\W", "", persian.search_key(text))
