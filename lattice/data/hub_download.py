"""A teacher's files from the hub into its cache, with progress in bytes, which can cancel it."""

from __future__ import annotations

import re
from collections.abc import Collection
from fnmatch import fnmatch
from typing import Any

from tqdm import tqdm

from lattice.progress import Progress

_WANTED = ("*.json", "*.txt", "*.model", "*.safetensors")
"""Settings, vocabularies and weights; other formats of the same weights would only be fetched in vain."""
_OLD_WEIGHTS = "pytorch_model.bin"
"""Weights of a module that are wanted where it has no newer ones."""
_MODULE = re.compile(r"\d+_\w+")
"""Folders of a model that are read, beside its top one: the modules of sentence-transformers, such as `2_Dense`."""
_PATIENCE = 10.0
"""Seconds until a hub counts as not reachable."""


def download(name: str, revision: str, progress: Progress) -> None:
    """Fetch what a teacher on the hub consists of into the hub's cache; what is there already is not fetched again.

    Raises:
        Exception: as the hub's client raises it, where the network or the model is missing.
        Cancelled: from `progress`; files that have arrived whole stay.
    """
    from huggingface_hub import hf_hub_download

    sizes = list_files(name, revision)
    meter = _Meter(f"downloading teacher {name}", sum(sizes.values()), progress)
    for file, size in sizes.items():
        hf_hub_download(name, file, revision=revision, tqdm_class=_bar_of(meter))
        meter.finish(size)


def list_files(name: str, revision: str) -> dict[str, int]:
    """Return the files of a teacher on the hub that are used, with their sizes in bytes.

    Raises:
        Exception: as the hub's client raises it, where the network or the model is missing.
    """
    from huggingface_hub import HfApi

    found = HfApi().model_info(name, revision=revision, files_metadata=True, timeout=_PATIENCE).siblings or []
    names = {file.rfilename for file in found}
    return {file.rfilename: file.size or 0 for file in found if _is_wanted(file.rfilename, names)}


def _is_wanted(path: str, names: Collection[str]) -> bool:
    folder, _, file = path.rpartition("/")
    if folder and _MODULE.fullmatch(folder) is None:
        return False
    if folder and file == _OLD_WEIGHTS:
        return f"{folder}/model.safetensors" not in names
    return any(fnmatch(file, pattern) for pattern in _WANTED)


class _Meter:
    """Bytes of all files together."""

    def __init__(self, what: str, total: int, progress: Progress) -> None:
        self._what, self._total, self._progress = what, total, progress
        self._finished = self._part = 0
        self.add(0)

    def add(self, count: int) -> None:
        """Count bytes of the present file."""
        self._part += count
        self._progress(self._what, min(self._finished + self._part, self._total), self._total or None)

    def finish(self, size: int) -> None:
        """Count a whole file, whether it was fetched or there already."""
        self._finished, self._part = self._finished + size, 0
        self.add(0)


def _bar_of(meter: _Meter) -> Any:
    """Return a progress bar that draws nothing and reports to `meter`."""

    class Bar(tqdm):  # type: ignore[misc]
        def __init__(self, *arguments: Any, **options: Any) -> None:
            options.pop("name", None)
            super().__init__(*arguments, **options | {"disable": True})
            meter.add(int(options.get("initial") or 0))

        def update(self, n: float | None = 1) -> bool | None:
            meter.add(int(n or 0))
            return None

    return Bar
