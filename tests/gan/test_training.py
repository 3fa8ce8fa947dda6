from __future__ import annotations

from dataclasses import asdict, replace

import numpy as np
import pytest

from sigforensics.errors import ModelInvalid, TableInvalid, TrainingDiverged
from sigforensics.images import bytes_to_unit
from sigforensics.png import read_png, write_png
from sigforensics.provenance import to_json
from sigforensics.settings import Preprocessing, Training

pytestmark = pytest.mark.network

QUICK = Training(epochs=30, generator_rate=5e-3, discriminator_rate=1e-3, precision="float32", seed=4)
STEPWISE = replace(QUICK, checkpoint_minutes=0.0)


@pytest.fixture
def make_run(tmp_path, tiny, write_rows):
    """Two training rows and one for validation; ``changes`` are those of the run."""
    rows, validation = write_rows(2), write_rows(1, split="validation")

    def make(name: str = "checkpoint", **changes):
        from sigforensics.gan.training import TrainingRun

        given = {
            "data": tmp_path,
            "rows": rows,
            "validation": validation,
            "network": tiny,
            "training": QUICK,
            "preprocessing": Preprocessing(size=16),
            "data_sha256": "f" * 64,
            "checkpoint": tmp_path / name,
        }
        return TrainingRun(**(given | changes))

    return make


def ignore(means) -> None:
    """Nothing is done with what a step says."""


def finish(run, trainer, position, on_step=ignore) -> None:
    while position.epoch < run.training.epochs:
        run.train_epoch(trainer, position, on_step=on_step)


class Killed(Exception):
    """Stands for a process that ends without a word."""


def test_training_learns_and_a_run_killed_in_an_epoch_ends_as_one_that_was_not(make_run):
    whole = make_run("whole")
    trainer, position = whole.start()
    fresh = trainer.state()
    finish(whole, trainer, position)
    expected = trainer.state()
    errors = [row["l1"] for row in position.log]
    assert np.mean(errors[-3:]) < 0.4 * errors[0]

    killed = make_run("killed", training=STEPWISE)
    there = killed.start()[1]
    trainer.restore(fresh)

    def kill(means):
        if (there.epoch, there.step) == (20, 2):
            raise Killed

    with pytest.raises(Killed):
        finish(killed, trainer, there, kill)
    resumed = make_run("killed", training=QUICK)
    other, there = resumed.start()
    assert (there.epoch, there.step) == (20, 1)
    finish(resumed, other, there)

    for name, value in other.state().items():
        np.testing.assert_array_equal(value, expected[name], err_msg=name)
    for one, same in zip(position.log, there.log, strict=True):
        assert {**one, "seconds": 0} == {**same, "seconds": 0}


class StandIn:
    """A trainer that learns nothing in no time: its state is the number of its steps."""

    def __init__(self, metrics=lambda step: np.full(5, float(step))):
        self.steps = 0
        self.metrics = metrics
        self.batches = []

    def set_rates(self, share: float) -> None:
        """Nothing is learnt."""

    def step(self, *batch):
        self.steps += 1
        self.batches.append(batch)
        return self.metrics(self.steps)

    def generate(self, edges, mask):
        assert edges.shape == mask.shape
        return np.zeros_like(edges)

    def state(self):
        return {"steps": np.array(self.steps)}


def saved(run):
    from sigforensics.gan.checkpoint import read_checkpoint

    state, position = read_checkpoint(run.checkpoint, identity=run.identity)
    return int(state["steps"]), position


def train_epoch(run, trainer, position=None, **options):
    from sigforensics.gan.checkpoint import Position

    position = position or Position()
    run.train_epoch(trainer, position, **({"on_step": ignore} | options))
    return position


