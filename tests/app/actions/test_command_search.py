"""The search over all commands: finds by a few letters, shows the key, and says why a command is greyed."""

from __future__ import annotations

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QAction, QIcon, QPixmap
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QMenuBar

from app.actions.availability import set_available, why_disabled
from app.actions.command_search import CommandSearch, commands_of


@pytest.fixture
def bar(qtbot):
    bar, bar.done = QMenuBar(), []
    qtbot.addWidget(bar)
    file, run = bar.addMenu("&File"), bar.addMenu("&Run")
    export = file.addMenu("Export")
    for menu, name, key in ((export, "Weights...", "Ctrl+E"), (file, "Save", "Ctrl+S"), (run, "Start", "Space")):
        action = menu.addAction(name)
        action.setObjectName(name)
        action.setShortcut(key)
        action.setToolTip(f"Tip of {name}")
        action.triggered.connect(lambda _checked, name=name: bar.done.append(name))
    file.addAction("Nothing was opened yet").setEnabled(False)
    run.aboutToShow.connect(lambda: run.addAction("Late") if len(run.actions()) == 1 else None)
    return bar


@pytest.fixture
def search(qtbot, bar):
    search = CommandSearch(lambda: commands_of(bar))
    qtbot.addWidget(search)
    search.show()
    search.field.setFocus()
    return search


def test_it_holds_every_command_and_no_remark(bar):
    found = [(command.place, command.name) for command in commands_of(bar)]
    assert found == [("File > Export", "Weights..."), ("File", "Save"), ("Run", "Start"), ("Run", "Late")]


def test_names_are_below_each_other_and_rows_equally_high_whether_they_have_an_icon_or_not(bar, search):
    picture = QPixmap(16, 16)
    picture.fill(Qt.GlobalColor.red)
    bar.findChild(QAction, "Save").setIcon(QIcon(picture))
    search.field.setText("a")
    search.field.clear()
    rows = [search.list.topLevelItem(row) for row in range(search.list.topLevelItemCount())]
    assert not any(row.icon(0).isNull() for row in rows)
    heights = {search.list.visualItemRect(row).height() for row in rows}
    assert heights == {max(heights)}
    assert max(heights) >= 16, "no icon is cut"


def test_rows_are_as_high_at_first_as_after_a_search(qtbot, bar):
    application = QApplication.instance()
    sheet = application.styleSheet()
    application.setStyleSheet("QTreeView::item { padding: 6px; }")
    try:
        search = CommandSearch(lambda: commands_of(bar))
        qtbot.addWidget(search)
        search.show()
        first = search.list.visualItemRect(search.list.topLevelItem(0)).height()
        search.field.setText("e")
        search.field.clear()
        assert search.list.visualItemRect(search.list.topLevelItem(0)).height() == first
    finally:
        application.setStyleSheet(sheet)


def test_typing_finds_and_return_does_it(bar, search):
    QTest.keyClicks(search.field, "wei")
    assert search.current.name == "Weights..."
    row = search.list.topLevelItem(0)
    assert [row.text(column) for column in range(3)] == ["Weights...", "File > Export", "Ctrl+E"]
    assert search.remark.text() == "Tip of Weights..."
    QTest.keyClick(search.field, Qt.Key.Key_Return)
    assert bar.done == ["Weights..."]
    assert not search.isVisible()


def test_a_whole_name_comes_before_all_that_its_letters_begin(bar, search):
    bar.findChild(QAction, "Weights...").setText("Save weights for Start")
    bar.addMenu("Startle").addAction("One start step")
    for typed in ("start", "Start "):
        search.field.setText(typed)
        assert search.current.name == "Start"
    search.field.setText("save")
    assert search.current.name == "Save"


def test_arrows_walk_through_the_list(bar, search):
    QTest.keyClick(search.field, Qt.Key.Key_Down)
    QTest.keyClick(search.field, Qt.Key.Key_Down)
    assert search.current.name == "Start"
    QTest.keyClick(search.field, Qt.Key.Key_Up)
    assert search.current.name == "Save"


def test_a_greyed_command_says_why_and_is_not_done(bar, search):
    save = next(command.action for command in commands_of(bar) if command.name == "Save")
    set_available(save, False, "there is no run")
    QTest.keyClicks(search.field, "save")
    assert search.remark.text() == "Can't be used now: there is no run"
    QTest.keyClick(search.field, Qt.Key.Key_Return)
    assert bar.done == []
    assert search.isVisible()
    set_available(save, True, "there is no run")
    assert why_disabled(save) == "Tip of Save", "a reason that is gone is not said"


def test_nothing_found_says_so(search):
    QTest.keyClicks(search.field, "qqq")
    assert search.current is None
    assert search.remark.text() == "No command fits. Fewer letters find more."
    QTest.keyClick(search.field, Qt.Key.Key_Return)
    assert search.isVisible()


def test_menus_that_are_filled_again_leave_no_dead_command(bar, search):
    plugins = bar.addMenu("Plugins")

    def fill():
        plugins.clear()
        entry = QAction("Unload", plugins)
        entry.setToolTip("Unload it")
        entry.triggered.connect(lambda: bar.done.append("Unload"))
        plugins.addAction(entry)

    plugins.aboutToShow.connect(fill)
    for text in ("unl", "unlo"):
        search.field.setText(text)
        assert search.current.name == "Unload"
    fill()  # as when the menu is opened beside the search
    QTest.keyClick(search.field, Qt.Key.Key_Return)
    assert bar.done == ["Unload"]
