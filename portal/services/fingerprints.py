"""Whose factor is it? A second person hears its fingerprint from the owner; until then it signs nothing."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from portal.domain.errors import Conflict
from portal.domain.events import Kind
from portal.domain.persian import fold_digits
from portal.services import journal, vault
from portal.services.traces import account_intent
from portal.tables.factors import Passkey
from portal.tables.mandates import FactorConfirmation
from portal.tables.people import SecondFactor

_STANDS = FactorConfirmation.ended_at.is_null()
CONFIRMED = """EXISTS (
    SELECT 1 FROM factor_confirmations c WHERE c.person = p.id AND c.ended_at IS NULL AND (
        EXISTS (SELECT 1 FROM second_factors f WHERE f.id = c.factor AND f.enrolled_at IS NOT NULL
                AND f.ended_at IS NULL)
        OR EXISTS (SELECT 1 FROM passkeys k WHERE k.id = c.factor AND k.ended_at IS NULL)))"""
"""Whether the person `p` has a factor with which he may sign."""


@dataclass(frozen=True, slots=True)
class Factor:
    """An enrolled factor of a person: `kind` is `totp` or `passkey`, `shown` the hex SHA-256 of what it is made of.

    64 bits of it are read out, and give nothing of it away.
    """

    id: UUID
    person: UUID
    kind: str
    shown: str
    is_confirmed: bool
    """A second person has heard what it is made of. One older than fingerprints was trusted without."""


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
    heard = {row["factor"]: row["fingerprint"] for row in kept}
    found = [(row["id"], "totp", of_secret(vault.open_secret(row["secret"]))) for row in codes]
    found += [(row["id"], "passkey", of_key(row["public_key"])) for row in keys]
    return [Factor(factor, person, kind, shown, heard.get(factor) in ("", shown)) for factor, kind, shown in found]


async def is_confirmed(factor: UUID) -> bool:
    """Whether a second person has confirmed this factor, and nothing has happened to it since.

    It must still be made of what he has heard the fingerprint of: a secret exchanged in its row is another one.
    """
    kept = await FactorConfirmation.select().where(_STANDS & (FactorConfirmation.factor == factor)).first()
    return kept is not None and any(each.id == factor and each.is_confirmed for each in await of_person(kept["person"]))


async def require_confirmed(factor: UUID) -> None:
    """Refuse to sign with a factor that nobody has confirmed (`Conflict`)."""
    if not await is_confirmed(factor):
        raise Conflict("not-confirmed")


async def write(factor: UUID, person: UUID, shown: str, *, by: UUID | None = None, now: datetime) -> None:
    """Keep that the factor with this hex SHA-256 is the person's own. Inside a transaction."""
    await FactorConfirmation(id=uuid4(), factor=factor, person=person, fingerprint=shown, by=by, at=now).save()


async def confirm_by_machine(person: UUID, heard: str, *, now: datetime) -> None:
    """By whoever holds the machine: the factor of `person` is the one with the fingerprint that was `heard`.

    `heard` are its first 16 hexadecimal digits, blanks aside.

    Raises:
        Conflict: `no-factor-yet`, `other-fingerprint`.
    """
    factors = await of_person(person)
    if not factors:
        raise Conflict("no-factor-yet")
    digits = "".join(fold_digits(heard).split()).casefold()
    factor = next((each for each in factors if each.shown[:16] == digits), None)
    if factor is None:
        raise Conflict("other-fingerprint")
    if factor.is_confirmed:
        return
    async with FactorConfirmation._meta.db.transaction():
        await write(factor.id, person, factor.shown, by=None, now=now)
        values = {"factor": str(factor.id), "fingerprint": factor.shown, "by": "machine"}
        of = account_intent(Kind.FACTOR_CONFIRMED, None, str(person), values, now)
        await journal.append(Kind.FACTOR_CONFIRMED, of, at=now, person=None)


async def pass_on(factor: UUID, person: UUID, *, now: datetime) -> None:
    """A factor that a confirmed one has enrolled is the same person's. In the transaction that enrolled it."""
    shown = next(each.shown for each in await of_person(person) if each.id == factor)
    await write(factor, person, shown, now=now)


async def void(person: UUID, *, now: datetime) -> None:
    """What was confirmed of `person` counts no more: his way in was changed by others."""
    await FactorConfirmation.update({FactorConfirmation.ended_at: now}).where(
        _STANDS & (FactorConfirmation.person == person)
    )
