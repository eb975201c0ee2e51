"""A teacher's files from the hub into its cache, with progress in bytes, which can cancel it."""

from __future__ import annotations

from fnmatch import fnmatch
from typing import Any

from tqdm import tqdm

from lattice.progress import Progress

_WANTED = ("*.json", "*.txt", "*.model", "*.safetensors")
"""Settings, vocabularies and weights; other formats of the same weights would only be fetched in vain."""
_FOLDERS = ("1_Pooling",)
"""Folders of a model that are read, beside its top one."""


def download(name: str, revision: str, progress: Progress) -> None:
    """Fetch what a teacher on the hub consists of into the hub's cache; what is there already is not fetched again.

    Raises:
        Exception: as the hub's client raises it, where the network or the model is missing.
        Cancelled: from `progress`; files that have arrived whole stay.
    """
    from huggingface_hub import HfApi, hf_hub_download

    siblings = HfApi().model_info(name, revision=revision, files_metadata=True).siblings or []
    sizes = {file.rfilename: file.size or 0 for file in siblings if _is_wanted(file.rfilename)}
    meter = _Meter(f"downloading teacher {name}", sum(sizes.values()), progress)
    for file, size in sizes.items():
        hf_hub_download(name, file, revision=revision, tqdm_class=_bar_of(meter))
        meter.finish(size)


def _is_wanted(path: str) -> bool:
    folder, _, file = path.rpartition("/")
    return (not folder or folder in _FOLDERS) and any(fnmatch(file, pattern) for pattern in _WANTED)


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
