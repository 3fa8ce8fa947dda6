from __future__ import annotations

import threading
import time
import tracemalloc
from dataclasses import replace

import numpy as np
import pytest

from sigforensics.errors import FileTruncated, ImageTooSmall, SizesDiffer, TooFewImages
from sigforensics.settings import Spectrum as SpectrumSettings
from sigforensics.spectra import FrequencyGrid, SpectrumAccumulator, read_part, stream_spectrum

SETTINGS = SpectrumSettings(bands=6, batch=4)
IMAGES = np.random.default_rng(5).random((23, 32, 32), dtype=np.float32)


def load(index: int) -> np.ndarray:
    return IMAGES[index]


def load_with_trouble(index: int) -> np.ndarray:
    if index in {0, 9}:
        raise FileTruncated(f"file {index}", "breaks off")
    return IMAGES[index, :, :30] if index == 17 else IMAGES[index]


def ignore(item: int, error: Exception) -> None:
    """Take an error and do nothing about it."""


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_streaming_equals_accumulating(workers):
    streamed = stream_spectrum(range(23), load, settings=SETTINGS, workers=workers)
    accumulator = SpectrumAccumulator(settings=SETTINGS)
    accumulator.update(IMAGES)
    expected = accumulator.result()
    assert streamed.kept == tuple(range(23))
    assert streamed.skipped == ()
    np.testing.assert_allclose(streamed.spectrum.mean_of_log, expected.mean_of_log, rtol=1e-12)
    np.testing.assert_allclose(streamed.spectrum.variance_of_log, expected.variance_of_log, rtol=1e-10)
    np.testing.assert_array_equal(streamed.spectrum.band_features, expected.band_features)


def test_the_number_of_threads_does_not_change_a_bit():
    results = [
        stream_spectrum(range(23), load, settings=SETTINGS, workers=workers).spectrum
        for workers in (1, 2, 3, 8)
    ]
    for other in results[1:]:
        for name in ("mean_of_log", "variance_of_log", "mean_image", "band_features"):
            np.testing.assert_array_equal(getattr(other, name), getattr(results[0], name))


@pytest.mark.parametrize("workers", [1, 3])
def test_bad_items_are_reported_in_order_and_skipped(workers):
    reported = []
    streamed = stream_spectrum(
        range(23),
        load_with_trouble,
        settings=SETTINGS,
        workers=workers,
        on_error=lambda item, error: reported.append((item, type(error))),
    )
    assert reported == [(0, FileTruncated), (9, FileTruncated), (17, SizesDiffer)]
    assert [skip.index for skip in streamed.skipped] == [0, 9, 17]
    assert streamed.kept == tuple(i for i in range(23) if i not in {0, 9, 17})
    clean = stream_spectrum(streamed.kept, load, settings=SETTINGS)
    np.testing.assert_allclose(streamed.spectrum.mean_of_log, clean.spectrum.mean_of_log, rtol=1e-12)
    np.testing.assert_array_equal(streamed.spectrum.band_features, clean.spectrum.band_features)


@pytest.mark.parametrize("workers", [1, 3])
def test_the_first_bad_item_is_raised_where_nobody_takes_errors(workers):
    with pytest.raises(FileTruncated, match="file 0"):
        stream_spectrum(range(23), load_with_trouble, settings=SETTINGS, workers=workers)
    with pytest.raises(FileTruncated, match="file 9"):
        stream_spectrum(range(1, 23), load_with_trouble, settings=SETTINGS, workers=workers)


def test_an_image_of_another_size_is_named_with_both_sizes():
    with pytest.raises(SizesDiffer, match="17: 30 x 32 pixels where the first image has 32 x 32 pixels"):
        stream_spectrum(range(10, 23), load_with_trouble, settings=SETTINGS)


def test_mistakes_in_the_program_are_not_taken_for_bad_files():
    def broken(index: int) -> np.ndarray:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        stream_spectrum(range(3), broken, settings=SETTINGS, on_error=ignore)


