"""Vectors in parquet: the rate of a load against pyarrow reading the same column, and what a limit of ten reads.

Both sides run in turns in processes of their own, and the file is in the page cache. The first reading of a process is
what a person waits for: memory comes from the system. In later ones pyarrow finds the memory of its last table again,
while a load fills a table of its own each time, so both are told apart.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.timing import machine

LIMIT = 10
TURNS = 3
TARGET_SHARE = 0.6
"""Rate of a whole load, checks and split included, against pyarrow's of reading the column, both for the first time."""


def write_table(path: Path, rows: int, width: int, group: int) -> None:
    """Write ids, texts and float32 vectors, `group` rows to a row group."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq  # imports are no part of a load

    generator = np.random.default_rng(0)
    kind = pa.schema([("id", pa.int64()), ("text", pa.string()), ("embedding", pa.list_(pa.float32()))])
    with pq.ParquetWriter(path, kind) as writer:
        for start in range(0, rows, group):
            count = min(group, rows - start)
            flat = pa.array(generator.standard_normal(count * width, dtype=np.float32))
            vectors = pa.ListArray.from_arrays(pa.array(range(0, count * width + 1, width), pa.int32()), flat)
            texts = [f"sentence number {start + row}" for row in range(count)]
            columns = [pa.array(range(start, start + count)), pa.array(texts), vectors]
            writer.write_table(pa.table(columns, schema=kind), row_group_size=group)


def load(path: Path, limit: int | None) -> Any:
    """Load vectors and texts as a run does; return the loader's report."""
    from lattice.config import DataSettings, TrainingEmbeddingSettings
    from lattice.data import UnifiedDatasetLoader

    settings = TrainingEmbeddingSettings(data=str(path), max_total_samples=limit)
    loader = UnifiedDatasetLoader(settings, DataSettings(label_column="none"))
    loader.load()
    return loader.report


def child(what: str, path: Path) -> None:
    """Do one side's work several times and print the seconds of each."""
    import pyarrow.parquet as pq  # imports are no part of a load

    import lattice.data.loader  # noqa: F401

    seconds = []
    for _ in range(TURNS):
        began = time.perf_counter()
        if what == "pyarrow":
            pq.read_table(path, columns=["embedding"])
        else:
            load(path, None)
        seconds.append(time.perf_counter() - began)
    print(json.dumps(seconds))


def in_own_process(what: str, path: Path) -> list[float]:
    """Run one side in a fresh process; return the seconds of each reading."""
    command = [sys.executable, "-m", "benchmarks.vector_tables", "--child", what, str(path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    seconds: list[float] = json.loads(done.stdout.splitlines()[-1])
    return seconds


def measure(folder: Path, rows: int, width: int, group: int, rounds: int) -> dict[str, Any]:
    """Compare both sides on one file."""
    path = folder / "rows.parquet"
    write_table(path, rows, width, group)
    times: dict[str, list[list[float]]] = {"pyarrow": [], "load": []}
    for _ in range(rounds):
        for what, found in times.items():
            found.append(in_own_process(what, path))
    few = load(path, LIMIT)
    size = path.stat().st_size
    path.unlink()
    first = {what: statistics.median(found[0] for found in runs) for what, runs in times.items()}
    again = {what: min(min(found[1:]) for found in runs) for what, runs in times.items()}
    return {
        "rows": rows,
        "width": width,
        "row_group": group,
        "file_bytes": size,
        "pyarrow_rows_s": rows / first["pyarrow"],
        "load_rows_s": rows / first["load"],
        "share": first["pyarrow"] / first["load"],
        "again_pyarrow_rows_s": rows / again["pyarrow"],
        "again_load_rows_s": rows / again["load"],
        "again_share": again["pyarrow"] / again["load"],
        "limit_bytes_read": few.bytes_read,
        "row_group_bytes": size * group // rows,
    }


def main(arguments: list[str]) -> int:
    """Run the benchmark; exit 1 where a target is missed and `--check` is given."""
    parser = argparse.ArgumentParser(prog="benchmarks vector-tables", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--width", type=int, default=384)
    parser.add_argument("--row-group", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--check", action="store_true", help="fail where a target is missed")
    options = parser.parse_args(arguments)
    folder = Path(tempfile.mkdtemp(prefix="cellcube-bench-"))
    try:
        import torch

        found = measure(folder, options.rows, options.width, options.row_group, options.rounds)
        found["machine"] = machine(torch.device("cpu"))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps(found) if options.json else as_text(found))
    missed = found["share"] < TARGET_SHARE or found["limit_bytes_read"] > found["row_group_bytes"]
    return 1 if options.check and missed else 0


def as_text(found: dict[str, Any]) -> str:
    """Lay the result out for people."""
    lines = [
        str(found["machine"]),
        f"{found['rows']:,} rows of width {found['width']}, {found['row_group']:,} to a row group",
        f"pyarrow reads the column at {found['pyarrow_rows_s']:,.0f} rows/s for the first time in a process",
        f"a load with texts, checks and split: {found['load_rows_s']:,.0f} rows/s ({found['share']:.0%})",
        f"again in the same process, best: {found['again_pyarrow_rows_s']:,.0f} and "
        f"{found['again_load_rows_s']:,.0f} rows/s ({found['again_share']:.0%})",
        f"a limit of {LIMIT} reads {found['limit_bytes_read']:,} of {found['file_bytes']:,} bytes "
        f"(a row group: {found['row_group_bytes']:,})",
    ]
    return "\n".join(lines)


if __name__ == "__main__" and "--child" in sys.argv:
    child(sys.argv[2], Path(sys.argv[3]))
