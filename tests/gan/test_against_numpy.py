"""Whole networks and whole training steps, as TensorFlow computes them, against the same written out in NumPy."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest

from sigforensics.gan.structure import weight_shapes
from sigforensics.settings import REFERENCE_NETWORK, REFERENCE_TRAINING, Network, Training

pytestmark = pytest.mark.network

Weights = dict[str, np.ndarray]
SIDE = 16

OURS = {"spectral_normalisation": True}
REFERENCE = {
    "gamma_offset": 0.0,
    "moments": "batch",
    "normalise_bottleneck": True,
    "biases": False,
    "leak": 0.3,
    "spectral_normalisation": False,
}
PIX2PIX = {"normalisation": "instance", "upsampling": "nearest"}
BATCH = {"normalisation": "batch", "upsampling": "bilinear", "batch_momentum": 0.7}
PLAIN = {"normalisation": "none", "upsampling": "pixel_shuffle"}
RESIDUAL = {"architecture": "spade_residual", "upsampling": "nearest"}
VARIANTS = {
    "ours": OURS,
    "ours-transposed": OURS | {"upsampling": "transposed"},
    "reference": REFERENCE,
    "pix2pix-nearest": PIX2PIX,
    "batch-bilinear": BATCH,
    "no-norm-shuffle": PLAIN,
    "residual-nearest": RESIDUAL,
}
FORWARD_ONLY = {
    "spade-bilinear": {"upsampling": "bilinear"},
    "no-norm-no-biases": {"normalisation": "none", "biases": False},
    **{
        f"residual-{way}": RESIDUAL | {"upsampling": way}
        for way in ("smoothed", "transposed", "bilinear", "pixel_shuffle")
    },
}


def named(variants: dict[str, dict]) -> list:
    return [pytest.param(changes, id=name) for name, changes in variants.items()]


def double(network) -> Weights:
    return {weight.path: np.asarray(weight, np.float64) for weight in network.weights}


def vectors_of(network) -> list[np.ndarray]:
    weights = double(network)
    return [weights[f"layer_{level}/vector"] for level in range(5) if f"layer_{level}/vector" in weights]


def randomise(network, deviation: float = 0.25) -> None:
    """Large weights everywhere, in biases and normalisations too, so that every term counts; running variances are positive."""
    rng = np.random.default_rng(8)
    for weight in network.weights:
        value = rng.normal(0, deviation, weight.shape)
        weight.assign(abs(value) if weight.path.endswith("variance") else value)


def batch(count: int, side: int = SIDE) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(count)
    images = rng.uniform(-1, 1, (3, count, side, side, 1)).astype(np.float32)
    return (*images, rng.integers(1000, size=(count, 2), dtype=np.int32))


@pytest.mark.parametrize(
    "changes", named({"ours": OURS, "batch": BATCH, "plain": PLAIN, "residual": RESIDUAL})
)
def test_the_second_implementation_differentiates_as_differences_do(numpy_networks, changes):
    """Along a random direction in every weight of both networks."""
    settings = Network(size=16, multiplier=1, spade_width=2, discriminator_multiplier=1, **changes)
    rng = np.random.default_rng(0)
    channels = [2, 1, 2, 4, 8, 1]
    scoring = {f"layer_{n}/kernel": (4, 4, *channels[n : n + 2]) for n in range(5)}
    scoring |= {f"layer_{n}_norm/{part}": (2**n,) for n in (1, 2, 3) for part in ("gamma", "beta")}
    shapes = {"generator": weight_shapes(settings), "discriminator": scoring}
    weights = {
        which: {name: rng.normal(0, 0.5, shape) for name, shape in it.items()} for which, it in shapes.items()
    }
    edges, mask, target, _ = batch(2)
    vectors = [np.ones((1, count)) for count in channels[1:]]
    pairs = numpy_networks.Networks.of(settings, **weights).iterate(vectors)  # constants of the gradient

    def loss(networks):
        scores = networks.score(edges, networks.generate(edges, mask, training=True), pairs)
        error = numpy_networks.absolute(scores - target[:, ::8, ::8]).mean()
        return numpy_networks.tanh(scores).mean() + error

    def loss_beside(which, name, step):
        moved = {key: dict(values) for key, values in weights.items()}
        moved[which][name] = moved[which][name] + step
        return float(loss(numpy_networks.Networks.of(settings, **moved)).value)

    networks = numpy_networks.Networks.of(settings, **weights)
    value = loss(networks)
    for which in weights:
        for name, gradient in numpy_networks.gradients(value, getattr(networks, which)).items():
            direction = rng.normal(size=gradient.shape)
            above, below = (loss_beside(which, name, step * direction) for step in (1e-6, -1e-6))
            expected = (above - below) / 2e-6
            assert np.sum(gradient * direction) == pytest.approx(expected, rel=1e-4, abs=1e-6), name


@pytest.mark.parametrize("changes", named(VARIANTS | FORWARD_ONLY))
def test_the_generator_is_its_formula(tiny, numpy_networks, changes):
    from sigforensics.gan.networks import build_generator

    settings = replace(tiny, **changes)
    network = build_generator(settings)
    randomise(network)
    edges, mask, _, seeds = batch(2)
    made = numpy_networks.Networks.of(settings, double(network), {})
    expected = made.generate(edges, mask).value
    assert expected.std() > 0.1
    np.testing.assert_allclose(network([edges, mask, seeds], training=False), expected, atol=2e-5)


@pytest.mark.parametrize("changes", named({"unet": {}, "residual": RESIDUAL}))
def test_in_training_dropout_multiplies_the_first_three_blocks(tiny, numpy_networks, changes):
    from sigforensics.gan.backend import tf
    from sigforensics.gan.networks import build_generator

    settings = replace(tiny, **changes)
    network = build_generator(settings)
    randomise(network)
    edges, mask, _, seeds = batch(2)
    first, kept = 2 if settings.architecture == "unet" else 4, []
    for level, count in enumerate((8, 4, 2)):
        shape = (first * 2**level, first * 2**level, count)
        draws = [tf.random.stateless_uniform(shape, seed + np.array([0, level], np.int32)) for seed in seeds]
        kept.append((np.stack(draws) >= settings.dropout) / (1 - settings.dropout))
    made = numpy_networks.Networks.of(settings, double(network), {})
    expected = made.generate(edges, mask, kept=kept).value
    found = np.asarray(network([edges, mask, seeds], training=True))
    np.testing.assert_allclose(found, expected, atol=2e-5)
    assert np.abs(found - network([edges, mask, seeds], training=False)).max() > 0.1


@pytest.mark.parametrize("changes", named({"ours": OURS, "reference": REFERENCE}))
def test_the_discriminator_is_its_formula(tiny, numpy_networks, changes):
    from sigforensics.gan.networks import build_discriminator

    settings = replace(tiny, **changes)
    network = build_discriminator(settings)
    randomise(network)
    edges, _, target, _ = batch(2)
    made = numpy_networks.Networks.of(settings, {}, double(network))
    expected = made.score(edges, target, made.iterate(vectors_of(network))).value
    assert expected.std() > 0.01
    np.testing.assert_allclose(network([edges, target], training=False), expected, rtol=1e-3, atol=2e-5)


@dataclass
class Step:
    """What one step does, by the second implementation."""

    metrics: list[float]
    gradients: dict[str, Weights]
    moved: Weights
    """Running moments of batch normalisation."""
    vectors: list[np.ndarray]
    """Of the power iteration."""


def weights_by_hand(edges: np.ndarray, target: np.ndarray, blank_weight: float) -> np.ndarray:
    """Of each patch, which looks at nine cells of eight pixels either way: less where they are blank; mean 1 of each image."""
    count, side = len(edges), edges.shape[1] // 8
    weights = np.empty((count, side, side, 1))
    drawn = (edges > -1) | (target > -1)
    for image, row, column in np.ndindex(count, side, side):
        down, across = (slice(max(0, 8 * (place - 4)), 8 * (place + 5)) for place in (row, column))
        weights[image, row, column] = 1 if drawn[image, down, across].any() else blank_weight
    return weights / weights.mean(axis=(1, 2, 3), keepdims=True)


def step_by_hand(numpy_networks, trainer, settings: Network, training: Training, arrays) -> Step:
    """Both losses from one fake, and their gradients; the fake is scored first, the true image with the vectors that follow."""
    edges, mask, target, _ = (np.asarray(array, np.float64) for array in arrays)
    weights = weights_by_hand(edges, target, training.blank_weight)
    made = numpy_networks.Networks.of(settings, double(trainer.generator), double(trainer.discriminator))
    of_fake = made.iterate(vectors_of(trainer.discriminator))
    of_true = made.iterate([right for _, right in of_fake])
    fake = made.generate(edges, mask, training=True)
    fake_scores, true_scores = made.score(edges, fake, of_fake), made.score(edges, target, of_true)
    error = numpy_networks.absolute(fake - target).mean()
    adversarial = (fake_scores * weights).mean() * -1.0
    generator_loss = adversarial * training.adversarial_weight + error * training.l1_weight
    relu, one = numpy_networks.relu, numpy_networks.Node(np.ones(()))
    discriminator_loss = (relu(one - true_scores) * weights).mean() + (
        relu(one + fake_scores) * weights
    ).mean()
    metrics = [
        float(adversarial.value),
        float(discriminator_loss.value),
        float((weights * (fake_scores.value > 0)).mean()),
        float((weights * (true_scores.value > 0)).mean()),
        float(error.value),
    ]
    found = {
        "generator": numpy_networks.gradients(generator_loss, made.generator),
        "discriminator": numpy_networks.gradients(discriminator_loss, made.discriminator),
    }
    return Step(metrics, found, made.moved, [right for _, right in of_true])


def moments(trainer, which: str, kind: str) -> Weights:
    """Adam's means ("momentum") or squares ("velocity") of the gradients, in the order of the weights trained."""
    found = {name: value for name, value in trainer.state().items() if name.startswith(f"{which}_adam/")}
    values = [value.astype(np.float64) for name, value in sorted(found.items()) if name.endswith(f"_{kind}")]
    names = [weight.path for weight in getattr(trainer, which).trainable_weights]
    return dict(zip(names, values, strict=True))


