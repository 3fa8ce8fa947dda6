"""What all tests share."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Where tests run in several processes: a file's tests in one, and all of the documentation's, which share the tutorial."""
    from xdist.scheduler import LoadScopeScheduling

    class ByFile(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            path = nodeid.partition("::")[0]
            return "tests/docs" if path.startswith("tests/docs/") else path

    return ByFile(config, log)


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """Real data, where ``SIGFORENSICS_DATA`` names its folder; tests of it are skipped where it does not."""
    named = os.environ.get("SIGFORENSICS_DATA")
    if not named:
        pytest.skip("SIGFORENSICS_DATA names no folder of real data")
    folder = Path(named)
    if not folder.is_dir():
        pytest.skip(f"SIGFORENSICS_DATA names {named}, which is no folder")
    return folder


@dataclass(frozen=True)
class Ran:
    """What a command did."""

    status: int
    out: str
    err: str


@pytest.fixture
def sigforensics(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Run a command as a shell would, but in this process."""
    from sigforensics.cli import main

    def run(*arguments: object) -> Ran:
        monkeypatch.setattr("sys.argv", ["sigforensics", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as exit_:
            main()
        captured = capsys.readouterr()
        return Ran(int(exit_.value.code or 0), captured.out, captured.err)

    return run


@pytest.fixture(scope="session")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Parts of drawn pages, and cropped signatures; not to be written to.

    ``page.png`` (one signature), ``two.png`` (two), ``print.png`` (none), ``signatures/WRITER_N.png``: 4 writers, 3 each.
    """
    from sigforensics.images import unit_to_bytes
    from sigforensics.samples import draw_page, draw_signature, invent_writer

    folder = tmp_path_factory.mktemp("drawn")
    writers = [invent_writer(number, seed=3) for number in range(1, 5)]
    for name, signing in (("page", writers[:1]), ("two", writers[:2]), ("print", [])):
        page = draw_page(signing, rng=np.random.default_rng(len(signing)), dpi=150)
        bottom = max((top + height for _, top, _, height in page.boxes), default=600) + 60
        part = unit_to_bytes(page.pixels[bottom - 600 : bottom])
        Image.fromarray(part).save(folder / f"{name}.png", dpi=(150, 150))
    (folder / "signatures").mkdir()
    for place, writer in enumerate(writers):
        for number in range(3):
            pixels = draw_signature(writer, rng=np.random.default_rng([place, number]), dpi=150)
            path = folder / "signatures" / f"{writer.name}_{number}.png"
            Image.fromarray(unit_to_bytes(pixels)).save(path, dpi=(150, 150))
    return folder


@pytest.fixture(scope="session")
def generator_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A generator of ours as a file: tiny, untrained, for images of 128 x 128 pixels."""
    from sigforensics.gan.model_file import write_model
    from sigforensics.gan.structure import weight_shapes
    from sigforensics.settings import Network, Preprocessing

    network = Network(size=128, multiplier=2, spade_width=2)
    rng = np.random.default_rng(0)
    weights = {name: rng.normal(0, 0.2, shape) for name, shape in weight_shapes(network).items()}
    path = tmp_path_factory.mktemp("generator") / "tiny.safetensors"
    write_model(path, weights, network=network, preprocessing=Preprocessing(size=128), training={})
    return path


class StandInForger:
    """In place of the network: the soft interior between the edges, and with dropout a grain from the seeds."""

    def forge_many(self, templates: Iterable[Any], *, dropout: bool) -> Iterator[NDArray[np.float32]]:
        for template in templates:
            edges, mask = template.edges, template.mask
            strokes = cv2.GaussianBlur(np.maximum(edges, mask // 2), (0, 0), 1.2).astype(np.float32) / 255
            rng = np.random.default_rng(template.seeds.tolist() if dropout else 7)
            yield np.clip(strokes * rng.uniform(0.8, 1, edges.shape), 0, 1).astype(np.float32)


@pytest.fixture
def without_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stand-in forges, for tests of what happens around the network: TensorFlow takes seconds to start."""
    monkeypatch.setattr("sigforensics.workflows.forging.Generator.forger", StandInForger())


@dataclass(frozen=True)
class Scanned:
    """A page in a file of some kind."""

    path: Path
    place: Callable[[NDArray[np.bool_]], NDArray[np.bool_]]
    """What becomes of a mask of the page as it was drawn on the page as it is stored."""


def _turned(quarters: int) -> Callable[[NDArray[Any]], NDArray[Any]]:
    return lambda page: np.ascontiguousarray(np.rot90(page, quarters))


def _skewed(page: NDArray[Any]) -> NDArray[Any]:
    """Rows fall by 3 degrees to the right."""
    height, width = page.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), -3, 1)
    paper = 0 if page.dtype == np.bool_ else 240
    moved = cv2.warpAffine(page.astype(np.float32), turn, (width, height), borderValue=(paper,))
    return np.rint(moved).astype(page.dtype)


