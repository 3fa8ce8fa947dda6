"""What cannot be used is named and left out, or ends the run."""

from __future__ import annotations

import pytest

from sigforensics.errors import FileEmpty, NotAnImage
from sigforensics.workflows.progress import SilentProgress
from sigforensics.workflows.skipping import NamedOnce, Skips, skipped_entries


class Listener(SilentProgress):
    def __init__(self) -> None:
        self.heard: list[object] = []

    def skip(self, error: object) -> None:
        self.heard.append(error)


def test_each_skipped_input_is_said_at_once_and_kept_for_the_record() -> None:
    listener = Listener()
    skips = Skips(strict=False, progress=listener)
    errors = [FileEmpty("a.png", "the file is empty"), NotAnImage("b.png", "is no image")]
    for error in errors:
        skips.add(error)
        assert listener.heard[-1] is error
    assert skips.errors == tuple(errors)
    assert skipped_entries(skips.errors)[0] == {
        "path": "a.png",
        "reason": "the file is empty",
        "status": 12,
    }


def test_strict_raises_the_first_and_says_nothing_of_skipping() -> None:
    listener = Listener()
    error = FileEmpty("a.png", "the file is empty")
    with pytest.raises(FileEmpty):
        Skips(strict=True, progress=listener).add(error)
    assert listener.heard == []


def test_an_input_that_is_read_again_is_named_once() -> None:
    listener = Listener()
    progress = NamedOnce(listener)
    errors = [FileEmpty(where, "the file is empty") for where in ("a.png", "b.png", "a.png")]
    for error in errors:
        progress.skip(error)
    assert listener.heard == errors[:2]