def check_steps(numpy_networks, settings, training, arrays, *, steps, deviation=0.25, precision=2e-4):
    """Metrics, the gradient of every weight, Adam's moments and the weights that it leaves, over some steps."""
    from sigforensics.gan.trainer import Trainer

    trainer = Trainer(settings, training)
    for network in (trainer.generator, trainer.discriminator):
        randomise(network, deviation)
    kept = {which: ({}, {}) for which in ("generator", "discriminator")}
    for number in range(1, steps + 1):
        expected = step_by_hand(numpy_networks, trainer, settings, training, arrays)
        before = {which: double(getattr(trainer, which)) for which in kept}
        found = trainer.step(*arrays)
        np.testing.assert_allclose(found, expected.metrics, rtol=precision, atol=2e-5)
        for which, rate in (
            ("generator", training.generator_rate),
            ("discriminator", training.discriminator_rate),
        ):
            after = double(getattr(trainer, which))
            first, second = moments(trainer, which, "momentum"), moments(trainer, which, "velocity")
            one, two = training.beta_1, training.beta_2
            wanted = expected.gradients[which]
            rounding = 1e-6 * max(np.abs(wanted[name]).max() for name in first)
            assert rounding > 1e-10
            for name, mean in first.items():
                gradient = (mean - one * kept[which][0].get(name, 0)) / (1 - one)
                near = precision * np.abs(wanted[name]).max() + rounding
                np.testing.assert_allclose(gradient, wanted[name], atol=near, err_msg=name)
                square = two * kept[which][1].get(name, 0) + (1 - two) * gradient**2
                np.testing.assert_allclose(second[name], square, rtol=1e-3, atol=1e-12, err_msg=name)
                # The order of Kingma & Ba's section 2: epsilon stands beside the uncorrected root.
                corrected = rate * np.sqrt(1 - two**number) / (1 - one**number)
                stride = corrected * mean / (np.sqrt(second[name]) + 1e-7)
                np.testing.assert_allclose(after[name], before[which][name] - stride, atol=1e-6, err_msg=name)
            kept[which] = first, second
        for name, value in expected.moved.items():
            np.testing.assert_allclose(double(trainer.generator)[name], value, rtol=1e-4, atol=1e-5)
        for vector, wanted in zip(vectors_of(trainer.discriminator), expected.vectors, strict=False):
            np.testing.assert_allclose(vector, wanted, atol=1e-4)
    assert len(expected.moved) == 2 * 5 * (settings.normalisation == "batch")


