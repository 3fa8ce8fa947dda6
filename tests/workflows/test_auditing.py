"""The audit of two sets of files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from sigforensics.audit import AuditEntry
from sigforensics.errors import FileUnreadable
from sigforensics.provenance import file_sha256
from sigforensics.settings import Auditing, Scanning
from sigforensics.statistics import compare_sets
from sigforensics.workflows.auditing import audit_images, sampling_notes
from sigforensics.workflows.matching import Matched
from sigforensics.workflows.progress import SilentProgress
from sigforensics.workflows.sets import ImageSet

NO_SPECTRUM: Any = None


class Counting(SilentProgress):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.title = ""
        self.total: int | None = None
        self.done = 0

    def stage(self, title: str, total: int | None) -> None:
        self.title, self.total = title, total

    def advance(self, steps: int = 1, *, detail: str = "") -> None:
        self.done += steps if not detail else 0


def write_set(folder: Path, seed: int, count: int = 8) -> ImageSet:
    """Noisy paper with a bar of ink."""
    folder.mkdir(parents=True)
    rng = np.random.default_rng(seed)
    for number in range(count):
        image = rng.normal(239, 2.7, (64, 96)).round().clip(0, 255).astype(np.uint8)
        image[20:30, 10:80] //= 3
        Image.fromarray(image).save(folder / f"{number}.png")
    paths = tuple(sorted(folder.iterdir()))
    return ImageSet(folder, paths, tuple(map(file_sha256, paths)), NO_SPECTRUM, (), ())


def every(one: ImageSet, other: ImageSet) -> Matched:
    return Matched(list(range(len(one.paths))), list(range(len(other.paths))))


def audit(
    one: ImageSet, other: ImageSet, matched: Matched | None = None, **choices: Any
) -> tuple[AuditEntry, ...]:
    defaults: dict[str, Any] = {"seed": 0, "workers": 1, "progress": SilentProgress()}
    return audit_images(
        one, other, matched or every(one, other), scanning=Scanning(), **{**defaults, **choices}
    )


def counts(entry: AuditEntry) -> tuple[int, int, str, int]:
    return entry.n_true, entry.n_fake, entry.independent_unit, entry.n_units


@pytest.fixture
def sets(tmp_path: Path) -> tuple[ImageSet, ImageSet]:
    return write_set(tmp_path / "true", 0), write_set(tmp_path / "fake", 1)


def test_threads_and_seeds_have_no_influence_on_exact_tests(sets: tuple[ImageSet, ImageSet]) -> None:
    pairs = replace(every(*sets), paired=True)
    assert audit(*sets, pairs) == audit(*sets, pairs, workers=3, seed=5)
    assert audit(*sets) == audit(*sets, workers=3)


def test_only_the_images_that_are_compared_are_audited(sets: tuple[ImageSet, ImageSet]) -> None:
    """One of the others is of another kind, and must not count."""
    path = sets[1].paths[0]
    Image.open(path).convert("RGB").save(path)
    changed = replace(sets[1], sha256=tuple(map(file_sha256, sets[1].paths)))
    others = Matched(list(range(8)), list(range(1, 8)))
    (mode,) = (entry for entry in audit(sets[0], changed, others) if entry.property == "mode")
    assert mode.fake == "L"
    (mode,) = (entry for entry in audit(sets[0], changed) if entry.property == "mode")
    assert mode.fake == "L 87.5 %, RGB 12.5 %"


def test_of_large_sets_so_many_are_measured_and_a_note_says_so(sets: tuple[ImageSet, ImageSet]) -> None:
    progress, few = Counting(), Auditing(most_images=3)
    found = audit(*sets, settings=few, progress=progress)
    assert (progress.title, progress.total, progress.done) == ("Auditing", 6, 6)
    assert {counts(entry) for entry in found} == {(3, 3, "image", 6)}
    compared = compare_sets(
        *np.random.default_rng(0).normal(size=(2, 8, 1)),
        edges=np.array([0, 0.5]),
        paired=False,
        names=("a", "b"),
        rng=np.random.default_rng(0),
    )
    (note,) = sampling_notes(found, compared)
    assert (
        "audited on 3 of the 8 images of the set a and 3 of the 8 images of the set b, evenly spread" in note
    )
    assert sampling_notes(audit(*sets), compared) == ()


def test_images_by_writers_of_one_set_only_are_not_measured(sets: tuple[ImageSet, ImageSet]) -> None:
    writers = [f"w{place // 2}" for place in range(8)]
    others = ["w0", "w0", "w1", "w1", "w2", "w2", "x", "x"]
    matched = replace(every(*sets), writers_true=writers, writers_fake=others)
    progress = Counting()
    sets[0].paths[7].unlink()
    sets[1].paths[6].unlink()
    found = audit(*sets, matched, progress=progress)
    assert (progress.total, progress.done) == (12, 12)
    assert {counts(entry) for entry in found} == {(6, 6, "writer", 3)}


@pytest.mark.parametrize(
    ("most", "images", "writers"), [(8, 8, 4), (6, 4, 4), (4, 4, 4), (3, 3, 3), (2, 2, 2)]
)
def test_of_many_images_so_many_of_the_same_writers_are_measured_on_either_side(
    sets: tuple[ImageSet, ImageSet], most: int, images: int, writers: int
) -> None:
    matched = replace(every(*sets), writers_true=list("aabbccdd"), writers_fake=list("abcdddcb"))
    found = audit(*sets, matched, settings=Auditing(most_images=most))
    assert {counts(entry)[0] for entry in found} == {images}
    assert {counts(entry)[2:] for entry in found} == {("writer", writers)}


def test_pairs_stay_pairs_where_not_all_are_measured(sets: tuple[ImageSet, ImageSet]) -> None:
    matched = Matched(list(range(8)), list(reversed(range(8))), paired=True)
    mirrored = replace(sets[0], paths=sets[0].paths[::-1], sha256=sets[0].sha256[::-1])
    found = audit(sets[0], mirrored, matched, settings=Auditing(most_images=4))
    assert all(entry.difference == 0 and entry.p == 1 for entry in found)


def test_a_file_that_changed_since_its_spectrum_was_taken_is_refused(
    sets: tuple[ImageSet, ImageSet],
) -> None:
    Image.new("L", (96, 64), 200).save(sets[1].paths[3])
    with pytest.raises(FileUnreadable, match="was changed"):
        audit(*sets)


def test_writers_are_units_where_the_match_names_them(sets: tuple[ImageSet, ImageSet]) -> None:
    """Two writers can show nothing, whatever their images are."""
    writers = ["a"] * 4 + ["b"] * 4
    found = audit(*sets, replace(every(*sets), writers_true=writers, writers_fake=writers))
    assert {entry.alpha for entry in found} == {None}
