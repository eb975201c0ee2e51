"""The process that computes a UMAP: rows in one `.npy` file, points in another, progress as lines `done total`."""

from __future__ import annotations

import sys
import warnings

import numpy as np


def main(arguments: list[str]) -> int:
    """Read rows [M, D] from the first file, write points float32 [M, 2] to the second; return the exit code."""
    source, out = arguments
    warnings.simplefilter("ignore")
    import umap

    rows_MD = np.load(source, allow_pickle=False)
    lines = {"disable": False, "file": sys.stdout, "bar_format": "\n{n_fmt} {total_fmt}\n", "mininterval": 0.3}
    mapper = umap.UMAP(n_neighbors=min(15, len(rows_MD) - 1), random_state=0, n_jobs=1, tqdm_kwds=lines)
    points_M2 = mapper.fit_transform(rows_MD)
    np.save(out, np.asarray(points_M2, dtype=np.float32), allow_pickle=False)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
