"""Files that no command can use, made by hand."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from sigforensics import errors


def _save(path: Path, pixels: np.ndarray) -> None:
    Image.fromarray(pixels).save(path, format=path.suffix[1:].upper().replace("JPG", "JPEG"))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _png_that_states(path: Path, width: int, height: int) -> None:
    header = _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    body = _chunk(b"IDAT", zlib.compress(bytes(1000)))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + header + body + _chunk(b"IEND", b""))


def _locked_pdf(path: Path) -> None:
    """Encrypted with a password that nobody knows: the digests of owner and user are noise."""
    noise = b"<" + b"5a" * 32 + b">"
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] >>",
        b"<< /Filter /Standard /V 1 /R 2 /P -4 /O %s /U %s >>" % (noise, noise),
    )
    data, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    trailer = b"<< /Size 5 /Root 1 0 R /Encrypt 4 0 R /ID [<00> <00>] >>"
    end = b"xref\n0 5\n0000000000 65535 f \n%strailer\n%s\nstartxref\n%d\n%%%%EOF\n"
    path.write_bytes(data + end % (table, trailer, len(data)))


def _truncated(path: Path) -> None:
    rng = np.random.default_rng(0)
    image = Image.fromarray(rng.integers(0, 256, (200, 300), np.uint8))
    image.save(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _scan_of(level: int, ink: int) -> np.ndarray:
    page = np.full((400, 600), level, np.uint8)
    page[180:190, 100:400] = ink
    return page


UNREADABLE: dict[str, tuple[str, Callable[[Path], None], type[errors.SigforensicsError]]] = {
    "truncated PNG": ("bad.png", _truncated, errors.FileTruncated),
    "truncated JPEG": ("bad.jpg", _truncated, errors.FileTruncated),
    "truncated TIFF": ("bad.tif", _truncated, errors.FileTruncated),
    "truncated PDF": ("bad.pdf", _truncated, errors.FileTruncated),
    "empty": ("bad.png", lambda path: path.write_bytes(b"") and None, errors.FileEmpty),
    "zero-size": ("bad.png", lambda path: _png_that_states(path, 0, 0), errors.ImageTooSmall),
    "text": ("bad.png", lambda path: path.write_text("a letter") and None, errors.NotAnImage),
    "locked PDF": ("bad.pdf", _locked_pdf, errors.PdfEncrypted),
    "1 x 1": ("bad.png", lambda path: _save(path, np.zeros((1, 1), np.uint8)), errors.ImageTooSmall),
    "20000 x 20000": (
        "bad.png",
        lambda path: _png_that_states(path, 20_000, 20_000),
        errors.ImageTooLarge,
    ),
}
"""No command can read these."""

UNUSABLE = UNREADABLE | {
    "blank": ("bad.png", lambda path: _save(path, _scan_of(250, 250)), errors.ImageBlank),
    "black": ("bad.png", lambda path: _save(path, _scan_of(3, 0)), errors.ImageBlack),
    "negative": ("bad.png", lambda path: _save(path, _scan_of(5, 240)), errors.PolarityWrong),
}
"""No signature can be taken from these."""


@pytest.fixture
def make_bad(tmp_path: Path) -> Callable[..., Path]:
    """Makes a bad file of a kind, in a folder."""

    def make(kind: str, folder: Path | None = None) -> Path:
        name, write, _ = UNUSABLE[kind]
        path = (folder or tmp_path) / name
        write(path)
        return path

    return make


@pytest.fixture(params=sorted(UNREADABLE))
def unreadable(request: pytest.FixtureRequest) -> tuple[str, int]:
    """A kind of file that cannot be read, and its exit status."""
    return request.param, UNREADABLE[request.param][2].status


@pytest.fixture(params=sorted(UNUSABLE))
def unusable(request: pytest.FixtureRequest) -> tuple[str, int]:
    """A kind of file without a signature that could be taken, and its exit status."""
    return request.param, UNUSABLE[request.param][2].status


def write_images(folder: Path, seed: int, count: int, *, size: int = 64, blur: float = 1.0) -> Path:
    """8-bit images of noise, smoothed: as many bands as there can be, all with something in them."""
    folder.mkdir(parents=True)
    for number in range(count):
        noise = np.random.default_rng([seed, number]).normal(0, 1, (size, size)).astype(np.float32)
        smooth = cv2.GaussianBlur(noise, (0, 0), blur)
        _save(
            folder / f"{number:02d}.png", np.clip(128 + 90 * smooth / smooth.std(), 0, 255).astype(np.uint8)
        )
    return folder


@pytest.fixture(scope="session")
def flat_sets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """``true/`` and ``fake/``: six images each, of the same names; the fake ones are smoother. Not to be written to."""
    folder = tmp_path_factory.mktemp("sets")
    write_images(folder / "true", 1, 6, blur=0.7)
    write_images(folder / "fake", 2, 6, blur=1.0)
    return folder


@pytest.fixture
def seven(tmp_path: Path) -> tuple[Path, Path]:
    """A true and a fake set of so many images that their difference can lie beyond the control."""
    true, fake = tmp_path / "seven" / "true", tmp_path / "seven" / "fake"
    return write_images(true, 1, 7, blur=0.7), write_images(fake, 2, 7, blur=1.0)
