"""The demo's people. Their second factors can be computed by anyone, on purpose: `portal serve` refuses them."""

import base64
from datetime import datetime
from uuid import UUID, uuid4

from portal.domain.events import EventKind
from portal.domain.lifecycle import Role
from portal.services.administration import accounts
from portal.services.administration.accounts import NewAccount
from portal.services.authentication import encryption, factor_confirmations, passwords
from portal.services.identity import account_events, mandates
from portal.services.identity import accounts as identities
from portal.services.identity.identity import Identity
from portal.tables.people import Person, SecondFactor

PASSWORD = "daraje-demo-1405"  # noqa: S105 (the demo's, printed when it starts)
SECRET_BYTES = 20


def secret_of(username: str) -> str:
    """The base32 secret of a demo account: its username's bytes, repeated to 20 bytes."""
    raw = username.encode()
    return base64.b32encode((raw * SECRET_BYTES)[:SECRET_BYTES]).decode()


async def open_account(new: NewAccount, *, password_hash: str, now: datetime) -> Identity:
    """Open a demo account with its password and authenticator already set."""
    person = await accounts.open_by_machine(new, now=now)
    factor = uuid4()
    async with Person._meta.db.transaction():
        await Person.update({Person.password_hash: password_hash}).where(Person.id == person)
        await SecondFactor(
            id=factor,
            person=person,
            secret=encryption.encrypt(secret_of(new.username)),
            created_at=now,
            enrolled_at=now,
        ).save()
        told = {"by": "demo", "hash_sha256": passwords.digest(password_hash)}
        await account_events.record(EventKind.PASSWORD_SET, person, None, told, now)
        shown = factor_confirmations.of_secret(secret_of(new.username))
        await factor_confirmations.write(factor, person, shown, await mandates.approvers(person, now), now=now)
        values = {"factor": str(factor), "kind": "totp", "fingerprint": shown, "by": "demo"}
        await account_events.record(EventKind.FACTOR_ENROLLED, person, None, values, now)
    return await identity(person)


async def known(username: str) -> str | None:
    """The username, as it is kept, of an open account whose authenticator has the secret that everybody can compute."""
    row = await identities.of_username(identities.username_of(username))
    if row is None or row["ended_at"] is not None:
        return None
    factors = await SecondFactor.select(SecondFactor.secret).where(
        (SecondFactor.person == row["id"]) & SecondFactor.ended_at.is_null()
    )
    computed = secret_of(row["username"])
    return row["username"] if any(encryption.decrypt(each["secret"]) == computed for each in factors) else None


async def identity(person: UUID) -> Identity:
    """The person as one who acts."""
    row = await identities.find(person)
    mandate = (await mandates.of_person(person))[0]
    return Identity(
        id=row["id"],
        username=row["username"],
        full_name=row["full_name"],
        title=row["title"],
        role=Role(row["role"]),
        municipality=row["municipality"],
        province=row["province"],
        place_name=row["town"] or row["province_name"] or "",
        mandate=mandate["id"],
    )


async def is_seeded() -> bool:
    """Whether the demo's accounts are there."""
    return bool(await Person.exists().where(Person.username == "shahrdari"))
