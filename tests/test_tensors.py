from __future__ import annotations

import json
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from sigforensics.errors import FileUnreadable, ModelInvalid
from sigforensics.tensors import read_tensors, read_texts, write_tensors

FORM = "things/1"
TENSORS = {"a/b": np.arange(6, dtype=np.float32).reshape(2, 3), "n": np.array(7, np.int64)}


@pytest.fixture
def path(tmp_path):
    write_tensors(tmp_path / "file.safetensors", TENSORS, {"note": "é"}, form=FORM)
    return tmp_path / "file.safetensors"


@given(
    st.dictionaries(
        st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1).filter(
            lambda name: name != "__metadata__"
        ),
        npst.arrays(
            st.sampled_from([np.float16, np.float32, np.int64]), npst.array_shapes(min_dims=0, max_dims=3)
        ),
        max_size=4,
    ),
    st.dictionaries(st.text(st.characters(codec="utf-8"), min_size=1), st.text(st.characters(codec="utf-8"))),
)
def test_what_is_written_is_read(tmp_path_factory, tensors, texts):
    path = tmp_path_factory.mktemp("tensors") / "file.safetensors"
    texts.pop("format", None)
    write_tensors(path, tensors, texts, form=FORM)
    found, metadata = read_tensors(path, form=FORM)
    assert metadata == {"format": FORM, **texts}
    assert found.keys() == tensors.keys()
    for name, tensor in tensors.items():
        assert (found[name].dtype, found[name].shape) == (tensor.dtype, tensor.shape)
        np.testing.assert_array_equal(found[name], tensor)


def test_an_array_that_is_not_contiguous_is_written_as_it_looks(tmp_path):
    array = np.arange(12, dtype=np.float32).reshape(3, 4).T[::-1]
    write_tensors(tmp_path / "t", {"a": array}, {}, form=FORM)
    np.testing.assert_array_equal(read_tensors(tmp_path / "t", form=FORM)[0]["a"], array)


def test_texts_are_read_without_the_tensors(path):
    assert read_texts(path, form=FORM) == {"format": FORM, "note": "é"}
    with pytest.raises(ModelInvalid, match="is no models file"):
        read_texts(path, form="models/1")


def test_another_kind_of_file_is_refused_by_name(path):
    with pytest.raises(ModelInvalid, match="is no models file"):
        read_tensors(path, form="models/1")


def test_a_missing_file_and_a_folder_are_unreadable(tmp_path):
    for path in (tmp_path / "none", tmp_path):
        with pytest.raises(FileUnreadable):
            read_tensors(path, form=FORM)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.99])
def test_a_truncated_file_is_refused(path, share):
    whole = path.read_bytes()
    path.write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(ModelInvalid):
        read_tensors(path, form=FORM)


class Trap:
    """Unpickling it would leave a file behind."""

    def __init__(self, mark):
        self.mark = mark

    def __reduce__(self):
        return open, (str(self.mark), "w")


def test_a_pickle_is_refused_and_its_code_does_not_run(tmp_path):
    mark = tmp_path / "ran"
    path = tmp_path / "file.safetensors"
    path.write_bytes(pickle.dumps(Trap(mark)))
    with pytest.raises(ModelInvalid):
        read_tensors(path, form=FORM)
    np.save(path.with_suffix(".npy"), np.array([Trap(mark)], object), allow_pickle=True)
    with pytest.raises(ModelInvalid):
        read_tensors(path.with_suffix(".npy"), form=FORM)
    assert not mark.exists()


@given(st.binary(max_size=200))
def test_any_other_bytes_are_refused(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("bytes") / "file"
    path.write_bytes(content)
    with pytest.raises(ModelInvalid):
        read_tensors(path, form=FORM)


def test_a_header_that_claims_more_than_the_file_holds_is_refused(tmp_path):
    claim = {"dtype": "F32", "shape": [10**9, 1000], "data_offsets": [0, 4 * 10**12]}
    header = json.dumps({"__metadata__": {"format": FORM}, "a": claim}).encode()
    path = tmp_path / "file"
    path.write_bytes(len(header).to_bytes(8, "little") + header + bytes(64))
    with pytest.raises(ModelInvalid):
        read_tensors(path, form=FORM)
