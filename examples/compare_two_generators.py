"""Which of two generators leaves more behind in the spectrum.

Forges the same frame of a prepared corpus with both, compares each set of fakes with the true images, and then the two sets of
fakes with each other: a question that has nothing to do with the scans, since both sets were made from the same edges and
masks and never saw a scanner.

Example: ``python examples/compare_two_generators.py data bundled model/generator.safetensors -o two``
"""

from __future__ import annotations

import argparse
from pathlib import Path

from sigforensics.gan.bundled import find_generator
from sigforensics.statistics import BandDifference
from sigforensics.workflows.compare import compare, write_comparison
from sigforensics.workflows.generate import generate_frame


def model_of(name: str) -> Path | None:
    """The file of a generator; None, which is the default one, for the name ``bundled``."""
    return None if name == "bundled" else find_generator(name)


def shown(band: BandDifference) -> str:
    """A difference and its corrected p."""
    return f"{band.difference_nats:+.3f} (p {band.p_corrected:.3f})"


def main() -> None:
    """Forge, compare, write the three comparisons, and print them side by side."""
    parser = argparse.ArgumentParser(description="Compare the fakes of two generators.")
    parser.add_argument("data", type=Path, help="a folder that 'sigforensics prepare' made")
    parser.add_argument(
        "generators",
        nargs=2,
        help="a name that 'sigforensics generators' lists, or a model file, each; 'bundled' is the default",
    )
    parser.add_argument("--frame", default="validation", choices=["training", "validation", "testing"])
    parser.add_argument("-o", "--output", type=Path, required=True)
    arguments = parser.parse_args()

    folders = [arguments.output / "a", arguments.output / "b"]
    for folder, name in zip(folders, arguments.generators, strict=True):
        generate_frame(arguments.data, arguments.frame, folder, generator=model_of(name))
    a, b = folders
    pairs = {
        "a less true": (a / "true", a / "fake"),
        "b less true": (b / "true", b / "fake"),
        "b less a": (a / "fake", b / "fake"),
    }
    compared = {title: compare(*pair) for title, pair in pairs.items()}
    for title, result in compared.items():
        write_comparison(arguments.output / title.replace(" ", "-"), result)

    print(f"{'cycles/pixel':>14}" + "".join(f"{title:>20}" for title in compared))
    for bands in zip(*(result.comparison.bands for result in compared.values()), strict=True):
        print(f"{bands[0].low:6.3f} - {bands[0].high:5.3f}" + "".join(f"{shown(band):>20}" for band in bands))


if __name__ == "__main__":
    main()
