"""Passwords: their length, the words that are tried first, their owner's names; and nothing else."""

import unicodedata

import pytest
from argon2 import PasswordHasher

from portal.domain.errors import Invalid
from portal.services import passwords, signins
from portal.tables.people import Person
from tests import cast
from tests.cast import Cast
from tests.conftest import Clock


def refused(password: str, *known: str) -> str | None:
    try:
        passwords.require_strong(password, *known)
    except Invalid as error:
        said = error.errors["password"]
        return said if isinstance(said, str) else said[0]
    return None


@pytest.mark.parametrize(
    "password",
    [
        "onlylowercaseletters",
        "یک جملهٔ ساده که فقط من می‌دانم",
        "۸۳۰۱۷۴۲۹۵۵۶۱",
        "ab cd ef gh ij",
        "x" * 20 + "abcdefgh",
        "s" + "é" * 3 + "langen passwort",
        "correct horse battery staple " * 4,
    ],
)
def test_length_is_all_that_is_asked(password: str) -> None:
    assert refused(password) is None


def test_length_counts_code_points_after_normalising() -> None:
    eleven = "abcdefghij" + "e\u0301"  # twelve code points, eleven characters once composed
    assert len(eleven) == 12
    assert refused(eleven) == "password-short"
    assert refused("xyzuvwklmno" + "e\u0301") is None
    assert refused("qz-xw" * 25 + "abc") is None
    assert refused("qz-xw" * 25 + "abcd") == "too-long"


@pytest.mark.parametrize(
    "password",
    [
        "password1234",
        "PassWord!!!!!",
        "passwordpassword",
        "123456789012",
        "987654321098",
        "qwertyuiop123",
        "abcdefghijklmn",
        "aaaaaaaaaaaa",
        "abababababab",
        "۱۲۳۴۵۶۷۸۹۰۱۲",
        "شهرداری۱۴۰۵۱۴۰۵",
        "بسم الله الرحمن الرحیم",
        "tehran-1405-1405",
    ],
)
def test_what_is_tried_first_is_refused(password: str) -> None:
    assert refused(password) == "password-common"


@pytest.mark.parametrize("password", ["asadabad is my town", "خانهٔ ما در اسدآباد است", "CLERK and his sentence"])
async def test_the_owners_and_the_places_names_are_refused(people: Cast, password: str) -> None:
    if "asadabad" in password:  # the register knows the Persian name alone
        assert refused(password, "asadabad") == "password-weak"
        return
    with pytest.raises(Invalid) as error:
        await passwords.require_fit(people["clerk"].id, password)
    assert error.value.errors == {"password": "password-weak"}


@pytest.mark.parametrize("form", ["NFC", "NFD"])
async def test_equal_letters_are_equal_however_they_are_composed(form: str) -> None:
    kept = await passwords.hashed(unicodedata.normalize("NFD", "آن جملهٔ دراز é"))
    assert await passwords.fits(unicodedata.normalize(form, "آن جملهٔ دراز é"), kept)


async def test_an_old_hash_is_renewed_at_sign_in(people: Cast, clock: Clock) -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1).hash(passwords.normalise(cast.PASSWORD))
    mine = Person.id == people["clerk"].id
    await Person.update({Person.password_hash: weak}).where(mine)
    for _ in range(2):
        await signins.begin("clerk", cast.PASSWORD, address="192.0.2.1", agent="", now=clock())
    row = await Person.select(Person.password_hash).where(mine).first()
    assert row is not None
    assert "m=19456,t=2,p=1" in row["password_hash"]
    assert not passwords.is_stale(row["password_hash"])
