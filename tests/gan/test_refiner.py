from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
import scipy.stats

from sigforensics.gan.crops import Drawing, draw_crops
from sigforensics.settings import Graining

pytestmark = pytest.mark.network

SIZE = 32
SETTINGS = Graining(
    width=4,
    layers=1,
    side=16,
    crops=4,
    steps=20,
    directions=8,
    stroke_patches=200,
    paper_patches=100,
    spectrum_bands=6,
    seed=3,
)


def refiner(settings: Graining = SETTINGS):
    from sigforensics.gan.refiner import Refiner

    return Refiner(settings, leak=0.2, threshold=25)


def grainy(count: int = 4, *, deviation: float = 30.0) -> list[Drawing]:
    """A grey stroke, drawn smooth, whose true image has normal noise of the deviation given, a pixel by itself."""
    drawings = []
    for number in range(count):
        rng = np.random.default_rng(number)
        stroke = cv2.line(
            np.zeros((SIZE, SIZE), np.uint8),
            (2, int(rng.integers(8, 24))),
            (30, int(rng.integers(8, 24))),
            color=140,
            thickness=9,
        )
        noisy = np.clip(stroke + rng.normal(0, deviation, stroke.shape), 25, 255)
        target = np.where(stroke > 0, np.rint(noisy), 0).astype(np.uint8)
        edges = cv2.Canny(stroke, 100, 200)
        drawing = (stroke / 127.5 - 1).astype(np.float16)
        near = np.flatnonzero(cv2.dilate(edges, np.ones((5, 5), np.uint8)))
        paper = np.zeros((SIZE, SIZE), np.float16)
        drawings.append(Drawing(drawing, edges, stroke, paper, target, near, (0, SIZE - 1, 0, SIZE - 1)))
    return drawings


def go(one, steps: range, drawings: list[Drawing]) -> list[np.ndarray]:
    return [one.step(draw_crops(drawings, settings=one.settings, step=step), step=step) for step in steps]


def assert_same(one: dict, other: dict) -> None:
    assert one.keys() == other.keys()
    for name, value in one.items():
        np.testing.assert_array_equal(value, other[name], err_msg=name)


def test_the_same_seed_gives_the_same_weights_bit_for_bit_and_another_gives_others():
    drawings, ends = grainy(), []
    for seed in (3, 3, 4):
        one = refiner(replace(SETTINGS, seed=seed))
        metrics = go(one, range(6), drawings)
        ends.append((one.state(), metrics))
    assert_same(ends[0][0], ends[1][0])
    np.testing.assert_array_equal(ends[0][1], ends[1][1])
    assert (ends[0][0]["grain/000"] != ends[2][0]["grain/000"]).all()


def test_a_state_restored_in_another_process_goes_on_as_if_nothing_had_been():
    drawings, whole, resumed = grainy(), refiner(), refiner()
    go(whole, range(4), drawings)
    kept = whole.state()
    expected = go(whole, range(4, 8), drawings)
    go(resumed, range(9, 11), drawings)  # so that nothing of its own is left
    resumed.restore(kept)
    assert_same(resumed.state(), kept)
    np.testing.assert_array_equal(go(resumed, range(4, 8), drawings), expected)
    assert_same(resumed.state(), whole.state())
    assert (kept["grain/000"] != whole.state()["grain/000"]).any()


def test_the_state_of_another_head_is_refused():
    one = refiner()
    for changes in ({"width": 5}, {"layers": 2}):
        with pytest.raises(ValueError, match="another grain head"):
            one.restore(refiner(replace(SETTINGS, **changes)).state())


def test_the_rate_is_level_and_then_falls_linearly_to_zero():
    one, rates = refiner(), []
    for step in (0, 9, 10, 15, 19):
        go(one, range(step, step + 1), grainy())
        rates.append(float(one.adam.learning_rate) / SETTINGS.rate)
    np.testing.assert_allclose(rates, [1, 1, 1, 0.5, 0.1], rtol=1e-6)


