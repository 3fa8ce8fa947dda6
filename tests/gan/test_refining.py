from __future__ import annotations

from dataclasses import asdict, replace

import numpy as np
import pytest

from sigforensics.errors import ModelInvalid, TrainingDiverged
from sigforensics.gan.checkpoint import Position, read_checkpoint
from sigforensics.gan.crops import load_drawings
from sigforensics.gan.model_file import read_model, without_grain, write_model
from sigforensics.gan.structure import weight_shapes
from sigforensics.settings import Graining, Preprocessing

pytestmark = pytest.mark.network

QUICK = Graining(
    width=2,
    layers=1,
    side=16,
    crops=1,
    steps=5,
    log_steps=2,
    directions=2,
    stroke_patches=20,
    paper_patches=20,
    spectrum_bands=3,
    seed=6,
)
STEPWISE = replace(QUICK, checkpoint_minutes=0.0)


@pytest.fixture
def generator(tmp_path, tiny):
    """A generator as ``train`` writes it, without a head."""
    rng = np.random.default_rng(0)
    weights = {name: rng.normal(0, 0.2, s).astype(np.float32) for name, s in weight_shapes(tiny).items()}
    path = tmp_path / "trunk.safetensors"
    training = {"settings": {"epochs": 7}, "log": [{"epoch": 1}]}
    write_model(path, weights, network=tiny, preprocessing=Preprocessing(size=16), training=training)
    return path


@pytest.fixture
def make_run(tmp_path, generator):
    def make(name: str = "checkpoint", **changes):
        from sigforensics.gan.refining import RefiningRun

        given = {
            "generator": generator,
            "card": read_model(changes.get("generator", generator))[1],
            "settings": QUICK,
            "data_sha256": "f" * 64,
            "checkpoint": tmp_path / name,
        }
        return RefiningRun(**(given | changes))

    return make


@pytest.fixture
def drawings(write_rows, tmp_path):
    def smear(edges, mask):
        return (np.maximum(edges, mask // 2) / 255).astype(np.float32)

    return load_drawings(tmp_path, write_rows(2), size=16, draw=smear)


class StandIn:
    """Counts its steps instead of learning."""

    def __init__(self, steps=0, metrics=lambda step: np.full(5, float(step))):
        self.steps, self.metrics = steps, metrics

    def step(self, crops, *, step):
        assert (len(crops), step) == (2, self.steps)
        self.steps += 1
        return self.metrics(self.steps)

    def state(self):
        return {"steps": np.array([self.steps])}


def ignore(means) -> None:
    """Nothing is done with what a step says."""


def saved(run) -> tuple[int, Position]:
    state, position = read_checkpoint(run.checkpoint, identity=run.identity)
    return int(state["steps"][0]), position


def test_a_row_of_the_log_is_some_steps_and_the_last_one_what_is_left(make_run, drawings):
    run, position = make_run(), Position()
    run.train(StandIn(), position, drawings, on_step=ignore)
    assert [row["steps"] for row in position.log] == [2, 4, 5]
    assert [row["loss"] for row in position.log] == [1.5, 3.5, 5.0]
    assert all(0 <= row["seconds"] < 60 for row in position.log)
    assert run.steps_done(position) == 5
    steps, there = saved(run)
    assert (steps, there.log) == (5, position.log)


def test_the_columns_of_the_log_are_those_stated(make_run, drawings):
    from sigforensics.gan.refining import GRAIN_COLUMNS

    position = Position()
    make_run().train(StandIn(), position, drawings, on_step=ignore)
    assert {tuple(row) for row in position.log} == {GRAIN_COLUMNS}


def test_every_step_tells_the_means_since_the_last_row(make_run, drawings):
    means = []
    make_run().train(StandIn(), Position(), drawings, on_step=lambda values: means.append(values[0]))
    assert means == [1, 1.5, 3, 3.5, 5]


@pytest.mark.parametrize(("minutes", "count"), [(0.0, 6), (1e9, 1)])
def test_checkpoints_are_written_as_often_as_asked_and_at_the_end(
    make_run, drawings, monkeypatch, minutes, count
):
    from sigforensics.gan import refining

    written = []

    def watch(path, state, position, **options):
        written.append(position.step)

    monkeypatch.setattr(refining, "write_checkpoint", watch)
    run = make_run(settings=replace(QUICK, checkpoint_minutes=minutes))
    run.train(StandIn(), Position(), drawings, on_step=ignore)
    assert len(written) == count


def test_an_interruption_leaves_the_checkpoint_of_the_step_before(make_run, drawings):
    run, refiner = make_run(), StandIn()
    with pytest.raises(KeyboardInterrupt):
        run.train(refiner, Position(), drawings, on_step=ignore, interrupted=lambda: refiner.steps == 3)
    steps, position = saved(run)
    assert (steps, run.steps_done(position)) == (3, 3)
    run.train(refiner, position, drawings, on_step=ignore)
    assert [row["loss"] for row in position.log] == [1.5, 3.5, 5.0]


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_losses_that_are_no_numbers_stop_the_training_and_keep_the_checkpoint(make_run, drawings, value):
    run = make_run(settings=STEPWISE)
    refiner = StandIn(metrics=lambda step: np.full(5, value if step == 3 else 1.0))
    with pytest.raises(TrainingDiverged, match="losses"):
        run.train(refiner, Position(), drawings, on_step=ignore)
    assert saved(run)[0] == 2


class Killed(Exception):
    """Stands for a process that ends without a word."""


def test_a_run_that_was_killed_and_resumed_ends_with_the_weights_of_one_that_was_not(make_run, drawings):
    whole = make_run("whole")
    refiner, position = whole.start()
    fresh = refiner.state()
    whole.train(refiner, position, drawings, on_step=ignore)
    expected, log = refiner.state(), position.log
    assert (fresh["grain/000"] != expected["grain/000"]).any()

    killed = make_run("killed", settings=STEPWISE)
    refiner, position = killed.start()
    for name, value in refiner.state().items():
        np.testing.assert_array_equal(value, fresh[name])

    def kill(means):
        if killed.steps_done(position) == 4:
            raise Killed

    with pytest.raises(Killed):
        killed.train(refiner, position, drawings, on_step=kill)
    resumed = make_run("killed")
    refiner, position = resumed.start()
    assert resumed.steps_done(position) == 3
    resumed.train(refiner, position, drawings, on_step=ignore)
    for name, value in refiner.state().items():
        np.testing.assert_array_equal(value, expected[name], err_msg=name)
    for one, other in zip(position.log, log, strict=True):
        assert {**one, "seconds": 0} == {**other, "seconds": 0}


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"settings": replace(QUICK, seed=5, steps=9)}, "graining.seed, graining.steps"),
        ({"data_sha256": "0" * 64}, "data.manifest"),
    ],
)
def test_a_checkpoint_of_another_refinement_is_refused_and_what_changed_is_named(
    make_run, drawings, changes, named
):
    make_run().train(StandIn(), Position(), drawings, on_step=ignore)
    with pytest.raises(ModelInvalid) as caught:
        make_run(**changes).start()
    assert caught.value.what.endswith(f"differs in {named}")