@pytest.mark.parametrize("items", [range(0), (0, 9)])
def test_nothing_left_gives_no_spectrum(items):
    with pytest.raises(TooFewImages, match="the fakes"):
        stream_spectrum(items, load_with_trouble, settings=SETTINGS, where="the fakes", on_error=ignore)


def test_progress_counts_every_item_in_the_calling_thread():
    calls = []
    stream_spectrum(
        range(23),
        load_with_trouble,
        settings=SETTINGS,
        workers=3,
        progress=lambda done: calls.append((done, threading.get_ident())),
        on_error=ignore,
    )
    assert sum(done for done, _ in calls) == 23
    assert {thread for _, thread in calls} == {threading.get_ident()}


def test_only_a_few_images_are_under_way_at_once():
    waiting = 0
    most = 0
    lock = threading.Lock()

    def counted(index: int) -> np.ndarray:
        nonlocal waiting, most
        with lock:
            waiting += 1
            most = max(most, waiting)
        return IMAGES[index % 23]

    def done(count: int) -> None:
        nonlocal waiting
        with lock:
            waiting -= count

    stream_spectrum(range(400), counted, settings=SETTINGS, workers=2, progress=done)
    assert most <= (2 + 2) * SETTINGS.batch  # of the chunks under way, and the one being merged


def peak_arrays(workers: int) -> float:
    """Most memory held at once, in float64 images."""
    image = IMAGES[0].repeat(16, axis=0).repeat(16, axis=1)
    stream_spectrum(range(2), lambda _: image, settings=SETTINGS)  # so that tables of bands are made before
    tracemalloc.start()
    try:
        stream_spectrum(range(80), lambda _: image, settings=SETTINGS, workers=workers)
        return tracemalloc.get_traced_memory()[1] / (8 * image.size)
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("workers", [1, 4])
def test_a_thread_more_costs_little_more_than_three_sums(workers):
    # the set's five sums and three results; three sums a chunk; two float32 images a thread under transformation
    assert peak_arrays(workers) < 9 + 3 * (workers + 1) + 1.5 * workers


def test_large_images_are_read_by_fewer_threads():
    names = set()

    def load(index: int) -> np.ndarray:
        names.add(threading.get_ident())
        time.sleep(0.002)
        return IMAGES[index % 23]

    def threads(memory: float) -> int:
        names.clear()
        settings = replace(SETTINGS, memory=memory)
        stream_spectrum(range(80), load, settings=settings, workers=4)
        return len(names - {threading.get_ident()})

    one = 40 * 32 * 32 / 1e6  # megabytes of a thread
    assert threads(2.5 * one) == 2
    assert threads(0.1 * one) == 0  # the calling thread does it
    assert threads(100) == 4


@pytest.mark.parametrize("workers", [1, 3])
def test_every_item_that_loads_is_loaded_once(workers):
    loaded = []

    def counted(index: int) -> np.ndarray:
        image = load_with_trouble(index)
        loaded.append(index)
        return image

    stream_spectrum(range(23), counted, settings=SETTINGS, workers=workers, on_error=ignore)
    assert sorted(loaded) == [i for i in range(23) if i not in {0, 9}]


def load_mixed(index: int) -> np.ndarray:
    return IMAGES[index, : 20 + index % 3, : 22 + index % 5]


def test_with_a_grid_images_may_differ_in_size_whatever_the_threads():
    grid = FrequencyGrid((20, 22))
    results = [
        stream_spectrum(range(23), load_mixed, settings=SETTINGS, grid=grid, workers=workers).spectrum
        for workers in (1, 3)
    ]
    accumulator = SpectrumAccumulator(settings=SETTINGS, grid=grid)
    for index in range(23):
        accumulator.update(load_mixed(index)[np.newaxis])
    expected = accumulator.result()
    for name in ("mean_of_log", "variance_of_log", "band_features"):
        np.testing.assert_array_equal(getattr(results[0], name), getattr(results[1], name))
        np.testing.assert_allclose(getattr(results[0], name), getattr(expected, name), rtol=1e-9)


