"""The window is drawn before the heavy libraries are loaded; the worker loads them meanwhile, in its own thread."""

import subprocess
import sys

HEAVY = ("torch", "transformers", "pyarrow", "datasets", "scipy", "sklearn", "pandas", "umap")


def test_opening_a_window_loads_no_heavy_library():
    code = f"import sys, app.window.open_window; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=120)
    assert done.stdout.strip() == "[]", done.stderr
