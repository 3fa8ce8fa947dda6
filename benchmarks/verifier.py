"""How often a classical signature verifier accepts fakes, beside genuine signatures and forgeries by hand.

    python benchmarks/verifier.py GENUINE RUN [RUN ...] [--forgeries FORGERIES] [--json FILE]

GENUINE and FORGERIES are folders that ``sigforensics prepare`` made (or folders with one folder of targets a writer), each RUN
one that ``generate --data`` made of signatures in GENUINE. FORGERIES are named by the writers whom they imitate.

For each writer of a run, a support vector machine (``verification.py``) learns this writer's signatures in GENUINE that are
*not* in the run, against two signatures of every writer who is not in the run. It is tried on the true images of the run
(genuine), on the fakes made from them, on the true images of the run's other writers (random forgeries), and on the forgeries
by hand, if there are any of every writer of the run. All writers share one threshold: the one of equal error on genuine
signatures against forgeries by hand, taken from the first run that has them and applied to all runs; and for each run its own
threshold of equal error against random forgeries, which is far more lenient. The threshold is set on the very scores
that are counted, as is usual for an equal error rate.

Each is done with three looks at the ink: *shape* sees where its dark part is, *grey* all grey values in the box of that
part, and *grey, loose* those in the box of every pixel above 0, so that a speck far from the ink moves the whole signature.
CEDAR's forgeries by hand come from another scanner or clean-up than its genuine signatures, which the grey looks may
notice. "told apart regardless of writer" is the AUC of a linear classifier of genuine signatures against forgeries by hand
on the same features, cross-validated by writer (``realism.py``; the largest over the penalties): near 0.5, the two differ
in nothing but whom they fit; high, they differ by scanner or hand in general, and the equal error rate may owe something to
it.

Shares have Wilson's interval, which takes the images for independent, and one over resampled writers; "fakes less genuine"
is the difference of their shares, image by image, over writers. A fake has the course of the genuine signature whose edges
it was made from: being accepted shows that the verifier sees nothing wrong with the ink, not that the generator can write
in anyone's hand. Give runs with ``--augmented`` inputs too, whose course is bent and has a hole: "genuine, bent" are the
true images deformed and holed in the same way, by no generator, and say how much of what is refused is refused for that.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from realism import separate
from runs import Run, Targets, read_run, read_targets, report
from scores import equal_error, equal_error_interval, mean_interval, wilson
from sigforensics.augmentation import augment, image_rng
from sigforensics.errors import CorpusInvalid, SpecimensMissing
from verification import LOOKS, FeatureTable, image_key, train_verifier

SCHEMA = "sigforensics-benchmark-verifier/1"
NEGATIVES = 2
"""Signatures of each writer outside the run that stand for "others" in training."""
KINDS = ("genuine", "genuine, bent", "fakes", "forgeries by hand", "random forgeries")

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Scored:
    """Scores of one kind of signature, and whose each is or pretends to be."""

    scores: Array
    writers: NDArray[np.str_]


def known_signatures(run: Run, genuine: Targets) -> NDArray[np.bool_]:
    """Which of the genuine signatures are not in the run, known by their pixels.

    Raises
    ------
    CorpusInvalid
        If a true image of the run is none of them.
    SpecimensMissing
        If a writer of the run has no other signature.
    """
    keys = np.array([image_key(image) for image in genuine.images])
    in_run = {image_key(image) for image in run.true}
    if not in_run <= set(keys):
        what = "has true images that are not among the genuine signatures"
        raise CorpusInvalid(run.name, what, "give the corpus that the run was made of")
    known = ~np.isin(keys, list(in_run))
    for writer in np.unique(run.writers):
        if not (known & (genuine.writers == writer)).any():
            raise SpecimensMissing(f"writer {writer}", f"all signatures are in {run.name}", "leave some out")
    return known


def outsiders(run: Run, genuine: Targets, *, rng: np.random.Generator) -> NDArray[np.int_]:
    """A few signatures of every writer who is not in the run: places in ``genuine``.

    Raises
    ------
    CorpusInvalid
        If there is no such writer.
    """
    writers = np.setdiff1d(genuine.writers, run.writers)
    if not len(writers):
        raise CorpusInvalid(run.name, "holds every writer of the corpus", "leave writers out of the run")
    own = (np.flatnonzero(genuine.writers == writer) for writer in writers)
    return np.concatenate([rng.permutation(places)[:NEGATIVES] for places in own])


def score_run(
    run: Run, genuine: Targets, forgeries: Targets | None, *, features: FeatureTable, seed: int
) -> dict[str, Scored]:
    """Scores by the verifiers of the run's writers of every kind of signature that there is."""
    known = known_signatures(run, genuine)
    others = features(genuine.images[outsiders(run, genuine, rng=np.random.default_rng(seed))])
    named = zip(run.names, run.true, strict=True)
    bent = features([augment(image, rng=image_rng(seed, str(name))) for name, image in named])
    true, fake = features(run.true), features(run.fake)
    with_hand = forgeries is not None and set(run.writers) <= set(forgeries.writers)
    found: dict[str, list[tuple[str, Array]]] = {kind: [] for kind in KINDS}
    for writer in np.unique(run.writers):
        own = run.writers == writer
        specimens = features(genuine.images[known & (genuine.writers == writer)])
        score = train_verifier(specimens, others, widths=features.widths)
        found["genuine"].append((writer, score(true[own])))
        found["genuine, bent"].append((writer, score(bent[own])))
        found["fakes"].append((writer, score(fake[own])))
        if not own.all():
            found["random forgeries"].append((writer, score(true[~own])))
        if forgeries is not None and with_hand:
            by_hand = features(forgeries.images[forgeries.writers == writer])
            found["forgeries by hand"].append((writer, score(by_hand)))
    return {
        kind: Scored(
            np.concatenate([scores for _, scores in parts]),
            np.concatenate([np.full(len(scores), writer) for writer, scores in parts]),
        )
        for kind, parts in found.items()
        if parts
    }


