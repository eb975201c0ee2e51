"""The lines of code that a message gives, taken from it and run as they stand, in the folder of the file."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lattice.config import DataSettings, TrainingEmbeddingSettings
from lattice.data import EmbeddingDataset, UnifiedDatasetLoader
from lattice.errors import DataError


def load(path: Path, **settings: object) -> EmbeddingDataset:
    return UnifiedDatasetLoader(TrainingEmbeddingSettings(data=str(path)), DataSettings(**settings)).load()  # type: ignore[arg-type]


def refusal_of(path: Path, **settings: object) -> str:
    """Return why a file is refused."""
    with pytest.raises(DataError) as caught:
        load(path, **settings)
    return str(caught.value)


def lines_of_code(message: str) -> list[str]:
    """Return what stands in backquotes in a message."""
    return re.findall(r"`([^`]+)`", message)


def follow(message: str, folder: Path, monkeypatch: pytest.MonkeyPatch, lines: int = 2, **replaced: str) -> None:
    """Run the first lines of code of a message in a folder, with words that stand for a number replaced by it."""
    monkeypatch.chdir(folder)
    code = lines_of_code(message)[:lines]
    assert len(code) == lines, message
    for word, value in replaced.items():
        code = [line.replace(word, value) for line in code]
    exec("\n".join(code), {"__builtins__": __builtins__} | {name: __import__(name) for name in ("numpy", "pandas")})
