"""Readers of embedding files. First form: whole tensors from one file."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from lattice.errors import DataError

SUFFIXES = (".safetensors", ".npy", ".npz", ".pt")


def read_embeddings(path: Path, limit: int | None = None) -> Tensor:
    """Read [S, D] embeddings from a `.safetensors`, `.npy`, `.npz` or `.pt` file, at most `limit` rows."""
    if not path.exists():
        raise DataError(f"{path} does not exist")
    try:
        if path.suffix == ".safetensors":
            with safe_open(path, framework="pt") as file:
                names = list(file.keys())
                name = "embeddings" if "embeddings" in names else names[0]
                rows: Tensor = file.get_slice(name)[: limit or None]
        elif path.suffix == ".npy":
            rows = torch.from_numpy(np.array(np.load(path, mmap_mode="r", allow_pickle=False)[:limit]))
        elif path.suffix == ".npz":
            with np.load(path, allow_pickle=False) as archive:
                name = "embeddings" if "embeddings" in archive.files else archive.files[0]
                rows = torch.from_numpy(np.array(archive[name][:limit]))
        elif path.suffix == ".pt":
            loaded = torch.load(path, weights_only=True, map_location="cpu", mmap=True)
            if isinstance(loaded, dict):
                loaded = loaded.get("embeddings", next(iter(loaded.values())))
            rows = loaded[:limit].clone()
        else:
            raise DataError(f"{path}: unknown kind of file; expected one of {', '.join(SUFFIXES)}")
    except (OSError, ValueError, SafetensorError, zipfile.BadZipFile, EOFError, RuntimeError, TypeError) as error:
        raise DataError(f"can't read {path}: {error}") from None
    if rows.ndim != 2 or not rows.is_floating_point():
        raise DataError(f"{path}: got shape {tuple(rows.shape)} {rows.dtype}, expected rows of floats [samples, width]")
    rows = rows.to(torch.float32) if rows.dtype == torch.float64 else rows
    bad = (~torch.isfinite(rows).all(dim=1)).nonzero()
    if len(bad):
        raise DataError(f"{path}: row {int(bad[0])} holds NaN or infinity; remove such rows first")
    return rows