def error_rate(scored: Mapping[str, Scored], kind: str, *, run: str, seed: int) -> dict[str, Any]:
    """The equal error rate of a run's genuine signatures against a kind of forgery."""
    true, forged = scored["genuine"], scored[kind]
    found = equal_error(true.scores, forged.scores)
    rng = np.random.default_rng(seed)
    low, high = equal_error_interval(true.scores, true.writers, forged.scores, forged.writers, rng=rng)
    own = [
        equal_error(true.scores[true.writers == writer], forged.scores[forged.writers == writer]).rate
        for writer in np.unique(true.writers)
    ]
    return {
        "against": kind,
        "run": run,
        "threshold": found.threshold,
        "rate": found.rate,
        "rate_low": low,
        "rate_high": high,
        "rate_own_thresholds": float(np.mean(own)),
    }


def shares(scored: Mapping[str, Scored], threshold: float, *, seed: int) -> dict[str, Any]:
    """What share of each kind is accepted at a threshold, and the fakes' less the genuine signatures'."""
    accepted = {kind: (one.scores >= threshold).astype(float) for kind, one in scored.items()}
    found: dict[str, Any] = {}
    for kind, values in accepted.items():
        over = mean_interval(values, scored[kind].writers, rng=np.random.default_rng(seed))
        alone = wilson(int(values.sum()), len(values))
        ends = {"low": alone.low, "high": alone.high, "low_writers": over.low, "high_writers": over.high}
        found[kind] = {"n": len(values), "share": over.value, **ends}
    difference = accepted["fakes"] - accepted["genuine"]
    less = mean_interval(difference, scored["fakes"].writers, rng=np.random.default_rng(seed))
    return {"accepted": found, "fakes_less_genuine": asdict(less)}


