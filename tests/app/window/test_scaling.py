"""No text is cut in a narrow dock, whatever the screen's scale."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PyQt6.QtWidgets import QLabel, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from tests.app.clipping import clipped

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.slow
@pytest.mark.parametrize("factor", ["1", "1.25", "1.5", "2"])
def test_no_panel_cuts_its_texts_in_a_narrow_dock(factor: str) -> None:
    environment = {**os.environ, "QT_SCALE_FACTOR": factor, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT)}
    run = subprocess.run(
        [sys.executable, "-m", "tests.app.clipping", "280"],
        check=False, capture_output=True, text=True, timeout=200, env=environment, cwd=ROOT,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert run.stdout.split("\n")[0] == f"scale {factor}"
    assert run.stdout.split("\n", 1)[1].strip() == ""


def test_a_cut_text_would_be_found(qtbot: QtBot) -> None:
    panel = QWidget()
    qtbot.addWidget(panel)
    label = QLabel("far too long for this width")
    QVBoxLayout(panel).addWidget(label)
    panel.show()
    assert clipped(panel) == []
    label.setFixedWidth(30)
    assert len(clipped(panel)) == 1
