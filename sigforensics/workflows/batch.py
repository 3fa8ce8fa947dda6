"""A table of cases to a comparison each: one line a case, as soon as it is done; a run that was cut off goes on."""

from __future__ import annotations

import csv
import json
import multiprocessing
import signal
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, ProcessPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sigforensics.errors import (
    OutputExists,
    OutputUnwritable,
    SigforensicsError,
    SkippedInputs,
    TableInvalid,
)
from sigforensics.provenance import Record, file_sha256, to_json, write_record
from sigforensics.scans import images_of, inputs_of, open_source
from sigforensics.settings import Comparing, Scanning
from sigforensics.settings import Spectrum as SpectrumSettings
from sigforensics.storage import atomic_file, refuse_inputs
from sigforensics.workflows.case_table import COLUMNS, Case, table_row
from sigforensics.workflows.compare import compare, comparison_document
from sigforensics.workflows.interruption import endings_deferred
from sigforensics.workflows.progress import Progress, SilentProgress

__all__ = ["BatchDone", "compare_case", "run_batch"]

SCHEMA = "sigforensics-batch/1"
"""Of each line of ``cases.jsonl``."""
LINES, TABLE = "cases.jsonl", "cases.csv"
WAIT_SECONDS = 0.2
"""Between two looks at whether Ctrl-C was pressed."""


@dataclass(frozen=True)
class BatchDone:
    """What ``compare --batch`` made."""

    folder: Path
    statuses: Mapping[str, int]
    """Exit status that each case would have had by itself, in the order of the table."""

    @property
    def error(self) -> SkippedInputs | None:
        """The error that says how many cases did not go through as they should, if any."""
        counts = Counter(self.statuses.values())
        failed = sum(count for status, count in counts.items() if status not in (0, SkippedInputs.status))
        if set(counts) <= {0}:
            return None
        with_skips = counts[SkippedInputs.status]
        parts = [f"{failed} failed"] * bool(failed) + [f"{with_skips} left out files"] * bool(with_skips)
        what = f"of {len(self.statuses)} case(s), {' and '.join(parts)}"
        return SkippedInputs(self.folder / TABLE, what, "its columns status and error say why")


def run_batch(
    cases: Sequence[Case],
    output: Path,
    *,
    scanning: Scanning | None = None,
    spectrum: SpectrumSettings | None = None,
    settings: Comparing | None = None,
    jobs: int = 1,
    strict: bool = False,
    resume: bool = False,
    progress: Progress | None = None,
) -> BatchDone:
    """Compare the two sets of every case; a case that fails is noted, and the others go on.

    Parameters
    ----------
    cases : sequence of Case
    output : Path
        A new folder, or with ``resume`` that of a run that was cut off: its cases that went through stay, unless their row of
        the table or one of their files has changed; the others are compared.
    scanning, spectrum, settings : settings of the stages, optional
        Equal for all cases, but for the unit where a case has one of its own.
    jobs : int
        Processes. They have no influence on the results.
    strict : bool
        A case fails with the first of its files that cannot be used.
    resume : bool
    progress : Progress, optional

    Raises
    ------
    OutputExists
        If the folder is not empty and ``resume`` was not said, or is that of a batch with other settings.
    OutputHoldsInputs
        If it lies among the sets of a case, or holds them.
    TableInvalid
        If what is to be gone on from is not whole.
    KeyboardInterrupt
        At Ctrl-C; cases that were done are in the folder. Other signals that ask to end do so as late.
    """
    settings, progress = settings or Comparing(), progress or SilentProgress()
    stages = {
        "scanning": scanning or Scanning(),
        "spectrum": spectrum or SpectrumSettings(),
        "strict": strict,
    }
    refuse_inputs(output, inputs_of([source for case in cases for source in (case.true, case.fake)]))
    identity = to_json({**stages, "comparing": settings})
    kept = _start(output, identity, resume=resume)
    done = {
        case.name: line
        for case in cases
        if (line := kept.get(case.name))
        and line["row"] == case.row
        and line["status"] in (0, SkippedInputs.status)
        and _files_stand(line["comparison"], case)
    }
    _write_lines(output / LINES, done.values())
    todo = [case for case in cases if case.name not in done]
    progress.stage("Comparing", len(cases))
    progress.advance(len(done))
    options = {**stages, "settings": settings, "workers": 1 if jobs > 1 else None}
    try:
        with (output / LINES).open("a", encoding="utf-8") as stream:
            for line in _lines(todo, options, jobs=jobs):
                stream.write(_text(line))
                stream.flush()
                done[line["case"]] = line
                if line["error"]:
                    progress.say(f"{line['case']}: {line['error']}")
                progress.advance()
    except OSError as error:
        raise OutputUnwritable(output, error.strerror or str(error)) from error
    return _finish(output, cases, [done[case.name] for case in cases], identity)


def _start(output: Path, identity: Mapping[str, Any], *, resume: bool) -> dict[str, dict[str, Any]]:
    """Make the folder, or read what is there."""
    stated = output / "settings.json"
    if resume:
        if _read_json(stated, stated.read_text(encoding="utf-8") if stated.is_file() else "") != identity:
            raise OutputExists(
                output,
                "belongs to a batch with other settings",
                "resume with the same, or choose another name",
            )
        return {line["case"]: line for line in _read_lines(output / LINES)}
    if output.exists() and (not output.is_dir() or any(output.iterdir())):
        raise OutputExists(
            output, "folder exists and is not empty", "go on with --resume, or choose another name"
        )
    with atomic_file(stated) as temporary:
        temporary.write_text(json.dumps(identity, indent=2) + "\n", encoding="utf-8")
    return {}


