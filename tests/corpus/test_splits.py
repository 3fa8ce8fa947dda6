from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sigforensics.corpus import SPLITS, Corpus, Sample, parse_writers, split_corpus
from sigforensics.errors import CorpusInvalid, SpecimensMissing
from sigforensics.settings import Splitting


def make_corpus(*counts: int) -> Corpus:
    """Writers 1, 2, ... with so many signatures each."""
    return Corpus(
        {
            str(writer): tuple(Sample(str(writer), f"s{k}", Path(f"{writer}/s{k}.png")) for k in range(count))
            for writer, count in enumerate(counts, start=1)
        }
    )


def counted(corpus, splits):
    return {
        writer: Counter(splits[sample] for sample in samples) for writer, samples in corpus.samples.items()
    }


corpora = st.lists(st.integers(1, 30), min_size=1, max_size=8).map(lambda counts: make_corpus(*counts))


@settings(deadline=None)
@given(
    corpora, st.sampled_from(["sample", "writer"]), st.floats(0, 0.6), st.floats(0, 0.6), st.integers(0, 99)
)
def test_every_signature_is_in_exactly_one_split_or_the_split_is_refused(
    corpus, by, validation, testing, seed
):
    chosen = Splitting(by=by, validation_share=validation, testing_share=testing, specimens=3, seed=seed)
    try:
        splits = split_corpus(corpus, settings=chosen)
    except (CorpusInvalid, SpecimensMissing):
        return
    everything = [sample for samples in corpus.samples.values() for sample in samples]
    assert list(splits) == everything if by == "writer" else set(splits) == set(everything)
    assert set(splits.values()) <= set(SPLITS)
    assert "training" in splits.values()
    assert split_corpus(corpus, settings=chosen) == splits
    for counts in counted(corpus, splits).values():
        if by == "sample":
            assert counts["training"] >= 1
            assert not counts["specimen"]
        else:  # a whole writer is held out, with a mask from what is not held out, or none of it
            held = [name for name in ("validation", "testing") if counts[name]]
            assert len(held) <= 1
            assert bool(held) == bool(counts["specimen"])
            assert not (held and counts["training"])


def test_shares_of_the_samples_of_each_writer_are_rounded_and_at_least_one():
    corpus = make_corpus(24, 5, 40)
    chosen = Splitting(by="sample", validation_share=0.1, testing_share=0.05)
    counts = counted(corpus, split_corpus(corpus, settings=chosen))
    assert counts["1"] == {"training": 21, "validation": 2, "testing": 1}
    assert counts["2"] == {"training": 3, "validation": 1, "testing": 1}
    assert counts["3"] == {"training": 34, "validation": 4, "testing": 2}


def test_a_share_of_zero_leaves_its_frame_empty():
    splits = split_corpus(make_corpus(6, 6), settings=Splitting(by="sample", testing_share=0.0))
    assert "testing" not in splits.values()


def test_shares_of_the_writers_are_held_out_whole():
    corpus = make_corpus(*[24] * 20)
    counts = counted(corpus, split_corpus(corpus, settings=Splitting(by="writer", specimens=10)))
    assert sum(bool(count["validation"]) for count in counts.values()) == 2
    assert sum(bool(count["testing"]) for count in counts.values()) == 2
    for count in counts.values():
        assert count in (
            {"training": 24},
            {"validation": 14, "specimen": 10},
            {"testing": 14, "specimen": 10},
        )


def test_specimens_are_at_most_half_of_a_writers_signatures():
    corpus = make_corpus(24, 5, 24)
    splits = split_corpus(corpus, settings=Splitting(specimens=12, testing_share=0), validation_writers=["2"])
    assert counted(corpus, splits)["2"] == {"validation": 3, "specimen": 2}


