"""Outputs are complete or absent, and never in place of, or among, what somebody else wrote."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import pytest

from sigforensics.errors import OutputExists, OutputHoldsInputs, OutputUnwritable
from sigforensics.provenance import Record, write_record
from sigforensics.storage import (
    atomic_file,
    check_output_file,
    is_json_of,
    output_file,
    output_folder,
    remove_leftovers,
)


def write_ours(folder: Path, *names: str) -> None:
    """A folder as a run leaves it: files, and a record that names them."""
    with output_folder(folder) as staging:
        for name in names:
            (staging / name).parent.mkdir(parents=True, exist_ok=True)
            (staging / name).write_text(name)
        record = Record(command="test")
        record.add_outputs(staging, [staging / name for name in names])
        write_record(staging, record)


def write_and_raise(path: Path, trouble: type[BaseException]) -> None:
    path.write_text("half")
    raise trouble("in the midst of it")


def listed(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def test_a_folder_appears_only_when_it_is_complete(tmp_path: Path) -> None:
    with output_folder(tmp_path / "out") as staging:
        (staging / "a").write_text("a")
        assert not (tmp_path / "out").exists()
    assert listed(tmp_path) == ["out", "out/a"]


@pytest.mark.parametrize("trouble", [ValueError, KeyboardInterrupt, SystemExit])
def test_a_run_that_fails_leaves_nothing_not_even_the_folders_above(
    tmp_path: Path, trouble: type[BaseException]
) -> None:
    with pytest.raises(trouble), output_folder(tmp_path / "new" / "deep" / "out") as staging:
        write_and_raise(staging / "half", trouble)
    assert listed(tmp_path) == []


def test_folders_above_that_were_there_stay_after_a_failure(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    with pytest.raises(ValueError, match="x"), output_folder(tmp_path / "kept" / "out"):
        raise ValueError("x")
    assert listed(tmp_path) == ["kept"]


def test_an_empty_folder_is_free_and_a_full_one_is_not(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with output_folder(tmp_path / "empty") as staging:
        (staging / "a").write_text("a")
    with pytest.raises(OutputExists, match="not empty"), output_folder(tmp_path / "empty"):
        raise AssertionError
    assert listed(tmp_path / "empty") == ["a"]


def test_overwriting_replaces_the_whole_of_what_we_wrote(tmp_path: Path) -> None:
    write_ours(tmp_path / "out", "old", "sub/old")
    with output_folder(tmp_path / "out", overwrite=True) as staging:
        (staging / "new").write_text("new")
    assert listed(tmp_path) == ["out", "out/new"]


@pytest.mark.parametrize(
    "record",
    [
        "{}",
        '{"schema": "somebody-else/1"}',
        '{"schema": "sigforensics-compare/1", "outputs": []}',
        "[]",
        "no JSON",
    ],
)
def test_a_folder_whose_record_is_not_ours_is_never_replaced(tmp_path: Path, record: str) -> None:
    (tmp_path / "record.json").write_text(record)
    with pytest.raises(OutputExists, match="did not write it"), output_folder(tmp_path, overwrite=True):
        raise AssertionError
    assert (tmp_path / "record.json").read_text() == record


@pytest.mark.parametrize(
    "name", ["notes.txt", "sub/a copy of a.png", "results.json", ".notes", ".git/config", "sub/record.json"]
)
def test_a_file_that_somebody_put_into_our_folder_keeps_it_from_being_replaced(
    tmp_path: Path, name: str
) -> None:
    write_ours(tmp_path / "out", "a.png", "sub/b.png")
    theirs = tmp_path / "out" / name
    theirs.parent.mkdir(exist_ok=True)
    theirs.write_text('{"schema": "sigforensics-generate/1"}')
    with pytest.raises(OutputExists, match=name), output_folder(tmp_path / "out", overwrite=True):
        raise AssertionError
    assert theirs.exists()


def test_an_output_that_somebody_changed_keeps_its_folder_from_being_replaced(tmp_path: Path) -> None:
    write_ours(tmp_path / "out", "a.png", "table.csv")
    (tmp_path / "out" / "table.csv").write_text("table.csv, with remarks")
    with (
        pytest.raises(OutputExists, match=r"table\.csv, which .* was changed since"),
        output_folder(tmp_path / "out", overwrite=True),
    ):
        raise AssertionError
    assert (tmp_path / "out" / "table.csv").read_text() == "table.csv, with remarks"


def test_a_link_in_place_of_an_output_is_somebody_elses(tmp_path: Path) -> None:
    write_ours(tmp_path / "out", "a.png")
    (tmp_path / "out" / "a.png").rename(tmp_path / "kept.png")
    (tmp_path / "out" / "a.png").symlink_to(tmp_path / "kept.png")
    with pytest.raises(OutputExists, match=r"a\.png"), output_folder(tmp_path / "out", overwrite=True):
        raise AssertionError


@pytest.mark.parametrize("outputs", ["null", "3", '["a.png"]', '[{"path": "a.png"}]', '[{"sha256": null}]'])
def test_a_record_that_states_no_hashes_vouches_for_nothing(tmp_path: Path, outputs: str) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a.png").write_text("a")
    record = f'{{"schema": "sigforensics-record/1", "outputs": {outputs}}}'
    (tmp_path / "out" / "record.json").write_text(record)
    with pytest.raises(OutputExists, match=r"a\.png"), output_folder(tmp_path / "out", overwrite=True):
        raise AssertionError


def test_what_file_managers_leave_does_not_keep_it(tmp_path: Path) -> None:
    write_ours(tmp_path / "out", "a.png")
    (tmp_path / "out" / ".DS_Store").write_text("")
    (tmp_path / "out" / "Thumbs.db").write_text("")
    with output_folder(tmp_path / "out", overwrite=True):
        pass
    assert listed(tmp_path / "out") == []


def test_when_overwriting_fails_the_old_folder_is_as_it_was(tmp_path: Path) -> None:
    write_ours(tmp_path / "out", "old")
    with pytest.raises(ValueError, match="midst"), output_folder(tmp_path / "out", overwrite=True) as staging:
        write_and_raise(staging / "new", ValueError)
    assert listed(tmp_path) == ["out", "out/old", "out/record.json"]


def test_an_output_must_not_hold_be_or_lie_within_an_input(tmp_path: Path) -> None:
    scans = tmp_path / "scans"
    scans.mkdir()
    (scans / "a.png").write_text("a")
    for output, inputs in (
        (scans, [scans / "a.png"]),
        (tmp_path, [scans]),
        (scans, [scans]),
        (scans / "out", [scans]),
        (scans / "deep" / "out", [scans]),
        (tmp_path / "elsewhere" / ".." / "scans" / "out", [scans]),
    ):
        with pytest.raises(OutputHoldsInputs), output_folder(output, overwrite=True, inputs=inputs):
            raise AssertionError
        assert listed(tmp_path) == ["scans", "scans/a.png"]


def test_links_do_not_hide_that_an_output_lies_within_an_input(tmp_path: Path) -> None:
    (tmp_path / "scans").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "scans")
    for output, entry in (("link/out", "scans"), ("scans/out", "link")):
        with (
            pytest.raises(OutputHoldsInputs),
            output_folder(tmp_path / output, inputs=[tmp_path / entry]),
        ):
            raise AssertionError


def test_a_linked_folder_is_filled_and_the_link_stays(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "out").symlink_to(tmp_path / "disk")
    with output_folder(tmp_path / "out") as staging:
        (staging / "a").write_text("a")
    assert (tmp_path / "out").is_symlink()
    assert (tmp_path / "disk" / "a").read_text() == "a"


def test_a_file_and_a_dangling_link_are_no_places_for_a_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for name in ("file", "link"):
        with pytest.raises(OutputExists, match="no folder"), output_folder(tmp_path / name, overwrite=True):
            raise AssertionError


def test_the_current_folder_is_not_replaced_under_the_shell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    for path in (Path(), Path("..") / "here", tmp_path):
        with pytest.raises(OutputExists, match="current folder"), output_folder(path):
            raise AssertionError


@pytest.mark.parametrize("name", ["file/out", "x" * 300])
def test_an_impossible_place_is_said_to_be_one(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputUnwritable) as caught, output_folder(tmp_path / name):
        raise AssertionError
    assert caught.value.where == str(tmp_path / name)


def test_a_full_disk_is_named_with_the_output_that_was_asked_for(tmp_path: Path) -> None:
    def fill() -> None:
        with output_folder(tmp_path / "out") as staging, atomic_file(staging / "a"):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(OutputUnwritable) as caught:
        fill()
    assert caught.value.where == str(tmp_path / "out")
    assert caught.value.what == "No space left on device"
    assert listed(tmp_path) == []


def test_an_error_of_reading_within_the_block_is_not_blamed_on_the_output(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), output_folder(tmp_path / "out"):
        (tmp_path / "missing").read_bytes()


def never(_: Path) -> bool:
    return False


def test_a_file_appears_only_when_it_is_complete(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="midst"), output_file(tmp_path / "a.json", ours=never) as temporary:
        write_and_raise(temporary, ValueError)
    assert listed(tmp_path) == []
    with output_file(tmp_path / "a.json", ours=never) as temporary:
        temporary.write_text("whole")
        assert temporary.suffix == ".json"
    assert listed(tmp_path) == ["a.json"]


def test_new_files_have_the_rights_that_the_users_mask_gives(tmp_path: Path) -> None:
    with output_file(tmp_path / "a", ours=never) as temporary:
        temporary.write_text("")
    (tmp_path / "b").write_text("")
    assert (tmp_path / "a").stat().st_mode == (tmp_path / "b").stat().st_mode


def test_only_a_json_document_of_its_own_kind_is_overwritten(tmp_path: Path) -> None:
    schema = "sigforensics-compare/1"
    ours, record, theirs = (tmp_path / name for name in ("ours.json", "record.json", "theirs.json"))
    ours.write_text(json.dumps({"schema": schema}))
    record.write_text('{"schema": "sigforensics-record/1"}')
    theirs.write_text('{"schema": "x"}')
    for path, overwrite, reason in (
        (ours, False, "exists"),
        (record, True, "no output of this kind"),
        (theirs, True, "no output of this kind"),
        (tmp_path, True, "is a folder"),
    ):
        with pytest.raises(OutputExists, match=reason):
            check_output_file(path, overwrite=overwrite, ours=lambda found: is_json_of(found, schema))
    check_output_file(ours, overwrite=True, ours=lambda found: is_json_of(found, schema))


def test_a_file_must_not_be_an_input_or_lie_among_inputs(tmp_path: Path) -> None:
    (tmp_path / "scans").mkdir()
    scan = tmp_path / "scans" / "a.png"
    scan.write_text("a")
    for output, inputs in ((scan, [scan]), (tmp_path / "scans" / "new.json", [tmp_path / "scans"])):
        with pytest.raises(OutputHoldsInputs), output_file(output, ours=never, overwrite=True, inputs=inputs):
            raise AssertionError


def test_what_a_killed_process_left_of_a_file_is_removed_and_nothing_else(tmp_path):
    path = tmp_path / "state.bin"
    kept = [path, tmp_path / ".state.txt", tmp_path / ".other.abc.bin", tmp_path / "state.abc.bin"]
    for file in (*kept, tmp_path / ".state.k2j_x9.bin"):
        file.write_bytes(b"half")
    remove_leftovers(path)
    assert sorted(tmp_path.iterdir()) == sorted(kept)
    remove_leftovers(tmp_path / "none" / "state.bin")
