"""Where specimens look most like the surroundings of a hole."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from sigforensics.augmentation import erase_squares
from sigforensics.bridging.alike import places_alike
from sigforensics.settings import Bridging, Grafting

from .drawing import SIZE, line, square, strokes

LEAST_INK = Bridging().least_ink
HOLE = square(200, 190, 128)
MIDDLE = np.array([264.0, 254.0])
WRITTEN = strokes(
    line((40, 220), (480, 300)),
    line((150, 100), (300, 420)),
    np.stack([260 + 120 * np.cos(np.linspace(0, 5, 200)), 250 + 60 * np.sin(np.linspace(0, 5, 200))], axis=1),
)


def turned(image: np.ndarray, degrees: float, factor: float, shift: tuple[float, float]) -> np.ndarray:
    """What takes columns and rows of an image to those of the one turned and sized about a middle, then shifted."""
    affine = cv2.getRotationMatrix2D((256, 256), degrees, factor)
    affine[:, 2] += shift
    return affine


@pytest.mark.parametrize(
    ("degrees", "factor", "shift"), [(0, 1, (0, 0)), (0, 1, (30, -22)), (8, 1, (10, 6)), (-8, 1.13, (-12, 9))]
)
def test_a_specimen_that_is_the_picture_moved_is_found_where_it_was_moved_to(
    degrees: float, factor: float, shift: tuple[float, float]
) -> None:
    affine = turned(WRITTEN.ink, degrees, factor, shift)
    specimen = cv2.warpAffine(WRITTEN.ink, affine, (SIZE, SIZE))
    blank = np.zeros_like(specimen)
    place = places_alike(WRITTEN.ink, HOLE, [blank, specimen], settings=Grafting(), least_ink=LEAST_INK)[0]
    assert place.specimen == 1
    assert place.apart < 1
    for corner in ((-80, -80), (80, -80), (80, 80)):
        point = np.array([*(MIDDLE + corner), 1.0])
        assert np.linalg.norm(place.to_specimen @ point - affine @ point) < 14


def test_the_distance_is_that_of_comparing_pixel_by_pixel() -> None:
    """Against the definition written out, over all shifts."""
    settings = Grafting(compared=64, widths=(1.0,), heights=(1.0,), turns=(0.0,), shift=24.0, shifts=1)
    specimen = np.roll(WRITTEN.ink, (17, -9), axis=(0, 1))
    (place,) = places_alike(WRITTEN.ink, HOLE, [specimen], settings=settings, least_ink=LEAST_INK)
    unit, least = 64 / 512, LEAST_INK * Grafting().fainter
    far, reach = settings.far * unit, round(settings.shift * unit)
    rows, columns = slice(23, 40), slice(25, 41)
    around = round(settings.around * unit)
    dark = cv2.resize(WRITTEN.ink, (64, 64), interpolation=cv2.INTER_AREA) >= least
    dark[rows, columns] = False
    outside = np.ones((64, 64), bool)
    outside[rows, columns] = False
    weigh = np.zeros((64, 64))
    from_hole = cv2.distanceTransform(outside.astype(np.uint8), cv2.DIST_L2, 3)
    for row in range(rows.start - around, rows.stop + around):
        for column in range(columns.start - around, columns.stop + around):
            if outside[row, column]:
                weigh[row, column] = max(1 - 0.8 * from_hole[row, column] / around, 0.2)
    own = [tuple(at) for at in np.argwhere(dark & (weigh > 0))]
    near_own = np.minimum(cv2.distanceTransform((~dark).astype(np.uint8), cv2.DIST_L2, 3), far)
    whole = sum(weigh[at] for at in own)
    small = cv2.resize(specimen, (64, 64), interpolation=cv2.INTER_AREA) >= least
    found = {}
    for down in range(-reach, reach + 1):
        for across in range(-reach, reach + 1):
            there = np.zeros((64, 64), bool)
            there[max(-down, 0) : 64 - max(down, 0), max(-across, 0) : 64 - max(across, 0)] = small[
                max(down, 0) : 64 + min(down, 0), max(across, 0) : 64 + min(across, 0)
            ]
            away = np.minimum(cv2.distanceTransform((~there).astype(np.uint8), cv2.DIST_L2, 3), far)
            forth = sum(weigh[at] * away[at] for at in own) / whole
            marked = [tuple(at) for at in np.argwhere(there & (weigh > 0))]
            back = sum(weigh[at] * near_own[at] for at in marked) / max(
                sum(weigh[at] for at in marked), whole / 3
            )
            found[across, down] = forth + back
    shift = min(found, key=found.__getitem__)
    assert place.apart == pytest.approx(found[shift], rel=1e-4)
    np.testing.assert_allclose(place.to_specimen[:, 2], 8 * np.array(shift), atol=1e-6)


def test_what_is_in_the_hole_is_not_looked_at() -> None:
    known, unknown = (
        places_alike(ink, HOLE, [WRITTEN.ink], settings=Grafting(), least_ink=LEAST_INK)
        for ink in (WRITTEN.ink, erase_squares(WRITTEN.ink, [HOLE]))
    )
    assert [place.apart for place in known] == pytest.approx([place.apart for place in unknown])


def test_without_ink_around_the_hole_or_in_the_specimens_there_is_no_place() -> None:
    blank = np.zeros((SIZE, SIZE), np.uint8)
    far_off = square(420, 420, 40)
    drawn = strokes(line((40, 60), (200, 60))).ink
    assert not places_alike(drawn, far_off, [WRITTEN.ink], settings=Grafting(), least_ink=LEAST_INK)
    assert not places_alike(WRITTEN.ink, HOLE, [blank], settings=Grafting(), least_ink=LEAST_INK)
    assert not places_alike(WRITTEN.ink, HOLE, [], settings=Grafting(), least_ink=LEAST_INK)


def test_places_of_one_stretch_are_apart_and_sorted() -> None:
    settings = replace(Grafting(), widths=(1.0,), heights=(1.0,), turns=(0.0,), shifts=4)
    places = places_alike(WRITTEN.ink, HOLE, [WRITTEN.ink], settings=settings, least_ink=LEAST_INK)
    assert [place.apart for place in places] == sorted(place.apart for place in places)
    shifts = [place.to_specimen[:, 2] for place in places]
    assert len(shifts) == 4
    for number, one in enumerate(shifts):
        for other in shifts[:number]:
            assert np.abs(one - other).max() > settings.shifts_apart
