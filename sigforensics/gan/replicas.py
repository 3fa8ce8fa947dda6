"""One device or several: copies of the networks, each of which takes its part of the batch.

The parts' gradients are added up, each weighted by its share of the rows, so that they are the gradient of the whole batch: a
step on several devices is that of one, but for the order of its sums. That holds as far as no layer looks at the whole batch:
moments per image do not, moments over the batch are then those of a device's part.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from sigforensics.errors import DevicesMissing
from sigforensics.gan.backend import tf

__all__ = ["Replicas", "part", "repeatable"]


def repeatable() -> None:
    """Have every operation give the same bits at every run.

    On a CPU, those that we use do so anyhow. On a GPU the faster gradients of convolutions add up in whatever order their
    threads come to an end.
    """
    if tf.config.list_physical_devices("GPU"):
        tf.config.experimental.enable_op_determinism()


def part(rows: Any, number: int, count: int) -> tuple[Any, Any, Any]:
    """Where part ``number`` of ``count`` begins and ends among the rows of a batch, and its share of them.

    The parts are as equal as whole rows allow. A part that would be empty gets a row, of share 0: there is no mean of none.

    Parameters
    ----------
    rows : scalar tensor of int32
    number, count : int

    Returns
    -------
    first, end : scalar tensors of int32
    share : scalar tensor of float32
        They add up to 1 over the parts.
    """
    first, end = rows * number // count, rows * (number + 1) // count
    share = tf.cast(end - first, tf.float32) / tf.cast(rows, tf.float32)
    first = tf.minimum(first, rows - 1)
    return first, tf.maximum(end, first + 1), share


class Replicas:
    """The devices of a training.

    Parameters
    ----------
    wanted : int or None
        How many; all that there are if None. GPUs, or where there is none the parts of the CPU that TensorFlow was told to see
        as devices of their own, usually one.

    Raises
    ------
    DevicesMissing
        If there are fewer.
    """

    def __init__(self, wanted: int | None = 1) -> None:
        devices = tf.config.list_logical_devices("GPU") or tf.config.list_logical_devices("CPU")
        self.count = len(devices) if wanted is None else wanted
        if self.count > len(devices):
            kind = (
                "GPU"
                if tf.config.list_logical_devices("GPU")
                else "processor and no GPU that TensorFlow can use"
            )
            what = f"has {len(devices)} {kind}, and {self.count} devices were asked for"
            raise DevicesMissing("this machine", what)
        names = tuple(device.name for device in devices[: self.count])
        self._strategy = _mirrored(names) if self.count > 1 else None

    @contextmanager
    def scope(self) -> Iterator[None]:
        """Where variables are made: on each device one, kept equal."""
        if self._strategy is None:
            yield
            return
        with self._strategy.scope(), tf.variable_creator_scope(_averaged_unless_trained):
            yield

    def step(self, update: Callable[..., Any]) -> Callable[..., Any]:
        """``update`` of a whole batch, made of its parts.

        Parameters
        ----------
        update : callable
            Given the tensors of some rows and ``share``, it computes means over these rows, applies their gradients with
            ``share`` as their weight, and returns the means. ``share`` is None on one device.

        Returns
        -------
        callable
            Given the tensors of the batch; gives the means over all of its rows.
        """
        if self._strategy is None:
            return lambda *batch: update(*batch, share=None)
        strategy = self._strategy

        def update_part(*batch: Any) -> Any:
            number = tf.distribute.get_replica_context().replica_id_in_sync_group
            first, end, share = part(tf.shape(batch[0])[0], number, self.count)
            return share * update(*(tensor[first:end] for tensor in batch), share=share)

        return lambda *batch: strategy.reduce("SUM", strategy.run(update_part, args=batch), axis=None)


@lru_cache
def _mirrored(devices: tuple[str, ...]) -> Any:
    """TensorFlow's strategy; a second one of the same devices would mistake its messages for those of the first."""
    return tf.distribute.MirroredStrategy(list(devices))


def _averaged_unless_trained(make: Callable[..., Any], **options: Any) -> Any:
    """Variables that layers assign to, such as running means, become the mean of what the devices assign."""
    unstated = options.get("aggregation") in {None, tf.VariableAggregation.NONE}
    if unstated and not options.get("trainable", True):
        options["aggregation"] = tf.VariableAggregation.MEAN
    return make(**options)
