"""Scale factors: the picture fills the widget, and a click finds the cell that is drawn under it."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

pytestmark = [pytest.mark.gl, pytest.mark.slow]

PROBE = """
import sys, time
import numpy as np
from PyQt6.QtCore import QPointF
from PyQt6.QtWidgets import QApplication

from app.cube.gl.renderer import ids_of
from app.cube.view import CubeView

app = QApplication([])
view = CubeView()
view.resize(303, 221)
view.show()
rng = np.random.default_rng(0)
colors = rng.integers(60, 256, (6, 7, 8, 4), dtype=np.uint8)
colors[..., 3] = np.where(rng.random((6, 7, 8)) < 0.5, 255, 0)
view.set_colors(colors)
end = time.monotonic() + 30
while time.monotonic() < end and not view._stage.smoothed:
    app.processEvents()

ratio = view.devicePixelRatioF()
width, height = view._stage.size
ids = view.with_context(lambda: ids_of(colors, view.state, view.pose, width, height))
wrong = 0
for _ in range(300):
    x, y = rng.integers(0, width), rng.integers(0, height)
    cell = view.cell_at(QPointF(x / ratio, y / ratio))
    wrong += (-1 if cell is None else cell[0] + 6 * (cell[1] + 7 * cell[2])) != ids[y, x]

shown = view._stage.native.grabFramebuffer().convertToFormat(view.grab().toImage().Format.Format_RGB888)
rows = np.frombuffer(shown.constBits().asarray(shown.sizeInBytes()), np.uint8).reshape(shown.height(), -1)
screen = rows[:, : 3 * shown.width()].reshape(shown.height(), shown.width(), 3).astype(int)
picture = view.image(shown.width(), shown.height(), 2).astype(int)
print(ratio, width, height, shown.width(), shown.height(), wrong, np.abs(screen - picture).mean())
view.close()
"""


@pytest.mark.parametrize("scale", [1.0, 1.25, 1.5, 2.0])
def test_pick_and_picture_fit_at_every_scale_factor(scale):
    environment = os.environ | {"QT_SCALE_FACTOR": str(scale), "QT_SCALE_FACTOR_ROUNDING_POLICY": "PassThrough"}
    done = subprocess.run(
        [sys.executable, "-c", PROBE], env=environment, check=False, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    ratio, width, height, shown_width, shown_height, wrong, difference = map(float, done.stdout.split())
    assert ratio == pytest.approx(scale)
    assert (width, height) == (shown_width, shown_height)
    assert abs(width - 303 * scale) <= 0.5
    assert wrong <= 4
    assert difference < 2.0
