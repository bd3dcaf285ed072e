"""The `portal` command."""

import os
import sys

import click

from portal import texts
from portal.cli import accounts
from portal.cli.demo import demo, totp_code
from portal.cli.journal import journal
from portal.cli.municipalities import municipalities
from portal.cli.offline import archive, record
from portal.cli.reencrypt import reencrypt
from portal.cli.rules import rules
from portal.cli.serve import migrate, serve
from portal.cli.sweep import sweep
from portal.cli.verify import verify
from portal.domain.errors import Unavailable
from portal.embedded.datadir import ServersError
from portal.services.operations import starting
from portal.storage.calls import StoreUnavailable
from portal.variables import SettingsError
from portal.web.words import error_messages


@click.group()
@click.version_option(package_name="daraje")
def portal() -> None:
    """«درجه»: the portal through which Iran's municipalities get their grade."""


accounts.commands.add_command(reencrypt)
verify.add_command(record)
verify.add_command(archive)
for command in (serve, demo, migrate, accounts.commands, municipalities, rules, journal, verify, totp_code, sweep):
    portal.add_command(command)


def main() -> None:
    """Run a command; what the operator must mend is one sentence and exit code 2."""
    os.environ.setdefault("PICCOLO_CONF", "portal.piccolo_conf")
    try:
        portal()
    except (SettingsError, ServersError) as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    except Unavailable as error:
        texts.locale.set("en")
        click.echo(error_messages.sentence(error.code, error.facts), err=True)
        sys.exit(2)
    except starting.UNANSWERED as error:
        who = "store" if isinstance(error, StoreUnavailable) else "database"
        click.echo(f"The command could not be ended: {starting.in_words(who, error)}.", err=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
