"""The cache of embeddings: found by text, bounded, and never in the way."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import torch

from lattice.data import cache as cache_module
from lattice.data.cache import EmbeddingCache, text_keys

GB = 10**9


def found(
    cache: EmbeddingCache, texts: list[str], width: int = 4, dtype: torch.dtype = torch.float32
) -> dict[str, Any]:
    hits = {}
    for indices, rows in cache.lookup(text_keys(texts), width, dtype):
        for index, row in zip(indices.tolist(), rows, strict=True):
            hits[texts[index]] = row.tolist()
    return hits


def rows_of(texts: list[str], width: int = 4) -> torch.Tensor:
    return torch.tensor([[float(len(text)), *[1.0] * (width - 1)] for text in texts])


def test_rows_are_found_by_their_text_across_shards(tmp_path: Path) -> None:
    cache = EmbeddingCache(tmp_path, "teacher", GB)
    for texts in (["a", "bb", "ccc"], ["dddd"], ["bb"]):
        cache.store(text_keys(texts), rows_of(texts))
    hits = found(EmbeddingCache(tmp_path, "teacher", GB), ["dddd", "never", "bb", "a"])
    assert {text: row[0] for text, row in hits.items()} == {"dddd": 4.0, "bb": 2.0, "a": 1.0}
    assert found(EmbeddingCache(tmp_path, "another", GB), ["a"]) == {}


def test_a_row_that_lies_in_two_shards_is_given_once(tmp_path: Path) -> None:
    cache = EmbeddingCache(tmp_path, "teacher", GB)
    for _ in range(2):
        cache.store(text_keys(["a"]), rows_of(["a"]))
    assert sum(len(indices) for indices, _ in cache.lookup(text_keys(["a"]), 4, torch.float32)) == 1


@pytest.mark.parametrize("damage", ["truncate", "garbage", "other width", "other type", "no keys"])
def test_a_damaged_shard_is_deleted_and_forgotten(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, damage: str
) -> None:
    cache = EmbeddingCache(tmp_path, "teacher", GB)
    cache.store(text_keys(["a", "b"]), rows_of(["a", "b"]))
    cache.store(text_keys(["c"]), rows_of(["c"]))
    path = max(cache.folder.iterdir(), key=lambda path: path.stat().st_size)
    if damage == "truncate":
        path.write_bytes(path.read_bytes()[:-3])
    elif damage == "garbage":
        path.write_bytes(b"\xff" * 200)
    else:
        width = 5 if damage == "other width" else 4
        rows = rows_of(["a", "b"], width).to(torch.float16 if damage == "other type" else torch.float32)
        path.unlink()
        cache.store(text_keys(["a", "b"]), rows)
        path = max(cache.folder.iterdir(), key=lambda path: path.stat().st_mtime_ns)
        if damage == "no keys":
            path.write_bytes(path.read_bytes().replace(b'"keys"', b'"kexs"'))
    assert set(found(cache, ["a", "b", "c"])) == {"c"}
    assert "is deleted and its texts are encoded again" in caplog.text
    assert not path.exists()


def test_the_longest_unused_shards_of_all_teachers_go_first(tmp_path: Path) -> None:
    first, second = EmbeddingCache(tmp_path, "one", GB), EmbeddingCache(tmp_path, "two", GB)
    for number, (cache, text) in enumerate([(first, "a"), (second, "b"), (first, "c")]):
        cache.store(text_keys([text]), rows_of([text], 300))
        newest = max(cache.folder.iterdir(), key=lambda path: path.stat().st_mtime_ns)
        os.utime(newest, (number, number))
    size = newest.stat().st_size
    assert set(found(first, ["a"], 300)) == {"a"}  # used again, so 'b' is now the oldest
    tight = EmbeddingCache(tmp_path, "two", 3 * size + size // 2)
    tight.store(text_keys(["d"]), rows_of(["d"], 300))
    assert set(found(second, ["b", "d"], 300)) == {"d"}
    assert set(found(first, ["a", "c"], 300)) == {"a", "c"}
    assert sum(path.stat().st_size for path in tmp_path.glob("*/*")) <= tight.limit_bytes


def test_a_limit_of_nothing_switches_the_cache_off(tmp_path: Path) -> None:
    cache = EmbeddingCache(tmp_path, "teacher", 0)
    cache.store(text_keys(["a"]), rows_of(["a"]))
    assert found(cache, ["a"]) == {}
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_costs_the_cache_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    cache = EmbeddingCache(tmp_path, "teacher", GB)
    monkeypatch.setattr(cache_module, "save_file", full)
    for text in ("a", "b"):
        cache.store(text_keys([text]), rows_of([text]))
    assert caplog.text.count("No space left on device") == 1
    assert "encoding goes on without it" in caplog.text
    assert list(cache.folder.iterdir()) == []


def test_a_file_that_another_program_trims_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = EmbeddingCache(tmp_path, "teacher", GB)
    cache.store(text_keys(["a"]), rows_of(["a"]))
    monkeypatch.setattr(Path, "glob", lambda self, pattern: iter([cache.folder / "gone.safetensors"]))
    cache.store(text_keys(["b"]), rows_of(["b"]))
    assert cache._writable
