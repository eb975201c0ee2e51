"""When the cube is looked at again: with a clock of its own, so that no machine is too slow for it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from app.session.observe_throttle import FRAME_MILLISECONDS, LONGEST_PAUSE, MOST_WATCHING, ObserveThrottle

TICK = FRAME_MILLISECONDS / 1000


class Watching:
    """A lookout over a run that trains, in a time that passes tick by tick."""

    def __init__(self, state: str = "training", cost: float = 0.0) -> None:
        self.now = 100.0
        self.looks: list[float] = []
        self.cost = cost
        self.controller = SimpleNamespace(summary=object(), state=state, observing=False)
        self.lookout = ObserveThrottle(self.controller, self._look, clock=lambda: self.now)

    def _look(self) -> bool:
        self.looks.append(self.now)
        self.lookout.observed(self.cost)
        return True

    def pass_ticks(self, count: int) -> None:
        """Let time pass; something new can be seen at every tick."""
        for _ in range(count):
            self.now += TICK
            self.lookout.look_again()
            self.lookout._timer.timeout.emit()


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize("cost", [0.002, 0.02, 0.05])
def test_watching_takes_its_share_and_no_more(cost: float) -> None:
    watching = Watching(cost=cost)
    watching.pass_ticks(300)  # what looking costs has been learnt by then
    before = len(watching.looks)
    watching.pass_ticks(3_000)
    spent = (len(watching.looks) - before) * cost
    share = spent / (3_000 * TICK)
    assert 0.7 * MOST_WATCHING < share <= 1.02 * MOST_WATCHING


@pytest.mark.usefixtures("qapp")
def test_a_dear_look_still_comes_now_and_then() -> None:
    watching = Watching(cost=10.0)
    watching.pass_ticks(3_000)
    pauses = [later - earlier for earlier, later in zip(watching.looks[5:], watching.looks[6:], strict=False)]
    assert pauses
    assert all(LONGEST_PAUSE <= pause <= LONGEST_PAUSE + 2 * TICK for pause in pauses)


@pytest.mark.usefixtures("qapp")
def test_without_training_every_tick_may_look_unless_one_is_under_way() -> None:
    watching = Watching(state="paused", cost=1.0)
    watching.pass_ticks(10)
    assert len(watching.looks) == 10
    watching.controller.observing = True
    watching.pass_ticks(10)
    assert len(watching.looks) == 10
