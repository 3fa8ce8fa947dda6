from __future__ import annotations

import csv
import json
import math
import shutil
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from pathlib import Path
from typing import Self

import numpy as np
import pytest

from sigforensics.errors import (
    FileUnreadable,
    OutputExists,
    OutputHoldsInputs,
    SkippedInputs,
    TableInvalid,
)
from sigforensics.png import write_png
from sigforensics.settings import Comparing
from sigforensics.workflows import batch as module
from sigforensics.workflows.batch import run_batch
from sigforensics.workflows.case_table import COLUMNS, Case, read_cases
from sigforensics.workflows.compare import compare, comparison_document
from sigforensics.workflows.progress import SilentProgress

QUICK = Comparing(permutations=19, resamples=50, control_splits=10)


@pytest.fixture(scope="module")
def sets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sets")
    for number, name in enumerate(("a", "b", "c")):
        (folder / name).mkdir()
        for image in range(5):
            rng = np.random.default_rng([number, image])
            write_png(folder / name / f"{image}.png", rng.integers(0, 256, (32, 32)).astype(np.uint8))
    return folder


def table(text: str) -> list[Case]:
    return read_cases(Path("folder/cases.csv"), text)


def cases_of(sets: Path, *rows: str) -> list[Case]:
    return read_cases(sets / "cases.csv", "case,true,fake,unit,remark\n" + "\n".join(rows) + "\n")


def lines(folder: Path) -> list[dict]:
    return [json.loads(line) for line in (folder / "cases.jsonl").read_text().splitlines()]


def rows(folder: Path) -> list[dict]:
    with (folder / "cases.csv").open(newline="") as stream:
        return list(csv.DictReader(stream))


def test_a_table_of_cases_is_read_with_its_paths_beside_it() -> None:
    one, other = table("remark,case,fake,true,unit\nx,1, f ,t,writer\ny,2,/f,t,\n")
    assert one.name == "1"
    assert (one.true, one.fake, one.unit) == (Path("folder/t"), Path("folder/f"), "writer")
    assert (other.fake, other.unit) == (Path("/f"), None)
    assert other.row == {"remark": "y", "case": "2", "fake": "/f", "true": "t", "unit": ""}
    (alone,) = read_cases(Path("-"), "case,true,fake\n1,t,f\n")
    assert alone.true == Path("t")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "has no column case, true, fake"),
        ("case,true\n1,t\n", "has no column fake"),
        ("case,true,fake\n", "has no cases"),
        ("case,true,fake\n1,t,f\n2,t\n", "line 3: does not have as many fields"),
        ("case,true,fake\n1,t,f,g\n", "line 2: does not have as many fields"),
        ("case,true,fake\n1,,f\n", "line 2: has no true"),
        ("case,true,fake\n1,t,f\n1,t,g\n", "has the case '1' more than once"),
        ("case,true,fake,unit\n1,t,f,hand\n", "line 2: has the unit 'hand'"),
    ],
)
def test_a_table_that_is_not_whole_is_refused_and_the_line_is_named(text: str, said: str) -> None:
    with pytest.raises(TableInvalid, match=said):
        table(text)


@pytest.mark.parametrize("jobs", [1, 2])
def test_each_case_is_compared_as_it_would_be_alone_and_a_failing_one_stops_no_other(
    sets: Path, tmp_path: Path, jobs: int
) -> None:
    cases = cases_of(sets, "one,a,b,,x", "lost,a,missing,,", "two,a,c,image,")
    done = run_batch(cases, tmp_path / "out", settings=QUICK, jobs=jobs)
    assert done.statuses == {"one": 0, "lost": FileUnreadable.status, "two": 0}
    found = lines(tmp_path / "out")
    assert [line["case"] for line in found] == ["one", "lost", "two"]
    for line, fake, unit in ((found[0], "b", "auto"), (found[2], "c", "image")):
        alone = compare(sets / "a", sets / fake, settings=replace(QUICK, unit=unit))
        assert line["comparison"] == json.loads(json.dumps(comparison_document(alone)))
    assert found[1]["comparison"] is None
    assert "missing" in found[1]["error"]
    assert done.error is not None
    assert "of 3 case(s), 1 failed;" in str(done.error)