def test_an_epoch_takes_every_row_and_logs_the_means(make_run):
    from sigforensics.gan.training import TRAINING_COLUMNS

    run, trainer, means = make_run(), StandIn(), []
    position = train_epoch(run, trainer, on_step=lambda values: means.append(values[0]))
    assert means == [1.0, 1.5]
    (row,) = position.log
    assert tuple(row) == TRAINING_COLUMNS
    expected = {
        "epoch": 1,
        "generator_loss": 1.5,
        "discriminator_accuracy": 1.5,
        "l1": 0.75,  # of a range of 1 instead of 2
    }
    assert {name: row[name] for name in expected} == expected
    assert 0 < row["seconds"] < 60
    steps, there = saved(run)
    assert steps == 2
    assert (there.epoch, there.step, there.log) == (1, 0, position.log)


@pytest.mark.parametrize(("batch", "steps"), [(1, 2), (2, 1), (3, 1)])
def test_a_batch_takes_its_rows(make_run, batch, steps):
    run, trainer = make_run(training=replace(QUICK, batch=batch)), StandIn()
    train_epoch(run, trainer)
    assert run.steps == trainer.steps == steps
    assert [len(given[0]) for given in trainer.batches] == [min(batch, 2)] * steps


def test_validation_comes_after_the_last_step_and_before_the_checkpoint(make_run):
    run, trainer, asked = make_run(), StandIn(), []

    def validate():
        asked.append(trainer.steps)
        return {"plain_l1": 0.25}

    position = train_epoch(run, trainer, validate=validate)
    assert asked == [2]
    assert position.log[0]["plain_l1"] == 0.25
    assert saved(run)[1].log == position.log


@pytest.mark.parametrize(("minutes", "count"), [(0.0, 3), (1e9, 1)])
def test_checkpoints_are_written_as_often_as_asked_and_after_each_epoch(
    make_run, monkeypatch, minutes, count
):
    from sigforensics.gan import training

    written = []

    def watch(path, state, position, **options):
        written.append((position.epoch, position.step))

    monkeypatch.setattr(training, "write_checkpoint", watch)
    train_epoch(make_run(training=replace(QUICK, checkpoint_minutes=minutes)), StandIn())
    assert written == [(0, 1), (0, 2), (1, 0)][-count:]


def test_an_interruption_leaves_the_checkpoint_of_the_step_before(make_run):
    run, trainer = make_run(), StandIn()
    with pytest.raises(KeyboardInterrupt):
        train_epoch(run, trainer, interrupted=lambda: trainer.steps == 1)
    steps, position = saved(run)
    assert (steps, position.epoch, position.step, position.sums) == (1, 0, 1, [1.0] * 5)
    train_epoch(run, trainer, position)
    assert trainer.steps == 2
    assert position.log[0]["generator_loss"] == 1.5


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_losses_that_are_no_numbers_stop_the_training_and_keep_the_checkpoint(make_run, value):
    run = make_run(training=STEPWISE)
    trainer = StandIn(lambda step: np.array([1.0, 1.0, 1.0, 1.0, value if step == 2 else 1.0]))
    with pytest.raises(TrainingDiverged, match="losses") as caught:
        train_epoch(run, trainer)
    assert caught.value.where == str(run.checkpoint.parent)
    assert saved(run)[0] == 1


def test_a_generator_that_gives_no_numbers_stops_the_training(make_run):
    class Broken(StandIn):
        def generate(self, edges, mask):
            return np.full_like(edges + mask, np.nan)

    run = make_run()
    with pytest.raises(TrainingDiverged, match="generator"):
        run.forge(Broken(), run.validation[0])


def test_a_picture_of_the_wrong_size_arrives_as_our_error(make_run, tmp_path):
    run = make_run()
    write_png(tmp_path / run.rows[1].target, np.zeros((8, 8), np.uint8))
    with pytest.raises(TableInvalid, match="8 x 8"):
        train_epoch(run, StandIn())


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"training": replace(QUICK, seed=5)}, "training.seed"),
        ({"training": replace(QUICK, l1_weight=10.0, batch=2)}, "training.batch, training.l1_weight"),
        ({"preprocessing": Preprocessing(size=16, threshold=0)}, "preprocessing.threshold"),
        ({"data_sha256": "0" * 64}, "data.manifest"),
    ],
)
def test_a_checkpoint_of_another_training_is_refused_and_what_changed_is_named(make_run, changes, named):
    train_epoch(make_run(), StandIn())
    with pytest.raises(ModelInvalid) as caught:
        make_run(**changes).start()
    assert caught.value.what.endswith(f"differs in {named}")


