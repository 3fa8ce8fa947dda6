"""Progress goes to stderr, results to stdout."""

from __future__ import annotations

import json
import os
from pathlib import Path

import click
import pytest

from sigforensics.cli.console import check_json_target, console_progress, emit_json, emit_text
from sigforensics.errors import FileEmpty, OutputExists

SCHEMA = "sigforensics-compare/1"
ERROR = FileEmpty("a.png", "the file is empty")


def talk(*, quiet: bool) -> None:
    with console_progress(quiet=quiet) as progress:
        progress.stage("Reading", 2)
        progress.advance()
        progress.say("by the way")
        progress.skip(ERROR)
        progress.stage("Drawing", None)


def test_where_stderr_is_no_terminal_each_stage_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    talk(quiet=False)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines() == ["Reading (2)", "by the way", f"skipped: {ERROR}", "Drawing"]


def test_a_quiet_console_still_names_what_is_skipped(capsys: pytest.CaptureFixture[str]) -> None:
    talk(quiet=True)
    assert capsys.readouterr().err.splitlines() == [f"skipped: {ERROR}"]


def test_on_a_terminal_there_are_bars_with_the_lines_above_them(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    monkeypatch.setenv("COLUMNS", "100")
    talk(quiet=False)
    captured = capsys.readouterr()
    assert captured.out == ""
    for text in ("Reading", "1/2", "Drawing", f"skipped: {ERROR}"):
        assert text in captured.err


def test_a_document_is_json_whatever_is_in_it(capsys: pytest.CaptureFixture[str]) -> None:
    name = os.fsdecode(b"caf\xe9.png")
    emit_json({"path": Path(name), "value": float("nan"), "name": "Käthe"}, "-", overwrite=False)
    printed = capsys.readouterr().out
    assert json.loads(printed) == {"path": "caf\\udce9.png", "value": None, "name": "Käthe"}
    assert "Käthe" in printed


def test_a_line_with_an_odd_file_name_can_be_printed(capsys: pytest.CaptureFixture[str]) -> None:
    emit_text(f"written to {os.fsdecode(b'caf' + bytes([0xE9]))}")
    assert capsys.readouterr().out == "written to caf\\udce9\n"


def test_without_a_target_nothing_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    emit_json({}, None, overwrite=False)
    check_json_target(None, SCHEMA, overwrite=False)
    check_json_target("-", SCHEMA, overwrite=False)
    assert capsys.readouterr().out == ""


def test_a_target_that_is_taken_is_refused(tmp_path: Path) -> None:
    target = str(tmp_path / "a.json")
    emit_json({"schema": SCHEMA}, target, overwrite=False)
    with pytest.raises(OutputExists):
        check_json_target(target, SCHEMA, overwrite=False)
    check_json_target(target, SCHEMA, overwrite=True)


def test_a_document_replaces_none_of_another_kind(tmp_path: Path) -> None:
    target = tmp_path / "a.json"
    target.write_text('{"schema": "sigforensics-spectra/1"}')
    with pytest.raises(OutputExists):
        check_json_target(str(target), SCHEMA, overwrite=True)
    with pytest.raises(OutputExists):
        emit_json({"schema": SCHEMA}, str(target), overwrite=True)
    assert json.loads(target.read_text()) == {"schema": "sigforensics-spectra/1"}


@pytest.mark.parametrize("name", ["record.json", "Record.JSON"])
def test_no_document_takes_the_name_of_a_record(tmp_path: Path, name: str) -> None:
    with pytest.raises(click.BadParameter, match="records of runs"):
        check_json_target(str(tmp_path / name), SCHEMA, overwrite=True)


def test_a_name_with_control_characters_stays_on_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    emit_text("a\nb\x1b[31m\u009bc ü.png")
    assert capsys.readouterr().out == "a\\nb\\x1b[31m\\x9bc ü.png\n"
