"""UMAP in a process of its own, with a stand-in for the process."""

import sys

import numpy as np
import pytest

from lattice.data.survey.umap_plane import umap_points
from lattice.errors import DataError
from lattice.progress import Cancelled

ROWS = np.arange(40, dtype=np.float32).reshape(10, 4)
COPIES = """
import sys, numpy as np
rows = np.load(sys.argv[1])
print("\\n3 20\\n", flush=True)
np.save(sys.argv[2], rows[:, :2])
"""
FAILS = "import sys; sys.exit('no room for the graph')"
WAITS = "import time; print('1 20', flush=True); time.sleep(600)"


def child(code):
    return (sys.executable, "-c", code)


def test_points_come_back():
    points = umap_points(ROWS, child=child(COPIES))
    np.testing.assert_array_equal(points, ROWS[:, :2])


def test_a_failure_is_one_line_with_its_reason():
    with pytest.raises(DataError, match=r"UMAP failed \(no room for the graph\); PCA still shows the samples"):
        umap_points(ROWS, child=child(FAILS))


def test_progress_is_read_and_a_cancel_ends_the_process():
    seen = []

    def stop(what, done, total):
        seen.append((what, done, total))
        if total is not None:
            raise Cancelled

    with pytest.raises(Cancelled):
        umap_points(ROWS, stop, child=child(WAITS))
    assert seen[-1] == ("UMAP", 1, 20)


def test_too_few_rows():
    with pytest.raises(DataError, match="UMAP needs at least 5 samples, got 3"):
        umap_points(ROWS[:3])
