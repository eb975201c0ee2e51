"""The row above the plots is one line at every width."""

from __future__ import annotations

import pytest
from PyQt6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.panels.curves import CurvesPanel


@pytest.fixture
def panel(qtbot: QtBot) -> CurvesPanel:
    panel = CurvesPanel()
    qtbot.addWidget(panel)
    panel.show()
    return panel


def test_a_narrow_row_of_tools_is_one_line_with_the_plots_in_a_menu(panel: CurvesPanel) -> None:
    panel.resize(460, 300)
    QTest.qWait(20)
    tools = panel.tools
    assert tools.menu_button.isVisible()
    assert tools.menu_button.text().startswith("Cosine, Loss")
    assert tools.plot_buttons["loss"].isHidden()
    menu = tools.menu_button.menu()
    assert menu is not None
    menu.aboutToShow.emit()
    assert [action.text() for action in menu.actions() if action.isChecked()] == ["Cosine", "Loss"]
    next(action for action in menu.actions() if action.text() == "Gates").trigger()
    assert panel.shown_plots() == ["cosine", "loss", "gate"]
    assert tools.menu_button.text().startswith("3 plots")
    panel.resize(1200, 300)
    QTest.qWait(20)
    assert tools.menu_button.isHidden()
    assert tools.plot_buttons["gate"].isVisible()


def test_the_narrowest_dock_shortens_texts_and_hides_no_tool(panel: CurvesPanel) -> None:
    tools = panel.tools
    for width, plots in ((460, "Cosine, Loss"), (280, "2 plots"), (460, "Cosine, Loss")):
        panel.resize(width, 300)
        QTest.qWait(20)
        assert tools.menu_button.text().startswith(plots)
        for tool in (tools.menu_button, tools.follow_button, tools.fit_button, tools.log_steps):
            assert tool.isVisible()
            assert tool.width() >= tool.sizeHint().width()
        assert tools.smoothing.geometry().right() < tools.width()
    assert tools.log_steps.text() == "log steps"
    tools.resize(100, tools.height())  # narrower than any font needs
    assert tools.log_steps.text() == "log"
    panel.show_plots(["cosine"])
    assert tools.menu_button.text().startswith("1 plot ")
