"""Whose factor is it? A second person hears its fingerprint from the owner; until then it signs nothing.

Whoever hears it speaks for one office: the factor signs under the mandates that this office agrees to. Whoever holds
another office as well, today or later, reads it to the one that agrees to that.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID, uuid4

from portal.domain.approvals import Office, spoken_code
from portal.domain.errors import Conflict
from portal.domain.events import EventKind
from portal.domain.lifecycle import Role
from portal.domain.persian import fold_digits
from portal.services.authentication import encryption
from portal.services.identity import mandates
from portal.services.identity.identity import Identity
from portal.services.journal import log
from portal.tables.factors import Passkey
from portal.tables.mandates import FactorConfirmation
from portal.tables.people import Person, SecondFactor

_STANDS = FactorConfirmation.ended_at.is_null()
_CODES = """EXISTS (
    SELECT 1 FROM second_factors f WHERE f.id = c.factor AND f.enrolled_at IS NOT NULL AND f.ended_at IS NULL)"""
_KEYS = "EXISTS (SELECT 1 FROM passkeys k WHERE k.id = c.factor AND k.ended_at IS NULL)"
_CONFIRMED = """EXISTS (
    SELECT 1 FROM factor_confirmations c WHERE c.person = p.id AND c.ended_at IS NULL
    AND c.approver = o.approver AND c.province IS NOT DISTINCT FROM o.approver_province AND {})"""
CONFIRMED = _CONFIRMED.format(f"({_CODES} OR {_KEYS})")
"""Whether the person `p` has a factor to sign with under their mandate `o`, a row of `mandates.IN_FORCE`."""
CONFIRMED_HERE = _CONFIRMED.format(
    f"""CASE WHEN s.factor IS NOT NULL THEN c.factor = s.factor AND ({_CODES} OR {_KEYS})
        ELSE s.means = 'totp' AND {_CODES} OR s.means = 'passkey' AND {_KEYS} END"""
)
"""The same of the factor that proved the session `s`: one that was heard beside it opens nothing to it.

A session from before factors were kept goes by the kind of its own; a recovery code from then speaks for none.
"""


_HOLD = f"""
SELECT m.confirmed_at, m.ended_at, m.starts_on, m.ends_on, (
    SELECT max(e.position) FROM events e WHERE e.subject_type = {{}} AND e.subject = {{}}) AS last, EXISTS (
    SELECT 1 FROM factor_confirmations c, LATERAL (SELECT {mandates.APPROVER}) o
    WHERE c.person = m.person AND c.factor = {{}} AND c.ended_at IS NULL AND c.fingerprint IN ('', {{}})
    AND c.approver = o.approver AND c.province IS NOT DISTINCT FROM o.approver_province) AS is_heard
FROM mandates m WHERE m.id = {{}} FOR SHARE OF m
"""


@dataclass(frozen=True, slots=True)
class Factor:
    """An enrolled factor of a person: `kind` is `totp` or `passkey`, `shown` the hex SHA-256 of what it is made of.

    64 bits of it are read out, and give nothing of it away.
    """

    id: UUID
    person: UUID
    kind: str
    shown: str
    heard_by: frozenset[Office]
    """For which offices a second person has heard what it is made of; one from before fingerprints was trusted."""


def of_secret(secret: str) -> str:
    """Hex SHA-256 of an authenticator's base32 secret."""
    return hashlib.sha256(f"daraje authenticator\0{secret}".encode()).hexdigest()


def of_key(public_key: bytes) -> str:
    """Hex SHA-256 of a passkey's public key (DER)."""
    return hashlib.sha256(public_key).hexdigest()


async def of_person(person: UUID) -> list[Factor]:
    """The enrolled factors of `person`, the authenticator first."""
    enrolled = SecondFactor.enrolled_at.is_not_null() & SecondFactor.ended_at.is_null()
    codes = await SecondFactor.select().where(enrolled & (SecondFactor.person == person))
    keys = await Passkey.select().where(Passkey.ended_at.is_null() & (Passkey.person == person))
    kept = await FactorConfirmation.select().where(_STANDS & (FactorConfirmation.person == person))
    found = [(row["id"], "totp", of_secret(encryption.decrypt(row["secret"]))) for row in codes]
    found += [(row["id"], "passkey", of_key(row["public_key"])) for row in keys]
    return [Factor(factor, person, kind, shown, _heard(kept, factor, shown)) for factor, kind, shown in found]


