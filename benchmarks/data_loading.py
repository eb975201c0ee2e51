"""Loading: a limit of ten rows against all of a million, and full loads against plain read and copy.

Every full load runs in a process of its own, so that its peak memory is its own, and three times there, of which the
shortest counts: on a virtual machine the first one may wait several times its own length for memory that the host took
back. So it is for both sides, whose file is in the page cache.
"""

from __future__ import annotations

import argparse
import csv
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.timing import machine

TEXT_SUFFIXES = (".txt", ".jsonl", ".csv", ".tsv", ".parquet")
EMBEDDING_SUFFIXES = (".safetensors", ".npy", ".npz", ".pt")
LIMIT = 10
TURNS = 3
"""Runs in each process."""
TARGET_RATIO, TARGET_RATE, TARGET_PEAK = 1000, 0.8, 1.2


def write_embeddings(path: Path, rows: int, width: int) -> None:
    """Write `rows` x `width` float16 numbers."""
    import safetensors.torch

    generator = torch.Generator().manual_seed(0)
    values = torch.empty(rows, width, dtype=torch.float16)
    for part in values.split(50_000):
        part.copy_(torch.randn(part.shape, generator=generator))
    if path.suffix == ".npy":
        np.save(path, values.numpy())
    elif path.suffix == ".npz":
        np.savez(path, embeddings=values.numpy())
    elif path.suffix == ".pt":
        torch.save({"embeddings": values}, path)
    else:
        safetensors.torch.save_file({"embeddings": values}, path)