def test_averages_follow_the_weights_by_the_share_stated_under_the_names_of_the_model_file():
    one, drawings = refiner(replace(SETTINGS, averaging=0.75)), grainy()
    expected = {name: value.astype(np.float64) for name, value in one.averaged().items()}
    for step in range(3):
        go(one, range(step, step + 1), drawings)
        for variable in one.grain.trainable_variables:
            name = f"grain/{variable.path.removeprefix('grain/')}"
            expected[name] = 0.75 * expected[name] + 0.25 * np.asarray(variable)
    found = one.averaged()
    assert set(found) == {
        f"grain/{layer}/{part}" for layer in ("conv_0", "last") for part in ("kernel", "bias")
    }
    for name, value in found.items():
        np.testing.assert_allclose(value, expected[name], atol=1e-6)


def loss_of(one, painted: np.ndarray, true: np.ndarray, edges: np.ndarray):
    """The terms, without an update."""
    from sigforensics.gan import texture
    from sigforensics.gan.backend import tf

    directions = texture.draw_directions(8, 5, rng=np.random.default_rng(0))
    given = (tf.constant(image.astype(np.float32)) for image in (painted, true, edges))
    loss, metrics = one._loss(*given, directions, tf.constant([1, 2]))
    return float(loss), dict(zip(("stroke", "paper", "spectrum", "low"), map(float, metrics), strict=True))


def test_the_true_image_itself_costs_nothing_and_values_out_of_range_do():
    conditions, true = draw_crops(grainy(), settings=SETTINGS, step=0)
    edges = conditions[..., 1:2]
    loss, metrics = loss_of(refiner(), true, true, edges)
    assert loss == 0
    assert set(metrics.values()) == {0}
    outside = np.where(true > 0, true, -51.0)  # finished, it is the same image; smoothed before, it is not
    without_low = refiner(replace(SETTINGS, low_weight=0.0))
    share = (true == 0).mean()
    assert loss_of(without_low, outside, true, edges)[0] == pytest.approx(5 * 51 / 255 * share, rel=1e-4)


def test_specks_on_paper_are_missed_by_the_term_of_paper_and_grain_by_that_of_strokes():
    conditions, true = draw_crops(grainy(), settings=replace(SETTINGS, stroke_share=1.0), step=0)
    edges, one = conditions[..., 1:2], refiner()
    near = np.stack([cv2.dilate(edge, np.ones((11, 11))) for edge in edges])[..., None] > 0
    smooth = np.where(near & (true > 0), 140, true)
    _, of_grain = loss_of(one, smooth, true, edges)
    assert of_grain["stroke"] > 3
    specked = true.copy()
    specked[:, 0, :3] = 90
    specked[near] = true[near]
    _, of_specks = loss_of(one, true, specked, edges)
    assert (specked != true).any()
    assert of_specks["paper"] > 1 > of_specks["stroke"]


def inner_differences(images: np.ndarray, strokes: np.ndarray) -> np.ndarray:
    """Of neighbours across that both lie within a stroke."""
    inside = strokes[:, :, 1:] & strokes[:, :, :-1]
    return (images[:, :, 1:] - images[:, :, :-1])[inside]


def test_a_planted_grain_is_learnt():
    """Of unseen strokes the fakes' differences are distributed nearly as the true ones; those of the drawing are all 0."""
    from sigforensics.gan.backend import tf
    from sigforensics.gan.grain import draw_noise

    settings = replace(SETTINGS, width=8, crops=6, steps=150, rate=5e-3, averaging=0.9, directions=16)
    one = refiner(settings)
    metrics = go(one, range(150), grainy(12))
    assert np.mean([row[1] for row in metrics[-20:]]) < 0.6 * np.mean([row[1] for row in metrics[:5]])

    unseen = [replace(drawing) for drawing in grainy(16)[12:]]
    whole = replace(settings, side=SIZE, crops=4)
    conditions, true = draw_crops(unseen, settings=whole, step=0)
    noise = tf.stack([draw_noise(tf.constant([99, number * 50]), SIZE) for number in range(4)])
    for variable, value in zip(one.grain.trainable_variables, one.averaged().values(), strict=True):
        variable.assign(value)
    fake = np.rint(np.clip(127.5 * (np.asarray(one.grain.paint(conditions, noise)) + 1), 0, 255))
    strokes = conditions[..., 0] > 0
    differences = [inner_differences(images[..., 0], strokes) for images in (fake, true)]
    apart = scipy.stats.wasserstein_distance(*differences)
    drawing_apart = scipy.stats.wasserstein_distance(np.zeros(1), differences[1])
    assert drawing_apart > 20
    assert apart < 0.4 * drawing_apart
