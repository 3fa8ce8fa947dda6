"""Draw the pictures of the documentation: signatures that our own code draws, and what each bundled generator makes of them.

Example: ``python docs/draw_examples.py``
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

from sigforensics.gan.bundled import bundled_names, find_generator
from sigforensics.images import FloatImage, bytes_to_unit, unit_to_bytes
from sigforensics.marking import sheet_texts
from sigforensics.png import read_png, write_png
from sigforensics.report.figures import cut_to_ink, draw_contact_sheet, ink_rows, save_figure
from sigforensics.samples import draw_signature, invent_writer
from sigforensics.settings import Forging
from sigforensics.workflows.generate import GenerateSettings, generate
from sigforensics.workflows.taking import Choice

PICTURES = Path(__file__).parent / "images"
WRITERS = (1, 3, 4, 6)
SPECIMENS = 12
DPI = 300.0
SETTINGS = GenerateSettings(choice=Choice(layout="cropped"))


def draw_originals(folder: Path) -> list[Path]:
    """One signature of each writer."""
    paths = []
    for number in WRITERS:
        writer = invent_writer(number, seed=0)
        signature = draw_signature(writer, rng=np.random.default_rng([0, number]), dpi=DPI)
        paths.append(folder / f"{writer.name}.png")
        write_png(paths[-1], unit_to_bytes(signature), bright=False, dpi=DPI)
    return paths


def draw_specimens(folder: Path, number: int) -> Path:
    """Other signatures of a writer."""
    writer = invent_writer(number, seed=0)
    specimens = folder / f"specimens of {writer.name}"
    specimens.mkdir()
    for sample in range(1, SPECIMENS + 1):
        signature = draw_signature(writer, rng=np.random.default_rng([0, number, sample]), dpi=DPI)
        write_png(specimens / f"{sample:02}.png", unit_to_bytes(signature), bright=False, dpi=DPI)
    return specimens


def forge(
    paths: list[Path], folder: Path, *, name: str, settings: GenerateSettings, specimens: Path | None = None
) -> dict[str, list[FloatImage]]:
    """True image and fakes of each signature by one generator."""
    generate(paths, folder, settings=settings, generator=find_generator(name), specimens=specimens)
    kinds = sorted((path for path in folder.glob("fake*") if path.is_dir()), key=lambda path: path.name)
    return {
        path.stem: [bytes_to_unit(read_png(kind / path.name)) for kind in (folder / "true", *kinds)]
        for path in paths
    }


def cut_to_true(images: list[FloatImage]) -> list[FloatImage]:
    """The rows in which the first of some images bears ink: single dots of fakes elsewhere are left out."""
    return [image[ink_rows(images[:1])] for image in images]


def save_sheet(name: str, rows: dict[str, list[FloatImage]], columns: list[str], *, made_by: str) -> None:
    """A contact sheet that says what it shows."""
    figure = draw_contact_sheet(rows, columns=columns, cell_width=2.2)
    PICTURES.mkdir(exist_ok=True)
    save_figure(figure, PICTURES / name, dpi=110, texts=sheet_texts(generator=made_by, seed=0))


def main() -> None:
    """Both pictures: the default generator's fakes with plain and augmented edges, and those of all generators."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        paths = draw_originals(folder)
        default, *others = bundled_names()
        plain = forge(paths, folder / "plain", name=default, settings=SETTINGS)
        augmented_settings = GenerateSettings(choice=SETTINGS.choice, forging=Forging(augmented=True))
        augmented = {}
        for path, number in zip(paths, WRITERS, strict=True):
            specimens = draw_specimens(folder, number)
            out = folder / f"augmented {path.stem}"
            augmented |= forge([path], out, name=default, settings=augmented_settings, specimens=specimens)
        rows = {writer: cut_to_ink([*images, augmented[writer][-1]]) for writer, images in plain.items()}
        columns = ["drawn by our code", "synthetic", "synthetic, bent, hole filled"]
        save_sheet("fakes.png", rows, columns, made_by=default)
        rows = {writer: cut_to_true(images) for writer, images in plain.items()}
        for other in others:
            for writer, images in forge(paths, folder / other, name=other, settings=SETTINGS).items():
                rows[writer].append(cut_to_true(images)[-1])
        save_sheet("generators.png", rows, ["drawn", default, *others], made_by=", ".join(bundled_names()))


if __name__ == "__main__":
    main()
