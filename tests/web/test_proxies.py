"""Whose address counts behind proxies: what a stranger writes into the header never does."""

import pytest

from portal.web.proxies import is_trusted, visitor

TRUSTED = ("127.0.0.1", "10.0.0.0/8")


@pytest.mark.parametrize(
    ("forwarded", "expected"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("1.1.1.1, 203.0.113.9", "203.0.113.9"),
        ("203.0.113.9, 10.0.0.7", "203.0.113.9"),
        ("", "10.0.0.1"),
        ("nonsense", "10.0.0.1"),
        ("10.0.0.9, 10.0.0.8", "10.0.0.9"),
    ],
)
def test_the_last_untrusted_address_is_the_visitor(forwarded: str, expected: str) -> None:
    assert visitor("10.0.0.1", forwarded, TRUSTED) == expected


def test_only_named_networks_are_trusted() -> None:
    assert is_trusted("10.9.8.7", TRUSTED)
    assert not is_trusted("11.9.8.7", TRUSTED)
    assert not is_trusted("not an address", TRUSTED)


def test_no_more_proxies_in_a_row_are_looked_at_than_anybody_has() -> None:
    assert visitor("10.0.0.1", "203.0.113.9, " + "10.0.0.7, " * 31, TRUSTED) == "203.0.113.9"
    assert visitor("10.0.0.1", "203.0.113.9, " + "10.0.0.7, " * 1000, TRUSTED) == "10.0.0.7"
