"""`portal accounts`: the first administrators of an office, and help for those who lost their way in."""

import asyncio
import sys
from collections.abc import Coroutine
from datetime import UTC, datetime
from typing import Any

import click

from portal.cli.connect import connected
from portal.domain.errors import DomainError, Invalid, NotFound
from portal.domain.lifecycle import Role
from portal.services import accounts as service
from portal.services import invitations
from portal.services.accounts import NewAccount
from portal.settings import Settings
from portal.web import sentences


@click.group()
def accounts() -> None:
    """Open, invite, list and close accounts."""


@accounts.command()
@click.option("--role", type=click.Choice([each.value for each in Role]), required=True)
@click.option("--username", required=True)
@click.option("--full-name", required=True)
@click.option("--title", required=True)
@click.option("--municipality", help="Its code, for a municipality's account.")
@click.option("--province", help="Its code, for a governorate's account.")
def create(
    role: str, username: str, full_name: str, title: str, municipality: str | None, province: str | None
) -> None:
    """Open an account and print its one-time link."""
    _run(_create(NewAccount(username, full_name, title, Role(role), municipality, province)))


async def _create(new: NewAccount) -> None:
    async with connected() as settings:
        now = datetime.now(UTC)
        person = await service.open_account(new, by=None, now=now)
        click.echo(_link(settings, await invitations.invite(person, purpose=invitations.INVITATION, by=None, now=now)))
        if await service.administrators() < 2:
            click.echo("An office needs two administrators: open a second one.", err=True)


@accounts.command()
@click.argument("username")
def invite(username: str) -> None:
    """Print a new one-time link for USERNAME, who has no password yet."""
    _run(_invite(username, invitations.INVITATION))


@accounts.command()
@click.argument("username")
def reset(username: str) -> None:
    """Print a one-time link that ends USERNAME's password, authenticator and sessions."""
    _run(_invite(username, invitations.RESET))


async def _invite(username: str, purpose: str) -> None:
    async with connected() as settings:
        person = await _id(username)
        token = await invitations.invite(person, purpose=purpose, by=None, now=datetime.now(UTC))
        click.echo(_link(settings, token))


@accounts.command()
@click.argument("username")
def end(username: str) -> None:
    """Close the account of USERNAME."""
    _run(_end(username))


async def _end(username: str) -> None:
    async with connected():
        await service.close(await _id(username), by=None, now=datetime.now(UTC))


@accounts.command("list")
def list_accounts() -> None:
    """List every account: username, role, whether it is entered, enrolled, closed."""
    _run(_list())


async def _list() -> None:
    async with connected():
        after = ""
        while rows := await service.listing(after=after):
            for row in rows[: service.PAGE]:
                signs = [name for name in ("entered", "enrolled", "ended_at") if row[name]]
                click.echo("\t".join([row["username"], row["role"], row["place_name"] or "", " ".join(signs)]))
            after = rows[: service.PAGE][-1]["username"]
            if len(rows) <= service.PAGE:
                return


async def _id(username: str) -> Any:
    row = await service.of_username(service.username_of(username))
    if row is None:
        raise NotFound("account")
    return row["id"]


def _link(settings: Settings, token: str) -> str:
    return f"{settings.base_url}/invitations/{token}"


def _run(work: Coroutine[Any, Any, None]) -> None:
    """Run a command; a refusal is one sentence and exit code 1."""
    try:
        asyncio.run(work)
    except DomainError as error:
        for name, text in sentences.of_error(error).items():
            click.echo(f"{name}: {text}" if isinstance(error, Invalid) else text, err=True)
        sys.exit(1)
