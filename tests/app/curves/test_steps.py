"""A logarithmic axis of training steps has a place for step 0 and gives the first steps their pixels."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from app.curves.axes import StepAxis, step_ticks
from app.curves.outlines import outlines_of
from app.curves.pyramid import Series
from app.curves.specs import CurveSpec
from app.curves.steps import StepScale

LOG = StepScale(logarithmic=True)


@pytest.mark.parametrize("scale", [StepScale(), LOG])
@pytest.mark.parametrize("step", [0.0, 1.0, 99.0, 1e6])
def test_a_position_leads_back_to_its_step(scale: StepScale, step: float) -> None:
    assert scale.step(scale.position(step)) == pytest.approx(step)
    assert scale.positions(np.array([step]))[0] == pytest.approx(scale.position(step))


def test_even_positions_are_the_steps_themselves_and_logarithmic_ones_begin_at_zero() -> None:
    assert StepScale().position(7.0) == 7.0
    assert [LOG.position(step) for step in (0.0, 9.0, 99.0)] == pytest.approx([0.0, 1.0, 2.0])


def test_the_first_steps_of_a_long_run_are_all_drawn() -> None:
    series = Series()
    steps = np.arange(1, 100_001)
    series.extend(steps, np.where(steps == 7, 5.0, 1.0))
    curve = CurveSpec("loss.total", "total", "#123456")
    ((even, _),) = outlines_of(curve, series, (1, 100_000), 400, 1, logarithmic=False)
    ((x, y),) = outlines_of(curve, series, (1, 100_000), 400, 1, logarithmic=False, scale=LOG)
    assert y[np.isclose(x, LOG.position(7.0))].max() == 5.0
    assert LOG.position(8.0) in x, "no block of many steps stands for it"
    assert 8.0 not in even
    assert (np.diff(x) >= 0).all()
    assert len(x) < 6 * 400
    ((smooth_x, smooth_y), _) = outlines_of(curve, series, (1, 100_000), 400, 5, logarithmic=False, scale=LOG)
    assert smooth_y[-1] == pytest.approx(1.0)
    assert (np.diff(smooth_x) > 0).all()


@pytest.mark.parametrize("pixels", [120.0, 400.0, 900.0])
def test_ticks_are_round_steps_with_room_for_their_labels(qapp: object, pixels: float) -> None:
    high = LOG.position(50_000)
    ticks = step_ticks(LOG, 0.0, high, pixels)
    axis = StepAxis()
    axis.steps = LOG
    labels = axis.tickStrings(ticks, 1, 1)
    assert labels[0] == "0"
    assert {label.replace(",", "").rstrip("0") for label in labels} <= {"", "1", "2", "5"}
    for before, after in pairwise(ticks):
        assert (after - before) * pixels / high >= 28
