"""Whose factor is it? A second person hears its fingerprint from the owner; until then it signs nothing."""

import hashlib
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from portal.domain.errors import Conflict
from portal.domain.events import Kind
from portal.domain.persian import fold_digits
from portal.services import journal, second_factor, vault
from portal.tables.mandates import FactorConfirmation

_STANDS = FactorConfirmation.ended_at.is_null()


def fingerprint(factor: dict[str, Any]) -> str:
    """Hex SHA-256 of what an enrolled factor is made of; 64 bits of it are read out, and give nothing of it away."""
    return hashlib.sha256(b"daraje factor\0" + vault.open_secret(factor["secret"]).encode()).hexdigest()


async def of_person(person: UUID) -> tuple[str, bool] | None:
    """The fingerprint of the factor of `person` and whether it is confirmed; None without a factor."""
    factor = await second_factor.in_force(person)
    return (fingerprint(factor), await is_confirmed(factor["id"])) if factor else None


async def is_confirmed(factor: UUID) -> bool:
    """Whether a second person has confirmed this factor, and nothing has happened to it since."""
    return bool(await FactorConfirmation.exists().where(_STANDS & (FactorConfirmation.factor == factor)))


async def require_confirmed(factor: UUID) -> None:
    """Refuse to sign with a factor that nobody has confirmed (`Conflict`)."""
    if not await is_confirmed(factor):
        raise Conflict("not-confirmed")


async def write(factor: UUID, person: UUID, shown: str, *, by: UUID | None, now: datetime) -> None:
    """Keep that the factor with this hex SHA-256 is the person's own. Inside a transaction."""
    await FactorConfirmation(id=uuid4(), factor=factor, person=person, fingerprint=shown, by=by, at=now).save()


async def confirm_by_machine(person: UUID, heard: str, *, now: datetime) -> None:
    """By whoever holds the machine: the factor of `person` is the one with the fingerprint that was `heard`.

    `heard` are its first 16 hexadecimal digits, blanks aside.

    Raises:
        Conflict: `no-factor-yet`, `other-fingerprint`.
    """
    factor = await second_factor.in_force(person)
    if factor is None:
        raise Conflict("no-factor-yet")
    shown = fingerprint(factor)
    if "".join(fold_digits(heard).split()).casefold() != shown[:16]:
        raise Conflict("other-fingerprint")
    if await is_confirmed(factor["id"]):
        return
    async with FactorConfirmation._meta.db.transaction():
        await write(factor["id"], person, shown, by=None, now=now)
        values = {"factor": str(factor["id"]), "fingerprint": shown, "by": "machine"}
        of = second_factor.account_intent(Kind.FACTOR_CONFIRMED, None, str(person), values, now)
        await journal.append(Kind.FACTOR_CONFIRMED, of, at=now, person=None)


async def pass_on(former: UUID, factor: dict[str, Any], *, now: datetime) -> None:
    """A factor that was enrolled by a proof of the confirmed one before it is the same person's. In a transaction."""
    if await is_confirmed(former):
        await write(factor["id"], factor["person"], fingerprint(factor), by=None, now=now)


async def void(person: UUID, *, now: datetime) -> None:
    """What was confirmed of `person` counts no more: his way in was changed by others."""
    await FactorConfirmation.update({FactorConfirmation.ended_at: now}).where(
        _STANDS & (FactorConfirmation.person == person)
    )
