"""The lattice panel's place in the window outlives plugins that are unloaded while their rule runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PyQt6.QtCore import QEvent, QObject
from PyQt6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.panels.lattice.dock import LatticeDock
from app.run.messages import StepsDone
from lattice.plugin_loading import load_plugin, loaded_plugins, unload
from tests.app.fakes import FakeRuns, FakeTrainer, small_config
from tests.app.reports import step_report
from tests.lattice.plugin_files import RULE


@pytest.fixture
def plugin(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "waves.py"
    path.write_text(RULE, encoding="utf-8")
    load_plugin(path)
    yield path
    for loaded in loaded_plugins():
        unload(loaded.name)


def test_training_steps_of_a_rule_that_is_gone_teach_nothing(qtbot: QtBot, plugin: Path) -> None:
    dock = LatticeDock()
    qtbot.addWidget(dock)
    dock.show()
    dock.refresh_choices()
    assert dock.panel is None, "before the first run there is nothing to list"
    built: list[object] = []
    dock.built.connect(lambda: built.append(dock.panel))
    trainer = FakeTrainer(small_config(model__rule="waves"))
    dock.show_run(FakeRuns().summarise(trainer, "waves", None))
    qtbot.waitUntil(lambda: dock.panel is not None)
    assert dock.panel is not None
    panel = dock.panel
    assert built == [panel], "what belongs to the panel can be connected when it is there"
    qtbot.waitUntil(lambda: panel.estimate(trainer.config) is not None)
    dock.learn(StepsDone((step_report(1, seconds=0.5),), 2.0))
    estimate = dock.estimate(trainer.config)
    assert estimate is not None
    assert estimate.seconds == pytest.approx(0.5)
    unload(str(plugin))
    dock.refresh_choices()
    dock.learn(StepsDone((step_report(2, seconds=90.0),), 2.0))
    assert panel.form.problem.startswith("The cell rule 'waves' is missing: load the plugin ")
    assert dock.estimate(trainer.config) is None
    load_plugin(plugin)
    dock.refresh_choices()
    qtbot.waitUntil(lambda: panel.estimate(trainer.config) is not None)
    estimate = dock.estimate(trainer.config)
    assert estimate is not None
    assert estimate.seconds == pytest.approx(0.5)
    dock.close()


class Windows(QObject):
    """Collects widgets that are shown as windows of their own."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[QWidget] = []

    def eventFilter(self, target: QObject | None, event: QEvent | None) -> bool:
        if isinstance(target, QWidget) and target.isWindow() and event is not None and event.type() == QEvent.Type.Show:
            self.seen.append(target)
        return False


def test_making_the_panel_in_turns_shows_no_window_and_ends_with_the_dock(qtbot: QtBot) -> None:
    summary = FakeRuns().summarise(FakeTrainer(small_config()), "small", None)
    application = QApplication.instance()
    assert application is not None
    windows = Windows()
    application.installEventFilter(windows)
    try:
        whole, closed = LatticeDock(), LatticeDock()
        for dock in (whole, closed):
            qtbot.addWidget(dock)
            dock.show_run(summary)
        qtbot.wait(1)
        closed.close()
        qtbot.waitUntil(lambda: whole.panel is not None)
        whole.close()
    finally:
        application.removeEventFilter(windows)
    assert closed.panel is None
    assert windows.seen == []
