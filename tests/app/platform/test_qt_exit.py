"""A process that showed windows ends without a crash: PyQt is left nothing to destroy."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]

# A widget that enters many objects into PyQt's table while it is destroyed.
NOISY = """
import sys
from PyQt6.QtCore import QPoint
from PyQt6.QtWidgets import QApplication, QWidget
import app.run.controller

points = []
def enter_many():
    points.extend(QPoint() for _ in range(50_000))

application = QApplication(sys.argv[:1])
widgets = [QWidget() for _ in range(50)]
for widget in widgets:
    widget.destroyed.connect(enter_many)
    widget.show()
application.processEvents()
print("shown", flush=True)
"""

# The program itself, up to the moment when Python ends.
PROGRAM = """
import sys
from pathlib import Path
from app.application import run
from app.options import StartOptions
from lattice.config import Wishes

settings = ("lattice.dimensions=[3,3,3]", "lattice.lattice_steps=2", "training_embedding.max_total_samples=60")
picture = Path(sys.argv[1])
code = run(StartOptions(preset="debug", wishes=Wishes({}, settings), screenshot=picture, after_training_steps=3))
from app.platform.qt_exit import left_to_pyqt
print(code, [type(thing).__name__ for thing in left_to_pyqt()], flush=True)
"""


def python(script: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", script, *map(str, arguments)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=240, check=False)


def test_widgets_that_busy_python_while_they_are_destroyed_end_well():
    ended = python(NOISY)
    assert ended.stdout == "shown\n"
    assert ended.returncode == 0, ended.stderr


@pytest.mark.parametrize("canvas", ["image", "widget"])
def test_a_closed_window_leaves_nothing_to_pyqt(tmp_path, monkeypatch, canvas):
    monkeypatch.setenv("CELLCUBE_CANVAS", canvas)
    ended = python(PROGRAM, tmp_path / "window.png")
    assert ended.stdout == "0 []\n", ended.stderr
    assert ended.returncode == 0, ended.stderr
