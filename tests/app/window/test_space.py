"""Space is Start/Pause wherever the focus is, and no key acts on what can't be seen: over every input of the window."""

from __future__ import annotations

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLineEdit, QPlainTextEdit, QTextEdit, QWidget

from app.widgets.editable import is_text
from app.window.focus import can_be_seen

pytestmark = pytest.mark.gl


class Counts:
    """Counts what is triggered, and by which widget."""

    def __init__(self, window):
        self.starts, self.others = 0, []
        for id_ in window.actions_:
            window.actions_[id_].triggered.connect(lambda _checked, id_=id_: self._count(id_))
        for button in window.findChildren(QAbstractButton):
            button.clicked.connect(lambda _checked, button=button: self.others.append(button.accessibleName()))
        window.controller.toggle = lambda: None

    def _count(self, id_):
        if id_ == "toggle":
            self.starts += 1
        else:
            self.others.append(id_)


def focusable(window):
    """Yield each input of the window while it can be seen, panel by panel."""
    for name in (None, *window.docks.names):
        if name is not None:
            window.docks.raise_panel(name)
            QApplication.processEvents()
        for widget in window.findChildren(QWidget):
            if widget.window() is window and widget.focusPolicy() != Qt.FocusPolicy.NoFocus and can_be_seen(widget):
                yield widget


def popups():
    return [w for w in QApplication.topLevelWidgets() if w.isVisible() and w.windowType() == Qt.WindowType.Popup]


def test_space_is_start_for_every_input_of_the_window(window):
    counts, walked = Counts(window), set()
    for widget in focusable(window):
        widget.setFocus()
        focused = QApplication.focusWidget()
        if focused in walked or focused is None or not widget.isEnabled():
            continue
        walked.add(focused)
        before = counts.starts
        QTest.keyClick(focused, Qt.Key.Key_Space)
        where = f"{type(focused).__name__} {focused.accessibleName() or focused.toolTip()}"
        assert counts.starts - before == (0 if is_text(focused) else 1), where
        assert counts.others == [], where
        assert popups() == [], where
    kinds = {type(widget).__name__ for widget in walked}
    assert {"QLineEdit", "QToolButton", "CalmSlider", "QCheckBox", "QTabBar", "CalmCombo", "SampleView"} <= kinds
    assert len(walked) > 60
    assert any(isinstance(widget, QLineEdit | QPlainTextEdit | QTextEdit) for widget in walked)


def test_tab_goes_around_what_can_be_seen_and_never_behind_a_tab(window):
    window.cube.setFocus()
    seen = []
    for _ in range(300):
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        focused = QApplication.focusWidget()
        assert can_be_seen(focused), f"{type(focused).__name__} {focused.accessibleName()}"
        if focused is window.cube:
            break
        seen.append(focused)
    assert focused is window.cube, "the way around ends where it began"
    assert len(seen) > 15
    QTest.keyClick(window.cube, Qt.Key.Key_Backtab)
    assert QApplication.focusWidget() is seen[-1]


def test_keys_of_a_panel_behind_a_tab_go_to_the_cube(window):
    window.docks.raise_panel("data")
    QApplication.processEvents()
    counts = Counts(window)
    button = window.data_panel.encode_button
    button.setFocus()
    window.docks.raise_panel("lattice")
    QApplication.processEvents()
    button.setFocus()
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_Return)  # by way of the window, as real keys come
    assert counts.others == []
    assert QApplication.focusWidget() is window.cube
    window.data_panel.search_field.setFocus()
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_H)
    assert window.data_panel.search_field.text() == ""
    assert counts.others == ["hide_panels"]


def test_return_presses_buttons_and_opens_choices(window):
    box = window.appearance.spheres
    window.docks.raise_panel("appearance")
    QApplication.processEvents()
    box.setFocus()
    for on in (True, False):
        QTest.keyClick(box, Qt.Key.Key_Return)
        assert box.isChecked() is on
    modes = window.toolbar.modes
    modes.setFocus()
    QTest.keyClick(modes, Qt.Key.Key_Return)
    assert isinstance(modes, QComboBox)
    assert modes.view().isVisible()
    modes.hidePopup()


def test_without_a_run_space_still_presses_nothing(make_window):
    window = make_window(launch=False)
    counts = Counts(window)
    window.docks.raise_panel("appearance")
    QApplication.processEvents()
    window.appearance.spheres.setFocus()
    QTest.keyClick(window.appearance.spheres, Qt.Key.Key_Space)
    assert not window.appearance.spheres.isChecked()
    assert counts.others == []
