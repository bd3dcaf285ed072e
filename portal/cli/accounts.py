"""`portal accounts`: the first administrators of an office, and help for those who lost their way in."""

import asyncio
import sys
from collections.abc import Coroutine
from datetime import UTC, datetime
from typing import Any

import click

from portal.cli.connect import connected
from portal.cli.speech import say
from portal.domain.approvals import spoken_code
from portal.domain.errors import DomainError, Invalid, NotFound
from portal.domain.lifecycle import Role
from portal.services.administration import accounts, administrators, invitations, lists, restorations
from portal.services.administration import mandates as grants
from portal.services.administration.accounts import NewAccount
from portal.services.authentication import factor_confirmations
from portal.services.identity import accounts as identities
from portal.services.identity import mandates
from portal.settings import Settings
from portal.web.words import error_messages

NEEDED = 2
"""Administrators, so that one of them can agree to what the other asks for."""


@click.group("accounts")
def commands() -> None:
    """Open, invite, confirm, restore, list and close accounts.

    Whoever holds the machine needs no second person; the journal says that it was done here.
    """


@commands.command()
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
        person = await accounts.open_by_machine(new, now=now)
        click.echo(_link(settings, await invitations.invite(person, purpose=invitations.INVITATION, by=None, now=now)))
        if len(await administrators.of_today(now)) < NEEDED:
            click.echo(say("Two people are needed for every account: open another administrator's."), err=True)


@commands.command()
@click.argument("username")
def invite(username: str) -> None:
    """Print a new one-time link for USERNAME, who has no password yet."""
    _run(_invite(username, invitations.INVITATION))


@commands.command()
@click.argument("username")
def reset(username: str) -> None:
    """Print a one-time link for a new password of USERNAME; the authenticator stays."""
    _run(_invite(username, invitations.RESET))


@commands.command()
@click.argument("username")
def restore(username: str) -> None:
    """Print a one-time link for USERNAME, whose device is lost: it ends password, authenticator and sessions."""
    _run(_restore(username))


async def _restore(username: str) -> None:
    async with connected() as settings:
        token = await restorations.begin_by_machine(await _id(username), now=datetime.now(UTC))
        click.echo(_link(settings, token))


@commands.command()
@click.argument("username")
@click.option(
    "--code", "--fingerprint", "code", help="The 24 digits that its owner reads out from their account's page."
)
def confirm(username: str, code: str | None) -> None:
    """Confirm that USERNAME enrolled the authenticator with this identification code; without one, show it.

    For whoever holds the machine, while no second person can do it in the portal.
    """
    _run(_confirm(username, code))


async def _confirm(username: str, heard: str | None) -> None:
    async with connected():
        person = await _id(username)
        if heard is None:
            factors = await factor_confirmations.of_person(person)
            if not factors:
                click.echo(say("no authenticator"))
            offices = await mandates.approvers(person, datetime.now(UTC))
            for each in factors:
                click.echo(
                    "\t".join([spoken_code(each.shown), each.kind, "confirmed" if offices <= each.heard_by else ""])
                )
            return
        await factor_confirmations.confirm_by_machine(person, heard, now=datetime.now(UTC))


@commands.command()
@click.argument("username")
def agree(username: str) -> None:
    """Agree to the mandate of USERNAME that waits, where nobody is left in the portal who may.

    Make sure of its decree first.
    """
    _run(_agree(username))


async def _agree(username: str) -> None:
    async with connected():
        await grants.agree_by_machine(await _id(username), now=datetime.now(UTC))


async def _invite(username: str, purpose: str) -> None:
    async with connected() as settings:
        person = await _id(username)
        token = await invitations.invite(person, purpose=purpose, by=None, now=datetime.now(UTC))
        click.echo(_link(settings, token))


@commands.command()
@click.argument("username")
def end(username: str) -> None:
    """Close the account of USERNAME."""
    _run(_end(username))


async def _end(username: str) -> None:
    async with connected():
        await accounts.close_by_machine(await _id(username), now=datetime.now(UTC))


@commands.command("list")
def list_accounts() -> None:
    """List every account: username, role, and whether it is entered, enrolled, confirmed, in office, closed."""
    _run(_list())


async def _list() -> None:
    async with connected():
        after = ""
        while rows := await lists.listing(datetime.now(UTC), after=after):
            for row in rows[: lists.PAGE]:
                signs = [name for name in ("entered", "enrolled", "confirmed", "mandate", "ended_at") if row[name]]
                click.echo("\t".join([row["username"], row["role"], row["place_name"] or "", " ".join(signs)]))
            after = rows[: lists.PAGE][-1]["username"]
            if len(rows) <= lists.PAGE:
                return


async def _id(username: str) -> Any:
    row = await identities.of_username(identities.username_of(username))
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
        for name, text in error_messages.of_error(error).items():
            click.echo(f"{name}: {text}" if isinstance(error, Invalid) else text, err=True)
        sys.exit(1)