def test_a_checkpoint_of_another_network_or_other_rows_is_refused(make_run, tiny):
    run = make_run()
    train_epoch(run, StandIn())
    with pytest.raises(ModelInvalid, match=r"network\.leak"):
        make_run(network=replace(tiny, leak=0.1)).start()
    with pytest.raises(ModelInvalid, match=r"data\.rows"):
        make_run(rows=run.rows[:1]).start()


def test_a_checkpoint_whose_tensors_are_others_is_refused(make_run):
    train_epoch(make_run(), StandIn())
    with pytest.raises(ModelInvalid, match="other networks"):
        make_run().start()


def test_more_epochs_and_other_intervals_are_the_same_training_where_step_sizes_stay(make_run):
    constant = replace(QUICK, decay=0.0)
    changed = replace(constant, epochs=99, checkpoint_minutes=1.0)
    assert make_run(training=constant).identity == make_run(training=changed).identity


def test_step_sizes_that_fall_over_more_epochs_are_another_training(make_run):
    falling = replace(QUICK, decay=0.5)
    train_epoch(make_run(training=falling), StandIn())
    longer = replace(falling, epochs=falling.epochs + 1)
    with pytest.raises(ModelInvalid, match=r"differs in training\.epochs"):
        make_run(training=longer).start()


@pytest.mark.parametrize(("level", "value"), [(25, 128), (128, 128), (129, 0)])
def test_a_row_is_forged_through_the_last_steps_of_its_target(make_run, tmp_path, level, value):
    run = make_run(preprocessing=Preprocessing(size=16, threshold=level))
    (row,) = run.validation
    forged = run.forge(StandIn(), row)
    for image, name in ((forged.edges, row.input), (forged.mask, row.mask), (forged.target, row.target)):
        np.testing.assert_array_equal(image, read_png(tmp_path / name))
    np.testing.assert_array_equal(forged.fake, np.full((16, 16), value, np.uint8))


def test_the_generator_is_written_with_its_settings_and_its_log(make_run, tmp_path):
    from sigforensics.gan.forger import load_forger

    run = make_run(validation=[])
    trainer, position = run.start()
    position.log.append({"epoch": 1, "validation_l1": float("nan")})
    card = run.write(trainer, position, tmp_path / "g.safetensors", record={"data": {"writers": 3}})
    forger = load_forger(tmp_path / "g.safetensors")
    assert forger.card == card
    assert (card.network, card.preprocessing) == (run.network, run.preprocessing)
    assert card.training == {
        "settings": to_json(asdict(QUICK)),
        "log": [{"epoch": 1, "validation_l1": None}],
        "data": {"writers": 3},
    }
    edges, mask = (read_png(tmp_path / name) for name in (run.rows[0].input, run.rows[0].mask))
    signed = trainer.generate(2 * bytes_to_unit(edges) - 1, 2 * bytes_to_unit(mask) - 1)
    fake = forger.forge(edges, mask, seeds=np.zeros(2, np.int32))
    np.testing.assert_allclose(fake, (signed + 1) / 2, atol=1e-5)


def test_how_rows_would_be_varied_is_no_part_of_a_training_that_varies_none(make_run):
    """So that checkpoints from before rows could be varied go on."""
    plain = make_run().identity
    assert not {"varied", "bent", "enlarged_share", "enlarged", "darkened"} & plain["training"].keys()
    assert make_run(training=replace(QUICK, bent=9.0)).identity == plain
    varied = make_run(training=replace(QUICK, varied=0.5)).identity
    assert varied["training"]["varied"] == 0.5
    assert varied != make_run(training=replace(QUICK, varied=0.5, bent=9.0)).identity