def _files_stand(comparison: Mapping[str, Any], case: Case) -> bool:
    """Whether the images of a case are those that were compared, by name and hash; files that were skipped, by name."""
    hashes = {entry["path"]: entry["sha256"] for side in comparison["inputs"].values() for entry in side}
    skipped = {entry["path"] for entry in comparison["skipped"]}
    try:
        files = {path for side in (case.true, case.fake) for path in images_of(open_source(side))}
        names = {str(path) for path in files}
        same = names == hashes.keys() | skipped
        return same and all(file_sha256(path) == hashes[str(path)] for path in files if str(path) in hashes)
    except SigforensicsError:
        return False  # comparing will say what is wrong


def _read_json(path: Path, text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        advice = "resume a folder that 'compare --batch' made, or run without --resume"
        raise TableInvalid(path, "is missing or no JSON", advice) from error


def _read_lines(path: Path) -> Iterator[dict[str, Any]]:
    """The lines of a run that was cut off; a last one without its end is left out."""
    if not path.is_file():
        return
    text = path.read_text(encoding="utf-8")
    for line in text[: text.rfind("\n") + 1].splitlines():
        yield _read_json(path, line)


def _lines(cases: Sequence[Case], options: Mapping[str, Any], *, jobs: int) -> Iterator[dict[str, Any]]:
    """The line of each case, as they get done; stops between two when asked to end."""
    with endings_deferred() as endings:
        if jobs == 1:
            for case in cases:
                yield compare_case(case, options)
                if endings.asked:
                    raise KeyboardInterrupt
        else:
            yield from _lines_of_processes(cases, options, jobs, lambda: endings.asked)


def _lines_of_processes(
    cases: Sequence[Case], options: Mapping[str, Any], jobs: int, interrupted: Callable[[], bool]
) -> Iterator[dict[str, Any]]:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context, initializer=_leave_interruptions) as pool:
        cases_of: dict[Future[dict[str, Any]], Case] = {
            pool.submit(compare_case, case, options): case for case in cases
        }
        waiting = set(cases_of)
        try:
            while waiting:
                ready, waiting = wait(waiting, timeout=WAIT_SECONDS, return_when=FIRST_COMPLETED)
                yield from (_result(future, cases_of[future]) for future in ready)
                if interrupted():
                    raise KeyboardInterrupt
        finally:
            for future in waiting:
                future.cancel()


def _result(future: Future[dict[str, Any]], case: Case) -> dict[str, Any]:
    """The line of a case; where a process was killed, that of a failure: none of the cases that it takes along is lost."""
    try:
        return future.result()
    except BrokenExecutor as error:
        return _line(case, status=1, error=f"a process was ended from outside ({error}); go on with --resume")


def _leave_interruptions() -> None:
    """Ctrl-C in a terminal reaches every process: the first one alone shall say when to stop."""
    with suppress(ValueError):
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def compare_case(case: Case, options: Mapping[str, Any]) -> dict[str, Any]:
    """The line of one case: its comparison, or why there is none."""
    given = dict(options)
    if case.unit:
        given["settings"] = replace(given["settings"], unit=case.unit)
    try:
        compared = compare(open_source(case.true), open_source(case.fake), **given)
    except SigforensicsError as error:
        return _line(case, status=error.status, error=str(error))
    except Exception as error:  # noqa: BLE001 - the other cases must go on
        return _line(case, status=1, error=repr(error))
    status = SkippedInputs.status if compared.skipped else 0
    return _line(case, status=status, comparison=comparison_document(compared))


def _line(
    case: Case, *, status: int, error: str | None = None, comparison: dict[str, Any] | None = None
) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "case": case.name,
        "row": dict(case.row),
        "status": status,
        "error": error,
        "comparison": comparison,
    }


def _text(line: Mapping[str, Any]) -> str:
    return json.dumps(line, ensure_ascii=False, allow_nan=False) + "\n"


def _write_lines(path: Path, lines: Iterable[Mapping[str, Any]]) -> None:
    with atomic_file(path) as temporary:
        temporary.write_text("".join(map(_text, lines)), encoding="utf-8")


def _finish(
    output: Path, cases: Sequence[Case], lines: Sequence[dict[str, Any]], identity: Mapping[str, Any]
) -> BatchDone:
    """Lines and table in the order of the cases, and the record."""
    _write_lines(output / LINES, lines)
    with (
        atomic_file(output / TABLE) as temporary,
        temporary.open("w", newline="", encoding="utf-8") as stream,
    ):
        writer = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(table_row(line) for line in lines)
    statuses = {line["case"]: int(line["status"]) for line in lines}
    record = Record(
        command="compare",
        arguments={"cases": [dict(case.row) for case in cases]},
        settings=dict(identity),
        results={"statuses": statuses},
    )
    record.add_outputs(output, [output / LINES, output / TABLE, output / "settings.json"])
    write_record(output, record)
    return BatchDone(output, statuses)