def _in_shadow(page: NDArray[Any]) -> NDArray[Any]:
    return (page * np.linspace(0.3, 1, page.shape[1])).astype(np.uint8)


def _save_as(kind: str, page: NDArray[Any], path: Path) -> Scanned:
    """Write the page as a file of a kind, at 150 dpi."""
    image, resolution = Image.fromarray(page), {"dpi": (150, 150)}
    black_and_white = image.point(lambda value: 255 * (value > 150)).convert("1")
    if kind == "colour.png":
        tint = np.array([1.0, 0.97, 0.9])
        image = Image.fromarray((page[..., None] * tint).astype(np.uint8))
    elif kind == "bilevel.png":
        image = black_and_white
    elif kind == "fax.tif":  # half as many lines an inch down as across
        width, height = image.size
        image = (
            image.resize((width, height // 2), Image.Resampling.BOX)
            .point(lambda v: 255 * (v > 150))
            .convert("1")
        )
        image.save(path, compression="group4", dpi=(150, 75))
        return Scanned(path, lambda mask: mask[: height // 2 * 2].reshape(-1, 2, mask.shape[1]).any(axis=1))
    elif kind == "exif.jpg":  # stored lying on its side; a viewer turns it to the right
        exif = Image.Exif()
        exif[274] = 6
        Image.fromarray(_turned(1)(page)).save(path, exif=exif, quality=85, **resolution)
        return Scanned(path, _turned(1))
    elif kind == "page.pdf":
        image.save(path, resolution=150)
        return Scanned(path, lambda mask: mask)
    image.save(path, **resolution)
    return Scanned(path, lambda mask: mask)


TURNS: dict[str, Callable[[NDArray[Any]], NDArray[Any]]] = {
    "side.png": _turned(1),
    "head.png": _turned(2),
    "other side.png": _turned(3),
    "skewed.png": _skewed,
}
SCANNED_AS = (
    "grey.png", "colour.png", "bilevel.png", "page.jpg", "fax.tif", "page.tif", "exif.jpg", "page.pdf", *TURNS, "shadow.png",
)  # fmt: skip


@pytest.fixture
def scanned_as(tmp_path: Path, drawn: Path) -> Callable[[str], Scanned]:
    """Makes a file of a kind of ``SCANNED_AS`` of the drawn page with one signature."""

    def make(kind: str) -> Scanned:
        with Image.open(drawn / "page.png") as image:
            page = np.array(image)
        path = tmp_path / kind
        if kind in TURNS:
            return Scanned(_save_as(kind, TURNS[kind](page), path).path, TURNS[kind])
        return _save_as(kind, _in_shadow(page) if kind == "shadow.png" else page, path)

    return make


@pytest.fixture(params=SCANNED_AS)
def scanned(request: pytest.FixtureRequest, scanned_as: Callable[[str], Scanned]) -> Scanned:
    """The drawn page with one signature, in a file of every kind."""
    return scanned_as(request.param)