def write_texts(path: Path, rows: int) -> None:
    """Write `rows` sentences."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    texts = [f"sentence number {i} says that {i * 7919 % 1000003} comes after {i}" for i in range(rows)]
    if path.suffix == ".parquet":
        pq.write_table(pa.table({"id": range(rows), "text": texts}), path)
        return
    with path.open("w", encoding="utf-8", newline="") as file:
        if path.suffix == ".txt":
            file.writelines(f"{text}\n" for text in texts)
        elif path.suffix == ".jsonl":
            file.writelines(json.dumps({"id": i, "text": text}) + "\n" for i, text in enumerate(texts))
        else:
            writer = csv.writer(file, delimiter="\t" if path.suffix == ".tsv" else ",")
            writer.writerows([("id", "text"), *enumerate(texts)])


def load(path: Path, limit: int | None) -> dict[str, Any]:
    """Load embeddings, or read texts as a load does before it encodes; return what was read."""
    from lattice.config import DataSettings, TrainingEmbeddingSettings
    from lattice.data import LoadReport, UnifiedDatasetLoader
    from lattice.data.readers.counted import ReadMeter
    from lattice.data.sources.base import Opening
    from lattice.data.sources.opening import open_source
    from lattice.progress import no_progress

    meter = ReadMeter()
    if path.suffix in TEXT_SUFFIXES:
        opening = Opening(DataSettings(), False, meter, LoadReport(), no_progress)
        count = open_source(str(path), limit, opening).count
        return {"samples": count, "rows_read": meter.rows, "bytes_read": meter.bytes}
    loader = UnifiedDatasetLoader(TrainingEmbeddingSettings(data=str(path), max_total_samples=limit))
    dataset = loader.load()
    return {"samples": len(dataset), "rows_read": loader.report.rows_read, "bytes_read": loader.report.bytes_read}


def read_and_copy(path: Path, rows: int, width: int) -> dict[str, Any]:
    """Read the last `rows` x `width` float16 numbers through one buffer and copy them to their place: the yardstick."""
    target = torch.empty(rows * width, dtype=torch.float16)
    buffer = torch.empty(4 << 20, dtype=torch.float16)
    with path.open("rb", buffering=0) as file:
        file.seek(path.stat().st_size - target.nbytes)
        done = 0
        while done < len(target):
            part = buffer[: len(target) - done]
            count = file.readinto(part.view(torch.uint8).numpy().data) // 2
            target[done : done + count] = part[:count]
            done += count
    return {"samples": rows}


def read_only(path: Path) -> dict[str, Any]:
    """Bring all rows to their place as a load does, without checking them."""
    from lattice.config import DataSettings
    from lattice.data import LoadReport
    from lattice.data.readers.counted import ReadMeter
    from lattice.data.sources.base import Opening
    from lattice.data.sources.opening import open_source
    from lattice.data.table import RowTable
    from lattice.data.validation import Bounds
    from lattice.progress import no_progress

    class Unchecked(RowTable):
        def _check(self, column: int, start: int, count: int) -> None:
            pass

    source = open_source(str(path), None, Opening(DataSettings(), False, ReadMeter(), LoadReport(), no_progress))
    assert source.width is not None
    table = Unchecked(
        source.count, source.width, source.dtype, torch.device("cpu"), pairs=False, bounds=Bounds(0.0, 1e9)
    )
    source.fill(table, 0, source.count, None, no_progress)
    source.close()
    return {"samples": source.count}


def in_own_process(what: str, path: Path, rows: int, width: int) -> dict[str, float]:
    """Run one of this module's loads in a fresh process; return seconds and peak bytes above the start."""
    command = [sys.executable, "-m", "benchmarks.data_loading", "--child", what, str(path), str(rows), str(width)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


def child(what: str, path: Path, rows: int, width: int) -> None:
    """Do one kind of load and print its figures."""
    import psutil

    import lattice.data  # noqa: F401 - imports are no part of a load

    work: dict[str, Callable[[], object]] = {
        "load": lambda: load(path, None),
        "read": lambda: read_only(path),
        "yardstick": lambda: read_and_copy(path, rows, width),
    }
    before = psutil.Process().memory_info().rss
    seconds = best_of(work[what], TURNS)
    status = Path("/proc/self/status").read_text(encoding="ascii")
    peak = next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM"))
    print(json.dumps({"seconds": seconds, "peak_bytes": peak - before}))


def best_of(work: Callable[[], object], rounds: int) -> float:
    """Return the shortest of `rounds` runs, in seconds."""
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return min(times)


def limits(folder: Path, rows: int, width: int) -> list[dict[str, Any]]:
    """Compare a limit of ten with the whole, format by format."""
    results = []
    for suffix in (*TEXT_SUFFIXES, *EMBEDDING_SUFFIXES):
        path = folder / f"data{suffix}"
        write_texts(path, rows) if suffix in TEXT_SUFFIXES else write_embeddings(path, rows, width)
        few = load(path, LIMIT)
        few_seconds = best_of(lambda path=path: load(path, LIMIT), 20)  # type: ignore[misc]
        whole_seconds = best_of(lambda path=path: load(path, None), 1)  # type: ignore[misc]
        results.append(
            {
                "format": suffix,
                "rows": rows,
                "file_bytes": path.stat().st_size,
                "limit_rows_read": few["rows_read"],
                "limit_bytes_read": few["bytes_read"],
                "limit_seconds": few_seconds,
                "full_seconds": whole_seconds,
                "ratio": whole_seconds / few_seconds,
            }
        )
        path.unlink()
    return results


def full_loads(folder: Path, rows: int, width: int, rounds: int) -> list[dict[str, Any]]:
    """Compare full loads with plain read and copy, in turns."""
    results = []
    size = rows * width * 2
    for suffix in (".safetensors", ".npy"):
        path = folder / f"data{suffix}"
        write_embeddings(path, rows, width)
        runs: dict[str, list[dict[str, float]]] = {"yardstick": [], "read": [], "load": []}
        for _ in range(rounds):
            for what, found in runs.items():
                found.append(in_own_process(what, path, rows, width))
        seconds = {what: min(run["seconds"] for run in found) for what, found in runs.items()}
        results.append(
            {
                "format": suffix,
                "yardstick_gb_s": size / seconds["yardstick"] / 1e9,
                "read_gb_s": size / seconds["read"] / 1e9,
                "load_gb_s": size / seconds["load"] / 1e9,
                "read_share": seconds["yardstick"] / seconds["read"],
                "load_share": seconds["yardstick"] / seconds["load"],
                "peak_share": min(run["peak_bytes"] for run in runs["load"]) / size,
            }
        )
        path.unlink()
    return results


def main(arguments: list[str]) -> int:
    """Run the benchmark; exit 1 where a target is missed and `--check` is given."""
    parser = argparse.ArgumentParser(prog="benchmarks data-loading", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--width", type=int, default=768)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", choices=("limits", "full"))
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--check", action="store_true", help="fail where a target is missed")
    options = parser.parse_args(arguments)
    folder = Path(tempfile.mkdtemp(prefix="cellcube-bench-"))
    try:
        found = {
            "machine": machine(torch.device("cpu")),
            "limits": [] if options.only == "full" else limits(folder, options.rows, options.width),
            "full": [] if options.only == "limits" else full_loads(folder, options.rows, options.width, options.rounds),
        }
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps(found) if options.json else as_text(found))
    missed = [item for item in found["limits"] if item["ratio"] < TARGET_RATIO]
    missed += [item for item in found["full"] if item["load_share"] < TARGET_RATE or item["peak_share"] > TARGET_PEAK]
    return 1 if options.check and missed else 0


def as_text(found: dict[str, Any]) -> str:
    """Lay the results out for people."""
    lines = [str(found["machine"])]
    for item in found["limits"]:
        lines.append(
            f"{item['format']:<13} limit {LIMIT}: {item['limit_rows_read']} rows, {item['limit_bytes_read']:,} of "
            f"{item['file_bytes']:,} bytes, {item['limit_seconds'] * 1e3:.2f} ms; all {item['rows']:,}: "
            f"{item['full_seconds']:.2f} s; ratio {item['ratio']:,.0f}"
        )
    for item in found["full"]:
        lines.append(
            f"{item['format']:<13} read and copy {item['yardstick_gb_s']:.2f} GB/s; into place "
            f"{item['read_gb_s']:.2f} GB/s ({item['read_share']:.0%}); with checks and split {item['load_gb_s']:.2f} "
            f"GB/s ({item['load_share']:.0%}); peak memory {item['peak_share']:.2f}x the data"
        )
    return "\n".join(lines)


if __name__ == "__main__" and "--child" in sys.argv:
    _, _, kind, file, count, columns = sys.argv
    child(kind, Path(file), int(count), int(columns))
