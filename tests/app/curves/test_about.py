"""Every curve says what it is, within which range it lies and what is good; a thing has one name everywhere."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from app.curves.about import TIP_COLUMNS, about
from app.curves.specs import PLOTS
from app.panels.curves import CurvesPanel
from app.window.status_bar import RunStatusBar
from lattice.cli.summary import summary_lines
from lattice.config import LossWeights
from lattice.training.score_rows import NAMES as SCORE_NAMES
from tests.app.reports import eval_report, step_report

SCORED = {key: name for key, name in SCORE_NAMES.items() if key != "start"}
NAMES = [(curve.name, curve.title) for plot in PLOTS for curve in plot.curves]


@pytest.mark.parametrize(("name", "title"), [*NAMES, ("gradient.local", "local"), ("gradient.mapper", "mapper")])
def test_a_curve_says_what_it_is_its_range_and_what_is_good(name: str, title: str) -> None:
    text = about(name)
    assert any(range_ in text for range_ in ("From -1 to 1", "From 0", "Above 0")), text
    assert any(word in text.lower() for word in ("good", "better", "more is", "a cube", "no value is best")), text


def test_the_legend_tells_it_in_lines_that_fit(qtbot: QtBot) -> None:
    panel = CurvesPanel()
    qtbot.addWidget(panel)
    panel.resize(900, 300)
    panel.show()
    panel.show_plots([plot.key for plot in PLOTS])
    panel.append(step_report(1))
    panel.append_evaluation(eval_report(1))
    panel.redraw()
    for plot in PLOTS:
        for name, chip in panel.plot(plot.key).chips.items():
            lines = chip.toolTip().splitlines()
            assert " ".join(about(name).split()) in " ".join(lines)
            assert lines[0].casefold() == chip.curve.title.casefold()
            assert max(map(len, lines)) <= TIP_COLUMNS
            assert "Click to hide or show" in chip.toolTip()
    parts = panel.plot("gradient").chips.keys() - {"gradient.total"}
    assert parts
    assert all("in the part '" in panel.plot("gradient").chips[name].toolTip() for name in parts)
    panel.close()


def test_one_thing_has_one_name(qtbot: QtBot) -> None:
    titles = dict(NAMES)
    bar = RunStatusBar()
    qtbot.addWidget(bar)
    bar.set_score(0.9, 0.5)
    bar._refresh()
    others = {"training_steps": 1, "steps_per_second": 1.0, "device": "cpu", "checkpoint": None}
    lines = "\n".join(summary_lines(replace(eval_report(1), mlp=eval_report(1).pca), others))
    for told in (bar.score_label.text(), lines):
        assert titles["cosine.validation"] in told
        assert titles["cosine.t0"] in told
    for name in ("mlp", "linear", "pca", "identity"):
        assert f"  {titles[f'cosine.{name}']}  " in lines
    assert all(titles[f"cosine.{key}".replace("student", "validation")] == name for key, name in SCORED.items())
    for key, field in LossWeights.model_fields.items():
        assert titles[f"loss.{key}"] == (field.title or "").lower(), "settings and curves call a loss the same"
    bar.close()
