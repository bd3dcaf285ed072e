"""The waiting period of a town: whether a case may be sent, and the Organization's lifting of it."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from portal.domain import cross_checks, eligibility, persian
from portal.domain.cross_checks import Remark
from portal.domain.declarations import Declaration
from portal.domain.dossiers import Dossier
from portal.domain.eligibility import Eligibility, Known
from portal.domain.errors import Conflict, Forbidden
from portal.domain.events import EventKind, OfficeAct
from portal.domain.lifecycle import Role
from portal.services.identity.identity import Identity
from portal.services.register import towns
from portal.services.rulesets import versions
from portal.services.signing.signoffs import Matter, Prepared, Signed, prepare
from portal.tables.eligibility import EligibilityLift


async def of_town(code: str, declared: date | None, now: datetime) -> Eligibility | None:
    """The eligibility of a town under the rule set in force now; None while none is in force."""
    version = await versions.in_force(now)
    if version is None:
        return None
    return eligibility.of_town(versions.parsed(version["source"]), await towns.known(code), declared)


async def of_case(
    case: dict[str, Any], declaration: Declaration, now: datetime, known: Known | None = None
) -> Eligibility | None:
    """The eligibility of the town of `case`, a row of `cases`, under the rule set that applies to it.

    None where there is nothing to wait for: a case that follows an earlier one (an objection, a correction).
    """
    if case["follows"] is not None:
        return None
    version = await versions.in_force(case["submitted_at"] or now)
    if version is None:
        return None
    known = known or await towns.known(case["municipality"])
    return eligibility.of_town(versions.parsed(version["source"]), known, declaration.current_grade_notified_on)


async def require_reached(dossier: Dossier, now: datetime) -> None:
    """Refuse (`Conflict`, with the `day`) a case that is sent before its town is eligible."""
    found = await of_case(dossier.case, dossier.declaration, now)
    if found is not None and not found.is_reached(persian.tehran_date(now)):
        raise Conflict("not-eligible", day=found.day)


async def lift_matter(code: str, by: Identity, now: datetime, *, locked: bool = False) -> Matter:
    """The waiting period of a town as what is lifted. A town of which no date is known may be waiting by its own word.

    Raises:
        Forbidden, NotFound.
        Conflict: `not-waiting`, `lifted-already`.
    """
    if by.role is not Role.ORGANIZATION:
        raise Forbidden("role", act=OfficeAct.ELIGIBILITY)
    town = await towns.find(code, lock=locked)
    found = await of_town(code, None, now)
    if found is not None and found.is_lifted:
        raise Conflict("lifted-already")
    if found is None or (found.day is not None and found.is_reached(persian.tehran_date(now))):
        raise Conflict("not-waiting")
    facts = {
        "town": town["display_name"],
        "province": town["province_name"],
        "source": found.source,
        "notified_on": found.since.isoformat() if found.since else None,
        "waiting_years": found.years,
        "eligible_on": found.day.isoformat() if found.day else None,
    }
    return Matter("municipality", code, facts=facts)


async def prepare_lift(code: str, *, by: Identity, reason: str, now: datetime) -> Prepared[None]:
    """Let the town send its request before its waiting period is over.

    Raises:
        Forbidden, NotFound, Conflict.
    """

    async def look(locked: bool) -> Matter:
        return await lift_matter(code, by, now, locked=locked)

    async def write(signed: Signed) -> None:
        event = await signed.record(EventKind.WAITING_LIFTED)
        facts = signed.matter.facts
        await EligibilityLift(
            municipality=code,
            notified_on=date.fromisoformat(facts["notified_on"]) if facts["notified_on"] else None,
            eligible_on=date.fromisoformat(facts["eligible_on"]) if facts["eligible_on"] else None,
            reason=reason,
            by=by.id,
            at=signed.now,
            event=event,
        ).save()

    return await prepare(OfficeAct.ELIGIBILITY, by, look, write, {"reason": reason})


async def lifts(code: str) -> list[dict[str, Any]]:
    """Every lift for the town, the last one first."""
    return (
        await EligibilityLift.select(*EligibilityLift.all_columns(), EligibilityLift.by.full_name.as_alias("name"))
        .where(EligibilityLift.municipality == code)
        .order_by(EligibilityLift.id, ascending=False)
    )


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known against a declaration: from when on its case can be sent, and what disagrees in it."""

    eligibility: Eligibility | None
    remarks: list[Remark]


async def standing(case: dict[str, Any], declaration: Declaration, now: datetime) -> Standing:
    """The eligibility of `case` (a row of `cases`) with `declaration`, and every cross-check that stands out.

    A case that follows an earlier one declares what that one did: the answer between them is no disagreement.
    """
    known = await towns.known(case["municipality"])
    if case["follows"] is not None:
        known = replace(known, notified=())
    found = cross_checks.remarks(declaration, known, persian.tehran_date(now))
    return Standing(await of_case(case, declaration, now, known), found)