def test_a_checkpoint_over_another_generator_or_with_other_tensors_is_refused(make_run, drawings):
    run = make_run()
    run.train(StandIn(), Position(), drawings, on_step=ignore)
    with pytest.raises(ModelInvalid, match=r"data\.generator"):
        make_run(card=replace(run.card, sha256="0" * 64)).start()
    with pytest.raises(ModelInvalid, match="another grain head"):
        make_run().start()


def test_other_intervals_between_checkpoints_are_the_same_refinement(make_run):
    assert make_run().identity == make_run(settings=STEPWISE).identity


def write_refined(run, path, *, half=False):
    refiner, _ = run.start()
    position = Position(log=[{"steps": 5, "loss": 1.0}])
    return refiner, run.write(refiner, position, path, record={"versions": {"numpy": "2"}}, half=half)


def test_the_generator_is_written_with_its_head_and_the_record_of_both_trainings(make_run, tmp_path, tiny):
    run = make_run()
    trunk, before = read_model(run.generator)
    refiner, card = write_refined(run, tmp_path / "refined.safetensors")
    weights, read = read_model(tmp_path / "refined.safetensors")
    assert read == card
    assert card.network == replace(tiny, grain_width=2, grain_layers=1)
    assert card.preprocessing == before.preprocessing
    expected = trunk | refiner.averaged()
    assert weights.keys() == expected.keys()
    for name, value in expected.items():
        np.testing.assert_array_equal(weights[name], value, err_msg=name)
    assert {name: value for name, value in card.training.items() if name != "graining"} == before.training
    assert card.training["graining"] == {
        "settings": asdict(QUICK),
        "log": [{"steps": 5, "loss": 1.0}],
        "drawn_by": {"name": "trunk", "sha256": before.sha256},
        "versions": {"numpy": "2"},
    }


def test_without_its_head_a_refined_generator_is_the_one_that_it_was(make_run, tmp_path):
    run = make_run()
    trunk, before = read_model(run.generator)
    write_refined(run, tmp_path / "refined.safetensors")
    weights, card = without_grain(*read_model(tmp_path / "refined.safetensors"))
    assert (card.network, card.preprocessing) == (before.network, before.preprocessing)
    assert weights.keys() == trunk.keys()
    for name, value in trunk.items():
        np.testing.assert_array_equal(weights[name], value, err_msg=name)


def test_refining_a_refined_generator_replaces_its_head(make_run, tmp_path):
    once = tmp_path / "once.safetensors"
    write_refined(make_run(), once)
    wider = replace(QUICK, width=3, layers=2)
    refiner, card = write_refined(make_run(generator=once, settings=wider), tmp_path / "twice.safetensors")
    weights, _ = read_model(tmp_path / "twice.safetensors")
    assert (card.network.grain_width, card.network.grain_layers) == (3, 2)
    grain = {name: value for name, value in weights.items() if name.startswith("grain/")}
    assert grain.keys() == refiner.averaged().keys()
    for name, value in refiner.averaged().items():
        np.testing.assert_array_equal(grain[name], value)
    assert card.training["graining"]["settings"]["width"] == 3
    assert card.training["graining"]["drawn_by"]["sha256"] == read_model(once)[1].sha256


def test_half_the_bytes_hold_the_weights_rounded(make_run, tmp_path):
    refiner, _ = write_refined(make_run(), tmp_path / "half.safetensors", half=True)
    weights, _ = read_model(tmp_path / "half.safetensors")
    for name, value in refiner.averaged().items():
        np.testing.assert_array_equal(weights[name], value.astype(np.float16).astype(np.float32))
