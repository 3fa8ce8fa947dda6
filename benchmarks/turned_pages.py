"""How often the way a page stands is told, and told wrongly, on the pages of a folder and on turned and skewed copies of them.

The pages are taken to stand upright as they are. Every page is judged as it is, turned by 90, 180 and 270 degrees, and skewed by
the angles given with ``--skews``; printed are the pages judged turned that are not, those whose turn is found, missed, or
taken for another, and the errors of the skew.

Example: ``python benchmarks/turned_pages.py data/documents``
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from sigforensics.extraction.levelling import level_page, levelling_map
from sigforensics.extraction.sheet import resolution
from sigforensics.scans import IMAGE_SUFFIXES, Scan, read_scan
from sigforensics.scans.orientation import turn_scan
from sigforensics.settings import Extraction


def skewed(scan: Scan, degrees: float) -> Scan:
    """A page whose rows fall by so many degrees more."""
    forward, size = levelling_map(-degrees, scan.pixels.shape, resolution(scan, settings=Extraction()))
    paper = (float(np.median(scan.pixels)),)
    pixels = cv2.warpAffine(scan.pixels, forward, size, flags=cv2.INTER_LINEAR, borderValue=paper)
    return replace(scan, pixels=np.asarray(pixels, np.float32))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "folder", type=Path, help="folder of pages that stand upright, folders within it included"
    )
    parser.add_argument("--skews", type=float, nargs="+", default=[-3.0, 4.0], help="degrees")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    paths = sorted(path for path in arguments.folder.rglob("*") if path.suffix.lower() in IMAGE_SUFFIXES)
    verdicts: dict[int, Counter[str]] = {quarters: Counter() for quarters in range(4)}
    errors, seconds, uneven = [], [], []
    for path in paths:
        scan = read_scan(path)
        for quarters, counts in verdicts.items():
            start = time.process_time()
            page = level_page(turn_scan(scan, quarters, ""))
            seconds.append(time.process_time() - start)
            right = (quarters + page.stand.quarters) % 4 == 0
            told = page.stand.axis_told and page.stand.way_up_told
            verdict = ("right" if right else "wrong") + (", told" if told else ", not told")
            counts[verdict] += 1
            if quarters == 0 and page.evened is not page.scan:
                uneven.append(path.name)
            if quarters == 0:
                base = page.stand.skew
                if verdict != "right, told":
                    print(f"  {path.relative_to(arguments.folder)}: {verdict} {page.stand}")
            elif verdict.startswith("wrong, told"):
                print(f"  {path.relative_to(arguments.folder)} turned by {90 * quarters}: {page.stand}")
        for degrees in arguments.skews:
            found = level_page(skewed(scan, degrees)).stand
            errors.append(found.skew - base - degrees if found.axis_told else np.nan)
    for quarters, counts in verdicts.items():
        print(f"turned by {90 * quarters}: {dict(counts)}")
    off = np.abs(np.array(errors or [np.nan]))
    print(
        f"skew: {np.isnan(off).sum()} of {off.size} not told; error median {np.nanmedian(off):.2f}, ", end=""
    )
    print(f"95 % below {np.nanquantile(off, 0.95):.2f}, largest {np.nanmax(off):.2f} degrees")
    print(f"unevenly lit: {len(uneven)} of {len(paths)} ({', '.join(uneven)})")
    print(f"{np.median(seconds):.2f} s of processor time a page (median)")


if __name__ == "__main__":
    main()