def test_named_writers_are_held_out_and_no_others():
    corpus = make_corpus(*[8] * 6)
    splits = split_corpus(
        corpus, settings=Splitting(by="writer"), validation_writers=["5", "2"], testing_writers=["3"]
    )
    assert {sample.writer for sample, name in splits.items() if name == "validation"} == {"2", "5"}
    assert {sample.writer for sample, name in splits.items() if name == "testing"} == {"3"}
    assert {sample.writer for sample, name in splits.items() if name == "training"} == {"1", "4", "6"}


def test_another_seed_holds_out_others():
    corpus = make_corpus(*[10] * 12)
    for by in ("sample", "writer"):
        drawn = {
            frozenset(
                sample
                for sample, name in split_corpus(corpus, settings=Splitting(by=by, seed=seed)).items()
                if name == "validation"
            )
            for seed in range(6)
        }
        assert len(drawn) > 1


@given(corpora, st.data())
def test_where_a_writer_stands_does_not_matter_for_which_are_named(corpus, data):
    assume(len(corpus.writers) > 1)
    assume(all(len(samples) > 1 for samples in corpus.samples.values()))
    held = data.draw(st.sampled_from(corpus.writers))
    splits = split_corpus(corpus, settings=Splitting(), validation_writers=[held])
    assert {sample.writer for sample, name in splits.items() if name in {"validation", "specimen"}} == {held}


def test_one_writer_cannot_be_split_by_writer():
    with pytest.raises(CorpusInvalid, match="1 writers: are too few") as caught:
        split_corpus(make_corpus(24), settings=Splitting(by="writer"))
    assert "--split sample" in caught.value.advice
    assert split_corpus(make_corpus(24), settings=Splitting(by="sample"))


def test_no_writer_left_to_train_on_is_refused():
    with pytest.raises(CorpusInvalid, match="too few to train on some"):
        split_corpus(make_corpus(4, 4), settings=Splitting(), validation_writers=["1"], testing_writers=["2"])


def test_a_writer_who_is_not_there_is_named():
    with pytest.raises(CorpusInvalid, match="writer 9: is not in the corpus"):
        split_corpus(make_corpus(4, 4), settings=Splitting(), validation_writers=["10", "9"])


def test_a_writer_who_is_named_twice_is_named():
    with pytest.raises(CorpusInvalid, match="writer 2: is named for validation and for testing"):
        split_corpus(
            make_corpus(4, 4, 4), settings=Splitting(), validation_writers=["1", "2"], testing_writers=["2"]
        )


def test_named_writers_mean_nothing_in_a_split_by_sample():
    with pytest.raises(CorpusInvalid, match="the split is by sample"):
        split_corpus(make_corpus(4, 4), settings=Splitting(by="sample"), testing_writers=["1"])


def test_too_few_signatures_to_hold_any_out_are_refused():
    with pytest.raises(SpecimensMissing, match="writer 2: 2 signatures leave none for training"):
        split_corpus(make_corpus(5, 2), settings=Splitting(by="sample"))


@pytest.mark.parametrize(("count", "specimens"), [(1, 12), (4, 0)])
def test_a_held_out_writer_without_specimens_is_refused(count, specimens):
    with pytest.raises(SpecimensMissing, match="leave nothing to average into the mask"):
        split_corpus(make_corpus(5, count), settings=Splitting(specimens=specimens), validation_writers=["2"])


@pytest.mark.parametrize(
    ("text", "writers"),
    [
        ("", ()),
        (" 3 , ,5", ("3", "5")),
        ("1-3,7", ("1", "2", "3", "7")),
        ("008-010", ("008", "009", "010")),
        ("8-10", ("8", "9", "10")),
        ("anna-lena", ("anna-lena",)),
        ("4-4", ("4",)),
        ("²-³", ("²-³",)),
    ],
)
def test_writers_are_names_and_ranges(text, writers):
    assert parse_writers(text) == writers


@pytest.mark.parametrize(
    ("text", "what"), [("5-3", "runs backwards"), ("1-99999999999", "more than 10000 numbers")]
)
def test_an_impossible_range_is_refused(text, what):
    with pytest.raises(CorpusInvalid, match=f"the range {text}: .*{what}"):
        parse_writers(text)
