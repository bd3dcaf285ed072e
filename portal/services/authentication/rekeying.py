"""A new PORTAL_SECRET_KEY: what the old ones closed is closed again under it."""

from cryptography.fernet import InvalidToken

from portal.services.authentication import encryption
from portal.tables.people import SecondFactor

BATCH = 200


async def reencrypt() -> tuple[int, list[str]]:
    """Close every second-factor secret again under the newest key; how many, and the ids of those no key opens.

    Each factor is locked for the moment, so that the portal may serve meanwhile. Ended factors are closed again
    too: they are evidence.
    """
    done, lost, after = 0, [], None
    while True:
        async with SecondFactor._meta.db.transaction():
            query = SecondFactor.select(SecondFactor.id, SecondFactor.secret).order_by(SecondFactor.id).limit(BATCH)
            rows = await (query.where(SecondFactor.id > after) if after else query).lock_rows("UPDATE")
            for row in rows:
                try:
                    closed = encryption.reencrypted(bytes(row["secret"]))
                except InvalidToken:
                    lost.append(str(row["id"]))
                    continue
                await SecondFactor.update({SecondFactor.secret: closed}).where(SecondFactor.id == row["id"])
                done += 1
        if len(rows) < BATCH:
            return done, lost
        after = rows[-1]["id"]
