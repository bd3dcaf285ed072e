"""A list of keys: the newest closes, all open, and once everything is closed again the old ones may go."""

import pytest
from cryptography.fernet import InvalidToken

from portal.services.administration import demo
from portal.services.authentication import encryption, rekeying, second_factor
from portal.tables.people import SecondFactor
from tests.world.cast import PEOPLE, Cast

OLD, NEW = "s" * 40, "n" * 40


async def secret(people: Cast, username: str) -> str:
    factor = await second_factor.in_force(people[username].id)
    assert factor is not None
    return encryption.decrypt(factor["secret"])


async def test_old_keys_open_until_everything_is_closed_under_the_new_one(people: Cast) -> None:
    encryption.configure((NEW, OLD))
    assert await secret(people, "clerk") == demo.secret_of("clerk")
    kept = encryption.sign("test", "sealed under the newest")
    encryption.configure((NEW,))
    assert encryption.verified("test", kept) == "sealed under the newest"
    with pytest.raises(InvalidToken):
        await secret(people, "clerk")
    assert await rekeying.reencrypt() == (0, [str(row["id"]) for row in await factors()])

    encryption.configure((NEW, OLD))
    assert await rekeying.reencrypt() == (len(PEOPLE), [])
    encryption.configure((NEW,))
    for new in PEOPLE:
        assert await secret(people, new.username) == demo.secret_of(new.username)


async def factors() -> list[dict[str, object]]:
    return await SecondFactor.select(SecondFactor.id).order_by(SecondFactor.id)
