"""One plot: what is drawn goes with what is shown."""

from __future__ import annotations

import numpy as np
from pytestqt.qtbot import QtBot

from app.curves.history import History
from app.curves.plot import CurvePlot
from app.curves.specs import PLOTS


def test_triangles_of_spikes_go_with_the_total_loss_and_with_its_run(qtbot: QtBot) -> None:
    plot = CurvePlot(next(spec for spec in PLOTS if spec.key == "loss"))
    qtbot.addWidget(plot)
    losses = np.ones(60)
    losses[40] = 9.0
    history = History.from_arrays({"loss.total/x": np.arange(60), "loss.total/y": losses})
    plot.redraw(history, 0, 60, window=1)
    assert plot.marks.spikes.isVisible()
    assert len(plot.marks.spikes.points()) == 1
    plot.chips["loss.total"].setChecked(False)
    plot.redraw(history, 0, 60, window=1)
    assert not plot.marks.spikes.isVisible()
    plot.chips["loss.total"].setChecked(True)
    plot.redraw(history, 0, 60, window=1)
    assert plot.marks.spikes.isVisible()
    plot.redraw(History(), 0, 60, window=1)
    assert not plot.marks.spikes.isVisible()
