from __future__ import annotations

import os
import signal

import pytest

from domain_adapt.base.errors import Interrupted
from domain_adapt.base.stopping import StopFlag, stop_on_signals

SIGNALS = [signal.SIGINT, signal.SIGTERM]


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_raises_the_flag_and_nothing_else(number: int) -> None:
    with stop_on_signals() as flag:
        flag.check()
        os.kill(os.getpid(), number)
        assert flag.requested
        with pytest.raises(Interrupted, match="DA-RUN-001") as caught:
            flag.check()
    assert caught.value.exit_code == 130


@pytest.mark.parametrize("first", SIGNALS)
@pytest.mark.parametrize("second", SIGNALS)
def test_a_second_signal_stops_at_once(first: int, second: int) -> None:
    with stop_on_signals():
        os.kill(os.getpid(), first)
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), second)


@pytest.mark.parametrize("number", SIGNALS)
def test_the_previous_handlers_come_back_also_after_an_error(number: int) -> None:
    def mine(*_: object) -> None:
        """Somebody else's handler."""

    before = signal.signal(number, mine)
    try:
        with stop_on_signals():
            assert signal.getsignal(number) is not mine
        assert signal.getsignal(number) is mine
        with pytest.raises(ValueError, match="broken"), stop_on_signals():
            raise ValueError("broken")
        assert signal.getsignal(number) is mine
    finally:
        signal.signal(number, before)


def test_a_handler_that_was_set_outside_python_is_replaced_by_the_default(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calls: list[tuple[int, object]] = []

    def unknown_before(number: int, handler: object) -> None:
        calls.append((number, handler))  # and returns None, as for handlers of other languages

    monkeypatch.setattr(signal, "signal", unknown_before)
    with stop_on_signals():
        pass
    assert calls[2:] == [(number, signal.SIG_DFL) for number in SIGNALS]


def test_blocks_can_be_nested() -> None:
    with stop_on_signals() as outer:
        with stop_on_signals() as inner:
            os.kill(os.getpid(), signal.SIGTERM)
        assert (inner.requested, outer.requested) == (True, False)
        os.kill(os.getpid(), signal.SIGTERM)
        assert outer.requested


def test_a_flag_that_nobody_raised_lets_work_go_on() -> None:
    flag = StopFlag()
    flag.check()
    assert not flag.requested
