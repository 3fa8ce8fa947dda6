"""Which signatures train, validate and test: by sample within each writer, or by writer; disjoint either way."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sigforensics.corpus.layouts import Corpus, Sample, natural_key
from sigforensics.errors import CorpusInvalid, SpecimensMissing
from sigforensics.settings import Splitting

__all__ = ["MASK_SPLITS", "SPLITS", "parse_writers", "split_corpus"]

SPLITS = ("training", "validation", "testing", "specimen")
"""``specimen``: signatures of a held-out writer that only its mask is averaged from."""
MASK_SPLITS = ("training", "specimen")
"""Only these are averaged into masks, never what is validated or tested on."""
MOST_IN_RANGE = 10_000


def parse_writers(text: str) -> tuple[str, ...]:
    """Names and ranges of numbers, separated by commas; zeros in front are kept.

    >>> parse_writers("2,37-39,Q,08-10")
    ('2', '37', '38', '39', 'Q', '08', '09', '10')

    Raises
    ------
    CorpusInvalid
        If a range runs backwards or has more than 10 000 numbers.
    """
    names: list[str] = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        first, dash, last = part.partition("-")
        if dash and first.isdecimal() and last.isdecimal():
            numbers = range(int(first), int(last) + 1)
            if not 0 < len(numbers) <= MOST_IN_RANGE:
                what = "runs backwards" if not numbers else f"has more than {MOST_IN_RANGE} numbers"
                raise CorpusInvalid(
                    f"the range {part}", what, "name the first and the last writer of a range"
                )
            names += [str(number).zfill(len(first)) for number in numbers]
        else:
            names.append(part)
    return tuple(names)


def split_corpus(
    corpus: Corpus,
    *,
    settings: Splitting,
    validation_writers: Sequence[str] = (),
    testing_writers: Sequence[str] = (),
) -> dict[Sample, str]:
    """The split of every sample.

    By sample, each writer gives its shares to validation and testing and keeps at least one signature to train on. By
    writer, whole writers are held out (those named, or a random share), and each sets signatures aside as specimens.

    Raises
    ------
    CorpusInvalid
        If there are too few writers, a named one does not exist or is named twice, or any is named in a split by sample.
    SpecimensMissing
        If a writer would have no signature left for its mask.
    """
    rng = np.random.default_rng(settings.seed)
    if settings.by == "sample":
        if validation_writers or testing_writers:
            what = "are named to be held out, and the split is by sample"
            raise CorpusInvalid("writers", what, "split by writer, or name none")
        return _split_samples(corpus, settings, rng)
    return _split_writers(corpus, settings, rng, validation_writers, testing_writers)


def _share(count: int, share: float) -> int:
    return max(1, round(count * share)) if share > 0 else 0


def _split_samples(corpus: Corpus, settings: Splitting, rng: np.random.Generator) -> dict[Sample, str]:
    splits: dict[Sample, str] = {}
    for writer, samples in corpus.samples.items():
        validation = _share(len(samples), settings.validation_share)
        testing = _share(len(samples), settings.testing_share)
        if validation + testing >= len(samples):
            raise SpecimensMissing(
                f"writer {writer}", f"{len(samples)} signatures leave none for training and the mask"
            )
        names = ["validation"] * validation + ["testing"] * testing
        names += ["training"] * (len(samples) - len(names))
        order = rng.permutation(len(samples))
        drawn = {samples[place]: name for place, name in zip(order, names, strict=True)}
        splits |= {sample: drawn[sample] for sample in samples}
    return splits


def _split_writers(
    corpus: Corpus,
    settings: Splitting,
    rng: np.random.Generator,
    validation_writers: Sequence[str],
    testing_writers: Sequence[str],
) -> dict[Sample, str]:
    named = [*validation_writers, *testing_writers]
    unknown = sorted(set(named) - set(corpus.writers), key=natural_key)
    if unknown:
        raise CorpusInvalid(f"writer {unknown[0]}", "is not in the corpus", "name writers that are")
    doubled = sorted(set(validation_writers) & set(testing_writers), key=natural_key)
    if doubled:
        raise CorpusInvalid(f"writer {doubled[0]}", "is named for validation and for testing", "name it once")
    free = [writer for writer in corpus.writers if writer not in named]
    free = [free[place] for place in rng.permutation(len(free))]
    validation, testing = list(validation_writers), list(testing_writers)
    if not named:
        count = _share(len(corpus.writers), settings.validation_share)
        validation, free = free[:count], free[count:]
        count = _share(len(corpus.writers), settings.testing_share)
        testing, free = free[:count], free[count:]
    if not free:
        raise CorpusInvalid(
            f"{len(corpus.writers)} writers",
            "are too few to train on some and hold out others",
            "split by sample with --split sample, or give a corpus of more writers",
        )
    splits = {sample: "training" for writer in free for sample in corpus.samples[writer]}
    for name, writers in (("validation", validation), ("testing", testing)):
        for writer in writers:
            splits |= _set_specimens_aside(corpus.samples[writer], name, settings.specimens, rng)
    return {sample: splits[sample] for samples in corpus.samples.values() for sample in samples}


def _set_specimens_aside(
    samples: Sequence[Sample], name: str, specimens: int, rng: np.random.Generator
) -> dict[Sample, str]:
    count = min(specimens, len(samples) // 2)
    if count == 0:
        raise SpecimensMissing(
            f"writer {samples[0].writer}",
            f"{len(samples)} signature(s) and {specimens} specimen(s) wanted leave nothing to average into the mask",
            "give at least two signatures of every held-out writer, and --specimens of 1 or more",
        )
    chosen = set(rng.permutation(len(samples))[:count].tolist())
    return {sample: "specimen" if place in chosen else name for place, sample in enumerate(samples)}
