"""Evaluate the finder on pages whose signatures somebody marked: a table in, figures for each folder out."""

from __future__ import annotations

import csv
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path

from sigforensics.errors import FileUnreadable, ImageBlank, TableInvalid
from sigforensics.extraction import Box, find_on_page, undithered
from sigforensics.extraction.evaluating import Evaluation, JudgedPage, evaluate, fails
from sigforensics.png import write_png
from sigforensics.provenance import Record, write_record
from sigforensics.scans import Scan, check_exposure, read_scan
from sigforensics.storage import output_folder
from sigforensics.workflows.find import FindSettings
from sigforensics.workflows.inputs import input_entry
from sigforensics.workflows.naming import file_name, unique_name
from sigforensics.workflows.progress import Progress, SilentProgress

__all__ = ["LABELS", "EvaluatedFolder", "StoredCandidate", "evaluate_finder", "find_stored", "read_truth"]

SIDES = ("left", "top", "width", "height")
NEEDED = ("file", "label", *SIDES)
LABELS = ("signature", "initials", "none")
Truth = dict[tuple[Path, int], list[tuple[str, Box]]]
PICTURE_PIXELS = 1400
"""Longer side of a picture of a failure."""


@dataclass(frozen=True)
class StoredCandidate:
    """A candidate by its box on the page as its file stores it."""

    box: Box
    confidence: float
    kind: str


Finder = Callable[[Scan, FindSettings], list[StoredCandidate]]


@dataclass(frozen=True)
class EvaluatedFolder:
    """How well the finder does on the pages of one folder."""

    folder: str
    """Its name; empty for all folders together."""
    figures: Evaluation
    failures: tuple[str, ...]
    """Pages on which a signature or initials are missed, or taken for the other, or a find is false."""


def read_truth(table: Path) -> Truth:
    """The boxes of a table, by file and page.

    The table is CSV in UTF-8 with a header. Columns: ``file``, a path from where the table lies or from the folder
    above it; ``page``, from 1, if files have several; ``label``, which is ``signature``, ``initials``, or ``none`` on a page
    without either; ``left``, ``top``, ``width``, ``height``, whole pixels of the page as its file stores it, empty for
    ``none``.

    Raises
    ------
    FileUnreadable
        If the table cannot be read.
    TableInvalid
        If it lacks a column, is empty, or a line does not say what it should, gives a box again, or contradicts another; the
        line is named.
    """
    try:
        with table.open(newline="", encoding="utf-8-sig") as stream:
            reader = csv.DictReader(stream)
            missing = [name for name in NEEDED if name not in (reader.fieldnames or ())]
            if missing:
                raise TableInvalid(table, f"has no column {', '.join(missing)}", f"give {', '.join(NEEDED)}")
            rows = [(reader.line_num, row) for row in reader]
    except OSError as error:
        raise FileUnreadable(table, error.strerror or str(error)) from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise TableInvalid(table, f"is no CSV in UTF-8 ({error})") from error
    if not rows:
        raise TableInvalid(table, "has no rows", "give one for each signature, and one for each page without")
    truth: Truth = {}
    spelled: dict[Path, Path] = {}
    empty: set[tuple[Path, int]] = set()
    for line, row in rows:
        where = f"{table} line {line}"
        (file, page), box = _row(where, table, row)
        key = spelled.setdefault(file.resolve(), file), page  # one page, however its lines spell its path
        boxes = truth.setdefault(key, [])
        if box is None:
            empty.add(key)
        else:
            _add(where, boxes, [box])
        if boxes and key in empty:
            raise TableInvalid(
                where, "a page has the label none and a box, too", "keep what is true of the page"
            )
    return truth


def _add(where: str, boxes: list[tuple[str, Box]], more: Sequence[tuple[str, Box]]) -> None:
    """Add boxes to those of a page; one that is there already would count as missed."""
    for label, box in more:
        if any(box == known for _, known in boxes):
            raise TableInvalid(where, f"the box {box} of a page is given again", "give each signature once")
        boxes.append((label, box))


def _row(where: str, table: Path, row: dict[str, str]) -> tuple[tuple[Path, int], tuple[str, Box] | None]:
    try:
        page, label = int(row.get("page") or 1), row["label"].strip()
        if label not in LABELS:
            raise TableInvalid(where, f"has the label {label!r}", f"give {', '.join(LABELS)}")
        name, sides = row["file"].strip(), [(row[side] or "").strip() for side in SIDES]
        if not name or None in row:  # None: fields beyond the header's
            what = "has more fields than the header" if name else "names no file"
            raise TableInvalid(where, what, "correct that line")
        key = _file(table, name), page
        if label != "none":
            return key, (label, Box(*map(int, sides)))
        if any(sides):
            raise TableInvalid(where, "has the label none and a box", "leave out one of them")
    except (ValueError, TypeError, AttributeError) as error:
        raise TableInvalid(where, "does not give whole pixels of a box", "correct that line") from error
    return key, None


def _file(table: Path, name: str) -> Path:
    beside = table.parent / name
    above = table.absolute().parent.parent / name
    return above if above.exists() and not beside.exists() else beside