def _heard(kept: Sequence[Mapping[str, Any]], factor: UUID, shown: str) -> frozenset[Office]:
    """A factor must still be made of what was heard: a secret exchanged in its row is another one."""
    rows = [row for row in kept if row["factor"] == factor and row["fingerprint"] in ("", shown)]
    return frozenset(Office(Role(row["approver"]), None, row["province"]) for row in rows)


async def heard_by(factor: UUID, person: UUID) -> frozenset[Office]:
    """The offices for which a second person has confirmed this factor, and nothing has happened to it since."""
    return next((each.heard_by for each in await of_person(person) if each.id == factor), frozenset())


class Signing(Protocol):
    """A factor that signs: `fingerprint` is the hex SHA-256 of what it is made of."""

    @property
    def factor(self) -> UUID: ...

    @property
    def fingerprint(self) -> str: ...


async def hold(by: Identity, with_: Signing, about: tuple[str, str], *, now: datetime) -> int | None:
    """Inside the transaction of an act: what `by` signs under is in force, and is not ended before the act is done.

    `about` is the type and the id of what is signed.

    Returns:
        The position of the last event about it; None where there is none yet.

    Raises:
        Conflict: `mandate-over`; `not-confirmed`: nobody has heard the factor, as it is made now, for the office that
            agrees to this mandate.
    """
    rows = await FactorConfirmation.raw(_HOLD, *about, with_.factor, with_.fingerprint, by.mandate)
    if not rows or mandates.status(rows[0], now) != "now":
        raise Conflict("mandate-over")
    if not rows[0]["is_heard"]:
        raise Conflict("not-confirmed")
    last: int | None = rows[0]["last"]
    return last


async def write(
    factor: UUID, person: UUID, shown: str, offices: Iterable[Office], *, by: UUID | None = None, now: datetime
) -> None:
    """Keep that the factor with this hex SHA-256 is the person's own, for each of `offices`. Inside a transaction."""
    for office in offices:
        await FactorConfirmation(
            id=uuid4(),
            factor=factor,
            person=person,
            fingerprint=shown,
            approver=office.role,
            province=office.province,
            by=by,
            at=now,
        ).save()


def as_fact(office: Office) -> dict[str, Any]:
    """An office that confirms, as a statement carries it."""
    return {"role": office.role, "province": office.province}


async def confirm_by_machine(person: UUID, heard: str, *, now: datetime) -> None:
    """By whoever holds the machine: the factor of `person` is the one whose code (`spoken_code`) was `heard`.

    Blanks and the script of the digits do not matter. Before 0.3.0 the first 16 hexadecimal digits were read out.

    Raises:
        Conflict: `no-factor-yet`, `other-fingerprint`; `no-mandate`, without which there is nothing to confirm it for.
    """
    digits = "".join(fold_digits(heard).split()).casefold()
    async with FactorConfirmation._meta.db.transaction():
        await Person.select(Person.id).where(Person.id == person).lock_rows("UPDATE")  # no link is used meanwhile
        factors = await of_person(person)
        if not factors:
            raise Conflict("no-factor-yet")
        factor = next((each for each in factors if digits in _codes(each.shown)), None)
        if factor is None:
            raise Conflict("other-fingerprint")
        offices = await mandates.approvers(person, now)
        if not offices:
            raise Conflict("no-mandate")
        unheard = sorted(offices - factor.heard_by, key=str)
        if not unheard:
            return
        await write(factor.id, person, factor.shown, unheard, now=now)
        values: dict[str, Any] = {"factor": str(factor.id), "fingerprint": factor.shown, "by": "machine"}
        values |= {"offices": [as_fact(each) for each in unheard]}
        await log.note(EventKind.FACTOR_CONFIRMED, ("account", str(person)), by=None, now=now, values=values)


def _codes(shown: str) -> tuple[str, str]:
    return spoken_code(shown).replace(" ", ""), shown[:16]


async def inherit(factor: UUID, person: UUID, offices: Iterable[Office], *, now: datetime) -> None:
    """What a factor confirmed for `offices` has enrolled is the same person's. In the transaction that enrolled it."""
    shown = next(each.shown for each in await of_person(person) if each.id == factor)
    await write(factor, person, shown, offices, now=now)


async def revoke(person: UUID, *, now: datetime) -> None:
    """What was confirmed of `person` counts no more: their way in was changed by others."""
    await FactorConfirmation.update({FactorConfirmation.ended_at: now}).where(
        _STANDS & (FactorConfirmation.person == person)
    )