@pytest.mark.parametrize("changes", named(VARIANTS))
def test_training_steps_are_their_formulas(tiny, numpy_networks, changes):
    settings = replace(tiny, dropout=0.0, **changes)
    training = Training(
        l1_weight=10.0,
        adversarial_weight=0.5 if changes is PIX2PIX else 1.0,
        generator_rate=3e-3,
        discriminator_rate=2e-3,
        beta_1=0.6,
        beta_2=0.9,
        precision="float32",
    )
    check_steps(numpy_networks, settings, training, batch(2), steps=3)


def test_blank_patches_count_little_in_a_training_step(tiny, numpy_networks):
    """128 pixels, of which one image has ink in a corner, and the other edges in another.

    Elsewhere values lie below that of paper, each its own: normalised paper that is flat magnifies rounding.
    """
    edges, mask, target, seeds = batch(2, 128)
    ink, edge = target - 2, edges - 2
    ink[0, :20, 100:] += 2
    edge[1, 90:, :30] += 2
    weights = weights_by_hand(edge, ink, 0.05)
    for image in range(2):
        assert 0.2 < (weights[image] < 1).mean() < 0.9
    settings = replace(tiny, size=128, dropout=0.0)
    training = Training(blank_weight=0.05, l1_weight=10.0, precision="float32")
    check_steps(numpy_networks, settings, training, (edge, mask, ink, seeds), steps=1)


def test_a_training_step_of_the_reference_at_its_full_depth_is_its_formula(numpy_networks):
    """All its settings, 512 pixels, nine blocks down and eight up, hinge loss alone; narrow, so that NumPy has an end."""
    settings = replace(
        REFERENCE_NETWORK, multiplier=1, spade_width=2, discriminator_multiplier=1, dropout=0.0
    )
    check_steps(numpy_networks, settings, REFERENCE_TRAINING, batch(1, 512), steps=1, deviation=0.4)
