"""What sets are called."""

from __future__ import annotations

from pathlib import Path

import pytest

from sigforensics.scans import FileList
from sigforensics.scans.file_list import ListName
from sigforensics.workflows.set_names import set_names


def listed(name: str) -> FileList:
    return FileList(ListName(Path(name)), (Path("a.png"),))


@pytest.mark.parametrize(
    ("one", "other", "names"),
    [
        (Path("run/true"), Path("run/fake"), ("true", "fake")),
        (Path("cedar/full_org"), Path("cedar/full_forg/"), ("full_org", "full_forg")),
        (Path("a/set"), Path("b/SET"), ("true", "fake")),
        (Path("/"), Path("b"), ("true", "fake")),
        (listed("lists/ours.txt"), Path("theirs"), ("ours", "theirs")),
        (Path("scans"), listed("-"), ("true", "fake")),
    ],
)
def test_sets_are_called_as_their_folders_or_lists_unless_that_tells_nothing_apart(one, other, names):
    assert set_names(one, other) == names
