"""The group of commands, and the one place that turns errors into a line on stderr and an exit status."""

from __future__ import annotations

import os
import sys

import click

from sigforensics import __version__
from sigforensics.cli.compare import compare
from sigforensics.cli.demo import demo
from sigforensics.cli.generate import generate
from sigforensics.cli.prepare import prepare
from sigforensics.cli.spectra import spectra
from sigforensics.cli.train import train
from sigforensics.errors import SigforensicsError

__all__ = ["main"]

INTERRUPTED = 130
"""What shells give a command that Ctrl-C ended."""


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100, "show_default": True}
)
@click.version_option(__version__, prog_name="sigforensics")
def cli() -> None:
    """Forge handwritten signatures with generative networks, and measure what gives the forgeries away.

    Inputs are never changed; outputs are complete or absent, and replaced only with --overwrite. Every error has an exit
    status of its own: docs/exit-status.md lists them.
    """


for command in (demo, generate, spectra, compare, prepare, train):
    cli.add_command(command)


def main() -> None:
    """Run the command line and exit with its status."""
    try:
        status = cli.main(standalone_mode=False)
    except SigforensicsError as error:
        click.echo(f"sigforensics: {error}", err=True)
        status = error.status
    except click.ClickException as error:
        error.show()
        status = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("sigforensics: interrupted", err=True)
        status = INTERRUPTED
    except BrokenPipeError:
        os.dup2(
            os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno()
        )  # so that closing stdout does not fail again
        status = 0
    sys.exit(status if isinstance(status, int) else 0)
