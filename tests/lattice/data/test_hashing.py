"""Hashes of rows and texts against values worked out independently."""

from __future__ import annotations

import hashlib

import hypothesis.strategies as st
import numpy as np
import pytest
import torch
from hypothesis import given

from lattice.data import hashing
from lattice.data.hashing import row_hashes, text_hashes
from lattice.data.texts import PackedTexts
from lattice.progress import Cancelled

MASK = 2**64 - 1


def splitmix_finaliser(value: int) -> int:
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9 & MASK
    value = (value ^ (value >> 27)) * 0x94D049BB133111EB & MASK
    return value ^ (value >> 31)


def reference_row_hash(row: bytes) -> int:
    size = next(size for size in (8, 4, 2) if len(row) % size == 0)
    lanes = [int.from_bytes(row[at : at + size], "little") for at in range(0, len(row), size)]
    lanes = [lane ^ (lane >> 32) for lane in lanes]
    factors = [splitmix_finaliser((i + 1) * 0x9E3779B97F4A7C15 & MASK) | 1 for i in range(len(lanes))]
    return splitmix_finaliser(sum(a * b for a, b in zip(lanes, factors, strict=True)) & MASK)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32])
@pytest.mark.parametrize("width", [1, 3, 8, 385])
def test_row_hashes_equal_the_formula_in_whole_numbers(dtype: torch.dtype, width: int) -> None:
    rows = torch.randn(9, width, generator=torch.Generator().manual_seed(3)).to(dtype)
    raw = rows.view(torch.uint8).numpy()
    assert row_hashes(rows).tolist() == [reference_row_hash(row.tobytes()) for row in raw]


@pytest.mark.parametrize("width", [1, 2, 3, 8, 385])
def test_other_devices_hash_like_the_processor(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = torch.randn(50, width, generator=torch.Generator().manual_seed(5)).half()
    expected = row_hashes(rows)
    monkeypatch.setattr(hashing, "_weigh_on_processor", hashing._weigh)
    assert row_hashes(rows).tolist() == expected.tolist()


def test_row_hashes_do_not_depend_on_how_many_rows_are_hashed_at_once() -> None:
    rows = torch.randn(3000, 512, generator=torch.Generator().manual_seed(0))
    one_by_one = np.concatenate([row_hashes(rows[i : i + 1]) for i in (0, 1024, 2999)])
    assert row_hashes(rows)[[0, 1024, 2999]].tolist() == one_by_one.tolist()


def test_rows_that_differ_in_one_high_bit_get_different_hashes() -> None:
    rows = torch.zeros(4096, 768, dtype=torch.float16)
    rows[torch.arange(768), torch.arange(768)] = -0.0
    rows[torch.arange(768, 1536), torch.arange(768)] = 2.0
    rows = rows[:1537]
    assert len(set(row_hashes(rows).tolist())) == 1537


def test_hashes_fill_their_range_evenly() -> None:
    rows = torch.arange(8000, dtype=torch.float32).reshape(-1, 1)
    shares = row_hashes(rows).astype(np.float64) / 2.0**64
    counts, _ = np.histogram(shares, bins=10, range=(0, 1))
    assert counts.min() > 650
    assert counts.max() < 950


def test_a_text_hash_is_its_blake2b() -> None:
    expected = int.from_bytes(hashlib.blake2b("Grüße".encode(), digest_size=8).digest(), "little")
    assert text_hashes(["Grüße"]).tolist() == [expected]


@pytest.mark.parametrize(
    "parts",
    [["plain", "", "text"], ["Gr\u00fc\u00dfe", "\u65e5\u672c", "a" * 300]],
)
def test_packed_texts_hash_like_plain_ones(parts: list[str]) -> None:
    assert text_hashes(PackedTexts.pack(parts)).tolist() == text_hashes(parts).tolist()


@pytest.mark.parametrize("ends", [[2, 4, 6], [3, 4, 6], [1, 2, 6]], ids=["damaged", "cut in two", "both"])
def test_packed_bytes_that_are_no_texts_hash_like_what_is_shown(ends: list[int]) -> None:
    utf8 = b"a\xff\xc3\xbcbc" if ends != [3, 4, 6] else b"ab\xc3\xbcbc"
    packed = PackedTexts(np.frombuffer(utf8, dtype=np.uint8), np.array(ends, dtype=np.int64))
    assert text_hashes(packed).tolist() == text_hashes(list(packed)).tolist()


@given(st.lists(st.text(st.characters(codec=None))))
def test_any_text_can_be_hashed(texts: list[str]) -> None:
    assert len(text_hashes(texts)) == len(texts)


def test_a_rest_follows_each_run_of_texts_and_can_stop_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hashing, "_RUN", 3)
    rests = []
    assert len(text_hashes(list("abcdefgh"), lambda: rests.append(1))) == 8
    assert len(rests) == 2

    def stop() -> None:
        raise Cancelled

    packed = PackedTexts.pack(list("abcdefgh"))
    with pytest.raises(Cancelled):
        text_hashes(packed, stop)
    assert packed.hashes is None
