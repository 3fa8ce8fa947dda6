"""Corpora of cropped signatures: who wrote which, how they are split, and the frames that training reads."""

from sigforensics.corpus.frames import FRAMES, Row, read_averaged, read_frame, write_frames
from sigforensics.corpus.layouts import Corpus, Sample, read_corpus
from sigforensics.corpus.splits import SPLITS, parse_writers, split_corpus

__all__ = [
    "FRAMES",
    "SPLITS",
    "Corpus",
    "Row",
    "Sample",
    "parse_writers",
    "read_averaged",
    "read_corpus",
    "read_frame",
    "split_corpus",
    "write_frames",
]
