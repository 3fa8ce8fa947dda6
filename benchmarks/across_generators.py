"""How well a simple detector that was trained on the fakes of some generators tells those of another.

    python benchmarks/across_generators.py RUN RUN [RUN ...] [--json FILE]

The RUNs are folders that ``sigforensics generate --data`` made of one frame of one corpus, each with another generator:
``true/`` is the same in all. Features and classifier are those of ``realism.py``: radial bands or residual statistics, ridge
regression, its penalty chosen in the training part alone. A detector is trained on the true images and the fakes of one
generator (or of all generators but one: "all others"), all but one writer's, and tried on that writer's true images and
his fakes by each generator; held-out scores of all writers are pooled.

A row is what the detector was trained on, a column what it was tried on, each figure an AUC: 0.5 is chance, 1 tells all, and
under 0.5 takes fakes for the truer ones. On the diagonal stand detectors that know their generator. The intervals of 95 % over
resampled writers are in the JSON, and in the table of "all others".
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from realism import KINDS, PENALTIES, choose_penalty, fold_scores
from runs import Run, read_run, report
from scores import auc_interval
from sigforensics.errors import CorpusInvalid

SCHEMA = "sigforensics-benchmark-across-generators/1"
TRUE, OTHERS = "true", "all others"

Array = NDArray[np.float64]
Names = NDArray[np.str_]


def check(runs: Sequence[Run]) -> None:
    """That the runs have their true images in common, and names of their own."""
    if len(runs) < 2 or len({run.name for run in runs}) < len(runs):
        raise CorpusInvalid(
            "RUN",
            "fewer than two runs, or two of one name",
            "give each generator's run a folder name of its own",
        )
    for run in runs[1:]:
        if not (np.array_equal(run.names, runs[0].names) and np.array_equal(run.true, runs[0].true)):
            raise CorpusInvalid(
                run.name, f"has other true images than {runs[0].name}", "forge the same frame of one corpus"
            )


def held_out_scores(features: Array, sources: Names, writers: Names, trained_on: Sequence[str]) -> Array:
    """The score of every image by a detector trained on the true images and some generators' fakes of the other writers.

    Parameters
    ----------
    features : float64, shape (n, features)
    sources : str, shape (n,)
        ``true``, or which generator made the fake.
    writers : str, shape (n,)
    trained_on : sequence of str
        Sources of the fakes that it sees.

    Returns
    -------
    float64, shape (n,)
    """
    scores = np.zeros(len(features))
    seen = np.isin(sources, [TRUE, *trained_on])
    target = np.where(sources == TRUE, -1.0, 1.0)
    _, places = np.unique(writers, return_inverse=True)
    for place in np.unique(places):
        known = seen & (places != place)
        penalty = choose_penalty(features[known], sources[known] != TRUE, places[known])
        held_out = places == place
        part = known | held_out
        scores[held_out] = fold_scores(features[part], target[part], known[part])[penalty]
    return scores


def detectors(names: Sequence[str]) -> Iterator[tuple[str, str, list[str], list[str]]]:
    """What each is called, what it is tried on, and what it is trained on: one generator, then all but one."""
    for name in names:
        yield name, [name], list(names)
    if len(names) > 2:
        for name in names:
            yield OTHERS, [other for other in names if other != name], [name]


def measure(given: argparse.Namespace) -> dict[str, Any]:
    runs = [read_run(folder) for folder in given.runs]
    check(runs)
    names = [run.name for run in runs]
    n = len(runs[0].names)
    sources, writers = np.repeat([TRUE, *names], n), np.tile(runs[0].writers, len(runs) + 1)
    rows: list[dict[str, Any]] = []
    for kind, (extract, _) in KINDS.items():
        images = [runs[0].true, *(run.fake for run in runs)]
        features = np.stack([extract(image) for stack in images for image in stack])
        for called, trained_on, tried_on in detectors(names):
            scores = held_out_scores(features, sources, writers, trained_on)
            for name in tried_on:
                part = np.isin(sources, [TRUE, name])
                rng = np.random.default_rng(given.seed)
                found = auc_interval(scores[part], sources[part] == name, writers[part], rng=rng)
                rows.append({"features": kind, "trained_on": called, "tried_on": name, "auc": asdict(found)})
    return {
        "schema": SCHEMA,
        "seed": given.seed,
        "n_true": n,
        "n_fake": n,
        "writers": len(set(runs[0].writers)),
        "penalties": list(PENALTIES),
        "rows": rows,
    }


def show(document: Mapping[str, Any]) -> None:
    print(f"AUC; {document['n_true']} true images and as many fakes each, {document['writers']} writers")
    for kind in KINDS:
        rows = [row for row in document["rows"] if row["features"] == kind]
        names = list(dict.fromkeys(row["tried_on"] for row in rows))
        width = max(map(len, [*names, OTHERS, "trained on"])) + 2
        print(f"\n{kind}, tried on\n" + "trained on".ljust(width) + "".join(map("{:>24}".format, names)))
        for called in dict.fromkeys(row["trained_on"] for row in rows):
            areas = {row["tried_on"]: row["auc"] for row in rows if row["trained_on"] == called}
            print(called.ljust(width) + "".join(f"{_cell(areas[name], called):>24}" for name in names))


def _cell(area: Mapping[str, float], called: str) -> str:
    interval = f" ({area['low']:.2f} to {area['high']:.2f})" if called == OTHERS else ""
    return f"{area['value']:.3f}{interval}"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("runs", type=Path, nargs="+", metavar="RUN")
    parser.add_argument("--seed", type=int, default=0, help="of intervals")
    parser.add_argument("--json", metavar="FILE", help="write the figures as JSON; - is stdout")
    given = parser.parse_args()
    report(lambda: measure(given), show, given.json)


if __name__ == "__main__":
    main()
