"""The window is drawn before the heavy libraries are loaded; the worker loads them meanwhile, in its own thread."""

import subprocess
import sys

import pytest

MAKES_A_WINDOW = """
import sys
from PyQt6.QtCore import QTimer
from app.application import run
from app.options import StartOptions

def watch(window):
    heavy = ("torch", "transformers", "pyarrow", "datasets", "scipy", "sklearn", "pandas", "umap")
    print([name for name in heavy if name in sys.modules])
    QTimer.singleShot(0, window.close)

run(StartOptions(preset="debug", autostart=False), watch)
"""


@pytest.mark.gl
def test_making_a_window_loads_no_heavy_library():
    done = subprocess.run(
        [sys.executable, "-c", MAKES_A_WINDOW], capture_output=True, text=True, check=False, timeout=240
    )
    assert done.stdout.strip() == "[]", done.stderr
