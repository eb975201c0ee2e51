"""Folders as `datasets.save_to_disk` writes them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lattice.data.readers.choice import reader_for
from lattice.data.sources.folder_files import FolderFiles
from lattice.errors import DataError
from lattice.parsing import ParseError, parse_json


def saved_data_set(folder: Path, split: str) -> FolderFiles | None:
    """Return the files of what `datasets.save_to_disk` wrote, None if the folder is no such."""
    several = _read_json(folder / "dataset_dict.json")
    if several is not None:
        splits = several.get("splits", [])
        if split not in splits:
            raise DataError(f"{folder} has no split {split!r}; it has {', '.join(map(repr, splits))} (data.split)")
        inner = saved_data_set(folder / split, split)
        if inner is None:
            raise DataError(f"{folder / split} is no saved data set; the folder is not complete. Copy it again")
        others = [name for name in splits if name != split]
        inner.guess = f"{folder.name}: took the split {split!r}"
        inner.aside = f"{folder.name}: left aside the splits {', '.join(map(repr, others))}" if others else ""
        return inner
    state = _read_json(folder / "state.json")
    if state is None or "_data_files" not in state:
        return None
    if state.get("_indices_files"):
        raise DataError(
            f"{folder} is a data set saved with a selection of rows; write it whole with "
            "`datasets.load_from_disk(old).flatten_indices().save_to_disk(new)`"
        )
    paths = [folder / Path(entry["filename"]).name for entry in state["_data_files"]]
    missing = next((path for path in paths if not path.is_file()), None)
    if not paths or missing is not None:
        raise DataError(f"{folder} lacks {missing.name if missing else 'its data files'}; copy it again")
    return FolderFiles([(reader_for(path), path) for path in paths])


def _read_json(path: Path) -> dict[str, Any] | None:
    try:
        value = parse_json(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, ParseError):
        return None
    return value if isinstance(value, dict) else None
