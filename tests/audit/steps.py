"""Steps of an acquisition chain, and the property of the audit that must show each."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from sigforensics.images import ByteImage, bytes_to_unit
from sigforensics.scans import Scan, Source

Step = Callable[[ByteImage], ByteImage]


def jpeg(quality: int) -> Step:
    def compress(image: ByteImage) -> ByteImage:
        stream = io.BytesIO()
        Image.fromarray(image).save(stream, "JPEG", quality=quality)
        return np.asarray(Image.open(stream))

    return compress


def resize_and_back(factor: float) -> Step:
    def resize(image: ByteImage) -> ByteImage:
        size = image.shape[::-1]
        other = cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_LINEAR)
        return np.asarray(cv2.resize(other, size, interpolation=cv2.INTER_LINEAR), np.uint8)

    return resize


def gamma(exponent: float) -> Step:
    return lambda image: np.rint(255 * (image / 255) ** exponent).astype(np.uint8)


def palette(colours: int) -> Step:
    return lambda image: np.asarray(Image.fromarray(image).quantize(colours).convert("L"))


STEPS: dict[str, Step] = {
    "shrunk and enlarged": resize_and_back(0.8),
    "enlarged and shrunk": resize_and_back(1.1),
    "halved and doubled": resize_and_back(0.5),
    "JPEG 75": jpeg(75),
    "JPEG 90": jpeg(90),
    "blur 0.5": lambda image: np.asarray(cv2.GaussianBlur(image, (0, 0), 0.5), np.uint8),
    "gamma 0.8": gamma(0.8),
    "gamma 1.2": gamma(1.2),
    "threshold 25": lambda image: np.where(image > 230, 255, image).astype(np.uint8),
    "background 6 levels brighter": lambda image: np.clip(image.astype(int) + 6, 0, 255).astype(np.uint8),
    "palette of 16": palette(16),
    "palette of 64": palette(64),
}
"""What may happen to one set alone."""
SHOWN_BY = {
    "shrunk and enlarged": "resampling",
    "enlarged and shrunk": "resampling",
    "halved and doubled": "sharpness",
    "JPEG 75": "jpeg_history",
    "JPEG 90": "jpeg_history",
    "blur 0.5": "sharpness",
    "gamma 0.8": "histogram_comb",
    "gamma 1.2": "missing_levels",
    "threshold 25": "threshold_gap",
    "background 6 levels brighter": "background",
    "palette of 16": "grey_levels",
    "palette of 64": "grey_levels",
}


def as_scan(image: ByteImage) -> Scan:
    return Scan(bytes_to_unit(image), Source(Path("a.png"), ""), 1, 1, None, "PNG", "L", 8)
