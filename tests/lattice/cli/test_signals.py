"""Signals end a run in order, and nothing interrupts a save."""

from __future__ import annotations

import os
import signal

import pytest

from lattice.cli.signals import DOUBLE_SECONDS, StopRequested, StopSwitch, stop_switch


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_while_loading_a_signal_stops_at_once_with_its_code(clock: Clock) -> None:
    with pytest.raises(StopRequested) as stop:
        StopSwitch(clock).press(signal.SIGTERM)
    assert stop.value.code == 143


def test_the_third_signal_interrupts_a_training_step_and_quick_ones_count_once(
    clock: Clock, capfd: pytest.CaptureFixture[str]
) -> None:
    switch = StopSwitch(clock)
    assert (switch.pressed, switch.code) == (False, 0)
    with switch.patient("between steps"):
        switch.press(signal.SIGINT)
        assert "then saving" in capfd.readouterr().err
        clock.now += DOUBLE_SECONDS / 2
        switch.press(signal.SIGINT)
        assert (switch.presses, switch.code) == (1, 130)
        clock.now += DOUBLE_SECONDS
        switch.press(signal.SIGTERM)
        assert (switch.presses, switch.code) == (2, 130), "the first one says why it ended"
        clock.now += DOUBLE_SECONDS
        with pytest.raises(StopRequested):
            switch.press(signal.SIGINT)


def test_no_number_of_signals_interrupts_a_save(clock: Clock) -> None:
    switch = StopSwitch(clock)
    with switch.patient("between steps"), switch.patient("never"):
        for _ in range(5):
            clock.now += 2 * DOUBLE_SECONDS
            switch.press(signal.SIGINT)
    assert switch.presses == 5
    clock.now += 2 * DOUBLE_SECONDS
    with pytest.raises(StopRequested):
        switch.press(signal.SIGINT)


@pytest.mark.skipif(os.name != "posix", reason="POSIX signals")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_signals_of_the_system_arrive_and_handlers_are_put_back(name: str) -> None:
    number = getattr(signal, name)
    before = signal.getsignal(number)
    with stop_switch() as switch, switch.patient("between steps"):
        signal.raise_signal(number)
        assert switch.number == number
    assert signal.getsignal(number) == before


@pytest.mark.skipif(os.name != "posix", reason="POSIX signals")
def test_a_hangup_that_is_ignored_stays_so() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with stop_switch() as switch:
            signal.raise_signal(signal.SIGHUP)
            assert not switch.pressed
    finally:
        signal.signal(signal.SIGHUP, before)
