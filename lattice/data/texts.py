"""Texts packed into two arrays, so that millions of them cost little memory and fit into a safetensors file."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

Bytes = np.ndarray[tuple[int], np.dtype[np.uint8]]
_RUN = 4096
"""Texts that are unpacked at a time while they are iterated."""
Ends = np.ndarray[tuple[int], np.dtype[np.int64]]
Hashes = np.ndarray[tuple[int], np.dtype[np.uint64]]


class PackedTexts(Sequence[str]):
    """A read-only sequence of texts: their UTF-8 bytes in one array, and where each ends in another."""

    def __init__(self, utf8: Bytes, ends: Ends) -> None:
        """Wrap the arrays; `ends` rises and its last value is at most the number of bytes."""
        self.utf8, self.ends = utf8, ends
        self.hashes: Hashes | None = None
        """One per text, by `lattice.data.hashing.text_hashes`, once they are known."""

    @classmethod
    def pack(cls, texts: Iterable[str]) -> PackedTexts:
        """Pack any texts."""
        encoded = [text.encode("utf-8", "replace") for text in texts]
        ends = np.cumsum([len(text) for text in encoded], dtype=np.int64)
        return cls(np.frombuffer(b"".join(encoded), dtype=np.uint8), ends)

    @classmethod
    def joined(cls, parts: Sequence[PackedTexts]) -> PackedTexts:
        """Join several, with their hashes if all are known."""
        if len(parts) == 1:
            return parts[0]
        utf8 = [part.utf8[: int(part.ends[-1])] if len(part) else part.utf8[:0] for part in parts]
        starts = itertools.accumulate(map(len, utf8), initial=0)
        whole = cls(np.concatenate(utf8), np.concatenate([p.ends + at for p, at in zip(parts, starts, strict=False)]))
        hashes = [part.hashes for part in parts if part.hashes is not None]
        whole.hashes = np.concatenate(hashes) if len(hashes) == len(parts) else None
        return whole

    def take(self, rows: NDArray[np.int64]) -> PackedTexts:
        """Return the texts at the indices `rows`, with their hashes if they are known."""
        starts = np.concatenate([np.zeros(1, np.int64), self.ends[:-1]])[rows]
        lengths = self.ends[rows] - starts
        ends = np.cumsum(lengths)
        if len(rows) == 0 or len(self.utf8) == 0:
            taken = PackedTexts(self.utf8[:0], ends)
        else:
            utf8 = self.utf8.data
            parts = [utf8[a:b] for a, b in zip(starts.tolist(), (starts + lengths).tolist(), strict=True)]
            taken = PackedTexts(np.frombuffer(b"".join(parts), dtype=np.uint8), ends)
        taken.hashes = None if self.hashes is None else self.hashes[rows]
        return taken

    def arrays(self, name: str) -> dict[str, NDArray[Any]]:
        """Return copies of both arrays under the names that files of tensors keep them by, `NAME.utf8` and `.ends`."""
        return {f"{name}.utf8": self.utf8.copy(), f"{name}.ends": self.ends.copy()}

    def __len__(self) -> int:
        """Return the number of texts."""
        return len(self.ends)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        """Return one text, or a list of them."""
        if isinstance(index, slice):
            start, stop, step = index.indices(len(self))
            return self._run(start, stop) if step == 1 else [self[i] for i in range(start, stop, step)]
        if not -len(self) <= index < len(self):
            raise IndexError(index)
        index %= len(self)
        start = int(self.ends[index - 1]) if index else 0
        return bytes(self.utf8[start : int(self.ends[index])]).decode("utf-8", "replace")

    def __iter__(self) -> Iterator[str]:
        """Iterate over the texts, many at a time."""
        for start in range(0, len(self), _RUN):
            yield from self._run(start, min(start + _RUN, len(self)))

    def encoded(self) -> Iterator[bytes]:
        """Iterate over the texts in UTF-8; what is none in the file is replaced, as in the texts themselves."""
        for start in range(0, len(self), _RUN):
            whole, ends = self._bytes(start, min(start + _RUN, len(self)))
            if _each_is_utf8(whole, ends):
                yield from (whole[a:b] for a, b in zip([0, *ends], ends, strict=False))
            else:
                yield from (text.encode("utf-8") for text in self._run(start, start + len(ends)))

    def _bytes(self, start: int, stop: int) -> tuple[bytes, list[int]]:
        """Return the bytes of neighbouring texts, at least one, and where each ends in them."""
        begin = int(self.ends[start - 1]) if start else 0
        ends = (self.ends[start:stop] - begin).tolist()
        return bytes(self.utf8[begin : begin + ends[-1]]), ends

    def _run(self, start: int, stop: int) -> list[str]:
        """Return neighbouring texts: their bytes and ends are looked up all at once."""
        if start >= stop:
            return []
        whole, ends = self._bytes(start, stop)
        return [whole[a:b].decode("utf-8", "replace") for a, b in zip([0, *ends], ends, strict=False)]


def joined_texts(parts: Sequence[Sequence[str]]) -> Sequence[str]:
    """Return one sequence of all texts, packed if all parts are."""
    packed = [part for part in parts if isinstance(part, PackedTexts)]
    if len(packed) == len(parts) > 0:
        return PackedTexts.joined(packed)
    return parts[0] if len(parts) == 1 else list(itertools.chain.from_iterable(parts))


def _each_is_utf8(whole: bytes, ends: list[int]) -> bool:
    """Say whether texts that end at `ends` are UTF-8: all together, and with no end within a character."""
    if whole.isascii():
        return True
    try:
        whole.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return not any(whole[end] & 0xC0 == 0x80 for end in ends if end < len(whole))
