"""How much JPEG compression alone changes the spectra of your images.

Reads a folder of images of one size, compresses each in memory, and compares the set before with the set after, pair by pair.
Nothing but JPEG differs, so every difference is the chain's. If it is as large as one that you have found between true and
fake images, yours may be the chain's too.

Example: ``python examples/what_jpeg_does.py forged/true --quality 90``
"""

from __future__ import annotations

import argparse
import io
from pathlib import Path

import numpy as np
from PIL import Image

from sigforensics.images import ByteImage, FloatImage, bytes_to_unit, unit_to_bytes
from sigforensics.scans import list_images, read_scan
from sigforensics.spectra import SpectrumAccumulator
from sigforensics.statistics import Comparison, compare_sets


def through_jpeg(image: ByteImage, *, quality: int) -> ByteImage:
    """The image after JPEG compression and decompression."""
    with io.BytesIO() as stream:
        Image.fromarray(image).save(stream, format="JPEG", quality=quality)
        return np.asarray(Image.open(stream).convert("L"))


def compare_with_jpeg(folder: Path, *, quality: int) -> Comparison:
    """The images of a folder against themselves after JPEG."""
    before, after = SpectrumAccumulator(), SpectrumAccumulator()
    for path in list_images(folder):
        image = unit_to_bytes(read_scan(path).pixels)
        before.update(_batch(image), where=path)
        after.update(_batch(through_jpeg(image, quality=quality)), where=path)
    one, other = before.result(where=folder), after.result(where=folder)
    return compare_sets(
        one.band_features,
        other.band_features,
        edges=one.band_edges,
        paired=True,
        rng=np.random.default_rng(0),
    )


def _batch(image: ByteImage) -> FloatImage:
    return bytes_to_unit(image)[np.newaxis]


def main() -> None:
    """Read the command line and print a row a band."""
    parser = argparse.ArgumentParser(
        description="How much JPEG alone changes the spectra of a folder of images."
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--quality", type=int, default=90, help="of JPEG, 1 to 95")
    arguments = parser.parse_args()
    comparison = compare_with_jpeg(arguments.folder, quality=arguments.quality)
    print(
        f"{comparison.n_true} images; JPEG of quality {arguments.quality} less none, in nats, with 95 % intervals"
    )
    for band in comparison.bands:
        interval = f"{band.ci_low:+.3f} to {band.ci_high:+.3f}"
        print(f"{band.low:.3f}-{band.high:.3f} cycles/pixel  {band.difference_nats:+.3f}  ({interval})")


if __name__ == "__main__":
    main()
