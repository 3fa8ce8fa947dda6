"""What single steps of an acquisition chain do to one and the same images: the change in the corner of the highest frequencies.

    python benchmarks/chain_effects.py FOLDER

FOLDER holds scans of signatures of at least 256 x 256 pixels. The middle of each is taken, one step is applied to a copy,
and the mean of ln(|DCT| + floor) over the corner (both frequencies above 7/16 cycles per pixel) is compared, image by image.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from sigforensics.errors import InputError
from sigforensics.images import ByteImage, bytes_to_unit, unit_to_bytes
from sigforensics.scans import list_images, read_scan
from sigforensics.settings import Spectrum
from sigforensics.spectra import DB_PER_NAT, dct_frequencies, dct_magnitude_log

SIDE = 256


def round_trip(image: ByteImage) -> ByteImage:
    larger = cv2.resize(image, None, fx=1.1, fy=1.1, interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.resize(larger, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR), np.uint8)


def blur(image: ByteImage) -> ByteImage:
    return np.asarray(cv2.GaussianBlur(image, (0, 0), 0.5), np.uint8)


def clear_paper(image: ByteImage) -> ByteImage:
    return np.where(255 - image.astype(int) < 25, 255, image).astype(np.uint8)


def jpeg(quality: int) -> Callable[[ByteImage], ByteImage]:
    def compress(image: ByteImage) -> ByteImage:
        _, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
        return np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), np.uint8)

    return compress


STEPS: dict[str, Callable[[ByteImage], ByteImage]] = {
    "bilinear resize by 1.1 and back": round_trip,
    "Gaussian blur, sigma 0.5": blur,
    "ink below 25 of 255 cleared": clear_paper,
    "JPEG, quality 90": jpeg(90),
    "JPEG, quality 75": jpeg(75),
}


def middles(folder: Path) -> list[ByteImage]:
    found = []
    for path in list_images(folder):
        try:
            pixels = unit_to_bytes(read_scan(path).pixels)
        except InputError:
            continue
        top, left = (pixels.shape[0] - SIDE) // 2, (pixels.shape[1] - SIDE) // 2
        if min(top, left) >= 0:
            found.append(pixels[top : top + SIDE, left : left + SIDE])
    return found


def corner_means(images: list[ByteImage]) -> np.ndarray:
    high = dct_frequencies(SIDE) > 7 / 16
    logs = dct_magnitude_log(bytes_to_unit(np.stack(images)), floor=Spectrum().floor)
    return np.asarray(logs[:, high][:, :, high].mean(axis=(1, 2)))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    images = middles(parser.parse_args().folder)
    before = corner_means(images)
    print(
        f"{len(images)} images of {SIDE} x {SIDE}; change of the corner, mean and standard error over images"
    )
    for name, step in STEPS.items():
        change = corner_means([step(image) for image in images]) - before
        error = change.std(ddof=1) / np.sqrt(len(change))
        print(f"{name:32s} {change.mean():+.2f} nats ± {error:.2f} ({change.mean() * DB_PER_NAT:+.1f} dB)")


if __name__ == "__main__":
    main()
