"""Accounts played again from the journal: what their rows must say, and who could sign with what at each position.

Everything is kept in a statement's own words: days and instants as text, ids as text. Pure.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from portal.domain import persian
from portal.domain.events import EventKind
from portal.domain.lifecycle import Role

Said = dict[str, Any]
"""What a row must say, by column; columns that no event tells are left out."""

OFFICE = ("title", "role", "municipality", "province")
FIRST = ""
"""The mandate that an account was opened with, until an event names its id."""
_VOIDS = ("reset", "restoration")


class UnknownMandate(LookupError):
    """An event names a mandate that no event before it granted."""


@dataclass(slots=True)
class AccountReplay:
    """One account. `account` is None until it was opened; mandates and factors are kept by their ids.

    `voids` are the instants at which all that was confirmed of the account stopped counting. `office_since` is when an
    event set the office in the row. `password` is the digest of the hash that is kept, None where no event tells it.
    """

    account: Said | None = None
    mandates: dict[str, Said] = field(default_factory=dict)
    factors: dict[str, Said] = field(default_factory=dict)
    confirmed: list[Said] = field(default_factory=list)
    voids: list[str] = field(default_factory=list)
    office_since: str = ""
    has_password: bool = False
    password: str | None = None
    password_may_be_void: bool = False

    def play(self, kind: EventKind, statement: Mapping[str, Any]) -> None:
        """Take the next event about this account.

        Raises:
            UnknownMandate.
        """
        intent, at = statement["intent"], statement["record"]["at"]
        by, values, facts = intent["signer"].get("id"), intent["values"], intent["facts"]
        match kind:
            case EventKind.ACCOUNT_OPENED:
                self._open(values, by, at)
            case EventKind.ACCOUNT_ENDED if self.account is not None:
                self.account["ended_at"] = at
                for mandate in self.mandates.values():
                    _end(mandate, by, at)
            case EventKind.MANDATE_GRANTED:
                said = _granted(values, by, at)
                self.mandates[statement["record"]["produced"]["mandate"]] = said
            case EventKind.MANDATE_CONFIRMED:
                said = values.get("mandate") or facts["mandate"]["id"]  # the machine's holder names its id alone
                self._confirm(self.mandate(said), by, at)
            case EventKind.MANDATE_ENDED:
                _shorten(self.mandate(facts["mandate"]["id"]), values["last_day"], by, at)
            case EventKind.APPROVAL_DECLINED if "mandate" in facts:
                _end(self.mandate(facts["mandate"]["id"]), by, at)
            case EventKind.APPROVAL_DECLINED if "factor" in facts:
                self._decline(facts, statement["record"].get("produced") or {}, at)
            case EventKind.FACTOR_ENROLLED:
                told = {column: values[name] for name, column in _MADE_OF.items() if name in values}
                self.factors[values["factor"]] = {**told, "enrolled_at": at, "ended_at": None}
            case EventKind.FACTOR_ENDED:
                self._end_factor(values["factor"], at)
            case EventKind.FACTOR_CONFIRMED:
                told = {name: {**facts, **values}[name] for name in ("factor", "fingerprint")}
                self.confirmed += [{**told, "by": by, "at": at, **office} for office in _confirming(intent)]
            case EventKind.PASSWORD_SET | EventKind.PASSWORD_REHASHED:
                self.has_password, self.password_may_be_void = True, False
                self.password = values.get("hash_sha256")
                if values.get("by") in _VOIDS:
                    self._reset(values, at)

    def _open(self, values: Mapping[str, Any], by: str | None, at: str) -> None:
        """Version 0.1 knew no mandates: the migration gave each account a regular one, from the day it was opened."""
        office = _office(values)
        name = values["full_name"] if "full_name" in values else values["name"]
        self.account = {"username": values["username"], "full_name": name, **office, "created_at": at, "ended_at": None}
        if "kind" in values:
            said = _granted({**values, **office}, by, at)
        else:
            days = {"kind": "regular", "starts_on": _day(at), "ends_on": None}
            said = _granted({**days, **office}, None, at)
            del said["ended_by"]  # unsaid for an account that was closed before the migration
        self.mandates[FIRST] = {**said, "confirmed_at": at}
        self.office_since = at

    def offices(self) -> list[Said]:
        """Every office that the account's row may name.

        The one that an event has set last, and those of the mandates that were in force later: their holder's signing
        in carries one over, and no event tells of that.
        """
        office = {name: self.account[name] for name in OFFICE} if self.account else {}
        later = [each for each in self.mandates.values() if self._was_in_force_later(each)]
        return [office, *({name: each[name] for name in OFFICE} for each in later)]

    def _was_in_force_later(self, mandate: Said) -> bool:
        """Whether a mandate can have been in force after the last event that set the office in the row."""
        if mandate["confirmed_at"] is None:
            return False
        since = max(self.office_since, mandate["confirmed_at"])
        day = max(_day(since), mandate["starts_on"])
        in_time = mandate["ends_on"] is None or day <= mandate["ends_on"]
        ended_at = mandate["ended_at"]
        return in_time and (ended_at is None or (since <= ended_at and day <= _day(ended_at)))

    def mandate(self, mandate: str) -> Said:
        """The mandate with this id; a first id that no event granted is the account's first one's.

        Raises:
            UnknownMandate.
        """
        if mandate not in self.mandates and FIRST in self.mandates:
            self.mandates[mandate] = self.mandates.pop(FIRST)
        if mandate not in self.mandates:
            raise UnknownMandate(mandate)
        return self.mandates[mandate]

    def _confirm(self, mandate: Said, by: str | None, at: str) -> None:
        mandate |= {"confirmed_at": at, "confirmed_by": by}
        if self.account is not None and mandate["starts_on"] <= _day(at):
            self.account |= {name: mandate[name] for name in OFFICE}
            self.office_since = at

    def _decline(self, facts: Mapping[str, Any], produced: Mapping[str, Any], at: str) -> None:
        """A factor was refused. What ended with it is told since 0.3.0; before, the password where none was left."""
        ends = facts.get("ends")
        if ends == "nothing":
            return
        self._end_factor(facts["factor"], at)
        self.password_may_be_void |= ends != "factor"
        for each in produced.get("waiting", ()):
            self.mandate(each).update({"confirmed_at": None, "confirmed_by": None})

    def _end_factor(self, factor: str, at: str) -> None:
        if (said := self.factors.get(factor)) is not None and said["ended_at"] is None:
            said["ended_at"] = at

    def _reset(self, values: Mapping[str, Any], at: str) -> None:
        """A reset of version 0.1 ended the factor itself; since then it voids what was confirmed."""
        if "link_made_by" in values:
            self.voids.append(at)
            return
        for factor in self.factors:
            self._end_factor(factor, at)

    def wrong_signature(self, statement: Mapping[str, Any]) -> str | None:
        """What is wrong with a sign-off by the owner of this account at this position; None where nothing is.

        `signer-factor`: the factor was not theirs, or had ended. `signer-mandate`: the mandate was not in force.
        """
        signer, factor = statement["intent"]["signer"], statement["record"]["factor"]
        held = self.factors.get(factor.get("id"))
        if held is None or held["kind"] != factor["kind"] or held["ended_at"] is not None:
            return "signer-factor"
        mandate = (signer.get("mandate") or {}).get("id")
        if mandate is None:
            return None  # as version 0.1 signed
        if mandate not in self.mandates and FIRST not in self.mandates:
            return "signer-mandate"
        said = self.mandate(mandate)
        place = {"role": signer["role"], **{name: signer["place"][name] for name in ("municipality", "province")}}
        day = persian.tehran_date(datetime.fromisoformat(statement["record"]["at"])).isoformat()
        stands = said["confirmed_at"] is not None and said["ended_at"] is None
        within = said["starts_on"] <= day <= (said["ends_on"] or day)
        return None if stands and within and place.items() <= said.items() else "signer-mandate"

    def void_after(self, at: str) -> str | None:
        """When what was confirmed at `at` stopped counting."""
        return next((each for each in self.voids if each > at), None)


def _confirming(intent: Mapping[str, Any]) -> list[Said]:
    """The offices for which a factor is confirmed.

    Before they were named, the signer spoke for their own; for which one the machine's holder did is not said.
    """
    named = intent["values"].get("offices") or [intent["facts"].get("approver")]
    if named == [None]:
        signer = intent["signer"]
        named = [{"role": signer["role"], "province": signer["place"]["province"]}] if signer else [None]
    return [{"approver": each["role"], "province": each["province"]} if each else {} for each in named]


_MADE_OF = {name: name for name in ("kind", "fingerprint", "public_key", "credential", "by")} | {"synced": "is_synced"}
"""What an enrolment tells of a factor, and the column that keeps it."""


def _office(values: Mapping[str, Any]) -> Said:
    """The office in `values`, with the place that its role asks for alone."""
    said = {name: values[name] for name in OFFICE}
    if said["role"] != Role.MUNICIPALITY:
        said["municipality"] = None
    if said["role"] != Role.GOVERNORATE:
        said["province"] = None
    return said


def _day(at: str) -> str:
    """The day in Tehran of an instant, both as a statement says them."""
    return persian.tehran_date(datetime.fromisoformat(at)).isoformat()


def _granted(values: Mapping[str, Any], by: str | None, at: str) -> Said:
    told = {name: values[name] for name in ("kind", *OFFICE, "starts_on", "ends_on")}
    nobody = dict.fromkeys(("confirmed_by", "confirmed_at", "ended_by", "ended_at"))
    return {**told, "granted_by": by, "granted_at": at, **nobody}


def _end(mandate: Said, by: str | None, at: str) -> None:
    if mandate["ended_at"] is None:
        mandate["ended_at"] = at
        if "ended_by" in mandate:
            mandate["ended_by"] = by


def _shorten(mandate: Said, last_day: str | None, by: str | None, at: str) -> None:
    if last_day is None:
        _end(mandate, by, at)
    else:
        mandate |= {"ends_on": last_day, "ended_by": by}
