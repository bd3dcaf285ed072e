"""A list of keys: the newest closes, all open, and once everything is closed again the old ones may go."""

import pytest
from cryptography.fernet import InvalidToken

from portal.services.administration import demo
from portal.services.authentication import encryption, rekeying, second_factor
from portal.tables.people import SecondFactor
from tests.cast import PEOPLE, Cast

OLD, NEW = "s" * 40, "n" * 40


async def secret(people: Cast, username: str) -> str:
    factor = await second_factor.in_force(people[username].id)
    assert factor is not None
    return encryption.open_secret(factor["secret"])


async def test_old_keys_open_until_everything_is_closed_under_the_new_one(people: Cast) -> None:
    encryption.lock_with((NEW, OLD))
    assert await secret(people, "clerk") == demo.secret_of("clerk")
    kept = encryption.seal("test", "sealed under the newest")
    encryption.lock_with((NEW,))
    assert encryption.unseal("test", kept) == "sealed under the newest"
    with pytest.raises(InvalidToken):
        await secret(people, "clerk")
    assert await rekeying.reencrypt() == (0, [str(row["id"]) for row in await factors()])

    encryption.lock_with((NEW, OLD))
    assert await rekeying.reencrypt() == (len(PEOPLE), [])
    encryption.lock_with((NEW,))
    for new in PEOPLE:
        assert await secret(people, new.username) == demo.secret_of(new.username)


async def factors() -> list[dict[str, object]]:
    return await SecondFactor.select(SecondFactor.id).order_by(SecondFactor.id)


async def test_what_is_sealed_under_an_old_key_still_holds_and_nothing_else_does(people: Cast) -> None:
    encryption.lock_with((OLD,))
    sealed, closed = encryption.seal("page", {"a": 1}), encryption.close("kept form", {"a": 1})
    encryption.lock_with((NEW, OLD))
    assert encryption.unseal("page", sealed) == {"a": 1}
    assert encryption.reveal("kept form", closed) == {"a": 1}
    assert encryption.unseal("another page", sealed) is None
    assert encryption.reveal("another form", closed) is None
    encryption.lock_with((NEW,))
    assert encryption.unseal("page", sealed) is None
    assert encryption.reveal("kept form", closed) is None
