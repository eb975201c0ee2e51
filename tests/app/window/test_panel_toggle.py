"""The menu's entry of a panel: one behind another tab is raised and gets the keys, one in front is hidden."""

import pytest
from PyQt6.QtWidgets import QComboBox, QDockWidget, QLabel, QVBoxLayout, QWidget

from app.window.panel_toggle import first_input


def test_the_first_input_can_be_used(qtbot):
    dock, panel = QDockWidget("Panel"), QWidget()
    qtbot.addWidget(dock)
    column, fields = QVBoxLayout(panel), [QComboBox() for _ in range(4)]
    for field in fields:
        column.addWidget(field)
    column.insertWidget(0, QLabel("words"))
    dock.setWidget(panel)
    fields[0].setEnabled(False)
    fields[1].hide()
    assert first_input(dock) is fields[2]
    for field in fields:
        field.setEnabled(False)
    assert first_input(dock) is None


@pytest.mark.gl
def test_a_panel_behind_a_tab_is_raised_and_one_in_front_hides(qtbot, window):
    docks = window.docks
    docks.raise_panel("lattice")
    toggle, dock = docks.toggle("training"), docks["training"]
    assert toggle.isChecked()
    toggle.trigger()
    assert docks.in_front("training")
    assert toggle.isChecked()
    assert dock.isAncestorOf(window.focusWidget())
    toggle.trigger()
    assert dock.isHidden()
    assert not toggle.isChecked()
    toggle.trigger()
    assert docks.in_front("training")
    assert toggle.isChecked()
