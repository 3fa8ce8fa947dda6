"""Memory and images a second of ``spectra`` over as many images as one likes, from end to end.

    python benchmarks/many_images.py [FOLDER] [--images 100000] [--side 64] [--jobs 2]

Links the PNG files of FOLDER (or 64 that are drawn, of noise, --side pixels) under so many names in a temporary folder, and
averages their spectra in this process: files read, peaks tested, figures drawn, record written. Printed are, over the time, the
images done, and the memory held and the most held so far, beyond that of the interpreter and its libraries after a first
run; then what was written.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

from sigforensics.workflows.progress import SilentProgress

STEPS = 20
"""Lines a stage, at most."""


def resident() -> float:
    """Megabytes that this process holds now (Linux; elsewhere the most that it ever held)."""
    statm = Path("/proc/self/statm")
    if statm.is_file():
        return int(statm.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    return peak()


def peak() -> float:
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


class Watching(SilentProgress):
    """Prints what a run holds as it goes on."""

    def __init__(self, base: float) -> None:
        self.base = base
        self.begun = time.perf_counter()
        self.every = 1
        self.done = 0

    def stage(self, title: str, total: int | None) -> None:
        """Print that a stage begins."""
        self.done, self.every = 0, max(1, (total or 0) // STEPS)
        self.line(title)

    def advance(self, steps: int = 1, *, detail: str = "") -> None:
        """Print now and then how many images are done."""
        before, self.done = self.done, self.done + steps
        if self.done // self.every != before // self.every:
            self.line(f"{self.done} {detail}".rstrip())

    def line(self, text: str) -> None:
        """Print a line with time and memory."""
        seconds, processor = time.perf_counter() - self.begun, time.process_time()
        now, most = resident() - self.base, peak() - self.base
        print(f"{seconds:8.1f} s{processor:8.1f} s CPU{now:6.0f} MB{most:6.0f} MB   {text}", flush=True)


def draw(folder: Path, side: int) -> None:
    import numpy as np
    from PIL import Image

    rng = np.random.default_rng(0)
    for number in range(64):
        Image.fromarray(rng.integers(0, 256, (side, side), np.uint8)).save(folder / f"drawn{number}.png")


def link(sources: list[Path], folder: Path, count: int) -> None:
    """So many names for the files; where hard links would cross disks, symbolic ones."""
    for number in range(count):
        source, name = sources[number % len(sources)], folder / f"image{number:07}.png"
        try:
            name.hardlink_to(source)
        except OSError:
            name.symlink_to(source.resolve())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--images", type=int, default=100_000)
    parser.add_argument("--side", type=int, default=64)
    parser.add_argument("--jobs", type=int)
    options = parser.parse_args()
    from sigforensics.workflows.spectra import average_spectra

    with tempfile.TemporaryDirectory() as temporary:
        drawn, first, many = (Path(temporary) / name for name in ("drawn", "first", "many"))
        for folder in (drawn, first, many):
            folder.mkdir()
        if options.folder is None:
            draw(drawn, options.side)
        sources = sorted((options.folder or drawn).glob("*.png"))
        link(sources, first, 2)
        link(sources, many, options.images)
        average_spectra({"first": first}, Path(temporary) / "warm", workers=options.jobs)
        base = resident()
        watching = Watching(base)
        print(f"{options.images} images; {base:.0f} MB before\n{'now':>29}{'most':>9}")
        done = average_spectra(
            {"many": many}, Path(temporary) / "out", workers=options.jobs, progress=watching
        )
        watching.line("done")
        print("\n".join(f"{path.stat().st_size / 1e6:8.1f} MB {path.name}" for path in done.files))


if __name__ == "__main__":
    main()
