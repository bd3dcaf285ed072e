"""The `portal` command."""

import os
import sys

import click

from portal.cli import accounts
from portal.cli.demo import demo, totp_code
from portal.cli.journal import journal
from portal.cli.letter_codes import qr
from portal.cli.municipalities import municipalities
from portal.cli.offline import archive, record
from portal.cli.reencrypt import reencrypt
from portal.cli.rules import rules
from portal.cli.serve import migrate, serve
from portal.cli.speech import Speaking, say, told
from portal.cli.sweep import sweep
from portal.cli.verify import verify
from portal.domain.errors import Unavailable
from portal.services.operations import starting
from portal.storage.calls import StoreUnavailable
from portal.variables import OperatorError
from portal.web.words import error_messages


@click.group(cls=Speaking)
@click.version_option(package_name="daraje")
def portal() -> None:
    """«درجه»: the portal through which Iran's municipalities get their grade."""


accounts.commands.add_command(reencrypt)
verify.add_command(record)
verify.add_command(archive)
verify.add_command(qr)
for command in (serve, demo, migrate, accounts.commands, municipalities, rules, journal, verify, totp_code, sweep):
    portal.add_command(command)


def main() -> None:
    """Run a command; what the operator must mend is one sentence and exit code 2."""
    os.environ.setdefault("PICCOLO_CONF", "portal.piccolo_conf")
    try:
        portal()
    except OperatorError as error:
        click.echo(told(error), err=True)
        sys.exit(2)
    except Unavailable as error:
        click.echo(error_messages.sentence(error.code, error.facts), err=True)
        sys.exit(2)
    except starting.UNANSWERED as error:
        who = "store" if isinstance(error, StoreUnavailable) else "database"
        click.echo(say("The command could not be ended. %(why)s.", why=told(starting.away(who, error))), err=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
