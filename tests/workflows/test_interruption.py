from __future__ import annotations

import signal
import threading
from collections.abc import Callable

import pytest

from sigforensics.workflows.interruption import endings_deferred, interruption_deferred


def test_the_first_interruption_is_only_noted_and_the_second_strikes():
    with interruption_deferred() as interrupted:
        assert not interrupted()
        signal.raise_signal(signal.SIGINT)
        assert interrupted()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)


@pytest.mark.parametrize("count", [0, 1])
def test_after_the_block_interruptions_strike_as_before(count):
    with interruption_deferred():
        for _ in range(count):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_an_error_in_the_block_puts_the_handler_back_too():
    with pytest.raises(ZeroDivisionError), interruption_deferred():
        1 / 0  # noqa: B018
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_another_handler_is_left_in_place():
    seen = []
    before = signal.signal(signal.SIGINT, lambda *_: seen.append(1))
    try:
        with interruption_deferred() as interrupted:
            signal.raise_signal(signal.SIGINT)
            assert not interrupted()
    finally:
        signal.signal(signal.SIGINT, before)
    assert seen == [1]


def test_in_another_thread_nothing_is_changed():
    found = []

    def work():
        with interruption_deferred() as interrupted:
            found.append((interrupted(), signal.getsignal(signal.SIGINT)))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found == [(False, signal.default_int_handler)]


def struck(after: list[str]) -> None:
    """Work that gets Ctrl-C and notes what it still comes to."""
    with endings_deferred() as endings:
        signal.raise_signal(signal.SIGINT)
        after.append("asked" if endings.asked else "")
        endings.strike()
        after.append("went on")


def failing(after: list[str]) -> None:
    with endings_deferred():
        signal.raise_signal(signal.SIGINT)
        after.append("asked")
        raise ZeroDivisionError


def struck_twice(after: list[str]) -> None:
    with endings_deferred():
        signal.raise_signal(signal.SIGINT)
        after.append("asked")
        signal.raise_signal(signal.SIGINT)
        after.append("went on")


@pytest.mark.parametrize("work", [struck, failing, struck_twice])
def test_endings_wait_until_they_may_strike_or_a_second_one_comes(work: Callable[[list[str]], None]):
    after: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        work(after)
    assert after == ["asked"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_signals_that_are_ignored_stay_ignored():
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        with endings_deferred() as endings:
            signal.raise_signal(signal.SIGTERM)
            assert not endings.asked
    finally:
        signal.signal(signal.SIGTERM, before)