def test_with_a_grid_what_is_too_small_is_named_and_skipped():
    sizes = {3: (6, 22), 5: (20, 21)}
    errors = []
    streamed = stream_spectrum(
        range(7),
        lambda index: IMAGES[index][tuple(slice(side) for side in sizes.get(index, (32, 32)))],
        settings=replace(SETTINGS, bands=12),
        grid=FrequencyGrid((5, 22)),
        on_error=lambda item, error: errors.append((item, type(error), error.where)),
    )
    assert errors == [(3, ImageTooSmall, "3"), (5, SizesDiffer, "5")]
    assert streamed.kept == (0, 1, 2, 4, 6)


PARTS = replace(SETTINGS, part=10)
"""Chunks of 4, 4 and 2."""
ARRAYS = ("mean_of_log", "variance_of_log", "mean_image", "band_features", "line_features")


def assert_same(one, other):
    assert (one.kept, [skip.index for skip in one.skipped]) == (
        other.kept,
        [skip.index for skip in other.skipped],
    )
    for name in ARRAYS:
        np.testing.assert_array_equal(getattr(one.spectrum, name), getattr(other.spectrum, name))


def copy_of(part, grid=None):
    """A part as it comes back from a file."""
    arrays = {name: array.copy() for name, array in part.spectrum.arrays().items()}
    return replace(part, spectrum=SpectrumAccumulator.from_arrays(arrays, settings=PARTS, grid=grid))


@pytest.mark.parametrize("workers", [1, 3])
def test_going_on_after_any_part_changes_no_bit(workers):
    kept = []
    whole = stream_spectrum(
        range(23),
        load_with_trouble,
        settings=PARTS,
        on_error=ignore,
        keep=lambda part: kept.append(copy_of(part)),
    )
    assert [part.count for part in kept] == [10, 20, 23]
    for begin in kept:
        begun_at = begin.count
        loaded = []

        def load_later(index, loaded=loaded):
            loaded.append(index)
            return load_with_trouble(index)

        resumed = stream_spectrum(
            range(23), load_later, settings=PARTS, workers=workers, on_error=ignore, begin=begin
        )
        assert min(loaded, default=begun_at) >= begun_at
        assert_same(resumed, whole)


def test_going_on_where_images_differ_in_size_changes_no_bit():
    grid = FrequencyGrid((20, 22))
    kept = []
    options = {"settings": PARTS, "grid": grid}
    whole = stream_spectrum(
        range(23), load_mixed, keep=lambda part: kept.append(copy_of(part, grid)), **options
    )
    resumed = stream_spectrum(range(23), load_mixed, begin=kept[0], **options)
    assert resumed.spectrum.mean_image is None
    for name in set(ARRAYS) - {"mean_image"}:
        np.testing.assert_array_equal(getattr(resumed.spectrum, name), getattr(whole.spectrum, name))


def test_parts_that_others_read_give_the_same_to_the_last_bit():
    def read(start, size):
        for first in range(start, 23, 10):
            items = range(first, min(first + 10, 23))
            yield read_part(items, load_with_trouble, start=first, size=size, settings=PARTS)

    here = stream_spectrum(range(23), load_with_trouble, settings=PARTS, on_error=ignore)
    there = stream_spectrum(range(23), load_with_trouble, settings=PARTS, reader=read)
    assert_same(there, here)


def test_sums_on_one_grid_do_not_go_on_on_another():
    accumulator = SpectrumAccumulator(settings=SETTINGS)
    accumulator.update(IMAGES)
    with pytest.raises(ValueError, match="cannot go on"):
        SpectrumAccumulator.from_arrays(accumulator.arrays(), settings=SETTINGS, grid=FrequencyGrid((20, 22)))


def test_before_the_first_image_there_is_nothing_to_keep():
    assert SpectrumAccumulator(settings=SETTINGS).arrays() == {}
    assert SpectrumAccumulator.from_arrays({}, settings=SETTINGS).n == 0
