"""The group of commands, and the one place that turns errors into a line on stderr and an exit status."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import click

from sigforensics import __version__
from sigforensics.cli.compare import compare
from sigforensics.cli.console import one_line
from sigforensics.cli.demo import demo
from sigforensics.cli.find import find
from sigforensics.cli.generate import generate
from sigforensics.cli.generators import generators
from sigforensics.cli.prepare import prepare
from sigforensics.cli.refine import refine
from sigforensics.cli.spectra import spectra
from sigforensics.cli.train import train
from sigforensics.errors import InputError, SigforensicsError

__all__ = ["main"]

PIPE_CLOSED = 141
"""What shells give a command whose output nobody reads any more, as of SIGPIPE (128 + 13)."""
INTERRUPTED = 130
"""What shells give a command that Ctrl-C ended."""
ENDING_SIGNALS = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))
"""What ends a command from outside; like Ctrl-C, it must leave nothing half-written. Windows has one of them."""


class Ended(BaseException):
    """A signal asked the command to end."""

    def __init__(self, number: int) -> None:
        self.status = 128 + number
        super().__init__(signal.strsignal(number))


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100, "show_default": True}
)
@click.version_option(__version__, prog_name="sigforensics")
def cli() -> None:
    """Forge handwritten signatures with generative networks, and measure what gives the forgeries away.

    Inputs are never changed; outputs are complete or absent, and replaced only with --overwrite. Every error has an exit
    status of its own: docs/exit-status.md lists them.
    """


for command in (demo, find, generate, spectra, compare, prepare, train, refine, generators):
    cli.add_command(command)


def main() -> None:
    """Run the command line and exit with its status."""
    with _signals_end() as received:
        try:
            status = _run()
        except Exception:
            if not received:
                raise
            status = _ended(received[0])  # native code had made another exception of it
        sys.exit(status)


def _run() -> int:
    try:
        return _invoke()
    except SigforensicsError as error:
        return _fail(str(error), error.status)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return _fail("interrupted", INTERRUPTED)
    except Ended as error:
        return _ended(error)
    except SystemExit:
        return PIPE_CLOSED  # so click and rich end a command when whoever read its output has gone


def _invoke() -> int:
    try:
        status = cli.main(standalone_mode=False)
    except OSError as error:
        if error.filename is None:
            raise
        raise InputError(error.filename, str(error.strerror)) from error  # nobody foresaw it
    return status if isinstance(status, int) else 0


def _ended(error: Ended) -> int:
    return _fail(f"ended ({error})", error.status)


def _fail(message: str, status: int) -> int:
    click.echo(f"sigforensics: {one_line(message)}", err=True)
    return status


@contextmanager
def _signals_end() -> Iterator[list[Ended]]:
    """Let the signals that would kill the process unwind it instead, so that temporary files go; yield those that came.

    Signals that whoever started it had ignored (nohup) or handles stay as they are.
    """
    received: list[Ended] = []
    if threading.current_thread() is not threading.main_thread():
        yield received
        return

    def end(number: int, _frame: FrameType | None) -> None:
        received.append(Ended(number))
        raise received[-1]

    deadly = [number for number in ENDING_SIGNALS if signal.getsignal(number) is signal.SIG_DFL]
    for number in deadly:
        signal.signal(number, end)
    try:
        yield received
    finally:
        for number in deadly:
            signal.signal(number, signal.SIG_DFL)
