"""UMAP of a data set's rows, in a process of its own: it can be stopped at once and holds up nothing else.

Shapes: M rows, K principal components.
"""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lattice.errors import DataError
from lattice.progress import Progress, no_progress

LAYING_OUT = "UMAP"
COMPONENTS = 50
"""Principal components that UMAP is given in place of the rows, as is usual for wide data."""
LEAST_ROWS = 5
INSTALL = 'UMAP needs umap-learn: pip install -c constraints.txt -e ".[umap]"'
_CHILD: tuple[str, ...] = (sys.executable, "-P", str(Path(__file__).with_name("umap_child.py")))
_COUNT = re.compile(r"(\d+) (\d+)")
_PATIENCE_SECONDS = 0.2


def umap_available() -> bool:
    """Say whether umap-learn is installed; it is not imported."""
    return importlib.util.find_spec("umap") is not None


def umap_points(
    components_MK: NDArray[np.float32], progress: Progress = no_progress, child: Sequence[str] = _CHILD
) -> NDArray[np.float32]:
    """Return the UMAP of rows, [M, 2]: 15 neighbours, Euclidean, the same every time (McInnes, Healy, Melville 2018).

    Args:
        components_MK: the rows' principal components.
        progress: called several times a second; raising `Cancelled` in it ends the process.
        child: command of the process, which gets the two files' paths.

    Raises:
        DataError: there are too few rows, or the process failed; the message has its last line.
    """
    if len(components_MK) < LEAST_ROWS:
        raise DataError(f"UMAP needs at least {LEAST_ROWS} samples, got {len(components_MK)}; PCA shows fewer")
    with tempfile.TemporaryDirectory(prefix="cellcube-umap-") as folder:
        source, out = Path(folder, "rows.npy"), Path(folder, "points.npy")
        np.save(source, components_MK, allow_pickle=False)
        with subprocess.Popen(
            [*child, str(source), str(out)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:
            watch = _Watch(process)
            try:
                watch.until_end(progress)
            except BaseException:
                process.kill()
                watch.join()  # its readers hold the pipes that are closed next
                raise
        if process.returncode != 0 or not out.is_file():
            said = watch.last_line or f"exit code {process.returncode}"
            raise DataError(f"UMAP failed ({said}); PCA still shows the samples")
        points: NDArray[np.float32] = np.load(out, allow_pickle=False)
    return points


class _Watch:
    """Reads what a process says while it runs."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        """Begin to read."""
        self._process = process
        self._done, self._total = 0, 0
        self.last_line = ""
        self._readers = [threading.Thread(target=read, daemon=True) for read in (self._read_counts, self._read_errors)]
        for reader in self._readers:
            reader.start()

    def until_end(self, progress: Progress) -> None:
        """Report progress until the process has ended."""
        while True:
            progress(LAYING_OUT, self._done, self._total or None)
            try:
                self._process.wait(_PATIENCE_SECONDS)
                break
            except subprocess.TimeoutExpired:
                continue
        self.join()

    def join(self) -> None:
        """Wait until all that the process said is read, which needs its end."""
        for reader in self._readers:
            reader.join()

    def _read_counts(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if found := _COUNT.fullmatch(line.strip()):
                self._done, self._total = int(found[1]), int(found[2])

    def _read_errors(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self.last_line = line.strip() or self.last_line
