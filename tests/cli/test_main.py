"""One place turns what happens into a line on stderr and an exit status."""

from __future__ import annotations

import errno
import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sigforensics import errors
from sigforensics.cli.main import cli, main
from sigforensics.settings import Comparing, Scanning

COMMANDS = ("demo", "find", "generate", "spectra", "compare", "prepare", "train", "refine", "generators")
HEAVY = ("numpy", "scipy", "cv2", "PIL", "skimage", "tensorflow", "keras", "matplotlib", "rich", "pypdfium2")


def run_python(code: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)], capture_output=True, text=True, check=False
    )


def test_help_loads_nothing_that_takes_time() -> None:
    code = """
import sys
from sigforensics.cli import main
for arguments in ([], *([name] for name in sys.argv[2:])):
    sys.argv = ["sigforensics", *arguments, "--help"]
    try:
        main()
    except SystemExit as end:
        assert not end.code
print("loaded:", *(name for name in HEAVY if name in sys.modules))
"""
    done = run_python(code.replace("HEAVY", repr(HEAVY)), "", *COMMANDS)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "loaded:"


def test_every_command_is_there_and_its_help_has_an_example(sigforensics: Callable[..., Any]) -> None:
    assert set(cli.commands) == set(COMMANDS)
    for name in COMMANDS:
        shown = sigforensics(name, "--help")
        assert shown.status == 0
        assert f"\n  sigforensics {name}" in shown.out.partition("\n\n")[2]


