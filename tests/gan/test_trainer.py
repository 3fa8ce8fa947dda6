from __future__ import annotations

import os
from dataclasses import replace

import numpy as np
import pytest

from sigforensics.settings import Training

pytestmark = pytest.mark.network

QUICK = Training(generator_rate=3e-3, discriminator_rate=1e-3, precision="float32")


def make(network, training=QUICK):
    from sigforensics.gan.trainer import Trainer

    return Trainer(network, training)


def batch(count: int = 1, *, seed: int = 0) -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng([count, seed])
    images = rng.uniform(-1, 1, (3, count, 16, 16, 1)).astype(np.float32)
    return (*images, rng.integers(1000, size=(count, 2), dtype=np.int32))


def assert_same(one: dict, other: dict) -> None:
    assert one.keys() == other.keys()
    for name, value in one.items():
        np.testing.assert_array_equal(value, other[name], err_msg=name)


def iterations(trainer) -> tuple[int, int]:
    state = trainer.state()
    counts = [value for name, value in state.items() if name.endswith("/iteration")]
    assert len(counts) == 2, [name for name in state if "iteration" in name]
    return int(counts[0]), int(counts[1])


def test_the_seed_alone_decides_where_training_starts(tiny):
    one, same, other = (make(tiny, Training(seed=seed)).state() for seed in (1, 1, 2))
    assert_same(one, same)
    kernels = [name for name in one if name.endswith("kernel")]
    assert len(kernels) > 20
    assert all((one[name] != other[name]).all() for name in kernels)


@pytest.mark.parametrize("normalisation", ["spade", "batch"])
def test_a_state_restored_goes_on_as_if_nothing_had_been_and_a_step_says_nothing(tiny, capfd, normalisation):
    trainer = make(replace(tiny, normalisation=normalisation))
    trainer.step(*batch(2))
    kept = trainer.state()
    metrics = trainer.step(*batch(3, seed=1))
    after = trainer.state()
    assert any((kept[name] != after[name]).any() for name in kept)
    trainer.restore(kept)
    assert_same(trainer.state(), kept)
    np.testing.assert_array_equal(trainer.step(*batch(3, seed=1)), metrics)
    assert_same(trainer.state(), after)
    assert capfd.readouterr() == ("", "")


def test_native_chatter_is_held_back_at_the_first_step_only(tiny, monkeypatch, capfd):
    trainer = make(tiny)

    def chatter(*given):
        os.write(2, b"chatter\n")
        return np.zeros(len(given) + 1)

    monkeypatch.setattr(trainer, "_compiled_step", chatter)
    trainer.step(*batch())
    assert capfd.readouterr().err == ""
    trainer.step(*batch())
    assert capfd.readouterr().err == "chatter\n"


def test_the_state_of_other_networks_is_refused(tiny):
    trainer = make(tiny)
    for other in (replace(tiny, multiplier=3), replace(tiny, biases=False), replace(tiny, size=32)):
        with pytest.raises(ValueError, match="other networks"):
            trainer.restore(make(other).state())


def test_a_picture_is_generated_without_dropout_and_without_learning(tiny):
    trainer = make(tiny)
    edges, mask, _, seeds = batch()
    before = trainer.state()
    image = trainer.generate(edges[0, ..., 0], mask[0, ..., 0])
    assert_same(trainer.state(), before)
    expected = trainer.generator([edges, mask, seeds], training=False)
    np.testing.assert_allclose(image, np.asarray(expected)[0, ..., 0], atol=1e-6)


def test_scores_are_the_discriminators_and_nothing_is_learnt_from_them(tiny):
    trainer = make(replace(tiny, spectral_normalisation=True))
    edges, image, _, _ = batch()
    before = trainer.state()
    scores = trainer.score(edges[0, ..., 0], image[0, ..., 0])
    assert_same(trainer.state(), before)
    expected = trainer.discriminator([edges, image], training=False)
    np.testing.assert_allclose(scores, np.asarray(expected)[0, ..., 0], atol=1e-6)


def test_each_further_update_is_a_step_of_its_network_alone(tiny):
    """Further updates within a step against the same made one by one; what is logged is from before them all."""
    from sigforensics.gan.backend import tf

    more = make(tiny, replace(QUICK, generator_updates=3, discriminator_updates=2))
    single = make(tiny)
    given = batch()
    np.testing.assert_array_equal(more.step(*given), single.step(*given))
    edges, mask, target, seeds = (tf.constant(part) for part in given)
    single._generator_update(edges, mask, target, seeds + [1, 0], 1.0)
    single._generator_update(edges, mask, target, seeds + [2, 0], 1.0)
    single._discriminator_update(edges, mask, target, seeds + [1, 1], 1.0)
    assert iterations(more) == iterations(single) == (3, 2)
    one, other = more.state(), single.state()
    for name, value in one.items():
        np.testing.assert_allclose(value, other[name], atol=2e-5, err_msg=name)


def test_bfloat16_learns_and_keeps_its_weights_in_float32(tiny):
    trainer = make(tiny, replace(QUICK, precision="mixed_bfloat16"))
    given = batch()
    errors = [trainer.step(*given)[4] for _ in range(60)]
    assert np.isfinite(errors).all()
    assert np.mean(errors[-5:]) < 0.8 * np.mean(errors[:5])
    state = trainer.state()
    assert {str(value.dtype) for value in state.values()} == {"float32", "int64"}
    kernel = state["generator/000/down_0/kernel"]
    finer_than_bfloat16 = kernel.view(np.uint32) & 0xFFFF
    assert (finer_than_bfloat16 != 0).mean() > 0.9