def told_apart(genuine: Targets, forgeries: Targets, features: FeatureTable, *, seed: int) -> float:
    """AUC of genuine signatures against forgeries by hand of the same writers, held out by writer."""
    own = np.isin(genuine.writers, forgeries.writers)
    images, writers = (
        np.concatenate([mine[own], its])
        for mine, its in ((genuine.images, forgeries.images), (genuine.writers, forgeries.writers))
    )
    by_hand = np.arange(len(writers)) >= own.sum()
    return float(separate(features(images), by_hand, writers, seed=seed)["maximum"])


def look_rows(
    runs: Sequence[Run], scored: Sequence[Mapping[str, Scored]], *, seed: int
) -> Iterator[dict[str, Any]]:
    """Every run at the common threshold, if there are forgeries by hand, and at its own against random forgeries."""
    hand, random = "forgeries by hand", "random forgeries"
    pairs = list(zip(runs, scored, strict=True))
    common = [error_rate(one, hand, run=run.name, seed=seed) for run, one in pairs if hand in one][:1]
    for run, one in pairs:
        own = [error_rate(one, random, run=run.name, seed=seed)] if random in one else []
        for found in common + own:
            counted = shares(one, found["threshold"], seed=seed)
            yield {"run": run.name, "writers": len(set(run.writers)), "equal_error": found, **counted}


def measure(given: argparse.Namespace) -> dict[str, Any]:
    genuine = read_targets(given.genuine)
    forgeries = read_targets(given.forgeries) if given.forgeries else None
    runs = [read_run(folder) for folder in given.runs]
    looks = {}
    for look in LOOKS:
        features = FeatureTable(look)
        scored = [score_run(run, genuine, forgeries, features=features, seed=given.seed) for run in runs]
        apart = told_apart(genuine, forgeries, features, seed=given.seed) if forgeries else None
        rows = list(look_rows(runs, scored, seed=given.seed))
        looks[look] = {"told_apart_regardless_of_writer": apart, "rows": rows}
    return {"schema": SCHEMA, "seed": given.seed, "looks": looks}


def show(document: Mapping[str, Any]) -> None:
    for look, found in document["looks"].items():
        print(f"look: {look}")
        if found["told_apart_regardless_of_writer"] is not None:
            area = found["told_apart_regardless_of_writer"]
            print(
                f"  genuine signatures and forgeries by hand, told apart regardless of writer: AUC {area:.3f}"
            )
        for row in found["rows"]:
            show_row(row)


def show_row(row: Mapping[str, Any]) -> None:
    error, less = row["equal_error"], row["fakes_less_genuine"]
    print(
        f"  {row['run']}, {row['writers']} writers, at the threshold of equal error on {error['run']} against"
    )
    print(
        f"  {error['against']}: rate {error['rate']:.3f} ({error['rate_low']:.3f} to {error['rate_high']:.3f})",
        end="",
    )
    print(f", with thresholds of each writer's own {error['rate_own_thresholds']:.3f}")
    print(f"    {'accepted':20}{'n':>5}{'share':>7}   as if independent   over writers")
    for kind, one in row["accepted"].items():
        print(f"    {kind:20}{one['n']:5}{one['share']:7.3f}   {one['low']:.3f} to {one['high']:.3f}", end="")
        print(f"      {one['low_writers']:.3f} to {one['high_writers']:.3f}")
    print(
        f"    {'fakes less genuine':25}{less['value']:+7.3f}{'':22}{less['low']:+.3f} to {less['high']:+.3f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("genuine", type=Path, metavar="GENUINE")
    parser.add_argument("runs", type=Path, nargs="+", metavar="RUN")
    parser.add_argument("--forgeries", type=Path, help="targets of forgeries by hand")
    parser.add_argument(
        "--seed", type=int, default=0, help="of the writers' resampling and the choice of others"
    )
    parser.add_argument("--json", metavar="FILE", help="write the figures as JSON; - is stdout")
    given = parser.parse_args()
    report(lambda: measure(given), show, given.json)


if __name__ == "__main__":
    main()
