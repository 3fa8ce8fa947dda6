from __future__ import annotations

import numpy as np
import pytest
import scipy.fft
import scipy.stats

pytestmark = pytest.mark.network

SEED = np.array([7, 8], np.int32)


@pytest.fixture(scope="module")
def texture():
    from sigforensics.gan import texture

    return texture


def grey(seed: int, count: int = 2, side: int = 12) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (count, side, side, 1)).astype(np.float32)


def zone_of(seed: int, count: int = 2, side: int = 12) -> np.ndarray:
    return (np.random.default_rng(seed).random((count, side, side, 1)) < 0.4).astype(np.float32)


def drawn_places(zone: np.ndarray, patches: int) -> list[tuple[int, int, int]]:
    """Image, row and column of the pixels that the seed draws from the zone."""
    from sigforensics.gan.backend import tf

    inside = [tuple(map(int, place)) for place in np.argwhere(zone[..., 0] > 0)]
    numbers = tf.random.stateless_uniform((patches,), SEED, 0, len(inside), tf.int32)
    return [inside[number] for number in np.asarray(numbers)]


def projections(images: np.ndarray, places, direction: np.ndarray) -> list[float]:
    """Of the patch around each place, by loops; beyond the border there is 0."""
    side = round(direction.size**0.5)
    weights, reach = direction.reshape(side, side), side // 2
    sums = []
    for number, y, x in places:
        total = 0.0
        for i in range(side):
            for j in range(side):
                row, column = y + i - reach, x + j - reach
                if 0 <= row < images.shape[1] and 0 <= column < images.shape[2]:
                    total += float(weights[i, j]) * float(images[number, row, column, 0])
        sums.append(total)
    return sums


def slow_distance(fake, true, zone, directions, *, patches, huber) -> float:
    places, terms = drawn_places(zone, patches), []
    for direction in directions:
        pairs = zip(*(sorted(projections(images, places, direction)) for images in (fake, true)), strict=True)
        for a, b in pairs:
            apart = abs(a - b)
            terms.append(apart**2 / (2 * huber) if apart < huber else apart - huber / 2)
    return float(np.mean(terms))


# --- the last step of every image -----------------------------------------------------------------------------------


def test_finishing_clips_rounds_half_to_even_and_clears_below_the_threshold(texture):
    values = np.array([-3.0, 0.0, 23.4, 24.4, 24.5, 24.6, 25.5, 26.5, 254.6, 300.0], np.float32)
    expected = [0, 0, 0, 0, 0, 25, 26, 26, 255, 255]
    np.testing.assert_array_equal(texture.finish(values, threshold=25), expected)


def test_gradients_pass_through_finishing_as_if_nothing_had_been_done(texture):
    from sigforensics.gan.backend import tf

    values = tf.constant([-3.0, 10.0, 24.9, 130.3, 300.0])
    with tf.GradientTape() as tape:
        tape.watch(values)
        total = tf.reduce_sum(texture.finish(values, threshold=25) * [1.0, 2.0, 3.0, 4.0, 5.0])
    np.testing.assert_array_equal(tape.gradient(total, values), [1, 2, 3, 4, 5])


# --- directions -----------------------------------------------------------------------------------------------------


