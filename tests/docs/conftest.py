"""Commands of the documentation, run as they stand there, in one process and on drawn material."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import re
import runpy
import shlex
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from unittest.mock import patch

import pytest

from sigforensics.cli import main

ROOT = Path(__file__).parents[2]
CONSOLE = re.compile(r"^```console\n(.*?)^```", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Ran:
    """A command of a page, and how it went."""

    command: str
    status: int
    stdout: str
    stderr: str


def console_commands(page: Path) -> list[str]:
    """The commands in a page's ``console`` blocks, in order."""
    blocks = CONSOLE.findall(page.read_text(encoding="utf-8"))
    return [line[2:] for block in blocks for line in block.splitlines() if line.startswith("$ ")]


def run(command: str, folder: Path) -> Ran:
    """Run ``sigforensics ...`` or ``python examples/...`` within a folder."""
    program, *arguments = shlex.split(command)
    out, err = io.StringIO(), io.StringIO()
    with (
        contextlib.chdir(folder),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        patch.object(sys, "argv", [program, *arguments]),
    ):
        status = _run_script(arguments) if program == "python" else _run_main()
    return Ran(command, status, out.getvalue(), err.getvalue())


def _run_main() -> int:
    try:
        main()
    except SystemExit as ended:
        return int(ended.code or 0)
    raise AssertionError("the command line always exits")


def _run_script(arguments: list[str]) -> int:
    script, *rest = arguments
    with patch.object(sys, "argv", [script, *rest]):
        runpy.run_path(str(ROOT / script), run_name="__main__")
    return 0


@dataclass(frozen=True)
class Tutorial:
    """A folder in which all commands of the tutorial were run, and how each went."""

    folder: Path
    ran: list[Ran]


@pytest.fixture(scope="session", name="run")
def give_run() -> Callable[[str, Path], Ran]:
    """:func:`run`."""
    return run


@pytest.fixture(scope="session", name="console_commands")
def give_console_commands() -> Callable[[Path], list[str]]:
    """:func:`console_commands`."""
    return console_commands


@pytest.fixture(scope="session")
def tutorial(tmp_path_factory: pytest.TempPathFactory) -> Tutorial:
    """The tutorial, done."""
    folder = tmp_path_factory.mktemp("tutorial")
    return Tutorial(
        folder, [run(command, folder) for command in console_commands(ROOT / "docs" / "tutorial.md")]
    )


@pytest.fixture(scope="session")
def reference() -> ModuleType:
    """``docs/generate_reference.py`` as a module."""
    path = ROOT / "docs" / "generate_reference.py"
    spec = importlib.util.spec_from_file_location("generate_reference", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