def evaluate_finder(
    tables: Sequence[Path],
    output: Path | None = None,
    *,
    settings: FindSettings | None = None,
    finder: Finder | None = None,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> list[EvaluatedFolder]:
    """Find signatures on all pages of some tables and count, folder by folder and, of several, in all.

    Parameters
    ----------
    tables : sequence of Path
        See :func:`read_truth`. A page that several name has the boxes of all.
    output : Path, optional
        A new folder for pictures of the pages on which something is missed or false, and a record.
    settings : FindSettings, optional
        The threshold is ``extraction.min_confidence``.
    finder : callable, optional
        What finds candidates on a scan; what ``find`` uses by default.
    overwrite : bool
        Replace a folder that we made before.
    progress : Progress, optional

    Raises
    ------
    InputError
        As a table, or a page that it names, cannot be read. Nothing is left out: figures without a page would be others.
    SigforensicsError
        As the output cannot be written.
    """
    settings, finder, progress = (
        settings or FindSettings(),
        finder or find_stored,
        progress or SilentProgress(),
    )
    truth: Truth = {}
    spelled: dict[Path, Path] = {}
    for table in tables:
        for (file, number), boxes in read_truth(table).items():
            key = spelled.setdefault(file.resolve(), file), number
            if not key[0].exists():
                raise TableInvalid(table, f"names {key[0]}, and there is no such file", "correct the name")
            _add(f"{table}: {key[0]}", truth.setdefault(key, []), boxes)
    files = sorted({path for path, _ in truth})
    progress.stage("Finding signatures", len(truth))
    folder = output_folder(output, overwrite=overwrite, inputs=[*tables, *files]) if output else nullcontext()
    with folder as making:
        pictures = _Failures(making, settings.extraction.min_confidence) if making else None
        judged: dict[str, list[JudgedPage]] = {}
        hashes: dict[Path, str] = {}
        for (path, number), boxes in truth.items():
            scan = read_scan(path, number, settings=settings.scanning)
            hashes[path] = scan.source.sha256
            _check_on_page(scan, boxes)
            start = time.perf_counter()
            found = finder(scan, settings)
            page = JudgedPage(scan.where, tuple(boxes), tuple(found), time.perf_counter() - start)
            judged.setdefault(path.parent.name, []).append(page)
            if pictures:
                pictures.draw(scan, page)
            progress.advance(detail=path.name)
        evaluated = _by_folder(judged, settings.extraction.min_confidence)
        if making:
            _write_record(making, evaluated, tables, hashes, settings)
    return evaluated


def _check_on_page(scan: Scan, boxes: Sequence[tuple[str, Box]]) -> None:
    """Refuse boxes of another page, or of one at another resolution: they would count as missed."""
    height, width = scan.pixels.shape
    whole = Box(0, 0, width, height).stored(scan.orientation, (height, width))
    for _, box in boxes:
        if box.intersection(whole) != box:
            what = f"the box {box} of the table reaches beyond its {whole.width} x {whole.height} pixels"
            raise TableInvalid(scan.where, what, "give pixels of the page as its file stores it")


def find_stored(scan: Scan, settings: FindSettings) -> list[StoredCandidate]:
    """The candidates of a page as ``find`` gives them; none on a blank one."""
    try:
        check_exposure(undithered(scan, settings=settings.levelling), settings=settings.scanning)
    except ImageBlank:
        return []
    page, candidates = find_on_page(scan, settings=settings.extraction, levelling=settings.levelling)
    upright = page.scan
    shape = (upright.pixels.shape[0], upright.pixels.shape[1])
    return [
        StoredCandidate(one.box.stored(upright.orientation, shape), one.confidence, one.kind)
        for one in candidates
    ]


class _Failures:
    """Pictures of pages on which something is missed or false."""

    def __init__(self, folder: Path, threshold: float) -> None:
        self._folder, self._threshold = folder, threshold
        self._names: set[str] = set()

    def draw(self, scan: Scan, page: JudgedPage) -> None:
        """Draw the page if it is one of them."""
        from sigforensics.report.overlay import draw_judged

        if not fails(page, threshold=self._threshold):
            return
        shape = (scan.pixels.shape[0], scan.pixels.shape[1])

        def upright(box: Box) -> Box | None:
            return box.upright(scan.orientation, shape)

        truths = [(label, place) for label, box in page.truths if (place := upright(box))]
        found = [
            (f"{one.kind} {one.confidence:.2f}", place)
            for one in page.found
            if one.confidence >= self._threshold and (place := upright(one.box))
        ]
        picture = draw_judged(scan.pixels, truths, found, longest=PICTURE_PIXELS, dpi=scan.dpi)
        path = scan.source.path
        stem = f"{path.parent.name}-{path.stem}" + (f"-p{scan.page}" if scan.pages > 1 else "")
        write_png(
            self._folder / "failures" / f"{unique_name(file_name(stem), self._names)}.png",
            picture,
            bright=False,
        )


def _by_folder(judged: dict[str, list[JudgedPage]], threshold: float) -> list[EvaluatedFolder]:
    groups = dict(judged)
    if len(judged) > 1:
        groups[""] = [page for pages in judged.values() for page in pages]
    return [
        EvaluatedFolder(
            name,
            evaluate(pages, threshold=threshold),
            tuple(page.name for page in pages if fails(page, threshold=threshold)),
        )
        for name, pages in groups.items()
    ]


def _write_record(
    folder: Path,
    evaluated: Sequence[EvaluatedFolder],
    tables: Sequence[Path],
    hashes: dict[Path, str],
    settings: FindSettings,
) -> None:
    record = Record(
        command="find",
        arguments={"evaluate": list(tables)},
        settings={"find": settings},
        inputs=[
            *(input_entry(table, "table", None) for table in tables),
            *(input_entry(path, "scan", sha256) for path, sha256 in hashes.items()),
        ],
        notes=["failures/ shows the boxes of the table in blue, and accepted candidates in vermilion."],
        results={"folders": [asdict(one) for one in evaluated]},
    )
    record.add_outputs(folder, (path for path in folder.rglob("*") if path.is_file()))
    write_record(folder, record)
