from __future__ import annotations

import inspect
import pickle

import pytest

from sigforensics import errors
from sigforensics.errors import FileEmpty, InputError, SigforensicsError

CLASSES = [
    value
    for _, value in inspect.getmembers(errors, inspect.isclass)
    if issubclass(value, SigforensicsError) and value is not SigforensicsError
]


def test_every_way_to_fail_has_a_status_of_its_own():
    statuses = [error.status for error in CLASSES]
    assert len(set(statuses)) == len(statuses)
    assert all("status" in vars(error) for error in CLASSES)


@pytest.mark.parametrize("error", CLASSES)
def test_no_status_is_one_that_a_shell_or_click_uses(error):
    # 0 done, 1 a bug, 2 wrong usage, 126 to 128 the shell's own, from 129 on signals (130: interrupted)
    assert 3 <= error.status <= 125


@pytest.mark.parametrize("error", CLASSES)
def test_every_way_to_fail_says_what_it_is_and_what_to_do(error):
    assert error.__doc__
    assert error.__doc__ != SigforensicsError.__doc__
    assert error.__doc__.endswith(".")
    assert "advice" in vars(error)
    assert len(error.advice) > 10
    assert not error.advice.endswith(".")
    assert error.advice[0].islower()


def test_statuses_of_inputs_stand_together():
    inputs = {error.status for error in CLASSES if issubclass(error, InputError)}
    others = {error.status for error in CLASSES} - inputs
    assert not {status for status in others if min(inputs) <= status <= max(inputs)}


def test_an_error_names_the_place_the_fact_and_the_advice():
    error = FileEmpty("scan.png", "the file is empty")
    assert (error.where, error.what) == ("scan.png", "the file is empty")
    assert str(error) == "scan.png: the file is empty; copy or scan it again"
    assert str(FileEmpty("scan.png", "is empty", "scan it")) == "scan.png: is empty; scan it"


def test_an_error_comes_back_from_another_process():
    error = pickle.loads(pickle.dumps(FileEmpty("scan.png", "is empty", "scan it")))  # noqa: S301 - our own
    assert type(error) is FileEmpty
    assert (error.where, error.what, error.advice) == ("scan.png", "is empty", "scan it")
