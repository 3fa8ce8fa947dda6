from __future__ import annotations

import subprocess
import sys

import pytest

from sigforensics.errors import DevicesMissing

pytestmark = pytest.mark.network


@pytest.mark.parametrize("count", [1, 2, 3, 8])
@pytest.mark.parametrize("rows", [1, 2, 3, 7, 8])
def test_the_parts_are_the_batch_and_their_shares_add_up(rows, count):
    from sigforensics.gan.backend import tf
    from sigforensics.gan.replicas import part

    parts = [part(tf.constant(rows), number, count) for number in range(count)]
    parts = [(int(first), int(end), float(share)) for first, end, share in parts]
    taken = [row for first, end, share in parts if share > 0 for row in range(first, end)]
    assert taken == list(range(rows))
    assert sum(share for *_, share in parts) == pytest.approx(1)
    for first, end, share in parts:
        assert 0 <= first < end <= rows
        assert share in (0, pytest.approx((end - first) / rows))
    sizes = [end - first for first, end, share in parts if share > 0]
    assert max(sizes) - min(sizes) <= 1


def test_more_devices_than_there_are_is_refused():
    from sigforensics.gan.replicas import Replicas

    with pytest.raises(DevicesMissing, match="99 devices were asked for"):
        Replicas(99)
    assert Replicas(1).count == 1


PROGRAM = """
import numpy as np
import tensorflow as tf

cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)

from sigforensics.gan.replicas import Replicas
from sigforensics.gan.trainer import Trainer
from sigforensics.settings import Network, Training

network = Network(size=16, multiplier=2, spade_width=4, discriminator_multiplier=2, spectral_normalisation=True)
training = Training(generator_rate=1e-3, generator_updates=2, discriminator_updates=2, precision="float32")
assert Replicas(None).count == 2
one, two = Trainer(network, training), Trainer(network, training, Replicas(2))
for rows in (4, 3, 1):  # equal parts, unequal parts, a device without a row
    rng = np.random.default_rng(rows)
    images = rng.uniform(-1, 1, (3, rows, 16, 16, 1)).astype(np.float32)
    seeds = rng.integers(1000, size=(rows, 2), dtype=np.int32)
    before = one.state()
    two.restore(before)
    np.testing.assert_allclose(one.step(*images, seeds), two.step(*images, seeds), rtol=1e-5, atol=1e-6)
    moved, also = one.state(), two.state()
    assert moved.keys() == also.keys()
    for name, value in moved.items():
        change, same = value - before[name], also[name] - before[name]
        np.testing.assert_allclose(same, change, rtol=1e-3, atol=1e-3 * np.abs(change).max(), err_msg=name)
    gradients = [name for name in moved if name.endswith("_momentum")]
    assert sum(np.abs(moved[name] - before[name]).max() > 0 for name in gradients) > 40
print("equal")
"""
"""Steps on two devices against steps on one. Momenta are linear in the gradients; weights move by Adam's signs of them."""


def test_two_devices_update_as_one_with_the_whole_batch():
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False)
    assert done.stdout == "equal\n", done.stderr[-3000:]