def test_step_sizes_fall_by_equal_steps_over_the_last_epochs(make_run):
    shares = [make_run(training=replace(QUICK, epochs=8, decay=0.5)).rate_share(epoch) for epoch in range(8)]
    assert shares == [1, 1, 1, 1, 1, 0.75, 0.5, 0.25]
    constant = make_run(training=replace(QUICK, decay=0.0))
    assert {constant.rate_share(epoch) for epoch in range(30)} == {1.0}


def test_an_epoch_is_trained_with_its_share_of_the_step_sizes(make_run):
    run = make_run(training=replace(QUICK, epochs=4, decay=1.0))
    trainer, position = run.start()
    rates = []
    while position.epoch < 4:
        run.train_epoch(trainer, position, on_step=ignore)
        adams = trainer.generator_adam, trainer.discriminator_adam
        rates.append([float(adam.learning_rate) for adam in adams])
    expected = np.outer([1, 0.75, 0.5, 0.25], [QUICK.generator_rate, QUICK.discriminator_rate])
    np.testing.assert_allclose(rates, expected, rtol=1e-6)


def test_a_training_begins_with_the_weights_of_a_generator_without_its_grain(make_run, tmp_path, tiny):
    first = make_run("first")
    trainer, position = first.start()
    run_epochs(first, trainer, position, 2)
    path = tmp_path / "first.safetensors"
    first.write(trainer, position, path, record={})
    grained = tmp_path / "grained.safetensors"
    add_grain(path, grained)
    for beginning in (path, grained):
        second = make_run("second", beginning=beginning)
        begun, start = second.start()
        assert start.epoch == 0
        assert_weights(begun, weights_of(trainer))
        assert_other_weights(make_run("third").start()[0], weights_of(trainer))


def test_a_checkpoint_remembers_what_its_training_began_with(make_run, tmp_path):
    first = make_run("first")
    trainer, position = first.start()
    path = tmp_path / "first.safetensors"
    first.write(trainer, position, path, record={})
    second = make_run("second", beginning=path)
    trainer, position = second.start()
    run_epochs(second, trainer, position, 1)
    again, resumed = second.start()
    assert resumed.epoch == 1
    assert_weights(again, weights_of(trainer))
    with pytest.raises(ModelInvalid, match=r"differs in beginning\.weights"):
        make_run("second").start()


def test_a_generator_of_other_settings_is_no_beginning(make_run, tmp_path, tiny):
    first = make_run("first")
    path = tmp_path / "first.safetensors"
    first.write(*first.start(), path, record={})
    with pytest.raises(ModelInvalid, match="another network") as caught:
        make_run("second", network=replace(tiny, multiplier=3), beginning=path).start()
    assert caught.value.where == str(path)


def run_epochs(run, trainer, position, count: int) -> None:
    for _ in range(count):
        run.train_epoch(trainer, position, on_step=ignore)


def add_grain(path, grained) -> None:
    """The same generator with a head of zeros."""
    from sigforensics.gan.model_file import read_model, write_model
    from sigforensics.gan.structure import weight_shapes

    weights, card = read_model(path)
    network = replace(card.network, grain_width=2, grain_layers=1)
    shapes = weight_shapes(network)
    head = {name: np.zeros(shape, np.float32) for name, shape in shapes.items() if name not in weights}
    assert head
    write_model(
        grained, weights | head, network=network, preprocessing=card.preprocessing, training=card.training
    )


def weights_of(trainer) -> dict[str, np.ndarray]:
    return {weight.path: np.asarray(weight) for weight in trainer.generator.weights}


def assert_weights(trainer, expected) -> None:
    for name, weight in weights_of(trainer).items():
        np.testing.assert_array_equal(weight, expected[name], err_msg=name)


def assert_other_weights(trainer, expected) -> None:
    kernels = {name: weight for name, weight in weights_of(trainer).items() if name.endswith("kernel")}
    assert all((weight != expected[name]).any() for name, weight in kernels.items())
