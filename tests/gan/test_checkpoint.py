from __future__ import annotations

import json

import numpy as np
import pytest

from sigforensics.errors import FileUnreadable, ModelInvalid
from sigforensics.gan.checkpoint import FORMAT, Position, kept_precision, read_checkpoint, write_checkpoint
from sigforensics.tensors import read_tensors, write_tensors

STATE = {"generator/000/kernel": np.arange(4, dtype=np.float32), "adam/iterations": np.array(5, np.int64)}
IDENTITY = {"network": {"size": 16}, "training": {"seed": 0}, "data": {"manifest": "a", "rows": "b"}}


def position() -> Position:
    row = {"epoch": 1, "l1": 0.1, "validation_l1": float("nan"), "seconds": 1 / 3}
    return Position(epoch=1, step=2, sums=[0.1, 1 / 3], seconds=0.7, log=[row])


@pytest.fixture
def path(tmp_path):
    write_checkpoint(tmp_path / "checkpoint", STATE, position(), identity=IDENTITY)
    return tmp_path / "checkpoint"


def test_state_and_position_come_back_bit_for_bit(path):
    state, found = read_checkpoint(path, identity=IDENTITY)
    assert state.keys() == STATE.keys()
    for name, value in state.items():
        assert (value.dtype, value.shape) == (STATE[name].dtype, STATE[name].shape)
        np.testing.assert_array_equal(value, STATE[name])
    np.testing.assert_equal(vars(found), vars(position()))


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"network": {"size": 32}}, "network.size"),
        ({"network": {"size": 16, "leak": 0.2}}, "network.leak"),
        ({"data": {"manifest": "a"}}, "data.rows"),
        ({"data": {"manifest": "a", "rows": "c"}, "training": {"seed": 1}}, "data.rows, training.seed"),
    ],
)
def test_another_training_is_refused_and_what_differs_is_named(path, changes, named):
    with pytest.raises(ModelInvalid) as caught:
        read_checkpoint(path, identity=IDENTITY | changes)
    assert caught.value.what == f"belongs to a training that differs in {named}"
    assert "same settings" in caught.value.advice


@pytest.mark.parametrize("text", ["no JSON", "[]", "7", '{"unheard_of": 1}'])
@pytest.mark.parametrize("name", ["position", "identity"])
def test_texts_that_make_no_sense_are_refused(path, name, text):
    state, metadata = read_tensors(path, form=FORMAT)
    del metadata["format"]
    write_tensors(path, state, metadata | {name: text}, form=FORMAT)
    with pytest.raises(ModelInvalid):
        read_checkpoint(path, identity=IDENTITY)


def test_a_missing_checkpoint_is_unreadable(tmp_path):
    with pytest.raises(FileUnreadable):
        read_checkpoint(tmp_path / "none", identity=IDENTITY)


def test_steps_add_up_to_means_and_an_epoch_begins_anew():
    here = Position()
    metrics = np.array([[1.0, 2.0], [3.0, 8.0], [5.0, -1.0]])
    for number, row in enumerate(metrics, start=1):
        here.count_step(row, 0.5)
        np.testing.assert_allclose(here.means, metrics[:number].mean(axis=0))
    assert (here.epoch, here.step, here.seconds) == (0, 3, 1.5)
    here.close_epoch({"epoch": 1})
    assert here == Position(epoch=1, log=[{"epoch": 1}])


def test_a_position_restored_between_steps_counts_on_the_same(path):
    one, other = Position(), Position()
    for number, metrics in enumerate(np.random.default_rng(0).normal(size=(7, 5))):
        one.count_step(metrics, 0.1)
        other.count_step(metrics, 0.1)
        if number == 3:
            other = Position(**json.loads(json.dumps(vars(other))))
    assert one == other


@pytest.mark.parametrize(
    ("training", "kept"),
    [({"precision": "mixed_bfloat16"}, "mixed_bfloat16"), ({"precision": "auto"}, None), ({"seed": 0}, None)],
)
def test_a_checkpoint_says_in_which_arithmetic_its_training_began(tmp_path, training, kept):
    identity = IDENTITY | {"training": training}
    write_checkpoint(tmp_path / "checkpoint", STATE, position(), identity=identity)
    assert kept_precision(tmp_path / "checkpoint") == kept


def test_what_is_no_checkpoint_has_no_arithmetic_and_is_refused(tmp_path):
    (tmp_path / "file").write_bytes(b"no tensors")
    with pytest.raises(ModelInvalid):
        kept_precision(tmp_path / "file")
    with pytest.raises(FileUnreadable):
        kept_precision(tmp_path / "none")
