"""What a command is doing, for whoever waits before a terminal."""

import sys

import click


def step(what: str) -> None:
    """Say what begins now: a line of its own on a terminal, nothing in a pipe."""
    if sys.stdout.isatty():
        click.echo(f"  {what} …")
        sys.stdout.flush()
