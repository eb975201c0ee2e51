"""Freed memory: kept by the process where that can be asked for, given back on request."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from lattice import allocator
from lattice.allocator import freed_bytes, keep_freed_memory, release_freed_memory

ROOT = Path(__file__).parent.parent.parent
gnu = pytest.mark.skipif(allocator._gnu_library() is None, reason="needs GNU's C library")

FAULTS = """
import os, resource, sys
from lattice.allocator import freed_bytes, keep_freed_memory, release_freed_memory
print(int(keep_freed_memory(dict(item.split("=", 1) for item in sys.argv[2:]))))
import threading, torch
def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
def fill():
    for _ in range(20):
        torch.empty(40 << 18).fill_(1.0)
def run():
    fill()
    before = faults()
    fill()
    print(faults() - before)
if sys.argv[1] == "thread":
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
else:
    run()
print(freed_bytes())
release_freed_memory()
print(freed_bytes())
"""
BLOCK = 40 << 20


def measure(where: str, *environment: str) -> list[int]:
    """Return what `FAULTS` prints: whether memory is kept, page faults of 20 blocks, kept bytes before and after."""
    done = subprocess.run(
        [sys.executable, "-c", FAULTS, where, *environment], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [int(line) for line in done.stdout.split()]


@gnu
@pytest.mark.parametrize("where", ["main", "thread"])
def test_a_block_of_the_same_size_is_used_again(where: str) -> None:
    kept, faults, _, _ = measure(where)
    tuned, faults_before, _, _ = measure(where, "MALLOC_ARENA_MAX=2")
    assert (kept, tuned) == (1, 0)
    assert faults < 100 < BLOCK // 4096 < faults_before


@gnu
def test_kept_memory_is_known_and_can_be_given_back() -> None:
    _, _, held, left = measure("main")
    assert held >= BLOCK
    assert left < held - 0.9 * BLOCK


@gnu
@pytest.mark.parametrize(
    "environment", [{"MALLOC_TRIM_THRESHOLD_": "1"}, {"GLIBC_TUNABLES": "glibc.malloc.arena_max=4"}]
)
def test_a_user_who_tuned_the_allocator_is_left_alone(environment: dict[str, str]) -> None:
    assert not keep_freed_memory(environment)


def test_other_platforms_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    allocator._gnu_library.cache_clear()
    monkeypatch.setattr("lattice.allocator.sys.platform", "win32")
    try:
        assert not keep_freed_memory({})
        assert freed_bytes() == 0
        release_freed_memory()
    finally:
        allocator._gnu_library.cache_clear()