def test_the_version_is_the_packages(sigforensics: Callable[..., Any]) -> None:
    from sigforensics import __version__

    assert sigforensics("--version").out == f"sigforensics, version {__version__}\n"


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["forge"],
        ["generate"],
        ["generate", "-o", "out"],
        ["generate", "a.png", "--data", "d", "-o", "out"],
        ["generate", "a.png", "-o", "out", "--box", "1,2,3"],
        ["generate", "a.png", "-o", "out", "--box", "1,2,0,4"],
        ["generate", "a.png", "-o", "out", "--page", "0"],
        ["generate", "a.png", "-o", "out", "--frame", "testing"],
        ["generate", "a.png", "-o", "out", "--holes", "leave"],
        ["generate", "--data", "d", "-o", "out", "--specimens", "s"],
        ["spectra", "-o", "out"],
        ["spectra", "--true", "t", "-o", "out", "--floor", "0"],
        ["compare", "one"],
        ["compare", "one", "two", "--confidence", "1"],
        ["train", "data", "-o", "out", "--size", "100"],
    ],
)
def test_a_wrong_command_line_exits_2_and_makes_nothing(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    sigforensics: Callable[..., Any],
    arguments: list[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = sigforensics(*arguments)
    assert ran.status == 2
    assert ran.out == ""
    assert "Usage: " in ran.err
    assert list(tmp_path.iterdir()) == []


def test_every_error_has_a_status_of_its_own_that_shells_leave_free() -> None:
    tree = [errors.SigforensicsError]
    for kind in tree:
        tree += kind.__subclasses__()
    statuses = [kind.status for kind in tree]
    assert len(set(statuses)) == len(statuses)
    assert all(status == 1 or 3 <= status < 126 for status in statuses)


def test_a_defect_of_ours_is_not_hidden(
    monkeypatch: pytest.MonkeyPatch, sigforensics: Callable[..., Any]
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("sigforensics.workflows.compare.compare", fail)
    with pytest.raises(ZeroDivisionError):
        sigforensics("compare", "one", "two")


def test_an_error_of_the_file_system_that_nobody_foresaw_is_a_line_and_no_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sigforensics: Callable[..., Any]
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(tmp_path / "locked"))

    monkeypatch.setattr("sigforensics.workflows.compare.compare", fail)
    ran = sigforensics("compare", "one", "two", "-q")
    assert ran.status == errors.InputError.status
    assert ran.err == f"sigforensics: {tmp_path / 'locked'}: Permission denied; check the path\n"


def test_a_file_that_may_not_be_read_is_one_of_the_inputs_and_no_wrong_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sigforensics: Callable[..., Any], flat_sets: Path
) -> None:
    """Whoever runs the tests may be allowed everything, so the refusal is staged."""
    shutil.copytree(flat_sets / "true", tmp_path / "true")
    locked, read_bytes = tmp_path / "true" / "00.png", Path.read_bytes

    def refuse(path: Path) -> bytes:
        if path == locked:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return read_bytes(path)

    monkeypatch.setattr("os.access", lambda *_, **__: False)
    monkeypatch.setattr(Path, "read_bytes", refuse)
    ran = sigforensics("generate", locked, "-o", tmp_path / "out", "-q")
    assert ran.status == errors.FileUnreadable.status
    assert ran.err.startswith(f"sigforensics: {locked}: Permission denied; ")
    assert sigforensics("spectra", "--true", tmp_path / "true", "-o", tmp_path / "out", "-q").status == 3


@pytest.mark.parametrize("target", [[], ["--json", "-"]])
def test_whoever_stops_reading_the_output_gets_no_error_but_the_status_of_a_closed_pipe(
    flat_sets: Path, target: list[str]
) -> None:
    code = "from sigforensics.cli import main; main()"
    command = [sys.executable, "-c", code, "compare", str(flat_sets / "true"), str(flat_sets / "fake")]
    with subprocess.Popen(
        [*command, "-q", *target], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 141


def test_defaults_of_ink_and_unit_are_those_of_the_settings() -> None:
    defaults = {
        (name, option.name): option.default
        for name, command in cli.commands.items()
        for option in command.params
    }
    assert defaults["compare", "unit"] == Comparing().unit
    assert defaults["generate", "ink"] == defaults["prepare", "ink"] == Scanning().ink


@pytest.mark.parametrize(("name", "status"), [("SIGINT", 130), ("SIGTERM", 143), ("SIGHUP", 129)])
def test_a_run_that_is_ended_leaves_nothing_behind(tmp_path: Path, name: str, status: int) -> None:
    if not hasattr(signal, name):
        pytest.skip(f"this system has no {name}")
    # whoever runs the tests may have told them to ignore these signals, as nohup does
    code = (
        "import signal\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        f"signal.signal(signal.{name}, signal.getsignal(signal.SIGINT) if {name == 'SIGINT'} else signal.SIG_DFL)\n"
        "from sigforensics.cli import main; main()"
    )
    output = tmp_path / "new" / "demo"
    with subprocess.Popen(
        [sys.executable, "-c", code, "demo", "-o", str(output)], stderr=subprocess.PIPE, text=True
    ) as process:
        deadline = time.monotonic() + 60
        while not any(tmp_path.rglob("*.png")) and time.monotonic() < deadline:
            time.sleep(0.02)
        process.send_signal(getattr(signal, name))
        said = process.stderr.read()
    assert process.returncode == status
    assert said.splitlines()[-1].startswith("sigforensics: ")
    assert "Traceback" not in said
    assert list(tmp_path.iterdir()) == []


def test_an_end_of_which_other_code_made_an_error_of_its_own_is_still_an_end(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """TensorFlow does, where the signal strikes while it traces a function."""

    def wrap() -> int:
        try:
            signal.raise_signal(signal.SIGTERM)
        except BaseException as error:
            raise RuntimeError("in user code") from error
        return 0

    before = signal.signal(signal.SIGTERM, signal.SIG_DFL)
    try:
        monkeypatch.setattr(sys.modules["sigforensics.cli.main"], "_run", wrap)
        with pytest.raises(SystemExit) as caught:
            main()
    finally:
        signal.signal(signal.SIGTERM, before)
    assert caught.value.code == 143
    assert capsys.readouterr().err == "sigforensics: ended (Terminated)\n"


def test_an_error_that_nobody_foresaw_is_shown_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> int:
        raise RuntimeError("unforeseen")

    monkeypatch.setattr(sys.modules["sigforensics.cli.main"], "_run", fail)
    with pytest.raises(RuntimeError, match="unforeseen"):
        main()


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="this system has no SIGHUP")
def test_signals_that_were_ignored_stay_ignored(sigforensics: Callable[..., Any]) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        sigforensics("--version")
        assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_compare_and_spectra_start_neither_tensorflow_nor_what_they_do_not_need(
    tmp_path: Path, flat_sets: Path
) -> None:
    code = """
import sys
from sigforensics.cli import main
try:
    main()
except SystemExit as end:
    print(end.code, *(name for name in ("tensorflow", "keras", "matplotlib", "skimage") if name in sys.modules))
"""
    true, fake = flat_sets / "true", flat_sets / "fake"
    compared = run_python(
        code, "compare", true, fake, "-q", "--json", tmp_path / "a.json", "--csv", tmp_path / "a.csv"
    )
    assert compared.stdout.splitlines()[-1] == "0", compared.stderr
    drawn = run_python(code, "spectra", "--true", true, "--fake", fake, "-o", tmp_path / "out", "-q")
    assert drawn.stdout.splitlines()[-1] == "0 matplotlib", drawn.stderr
    assert json.loads((tmp_path / "a.json").read_text())["n_true"] == 6
    assert (tmp_path / "out" / "record.json").is_file()
