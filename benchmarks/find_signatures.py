"""How well signatures are found on pages whose boxes are known.

Reads a table of boxes (columns file, label, left, top, width, height; labels ``signature``, ``initials``, and
``none`` for a page without; format: docs/method.md, section 2) and prints figures for each folder. A find counts
where its intersection over union with a box of its kind is at least 0.5, each box once. Boxes drawn by hand
stand wide of the ink, by 2 to 3 mm in some collections: the figures depend on ``Extraction.margin``.

Example: ``python benchmarks/find_signatures.py data/documents/boxes.csv --pictures /some/folder``
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2

from sigforensics.extraction.evaluating import Evaluation, JudgedPage, Share, match
from sigforensics.images import unit_to_bytes
from sigforensics.scans import Scan
from sigforensics.settings import Extraction
from sigforensics.workflows.evaluating import evaluate_finder


def draw(scan: Scan, page: JudgedPage, least: float, folder: Path) -> None:
    """The page with its boxes: truth green, signatures red, initials magenta."""
    picture = cv2.cvtColor(unit_to_bytes(scan.pixels), cv2.COLOR_GRAY2BGR)
    shown = [one for one in page.found if one.confidence >= least]
    for one in shown:
        picture[one.box.slices][one.mask] = (0, 0, 255) if one.kind == "signature" else (255, 0, 255)
    for box, colour, text in [
        *((box, (0, 160, 0), label) for label, box in page.truths),
        *((one.box, (0, 0, 255), f"{one.kind[0]} {one.confidence:.2f}") for one in shown),
    ]:
        cv2.rectangle(picture, (box.left, box.top), (box.right, box.bottom), colour, 4)
        place = (box.left, max(box.top - 10, 40))
        cv2.putText(picture, text, place, cv2.FONT_HERSHEY_SIMPLEX, 1.6, colour, 4)
    scale = 1000 / picture.shape[1]
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    source = scan.source.path
    cv2.imwrite(str(folder / f"{source.parent.name}_{source.stem}.png"), small)


def fails(page: JudgedPage, threshold: float) -> bool:
    """Whether a box is missed or a find is false, kinds included."""
    for kind in ("signature", "initials"):
        truths = [box for label, box in page.truths if label == kind]
        found = [one for one in page.found if one.kind == kind and one.confidence >= threshold]
        pairs = match(found, truths, overlap=0.5)
        if None in pairs or len(pairs) < len(truths):
            return True
    return False


def written(share: Share) -> str:
    if share.interval is None:
        return "-"
    low, high = share.interval
    return f"{share.part}/{share.whole} = {share.value:.2f} [{low:.2f}, {high:.2f}]"


def report(name: str, figures: Evaluation) -> None:
    print(
        f"{name or 'all'}: {figures.pages} pages, {figures.median_seconds:.2f} s a page (worst {figures.worst_seconds:.2f})"
    )
    for title, kind in [*figures.kinds.items(), ("either kind", figures.either)]:
        area = "-" if kind.average_precision is None else f"{kind.average_precision:.2f}"
        print(
            f"  {title}: recall {written(kind.recall)}, precision {written(kind.precision)}, AP {area}, "
            f"found as the other kind {kind.as_other}"
        )
    print(f"  pages without that have a find: {written(figures.false_pages)}")
    error = figures.calibration_error
    print(f"  calibration: expected error {'-' if error is None else f'{error:.3f}'}")
    for one in figures.calibration:
        print(f"    {one.low:.1f}-{one.high:.1f}: said {one.said:.2f}, right {written(one.right)}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("table", type=Path, help="table of boxes, or a folder with documents/boxes.csv")
    parser.add_argument("--also", type=Path, help="a second table, whose boxes are added")
    parser.add_argument("--pictures", type=Path, help="write pages with their boxes into this folder")
    parser.add_argument("--failures", action="store_true", help="draw only pages with a miss or a false find")
    parser.add_argument("--all", action="store_true", help="draw candidates below the threshold, too")
    parser.add_argument("--threshold", type=float, default=Extraction().min_confidence)
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    table = arguments.table
    if table.is_dir():
        table = table / "documents" / "boxes.csv"
    if arguments.pictures:
        arguments.pictures.mkdir(parents=True, exist_ok=True)

    def look(scan: Scan, page: JudgedPage) -> None:
        if arguments.pictures and (not arguments.failures or fails(page, arguments.threshold)):
            draw(scan, page, 0.0 if arguments.all else arguments.threshold, arguments.pictures)

    settings = Extraction(min_confidence=arguments.threshold)
    for one in evaluate_finder(table, also=arguments.also, extraction=settings, look=look):
        report(one.folder, one.figures)


if __name__ == "__main__":
    main()
