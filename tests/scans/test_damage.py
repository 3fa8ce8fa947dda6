from __future__ import annotations

import struct
import threading
import warnings
import zlib

import pytest

from sigforensics.errors import FileTruncated, ImageTooLarge, ImageTooSmall
from sigforensics.scans.damage import damage_reported, quiet_decoders


@pytest.mark.parametrize(
    "error", [OSError("cut"), SyntaxError("cut"), struct.error("cut"), zlib.error("cut"), KeyError("cut")]
)
def test_whatever_a_decoder_raises_is_named_with_its_place(error):
    with (
        pytest.raises(
            FileTruncated, match=r"a\.png: the file breaks off or is damaged \('?cut'?\)"
        ) as caught,
        damage_reported("a.png"),
    ):
        raise error
    assert caught.value.__cause__ is error


def test_our_own_errors_go_through():
    with pytest.raises(ImageTooSmall), damage_reported("a.png"):
        raise ImageTooSmall("a.png", "1 x 1")


def test_a_name_of_ours_that_does_not_exist_is_no_damage():
    with pytest.raises(NameError), damage_reported("a.png"):
        undefined_name  # noqa: B018, F821
    with pytest.raises(FileTruncated), damage_reported("a.png"):
        raise UnboundLocalError("Pillow has not read the palette")


def test_too_little_memory_is_no_damage():
    with pytest.raises(ImageTooLarge, match="too little memory"), damage_reported("a.png"):
        raise MemoryError


def test_an_interruption_is_no_damage():
    with pytest.raises(KeyboardInterrupt), damage_reported("a.png"):
        raise KeyboardInterrupt


def test_a_message_of_several_lines_becomes_one():
    with pytest.raises(FileTruncated) as caught, damage_reported("a.png"):
        raise ValueError("one\n  two")
    assert "(one two)" in str(caught.value)


def test_filters_are_restored_when_the_last_of_two_overlapping_threads_leaves():
    before = list(warnings.filters)
    inside, leave = threading.Event(), threading.Event()

    def stay():
        with quiet_decoders():
            inside.set()
            leave.wait(5)

    thread = threading.Thread(target=stay)
    with quiet_decoders():
        thread.start()
        assert inside.wait(5)
    assert warnings.filters != before  # the other thread is still inside
    leave.set()
    thread.join()
    assert warnings.filters == before


def test_only_the_warnings_of_pillow_are_silent():
    with quiet_decoders(), pytest.warns(UserWarning, match="ours"):
        warnings.warn("ours", UserWarning, stacklevel=1)
