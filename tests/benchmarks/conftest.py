"""A small corpus of drawn signatures, prepared, forged by a stand-in, and forged "by hand"."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import cv2
import numpy as np
import pytest

WRITERS, SIGNATURES, SIZE = 6, 6, 128
HELD_OUT = ("writer-1", "writer-2", "writer-3")


class StandInForger:
    """In place of the network: what is between the edges, without any grain."""

    def forge_many(self, templates: Iterable[Any], **_dropout: bool) -> Iterator[Any]:
        for template in templates:
            closed = cv2.morphologyEx(template.edges, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
            yield cv2.GaussianBlur(closed, (0, 0), 1.0).astype(np.float32) / 255


def draw(folder: Path, *, seed: int, writers: int, signatures: int) -> None:
    from sigforensics.images import unit_to_bytes
    from sigforensics.samples import draw_signature, invent_writer

    for number in range(1, writers + 1):
        place = folder / f"writer-{number}"
        place.mkdir(parents=True)
        for sample in range(signatures):
            rng = np.random.default_rng([seed, number, sample])
            pixels = draw_signature(invent_writer(number, seed=seed), rng=rng, dpi=100)
            cv2.imwrite(str(place / f"s{sample}.png"), unit_to_bytes(pixels))


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six writers, six signatures each; of three writers, half are specimens and half stand in the validation frame."""
    from sigforensics.settings import Preprocessing, Splitting
    from sigforensics.workflows.prepare import PrepareSettings, prepare

    folder = tmp_path_factory.mktemp("corpus")
    draw(folder / "drawn", seed=3, writers=WRITERS, signatures=SIGNATURES)
    settings = PrepareSettings(preprocessing=Preprocessing(size=SIZE), splitting=Splitting(specimens=3))
    return prepare(folder / "drawn", folder / "data", settings=settings, validation_writers=HELD_OUT).folder


@pytest.fixture(scope="session")
def forgeries(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of the three held-out writers' names, by other hands: a folder of targets with one folder a writer."""
    from sigforensics.settings import Preprocessing, Splitting
    from sigforensics.workflows.prepare import PrepareSettings, prepare

    folder = tmp_path_factory.mktemp("forgeries")
    draw(folder / "drawn", seed=8, writers=len(HELD_OUT), signatures=4)
    settings = PrepareSettings(preprocessing=Preprocessing(size=SIZE), splitting=Splitting(by="sample"))
    return prepare(folder / "drawn", folder / "data", settings=settings).folder / "targets"


@pytest.fixture(scope="session")
def run(corpus: Path, generator_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What ``generate --data`` writes for the validation frame: nine signatures. Not to be written to."""
    from sigforensics.workflows.generate import generate_frame

    folder = tmp_path_factory.mktemp("run") / "smooth"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sigforensics.workflows.forging.Generator.forger", StandInForger())
        generate_frame(corpus, "validation", folder, generator=generator_file)
    return folder


@pytest.fixture
def copied_run(run: Path, tmp_path: Path) -> Path:
    """The same with the true images in place of the fakes, free to be changed."""
    folder = tmp_path / "copied"
    shutil.copytree(run, folder)
    shutil.rmtree(folder / "fake")
    shutil.copytree(folder / "true", folder / "fake")
    return folder


@pytest.fixture
def printed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Run a benchmark as its command line would, and give what it prints."""

    def run_script(script: ModuleType, *arguments: object) -> str:
        monkeypatch.setattr("sys.argv", [script.__name__, *map(str, arguments)])
        capsys.readouterr()
        script.main()
        return capsys.readouterr().out

    return run_script