def test_directions_have_length_one_and_follow_from_the_generator(texture):
    one, same, other = (texture.draw_directions(50, 5, rng=np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert (one.shape, one.dtype) == ((50, 25), np.float32)
    np.testing.assert_allclose(np.linalg.norm(one, axis=1), 1, atol=1e-6)
    np.testing.assert_array_equal(one, same)
    assert (one != other).any(axis=1).all()


def test_directions_weigh_the_patch_its_middle_or_a_line_in_the_shares_stated(texture):
    directions = texture.draw_directions(4000, 5, rng=np.random.default_rng(0)).reshape(-1, 5, 5)
    used = directions != 0
    whole = used.all(axis=(1, 2))
    middle = used[:, 1:4, 1:4].all(axis=(1, 2)) & (used.sum(axis=(1, 2)) == 9)
    across = used[:, 2].sum(axis=1) == used.sum(axis=(1, 2))
    down = used[:, :, 2].sum(axis=1) == used.sum(axis=(1, 2))
    assert (whole | middle | across | down).all()
    for found, share in ((whole, 0.3), (middle, 0.3), (across, 0.2), (down, 0.2)):
        assert found.mean() == pytest.approx(share, abs=0.03)
    lengths = used[across].sum(axis=(1, 2))
    assert set(lengths) == {2, 3, 4}
    rows = [np.flatnonzero(line) for line in used[across][:, 2]]
    assert all(row[-1] - row[0] + 1 == len(row) for row in rows)
    centred = np.abs(directions.sum(axis=(1, 2))) < 1e-5
    assert centred.mean() == pytest.approx(0.8, abs=0.03)


# --- sliced distance ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("huber", [1e-3, 2.0, 500.0])
def test_the_sliced_distance_is_that_of_loops(texture, huber):
    fake, true, zone = grey(1), grey(2), zone_of(3)
    directions = texture.draw_directions(6, 5, rng=np.random.default_rng(4))
    found = texture.sliced_distance(fake, true, zone, directions, patches=40, seed=SEED, huber=huber)
    expected = slow_distance(fake, true, zone, directions, patches=40, huber=huber)
    assert expected > 0.1
    assert float(found) == pytest.approx(expected, rel=1e-4)


def test_in_one_dimension_it_is_wassersteins_distance(texture):
    fake, true, zone = grey(1), grey(2) / 2, zone_of(3)
    one = np.ones((1, 1), np.float32)
    found = texture.sliced_distance(fake, true, zone, one, patches=300, seed=SEED, huber=1e-6)
    places = tuple(np.array(drawn_places(zone, 300)).T)
    expected = scipy.stats.wasserstein_distance(fake[..., 0][places], true[..., 0][places])
    assert float(found) == pytest.approx(expected, rel=1e-4)


def test_a_shift_of_all_greys_is_found_as_what_it_is(texture):
    true, zone = grey(1), zone_of(2)
    one = np.ones((1, 1), np.float32)
    found = texture.sliced_distance(true + 9, true, zone, one, patches=50, seed=SEED, huber=1e-6)
    assert float(found) == pytest.approx(9, rel=1e-5)


def test_equal_images_and_an_empty_zone_have_no_distance_and_finite_gradients(texture):
    from sigforensics.gan.backend import tf

    directions = texture.draw_directions(6, 5, rng=np.random.default_rng(4))
    true = tf.constant(grey(1))
    for fake, zone in ((true, zone_of(3)), (tf.constant(grey(2)), np.zeros((2, 12, 12, 1), np.float32))):
        with tf.GradientTape() as tape:
            tape.watch(fake)
            distance = texture.sliced_distance(fake, true, zone, directions, patches=40, seed=SEED, huber=2.0)
        assert float(distance) == 0
        np.testing.assert_array_equal(tf.convert_to_tensor(tape.gradient(distance, fake)), 0)


def test_only_patches_of_the_zone_count(texture):
    directions = texture.draw_directions(6, 5, rng=np.random.default_rng(4))
    fake, true, zone = grey(1), grey(2), np.zeros((2, 12, 12, 1), np.float32)
    zone[0, 3, 3] = 1
    elsewhere = fake.copy()
    elsewhere[1], elsewhere[0, 6:], elsewhere[0, :, 6:] = 0, 0, 0
    inside = fake.copy()
    inside[0, 5, 5] += 50

    def distance(images):
        return float(texture.sliced_distance(images, true, zone, directions, patches=9, seed=SEED, huber=2.0))

    assert distance(elsewhere) == distance(fake) > 0
    assert distance(inside) != distance(fake)


def test_descending_its_gradient_brings_distributions_together(texture):
    from sigforensics.gan.backend import tf

    fake, true, zone = tf.Variable(grey(1) / 4), grey(2), np.ones((2, 12, 12, 1), np.float32)
    one = np.ones((1, 1), np.float32)
    distances = []
    for _ in range(60):
        with tf.GradientTape() as tape:
            distance = texture.sliced_distance(fake, true, zone, one, patches=400, seed=SEED, huber=2.0)
        distances.append(float(distance))
        fake.assign_sub(1000 * tf.convert_to_tensor(tape.gradient(distance, fake)))
    assert distances[-1] < 0.2 * distances[0]


# --- spectra --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("side", "bands"), [(12, 5), (16, 16), (8, 32)])
def test_radial_bands_average_the_coefficients_in_rings(texture, side, bands):
    members: list[list[int]] = [[] for _ in range(bands)]
    for u in range(side):
        for v in range(side):
            if u or v:
                radius = np.hypot(u / (2 * side), v / (2 * side))
                members[min(int(radius / np.sqrt(0.5) * bands), bands - 1)].append(u * side + v)
    weights = texture.radial_bands(side, bands)
    assert weights.shape == (side * side, bands)
    for band, places in enumerate(members):
        expected = np.zeros(side * side)
        expected[places] = 1 / max(len(places), 1)
        np.testing.assert_allclose(weights[:, band], expected, atol=1e-7)


def test_spectrum_differences_are_those_of_an_independent_dct(texture):
    fake, true, bands = grey(1, 3), grey(2, 3), texture.radial_bands(12, 5)

    def profile(images):
        coefficients = scipy.fft.dctn(images[..., 0].astype(np.float64), axes=(1, 2), norm="ortho")
        return np.log(np.abs(coefficients) + 0.3).reshape(len(images), -1) @ bands

    found = texture.spectrum_differences(fake, true, bands=bands, floor=0.3)
    np.testing.assert_allclose(found, profile(fake) - profile(true), atol=1e-4)


def test_twice_the_contrast_is_ln_2_in_every_band_but_for_the_floor(texture):
    true, bands = grey(1), texture.radial_bands(12, 5)
    found = texture.spectrum_differences(2 * true, true, bands=bands, floor=1e-6)
    np.testing.assert_allclose(found, np.log(2), atol=0.01)  # single coefficients are as small as the floor