def test_the_table_of_results_has_the_figures_of_the_clearest_band(sets: Path, tmp_path: Path) -> None:
    table = "one,a,b,,x", "each,a,b,image,", "lost,a,missing,,"
    run_batch(cases_of(sets, *table), tmp_path / "out", settings=QUICK)
    one, each, lost = rows(tmp_path / "out")
    assert tuple(one) == COLUMNS
    found = lines(tmp_path / "out")[0]["comparison"]
    best = found["bands"][0]
    for band in found["bands"]:
        rank = band["p_corrected"], -abs(band["effect_size"])
        best = band if rank < (best["p_corrected"], -abs(best["effect_size"])) else best
    assert {name: float(one[f"band_{name}"]) for name in ("low", "difference_nats", "ci_high")} == {
        name: best[name] for name in ("low", "difference_nats", "ci_high")
    }
    assert float(one["whole_p"]) == found["whole"]["p"]
    assert int(each["control_n_different"]) == math.comb(5, 2) * math.comb(3, 2) // 2
    assert (one["n_true"], one["unit"], one["status"], one["error"]) == ("5", "pair", "0", "")
    assert (lost["status"], lost["n_true"]) == (str(FileUnreadable.status), "")
    assert lost["map_found"] == ""
    single = lines(tmp_path / "out")[1]["comparison"]["map"]
    assert (each["map_found"], each["map_found_fdr"]) == (str(single["found"]), str(single["found_fdr"]))


def test_all_that_went_through_is_no_error(sets: Path, tmp_path: Path) -> None:
    assert run_batch(cases_of(sets, "one,a,b,,"), tmp_path / "out", settings=QUICK).error is None


