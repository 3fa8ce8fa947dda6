from __future__ import annotations

import signal
import threading
from collections.abc import Callable

import pytest

from sigforensics.workflows.interruption import endings_deferred


def test_an_error_in_the_block_puts_the_handlers_back():
    with pytest.raises(ZeroDivisionError), endings_deferred():
        1 / 0  # noqa: B018
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_another_handler_gets_its_signal_at_the_end_of_the_block():
    seen = []
    before = signal.signal(signal.SIGTERM, lambda *_: seen.append(1))
    try:
        with endings_deferred() as endings:
            signal.raise_signal(signal.SIGTERM)
            assert endings.asked
            assert not seen
        assert seen == [1]
    finally:
        signal.signal(signal.SIGTERM, before)


def test_in_another_thread_nothing_is_changed():
    found = []

    def work():
        with endings_deferred() as endings:
            found.append((endings.asked, signal.getsignal(signal.SIGINT)))

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
