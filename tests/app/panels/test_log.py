"""The log panel shows the project's log from any thread, filtered and searched."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator

import pytest
from PyQt6.QtGui import QGuiApplication
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QAbstractSlider
from pytestqt.qtbot import QtBot

from app.monitoring.log_bridge import CAPACITY, LogBridge
from app.panels.log import LogPanel
from lattice.log import logger


@pytest.fixture
def panel(qtbot: QtBot) -> Iterator[LogPanel]:
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    panel = LogPanel()
    qtbot.addWidget(panel)
    panel.resize(600, 300)
    panel.show()
    panel.attach()
    yield panel
    panel.detach()
    logger.propagate = True


def lines(panel: LogPanel) -> list[str]:
    return panel.text().splitlines()


def test_shows_records_from_attach_to_close(panel: LogPanel, qtbot: QtBot) -> None:
    logger.info("the cube has %d cells", 512)
    assert lines(panel)[-1].endswith("INFO      the cube has 512 cells")
    panel.close()
    logger.info("nobody hears this")
    assert len(lines(panel)) == 1
    assert not any(isinstance(handler, LogBridge) for handler in logger.handlers)


def test_filter_hides_what_is_less_serious(panel: LogPanel) -> None:
    for level in ("debug", "info", "warning", "error"):
        getattr(logger, level)("a message of level %s", level)
    shown = {"All": 4, "Info": 3, "Warnings": 2, "Errors": 1}
    for level, count in shown.items():
        panel.level.setCurrentText(level)
        assert len(lines(panel)) == count


def test_search_counts_marks_and_walks_through_the_matches(panel: LogPanel) -> None:
    for index in range(5):
        logger.info("Training step %d", index)
    logger.info("other")
    panel.search.setText("training STEP")
    assert panel.matches.text() == "5 found"
    block = panel.view.document().begin()
    marked = [span for span in block.layout().formats() if span.length == len("training step")]
    assert len(marked) == 1
    assert panel.find_next()
    assert panel.view.textCursor().selectedText() == "Training step"
    first = panel.view.textCursor().position()
    QTest.keyClicks(panel.search, "\r")
    assert panel.view.textCursor().position() != first
    panel.search.setText("nowhere")
    assert panel.matches.text() == "no match"
    assert not panel.find_next()


def test_records_from_other_threads_arrive_together(panel: LogPanel, qtbot: QtBot) -> None:
    signals = []
    panel._bridge.notifier.arrived.connect(lambda: signals.append(1))

    def work(name: str) -> None:
        for index in range(500):
            logger.info("%s %d", name, index)

    threads = [threading.Thread(target=work, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    qtbot.waitUntil(lambda: len(lines(panel)) == 1000)
    assert len(signals) == 1
    assert [line.split()[-1] for line in lines(panel) if line.split()[-2] == "a"] == [str(i) for i in range(500)]


def test_only_the_newest_records_are_kept(panel: LogPanel) -> None:
    bridge = panel._bridge
    bridge.notifier.arrived.disconnect(panel._arrived)
    for index in range(CAPACITY + 10):
        logger.info("record %d", index)
    panel._arrived()
    assert len(lines(panel)) == CAPACITY
    assert lines(panel)[0].endswith("record 10")
    for index in range(10):
        logger.info("late record %d", index)
    panel._arrived()
    assert len(lines(panel)) == CAPACITY
    assert lines(panel)[0].endswith("record 20")


def test_tracebacks_are_shown(panel: LogPanel) -> None:
    try:
        raise ValueError("boom")
    except ValueError:
        logger.exception("the worker failed")
    assert lines(panel)[0].endswith("the worker failed")
    assert lines(panel)[-1] == "ValueError: boom"


def test_copy_takes_the_selection_or_all(panel: LogPanel) -> None:
    logger.info("first")
    logger.info("second")
    panel.copy_button.click()
    clipboard = QGuiApplication.clipboard()
    assert clipboard is not None
    assert clipboard.text() == panel.text()
    panel.search.setText("first")
    panel.find_next()
    panel.copy()
    assert clipboard.text() == "first"


def test_clear_forgets(panel: LogPanel) -> None:
    logger.info("old")
    panel.clear_button.click()
    panel.level.setCurrentText("All")
    assert panel.text() == ""
    logger.info("new")
    assert len(lines(panel)) == 1


def test_reading_old_lines_is_not_disturbed_by_new_ones(panel: LogPanel) -> None:
    for index in range(200):
        logger.info("line %d", index)
    bar = panel.view.verticalScrollBar()
    assert bar is not None
    assert bar.value() == bar.maximum()
    bar.setValue(10)
    logger.info("one more")
    assert bar.value() == 10


def test_a_log_that_was_hidden_opens_at_its_newest_line_unless_it_was_scrolled_up(panel: LogPanel) -> None:
    panel.hide()
    for number in range(200):
        logger.info("line %d", number)
    panel.resize(500, 200)
    panel.show()
    bar = panel.view.verticalScrollBar()
    assert bar is not None
    assert bar.maximum() > 0
    assert bar.value() == bar.maximum()
    bar.triggerAction(QAbstractSlider.SliderAction.SliderToMinimum)
    logger.info("newest")
    assert lines(panel)[-1].endswith("newest")
    assert bar.value() == 0
