"""Secrets at rest and seals: the newest key writes, all keys read, and no purpose reads another's."""

from collections.abc import Iterator

import pytest
from cryptography.fernet import InvalidToken

from portal.services.authentication import encryption

OLD, NEW = "o" * 40, "n" * 40


@pytest.fixture(autouse=True)
def keys() -> Iterator[None]:
    before = encryption._keys
    encryption.configure((OLD,))
    yield
    encryption.configure(before)


def test_a_secret_is_read_back_and_never_written_alike() -> None:
    first, second = encryption.encrypt("JBSWY3DP"), encryption.encrypt("JBSWY3DP")
    assert first != second
    assert b"JBSWY3DP" not in first
    assert {encryption.decrypt(each) for each in (first, second)} == {"JBSWY3DP"}


def test_after_a_change_of_keys_the_old_is_read_and_the_new_is_written() -> None:
    before = encryption.encrypt("JBSWY3DP")
    encryption.configure((NEW, OLD))
    assert encryption.decrypt(before) == "JBSWY3DP"
    again, fresh = encryption.reencrypted(before), encryption.encrypt("JBSWY3DP")
    encryption.configure((NEW,))
    assert encryption.decrypt(again) == encryption.decrypt(fresh) == "JBSWY3DP"
    for read in (encryption.decrypt, encryption.reencrypted):
        with pytest.raises(InvalidToken):
            read(before)


def test_a_value_is_read_for_its_purpose_alone() -> None:
    value = {"typed": ["۱۲", None, 3.5]}
    kept = encryption.encrypt_value("kept form", value)
    assert encryption.decrypt_value("kept form", kept) == value
    assert encryption.decrypt_value("review", kept) is None
    assert encryption.decrypt_value("kept form", kept[:-4] + b"AAA=") is None
    with pytest.raises(InvalidToken):
        encryption.decrypt(kept)
    encryption.configure((NEW, OLD))
    assert encryption.decrypt_value("kept form", kept) == value
    assert encryption.decrypt_value("review", kept) is None
    encryption.configure((NEW,))
    assert encryption.decrypt_value("kept form", kept) is None


def test_a_seal_holds_for_its_purpose_and_is_broken_by_any_change() -> None:
    sealed = encryption.sign("form", ["1405-00001", 7])
    assert encryption.verified("form", sealed) == ["1405-00001", 7]
    assert encryption.verified("device", sealed) is None
    for text in (f"{sealed}x", sealed[1:], "", "nonsense"):
        assert encryption.verified("form", text) is None


def test_a_seal_outlives_its_key_while_that_is_in_the_list() -> None:
    sealed = encryption.sign("form", "kept")
    encryption.configure((NEW, OLD))
    assert encryption.verified("form", sealed) == "kept"
    assert encryption.verified("device", sealed) is None
    fresh = encryption.sign("form", "kept")
    encryption.configure((NEW,))
    assert encryption.verified("form", sealed) is None
    assert encryption.verified("form", fresh) == "kept"
