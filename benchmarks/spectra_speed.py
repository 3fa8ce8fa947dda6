"""Images a second from PNG files to an averaged log-spectrum: the reference's way, ours, and decoding alone.

    python benchmarks/spectra_speed.py FOLDER [--images 200] [--rounds 3]

Reads the PNG files of FOLDER, pasted on white squares and resized to 512 x 512 in a temporary folder unless
all are of that size already, repeated until there are enough. All ways are timed side by side, each in a
process of its own, one after the other in every round; printed are the medians over the rounds. Where other work
shares the machine, the time of the processor (CPU) says more than images a second. Then comes where the time of our
way goes, step by step, each step over all of some images by itself and all steps in turn.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

SIZE = 512
STEP_IMAGES = 32
"""Over which each step is timed."""


def reference(paths: Sequence[Path]) -> None:
    """All spectra in a list, then their mean: float64, no floor, no variance."""
    import cv2
    import numpy as np
    from scipy.fftpack import dctn

    spectra = []
    for path in paths:
        image = cv2.resize(cv2.imread(str(path), cv2.IMREAD_GRAYSCALE), (SIZE, SIZE)).astype(np.float64)
        coefficients = dctn(image, type=2, norm="ortho")
        with np.errstate(divide="ignore"):
            spectra.append(np.log(np.abs(coefficients)))
    np.mean(spectra, axis=0)


def ours(paths: Sequence[Path], workers: int = 1) -> None:
    """Mean, variance, mean image and band features, in batches, with the checks of ``read_scan``."""
    from sigforensics.scans import read_scan
    from sigforensics.spectra import stream_spectrum

    stream_spectrum(paths, lambda path: read_scan(path).pixels, workers=workers).spectrum.profile("radial")


def ours_two_threads(paths: Sequence[Path]) -> None:
    ours(paths, workers=2)


def decoding_opencv(paths: Sequence[Path]) -> None:
    import cv2

    for path in paths:
        cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)


def decoding_opencv_two_threads(paths: Sequence[Path]) -> None:
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(decoding_opencv, (paths[::2], paths[1::2])))


def decoding_ours(paths: Sequence[Path]) -> None:
    from sigforensics.scans import read_scan

    for path in paths:
        read_scan(path)


def decoding_ours_two_threads(paths: Sequence[Path]) -> None:
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(decoding_ours, (paths[::2], paths[1::2])))


WAYS: dict[str, Callable[[Sequence[Path]], None]] = {
    "reference": reference,
    "ours, 1 thread": ours,
    "ours, 2 threads": ours_two_threads,
    "OpenCV decodes, 1 thread": decoding_opencv,
    "OpenCV decodes, 2 threads": decoding_opencv_two_threads,
    "read_scan, 1 thread": decoding_ours,
    "read_scan, 2 threads": decoding_ours_two_threads,
}


def measure_here(way: str, folder: Path, count: int) -> None:
    """Time one way in this process and print it; the first images warm it up and are not counted."""
    found = sorted(folder.glob("*.png"))
    paths = [found[i % len(found)] for i in range(count)]
    WAYS[way](paths[:4])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start, start_processor = time.perf_counter(), time.process_time()
    WAYS[way](paths)
    seconds, processor = time.perf_counter() - start, time.process_time() - start_processor
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    measured = {
        "rate": count / seconds,
        "processor": 1000 * processor / count,
        "peak": peak / 1024,
        "grown": (peak - before) / 1024,
    }
    print(json.dumps(measured))


def measure_apart(way: str, folder: Path, count: int) -> dict[str, float]:
    command = [sys.executable, __file__, str(folder), "--images", str(count), "--way", way]
    measured: dict[str, float] = json.loads(
        subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
    )
    return measured


def prepare(folder: Path, target: Path) -> Path:
    """The folder itself if all its PNG files are grey and 512 x 512, else such files made from them."""
    import cv2
    import numpy as np

    paths = sorted(folder.glob("*.png"))
    if not paths:
        sys.exit(f"{folder}: no PNG file in it")
    images = {path: cv2.imread(str(path), cv2.IMREAD_UNCHANGED) for path in paths}
    if all(image.shape == (SIZE, SIZE) for image in images.values()):
        return folder
    for path in images:
        grey = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
        height, width = grey.shape
        side = max(grey.shape)
        square = np.full((side, side), 255, np.uint8)
        top, left = (side - height) // 2, (side - width) // 2
        square[top : top + height, left : left + width] = grey
        cv2.imwrite(str(target / path.name), cv2.resize(square, (SIZE, SIZE), interpolation=cv2.INTER_AREA))
    return target


def compare(folder: Path, count: int, rounds: int) -> None:
    results: dict[str, list[dict[str, float]]] = {way: [] for way in WAYS}
    for _ in range(rounds):
        for way, measured in results.items():
            measured.append(measure_apart(way, folder, count))
    medians = {
        way: {name: statistics.median(run[name] for run in runs) for name in runs[0]}
        for way, runs in results.items()
    }
    print(f"{count} images of {SIZE} x {SIZE}, median of {rounds} rounds")
    print(f"{'':26}{'images/s':>9}{'lowest':>8}{'highest':>8}{'ratio':>7}{'CPU ms':>8}{'ratio':>7}", end="")
    print(f"{'peak MB':>9}{'grown by':>9}")
    base = medians["reference"]
    for way, median in medians.items():
        rates = [run["rate"] for run in results[way]]
        print(
            f"{way:26}{median['rate']:9.0f}{min(rates):8.0f}{max(rates):8.0f}{median['rate'] / base['rate']:7.2f}"
            f"{median['processor']:8.2f}{base['processor'] / median['processor']:7.2f}"
            f"{median['peak']:9.0f}{median['grown']:9.0f}"
        )
    judge(medians)


def judge(medians: dict[str, dict[str, float]]) -> None:
    """The two ratios that matter: to the reference, and to decoding the same files on as many cores."""
    mine, reference_way = medians["ours, 2 threads"], medians["reference"]
    print(
        f"\nours, 2 threads: {mine['rate'] / reference_way['rate']:.1f} times the reference's images/s",
        end="",
    )
    print(f" (by CPU time {2 * reference_way['processor'] / mine['processor']:.1f})")
    for way in ("OpenCV decodes, 2 threads", "read_scan, 2 threads"):
        alone = medians[way]
        by_clock, by_processor = alone["rate"] / mine["rate"], mine["processor"] / alone["processor"]
        print(f"{by_clock:.2f} times the time of: {way} (by CPU time {by_processor:.2f})")


def steps(folder: Path) -> dict[str, Callable[[int], object]]:
    """What is done with an image, by name: each takes the number of an image."""
    import hashlib

    import cv2
    import numpy as np

    from sigforensics.images import count_levels, integers_to_unit
    from sigforensics.scans import read_scan
    from sigforensics.scans.plain import plain_grey
    from sigforensics.settings import Spectrum
    from sigforensics.spectra.features import image_features
    from sigforensics.spectra.grid import NYQUIST, FrequencyGrid
    from sigforensics.spectra.moments import PowerSums
    from sigforensics.spectra.transform import dct_coefficients, dct_magnitude_log

    cv2.setNumThreads(1)
    found = sorted(folder.glob("*.png"))
    paths = [found[i % len(found)] for i in range(STEP_IMAGES)]
    files, scans = [path.read_bytes() for path in paths], [read_scan(path).pixels for path in paths]
    values = [cv2.imread(str(path), cv2.IMREAD_GRAYSCALE) for path in paths]
    settings, shape = Spectrum(), (SIZE, SIZE)
    logs = [dct_magnitude_log(scan[np.newaxis], floor=settings.floor)[0] for scan in scans]
    features = image_features(shape, NYQUIST, FrequencyGrid(shape), settings)
    sums, image_sum, part = PowerSums(shape), np.zeros(shape), PowerSums(shape)
    centred, out = [scan * np.float32(255) - np.float32(200) for scan in scans], np.empty(shape, np.float32)

    def join(number: int) -> None:
        if number % settings.batch == 0:
            part.merge(sums)

    return {
        "all of read_scan": lambda i: read_scan(paths[i]),
        "  file": lambda i: paths[i].read_bytes(),
        "  SHA-256": lambda i: hashlib.sha256(files[i]).hexdigest(),
        "  decoding": lambda i: plain_grey(files[i]),
        "  to float32": lambda i: integers_to_unit(values[i]),
        "counting grey levels": lambda i: count_levels(scans[i]),
        "all of the log-spectrum": lambda i: dct_magnitude_log(scans[i][np.newaxis], floor=settings.floor),
        "  checks, centring and DCT": lambda i: dct_coefficients(scans[i][np.newaxis]),
        "  DCT alone": lambda i: cv2.dct(centred[i], out),
        "sums and squares": lambda i: sums.add(logs[i]),
        "mean image": lambda i: cv2.accumulate(scans[i], image_sum),
        "radial bands": lambda i: features.bands.means(logs[i]),
        "bands of three lines": lambda i: features.lines.means(logs[i]),
        "peaks": lambda i: features.peaks and features.peaks.of(logs[i]),
        "merging of the batch": join,
    }


def print_steps(folder: Path, rounds: int) -> None:
    """Milliseconds of the processor an image, the least of the rounds."""
    all_steps = steps(folder)
    times: dict[str, list[float]] = {name: [] for name in all_steps}
    for _ in range(2 * rounds):
        for name, step in all_steps.items():
            start = time.process_time()
            for number in range(STEP_IMAGES):
                step(number)
            times[name].append(1000 * (time.process_time() - start) / STEP_IMAGES)
    total = sum(min(spent) for name, spent in times.items() if not name.startswith(" "))
    print(f"\n{'one image, one thread':30}{'CPU ms':>8}{'share':>8}")
    for name, spent in times.items():
        print(f"{name:30}{min(spent):8.3f}{min(spent) / total:8.0%}")
    print(f"{'sum':30}{total:8.3f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--images", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--way", choices=list(WAYS), help=argparse.SUPPRESS)
    parser.add_argument("--steps", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--prepare", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.way:
        measure_here(options.way, options.folder, options.images)
        return
    if options.steps:
        print_steps(options.folder, options.rounds)
        return
    if options.prepare:
        print(prepare(options.folder, options.prepare))
        return
    temporary = Path(tempfile.mkdtemp())
    try:  # apart: a child's peak memory counts that of its parent when it starts
        command = [sys.executable, __file__, str(options.folder), "--prepare", str(temporary)]
        folder = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
        compare(Path(folder), options.images, options.rounds)
        subprocess.run(
            [sys.executable, __file__, folder, "--rounds", str(options.rounds), "--steps"], check=True
        )
    finally:
        shutil.rmtree(temporary)


if __name__ == "__main__":
    main()