def test_files_skipped_within_a_case_are_counted_apart(sets: Path, tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        for path in (sets / name).iterdir():
            (tmp_path / name / path.name).write_bytes(path.read_bytes())
    (tmp_path / "a" / "0.png").write_bytes(b"none")
    done = run_batch(cases_of(tmp_path, "one,a,b,,"), tmp_path / "out", settings=QUICK)
    assert done.statuses == {"one": SkippedInputs.status}
    assert "of 1 case(s), 1 left out files" in str(done.error)
    strict = run_batch(cases_of(tmp_path, "one,a,b,,"), tmp_path / "strict", settings=QUICK, strict=True)
    assert strict.statuses["one"] not in (0, SkippedInputs.status)


def test_an_error_that_nobody_foresaw_stops_no_other_case(
    sets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(true: Path, fake: Path, **options: object) -> object:
        if fake.name == "b":
            raise ZeroDivisionError("by nothing")
        return compare(true, fake, **options)

    monkeypatch.setattr(module, "compare", fail)
    done = run_batch(cases_of(sets, "one,a,b,,", "two,a,c,,"), tmp_path / "out", settings=QUICK)
    assert done.statuses == {"one": 1, "two": 0}
    assert lines(tmp_path / "out")[0]["error"] == "ZeroDivisionError('by nothing')"


class Stop(SilentProgress):
    """Presses Ctrl-C when so many cases are done."""

    def __init__(self, after: int) -> None:
        self.left = after

    def advance(self, steps: int = 1, **_: str) -> None:
        self.left -= steps
        if steps and self.left == 0:
            raise KeyboardInterrupt


def test_a_run_that_was_cut_off_compares_only_what_is_left(
    sets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = cases_of(sets, "one,a,b,,", "lost,a,missing,,", "two,a,c,,", "three,b,c,,")
    with pytest.raises(KeyboardInterrupt):
        run_batch(given, tmp_path / "out", settings=QUICK, progress=Stop(2))
    left = tmp_path / "out" / "cases.jsonl"
    assert [line["case"] for line in lines(tmp_path / "out")] == ["one", "lost"]
    left.write_text(left.read_text() + '{"schema": "sigforen')  # what a power cut leaves
    compared = []

    def watched(true: Path, fake: Path, **options: object) -> object:
        compared.append((true.name, fake.name))
        return compare(true, fake, **options)

    monkeypatch.setattr(module, "compare", watched)
    run_batch(given, tmp_path / "out", settings=QUICK, resume=True)
    assert compared == [("a", "missing"), ("a", "c"), ("b", "c")]
    run_batch(given, tmp_path / "whole", settings=QUICK)
    for name in ("cases.jsonl", "cases.csv", "settings.json"):
        assert (tmp_path / "out" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


def test_a_case_whose_row_has_changed_is_compared_again(sets: Path, tmp_path: Path) -> None:
    run_batch(cases_of(sets, "one,a,b,,"), tmp_path / "out", settings=QUICK)
    run_batch(cases_of(sets, "one,a,c,,", "two,a,b,,"), tmp_path / "out", settings=QUICK, resume=True)
    assert [row["fake"] for row in rows(tmp_path / "out")] == ["c", "b"]
    assert [Path(line["comparison"]["fake"]).name for line in lines(tmp_path / "out")] == ["c", "b"]


@pytest.mark.parametrize("change", ["added", "removed", "altered"])
def test_a_case_whose_files_have_changed_is_compared_again(sets: Path, tmp_path: Path, change: str) -> None:
    for name in ("a", "b"):
        shutil.copytree(sets / name, tmp_path / "sets" / name)
    given = cases_of(tmp_path / "sets", "one,a,b,,", "two,a,a,,")
    given = [given[0], replace(given[1], true=sets / "b", fake=sets / "c")]
    run_batch(given, tmp_path / "out", settings=QUICK)
    before = lines(tmp_path / "out")
    if change == "removed":
        (tmp_path / "sets" / "b" / "0.png").unlink()
    else:
        shutil.copy(
            sets / "c" / "0.png", tmp_path / "sets" / "b" / ("9.png" if change == "added" else "0.png")
        )
    run_batch(given, tmp_path / "out", settings=QUICK, resume=True)
    after = lines(tmp_path / "out")
    assert after[1] == before[1]
    now = {"added": 6, "removed": 4, "altered": 5}[change]
    assert (before[0]["comparison"]["n_fake"], after[0]["comparison"]["n_fake"]) == (5, now)
    assert before[0]["comparison"]["inputs"]["fake"] != after[0]["comparison"]["inputs"]["fake"]


def test_nothing_is_written_over_and_other_settings_are_not_resumed(sets: Path, tmp_path: Path) -> None:
    given = cases_of(sets, "one,a,b,,")
    run_batch(given, tmp_path / "out", settings=QUICK)
    before = (tmp_path / "out" / "cases.jsonl").read_bytes()
    with pytest.raises(OutputExists, match="not empty"):
        run_batch(given, tmp_path / "out", settings=QUICK)
    with pytest.raises(OutputExists, match="other settings"):
        run_batch(given, tmp_path / "out", settings=replace(QUICK, seed=5), resume=True)
    with pytest.raises(TableInvalid, match="missing or no JSON"):
        run_batch(given, tmp_path / "new", settings=QUICK, resume=True)
    with pytest.raises(OutputHoldsInputs):
        run_batch(given, sets / "a" / "out", settings=QUICK)
    assert (tmp_path / "out" / "cases.jsonl").read_bytes() == before
    assert not (tmp_path / "new").exists()


def test_the_record_names_cases_settings_and_outputs(sets: Path, tmp_path: Path) -> None:
    run_batch(cases_of(sets, "one,a,b,,x"), tmp_path / "out", settings=QUICK)
    record = json.loads((tmp_path / "out" / "record.json").read_text())
    assert record["command"] == "compare"
    assert record["arguments"]["cases"][0]["remark"] == "x"
    assert record["settings"]["comparing"]["permutations"] == QUICK.permutations
    assert record["results"]["statuses"] == {"one": 0}
    assert {output["path"] for output in record["outputs"]} == {"cases.jsonl", "cases.csv", "settings.json"}


class Killed:
    """A pool whose first process is killed: what it and those after it were given breaks."""

    def __init__(self, *_: object, **__: object) -> None:
        self.given = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is left to wait for."""

    def submit(self, function: Callable[..., dict], *arguments: object) -> Future[dict]:
        self.given += 1
        future: Future[dict] = Future()
        if self.given == 1:
            future.set_result(function(*arguments))
        else:
            future.set_exception(BrokenProcessPool("terminated abruptly"))
        return future


def test_cases_of_a_process_that_was_killed_fail_with_a_reason_and_can_be_resumed(
    sets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = cases_of(sets, "one,a,b,,", "two,a,c,,")
    with monkeypatch.context() as patch:
        patch.setattr(module, "ProcessPoolExecutor", Killed)
        done = run_batch(given, tmp_path / "out", settings=QUICK, jobs=2)
    assert done.statuses == {"one": 0, "two": 1}
    assert "ended from outside" in lines(tmp_path / "out")[1]["error"]
    assert run_batch(given, tmp_path / "out", settings=QUICK, resume=True).error is None
