"""Whole networks and whole training steps, as TensorFlow computes them, against the same written out in NumPy."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest

from sigforensics.settings import Network, Training

pytestmark = pytest.mark.network

Weights = dict[str, np.ndarray]
SIDE = 16


def convolve(images: np.ndarray, kernel: np.ndarray, stride: int) -> np.ndarray:
    """Convolution with zeros around, an odd one of them below and to the right, as TensorFlow's SAME has it."""
    size, height = kernel.shape[0], images.shape[1]
    out = -(-height // stride)
    zeros = max((out - 1) * stride + size - height, 0)
    around = (zeros // 2, zeros - zeros // 2)
    padded = np.pad(images, ((0, 0), around, around, (0, 0)))
    result = np.zeros((len(images), out, out, kernel.shape[-1]))
    for i, j in np.ndindex(size, size):
        last = stride * (out - 1) + 1
        result += padded[:, i : i + last : stride, j : j + last : stride] @ kernel[i, j]
    return result


def convolve_transposed(images: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """The adjoint of a 4 x 4 convolution of stride 2: every pixel spreads the kernel, and one pixel all round is cut off."""
    count, side = images.shape[:2]
    result = np.zeros((count, 2 * side + 2, 2 * side + 2, kernel.shape[2]))
    for i, j in np.ndindex(4, 4):
        result[:, i : i + 2 * side : 2, j : j + 2 * side : 2] += images @ kernel[i, j].T
    return result[:, 1:-1, 1:-1]


def relu(values: np.ndarray, leak: float = 0.0) -> np.ndarray:
    return np.where(values > 0, values, leak * values)


def standardise(values: np.ndarray, axes: tuple[int, ...], epsilon: float) -> np.ndarray:
    mean = values.mean(axis=axes, keepdims=True)
    return (values - mean) / np.sqrt(values.var(axis=axes, keepdims=True) + epsilon)


@dataclass
class Networks:
    """Both networks of some settings with given weights; float64 throughout."""

    settings: Network
    generator: Weights
    discriminator: Weights

    def generate(
        self, edges: np.ndarray, mask: np.ndarray, kept: list[np.ndarray] | None = None
    ) -> np.ndarray:
        """``kept`` has what dropout multiplies the first three up blocks by."""
        settings, weights = self.settings, self.generator

        def biased(name: str, values: np.ndarray) -> np.ndarray:
            return values + weights.get(f"{name}/bias", 0.0)

        def spade(values: np.ndarray, name: str) -> np.ndarray:
            cell = SIDE // values.shape[1]

            def part(which: str, images: np.ndarray) -> np.ndarray:
                return biased(f"{name}/{which}", convolve(images, weights[f"{name}/{which}/kernel"], 1))

            hidden = relu(part("shared", mask[:, ::cell, ::cell]))
            axes = (1, 2) if settings.moments == "image" else (0, 1, 2)
            plain = standardise(values, axes, settings.epsilon)
            return plain * (settings.gamma_offset + part("gamma", hidden)) + part("beta", hidden)

        values, skips = edges, []
        for level in range(4):
            values = biased(f"down_{level}", convolve(values, weights[f"down_{level}/kernel"], 2))
            if level in (1, 2) or (level == 3 and settings.normalise_bottleneck):
                values = spade(values, f"down_{level}_spade")
            values = relu(values, settings.leak)
            skips.append(values)
        for level in range(3):
            values = spade(convolve_transposed(values, weights[f"up_{level}/kernel"]), f"up_{level}_spade")
            if kept:
                values = values * kept[level]
            values = np.concatenate([relu(values), skips[2 - level]], axis=-1)
        return np.tanh(biased("last", convolve_transposed(values, weights["last/kernel"])))

    def iterate(self, vectors: list[np.ndarray]) -> list[tuple[np.ndarray, np.ndarray]]:
        """Left and right vectors of every layer after one power iteration."""
        pairs = []
        for level, vector in enumerate(vectors):
            matrix = self.discriminator[f"layer_{level}/kernel"].reshape(-1, vector.shape[-1])
            left = vector @ matrix.T
            left /= np.linalg.norm(left)
            right = left @ matrix
            pairs.append((left, right / np.linalg.norm(right)))
        return pairs

    def score(self, edges: np.ndarray, image: np.ndarray, pairs=None) -> np.ndarray:
        settings, weights = self.settings, self.discriminator
        values = np.concatenate([edges, image], axis=-1)
        for level, stride in enumerate((2, 2, 2, 1, 1)):
            kernel = weights[f"layer_{level}/kernel"]
            if settings.spectral_normalisation:
                left, right = pairs[level]
                kernel = kernel / np.sum((left @ kernel.reshape(-1, kernel.shape[-1])) * right)
            values = convolve(values, kernel, stride) + weights.get(f"layer_{level}/bias", 0.0)
            if level in (1, 2, 3):
                values = standardise(values, (1, 2), settings.epsilon)
                norm = f"layer_{level}_norm"
                values = values * weights[f"{norm}/gamma"] + weights[f"{norm}/beta"]
            if level < 4:
                values = relu(values, settings.leak)
        return values


def double(network) -> Weights:
    return {weight.path: np.asarray(weight, np.float64) for weight in network.weights}


def vectors_of(weights: Weights) -> list[np.ndarray]:
    return [weights[f"layer_{level}/vector"] for level in range(5) if f"layer_{level}/vector" in weights]


def randomise(network) -> None:
    """Large weights everywhere, in biases and normalisations too, so that every term counts."""
    rng = np.random.default_rng(8)
    network.set_weights([rng.normal(0, 0.25, weight.shape) for weight in network.weights])


def batch(count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(count)
    images = rng.uniform(-1, 1, (3, count, SIDE, SIDE, 1)).astype(np.float32)
    return (*images, rng.integers(1000, size=(count, 2), dtype=np.int32))


OURS = {"spectral_normalisation": True}
REFERENCE = {
    "gamma_offset": 0.0,
    "moments": "batch",
    "normalise_bottleneck": True,
    "biases": False,
    "leak": 0.3,
    "spectral_normalisation": False,
}


@pytest.mark.parametrize("changes", [OURS, REFERENCE], ids=["ours", "reference"])
def test_the_generator_is_its_formula(tiny, changes):
    from sigforensics.gan.networks import build_generator

    settings = replace(tiny, **changes)
    network = build_generator(settings)
    randomise(network)
    edges, mask, _, seeds = batch(2)
    expected = Networks(settings, double(network), {}).generate(edges, mask)
    assert expected.std() > 0.1
    np.testing.assert_allclose(network([edges, mask, seeds], training=False), expected, atol=2e-5)


def test_in_training_dropout_multiplies_the_first_three_up_blocks(tiny):
    from sigforensics.gan.backend import tf
    from sigforensics.gan.networks import build_generator

    network = build_generator(tiny)
    randomise(network)
    edges, mask, _, seeds = batch(2)
    kept = []
    for level, filters in enumerate((8, 4, 2)):
        shape = (2 ** (level + 1), 2 ** (level + 1), filters)
        draws = [tf.random.stateless_uniform(shape, seed + np.array([0, level], np.int32)) for seed in seeds]
        kept.append((np.stack(draws) >= tiny.dropout) / (1 - tiny.dropout))
    expected = Networks(tiny, double(network), {}).generate(edges, mask, kept)
    found = np.asarray(network([edges, mask, seeds], training=True))
    np.testing.assert_allclose(found, expected, atol=2e-5)
    assert np.abs(found - network([edges, mask, seeds], training=False)).max() > 0.1


@pytest.mark.parametrize("changes", [OURS, REFERENCE], ids=["ours", "reference"])
def test_the_discriminator_is_its_formula(tiny, changes):
    from sigforensics.gan.networks import build_discriminator

    settings = replace(tiny, **changes)
    network = build_discriminator(settings)
    randomise(network)
    edges, _, target, _ = batch(2)
    numpy = Networks(settings, {}, double(network))
    expected = numpy.score(edges, target, numpy.iterate(vectors_of(numpy.discriminator)))
    assert expected.std() > 0.01
    np.testing.assert_allclose(network([edges, target], training=False), expected, rtol=1e-3, atol=2e-5)


def moments(trainer, which: str, kind: str) -> Weights:
    """Adam's means ("momentum") or squares ("velocity") of the gradients, in the order of the weights trained."""
    found = {name: value for name, value in trainer.state().items() if name.startswith(f"{which}_adam/")}
    values = [value.astype(np.float64) for name, value in sorted(found.items()) if name.endswith(f"_{kind}")]
    names = [weight.path for weight in getattr(trainer, which).trainable_weights]
    return dict(zip(names, values, strict=True))


def slopes(weights: Weights, loss, gradients: Weights):
    """Of the loss along a random direction in each tensor: what the gradients say, and what differences say."""
    rng = np.random.default_rng(0)
    for name, gradient in gradients.items():
        kept, direction = weights[name], rng.normal(size=gradient.shape)
        direction /= np.linalg.norm(direction)
        weights[name] = kept + 1e-6 * direction
        above = loss()
        weights[name] = kept - 1e-6 * direction
        below = loss()
        weights[name] = kept
        yield name, np.sum(gradient * direction), (above - below) / 2e-6, np.linalg.norm(gradient)


@pytest.mark.parametrize("changes", [OURS, REFERENCE], ids=["ours", "reference"])
def test_training_steps_are_their_formulas(tiny, changes):
    """Metrics, the gradients of both losses by finite differences, and Adam's updates over three steps."""
    from sigforensics.gan.trainer import Trainer

    settings = replace(tiny, dropout=0.0, **changes)
    training = Training(l1_weight=10.0, generator_rate=3e-3, discriminator_rate=2e-3, beta_1=0.6, beta_2=0.9)
    trainer = Trainer(settings, training)
    for network in (trainer.generator, trainer.discriminator):
        randomise(network)
    edges, mask, target, seeds = batch(2)

    means = {"generator": {}, "discriminator": {}}
    squares = {"generator": {}, "discriminator": {}}
    for step in range(1, 4):
        numpy = Networks(settings, double(trainer.generator), double(trainer.discriminator))
        vectors = vectors_of(numpy.discriminator)
        of_fake = numpy.iterate(
            vectors
        )  # the fake is scored first, the true image with the vectors that follow
        of_true = numpy.iterate([right for _, right in of_fake])
        fake = numpy.generate(edges, mask)

        def generator_loss(numpy=numpy, of_fake=of_fake):
            fake = numpy.generate(edges, mask)
            return -numpy.score(edges, fake, of_fake).mean() + 10 * np.abs(fake - target).mean()

        def discriminator_loss(numpy=numpy, of_fake=of_fake, of_true=of_true, fake=fake):
            true_part = relu(1 - numpy.score(edges, target, of_true)).mean()
            return true_part + relu(1 + numpy.score(edges, fake, of_fake)).mean()

        error = np.abs(fake - target).mean()
        expected = [
            generator_loss() - 10 * error,
            discriminator_loss(),
            (numpy.score(edges, fake, of_fake) > 0).mean(),
            (numpy.score(edges, target, of_true) > 0).mean(),
            error,
        ]
        np.testing.assert_allclose(trainer.step(edges, mask, target, seeds), expected, rtol=2e-4, atol=2e-5)

        cases = {"generator": (generator_loss, 3e-3), "discriminator": (discriminator_loss, 2e-3)}
        for which, (loss, rate) in cases.items():
            before, network = getattr(numpy, which), getattr(trainer, which)
            after, first, second = (
                double(network),
                moments(trainer, which, "momentum"),
                moments(trainer, which, "velocity"),
            )
            gradients = {name: (first[name] - 0.6 * means[which].get(name, 0)) / 0.4 for name in first}
            for name, said, found, length in slopes(before, loss, gradients):
                assert said == pytest.approx(found, rel=2e-3, abs=2e-3 * length + 1e-6), (step, which, name)
            for name, gradient in gradients.items():
                square = 0.9 * squares[which].get(name, 0) + 0.1 * gradient**2
                np.testing.assert_allclose(second[name], square, rtol=1e-3, atol=1e-9)
                # The order of Kingma & Ba's section 2: epsilon stands beside the uncorrected root.
                corrected = rate * np.sqrt(1 - 0.9**step) / (1 - 0.6**step)
                stride = corrected * first[name] / (np.sqrt(second[name]) + 1e-7)
                np.testing.assert_allclose(after[name], before[name] - stride, atol=1e-6, err_msg=name)
            means[which], squares[which] = first, second
        if vectors:
            for level, (_, right) in enumerate(of_true):
                found = np.asarray(trainer.discriminator.get_layer(f"layer_{level}").vector)
                np.testing.assert_allclose(found, right, atol=1e-4)
