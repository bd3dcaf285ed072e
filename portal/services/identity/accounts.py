"""Accounts as rows: found, named, and what of an office a statement carries."""

from typing import Any
from uuid import UUID

from portal.domain.approvals import Office
from portal.domain.errors import Invalid, NotFound
from portal.domain.lifecycle import Role
from portal.domain.mandates import MandateKind, Span
from portal.domain.persian import fold_digits
from portal.tables.people import Person
from portal.tables.places import Municipality, Province

LONGEST_NAME = 120
"""Characters of a name or a title, as the table's columns hold them."""


async def find(person: UUID) -> dict[str, Any]:
    """The row of an account, place names beside it.

    Raises:
        NotFound.
    """
    row = (
        await Person.select(
            *Person.all_columns(),
            Person.municipality.display_name.as_alias("town"),
            Person.province.name.as_alias("province_name"),
        )
        .where(Person.id == person)
        .output(load_json=False)
        .first()
    )
    if row is None:
        raise NotFound("account")
    return row


async def of_username(username: str) -> dict[str, Any] | None:
    """The row of the account with this username."""
    return await Person.select().where(Person.username == username).first()


def username_of(text: str) -> str:
    """A username as it is kept, from whatever keyboard: Latin digits, lower case."""
    return fold_digits(text).strip().casefold()


def placed(role: Role, municipality: str | None, province: str | None) -> Office:
    """The office of `role` with the place that it asks for, and no other."""
    return Office(
        role,
        fold_digits(municipality or "") if role is Role.MUNICIPALITY else None,
        fold_digits(province or "") if role is Role.GOVERNORATE else None,
    )


async def require_place(office: Office) -> str:
    """The name of the place of `office`, empty for the whole country.

    Raises:
        Invalid: the register does not know it.
    """
    if office.municipality is not None:
        town = (
            await Municipality.select(Municipality.display_name).where(Municipality.code == office.municipality).first()
        )
        if town is None:
            raise Invalid({"municipality": "unknown-municipality"})
        return str(town["display_name"])
    if office.province is not None:
        province = await Province.select(Province.name).where(Province.code == office.province).first()
        if province is None:
            raise Invalid({"province": "choose"})
        return str(province["name"])
    return ""


def in_words(office: Office, title: str, kind: MandateKind, span: Span) -> dict[str, Any]:
    """A mandate as a statement carries it."""
    return {
        "kind": kind,
        "title": title,
        "role": office.role,
        "municipality": office.municipality,
        "province": office.province,
        "starts_on": span.starts_on.isoformat(),
        "ends_on": span.ends_on.isoformat() if span.ends_on else None,
    }
