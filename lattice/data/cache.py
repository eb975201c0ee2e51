"""Embeddings that were encoded before, on disk: found by text, limited in size, written whole or not at all.

Layout: one folder per teacher and way of encoding, in it shards `*.safetensors` with `keys` [n, 16] bytes and
`embeddings` [n, D]. Never a pickle.
"""

from __future__ import annotations

import hashlib
import os
import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor

from lattice.atomic import atomic_path
from lattice.data.readers.counted import ReadMeter, open_counted, read_exactly
from lattice.data.readers.safetensors_file import TensorPlace, read_header
from lattice.errors import DataError
from lattice.log import logger

Keys = np.ndarray[tuple[int, int], np.dtype[np.uint64]]
"""[n, 2]: the two halves of a 128-bit hash per text."""


def text_keys(texts: Iterable[str]) -> Keys:
    """Return a 128-bit key per text, uint64 [n, 2]: BLAKE2b over its UTF-8 form."""
    blake2b = hashlib.blake2b
    digests = b"".join(blake2b(text.encode("utf-8", "replace"), digest_size=16).digest() for text in texts)
    return np.frombuffer(digests, dtype="<u8").astype(np.uint64).reshape(-1, 2)


class EmbeddingCache:
    """The shards of one teacher. A cache that can't be written is given up with a warning, never with an error."""

    def __init__(self, root: Path, name: str, limit_bytes: int) -> None:
        """Use folder `name` below `root`; all of `root` stays below `limit_bytes`, 0 switches the cache off."""
        self.root, self.folder, self.limit_bytes = root, root / name, limit_bytes
        self._writable = limit_bytes > 0

    def lookup(self, keys: Keys, width: int, dtype: torch.dtype) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield (indices into `keys` [n], rows [n, width]) shard by shard for the keys that are there.

        A shard that is damaged or does not fit is deleted with a warning; its texts are encoded again.
        """
        if self.limit_bytes <= 0 or not self.folder.is_dir():
            return
        order = np.argsort(keys[:, 0], kind="stable")
        wanted = keys[order]
        found = np.zeros(len(keys), dtype=bool)
        for path in sorted(self.folder.glob("*.safetensors")):
            try:
                shard = _Shard(path, width, dtype)
                where = np.searchsorted(wanted[:, 0], shard.keys[:, 0]).clip(max=len(wanted) - 1)
                hits = np.flatnonzero((wanted[where] == shard.keys).all(axis=1) & ~found[order[where]])
                rows = shard.rows()[torch.from_numpy(hits)] if len(hits) else None
            except DataError as error:
                logger.warning("cache: %s; it is deleted and its texts are encoded again", error)
                path.unlink(missing_ok=True)
                continue
            if rows is not None:
                indices = order[where[hits]]
                found[indices] = True
                _touch(path)
                yield torch.from_numpy(indices), rows

    def store(self, keys: Keys, rows: Tensor) -> None:
        """Write one shard, then delete the longest unused ones beyond the limit."""
        if not self._writable or len(keys) == 0:
            return
        tensors = {
            "keys": torch.from_numpy(keys.astype("<u8").view(np.uint8).reshape(-1, 16)),
            "embeddings": rows.detach().cpu().contiguous(),
        }
        try:
            with atomic_path(self.folder / f"{uuid.uuid4().hex}.safetensors") as temporary:
                save_file(tensors, temporary)
            self._trim()
        except Exception as error:  # safetensors has its own type for a full disk
            self._writable = False
            logger.warning("cache: can't write to %s (%s); encoding goes on without it", self.folder, error)

    def _trim(self) -> None:
        shards = []
        for path in self.root.glob("*/*.safetensors"):
            try:
                status = path.stat()
            except FileNotFoundError:  # another program trimmed it
                continue
            shards.append((status.st_mtime_ns, path.name, status.st_size, path))
        excess = sum(size for _, _, size, _ in shards) - self.limit_bytes
        for _, _, size, path in sorted(shards):
            if excess <= 0:
                return
            path.unlink(missing_ok=True)
            excess -= size


class _Shard:
    """One file of the cache: its keys are read at once, its rows only when some of them are wanted."""

    def __init__(self, path: Path, width: int, dtype: torch.dtype) -> None:
        """Read the keys; raises `DataError` if the file is damaged or does not fit."""
        self.path, self._meter = path, ReadMeter()
        places = read_header(path, self._meter)
        keys, rows = places.get("keys"), places.get("embeddings")
        if keys is None or rows is None or keys.dtype != torch.uint8 or rows.dtype != dtype:
            raise DataError(f"{path} is no shard of this cache")
        if keys.shape != (rows.shape[0], 16) or rows.shape[1:] != (width,):
            raise DataError(f"{path} has embeddings of shape {list(rows.shape)}, expected width {width}")
        self._rows = rows
        self.keys: Keys = self._read(keys).numpy().view("<u8").astype(np.uint64)

    def rows(self) -> Tensor:
        """Read all embeddings, [n, D]."""
        return self._read(self._rows)

    def _read(self, place: TensorPlace) -> Tensor:
        tensor = torch.empty(place.shape, dtype=place.dtype)
        with open_counted(self.path, self._meter) as file:
            file.seek(place.offset)
            read_exactly(file, tensor.view(torch.uint8).reshape(-1).numpy().data, self.path, "its tensors")
        return tensor


def _touch(path: Path) -> None:
    try:
        os.utime(path)
    except OSError:  # only the order of deletion depends on it
        logger.debug("cache: can't mark %s as used", path)
