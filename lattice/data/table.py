"""The table that a load fills: rows go straight to their final place on the device and are checked as they arrive.

Shapes: S rows, D embedding width.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue

import torch
from torch import Tensor

from lattice.data.hashing import row_hash_tensor
from lattice.data.pages import empty_table
from lattice.data.readers.rows import Part, RowReader
from lattice.data.validation import KEPT, Bounds, check_values, mark_duplicates, settle_overflow

PIECE_BYTES = 8 << 20
"""Bytes read at a time: large enough for the disk, small enough to be checked while still in the processor's cache."""
MOST_WORKERS = 8
"""Threads that read and check at once at most; far fewer fill the way to memory."""


class RowTable:
    """Rows of one or two columns on one device, with a code and a hash per row."""

    def __init__(
        self, count: int, width: int, dtype: torch.dtype, device: torch.device, *, pairs: bool, bounds: Bounds
    ) -> None:
        """Allocate the table; `pairs` adds a second column."""
        self.bounds = bounds
        self.columns = [empty_table(count, width, dtype, device) for _ in range(2 if pairs else 1)]
        self.codes = torch.zeros(count, dtype=torch.int8, device=device)
        self.hashes = torch.zeros(count, dtype=torch.int64, device=device)

    @property
    def device(self) -> torch.device:
        """Device of every row."""
        return self.codes.device

    @property
    def dtype(self) -> torch.dtype:
        """Number type of the rows."""
        return self.columns[0].dtype

    def put(self, column: int, start: int, rows: Tensor) -> None:
        """Copy rows [n, D] to their place and check them."""
        self.columns[column][start : start + len(rows)].copy_(rows)
        self._check(column, start, len(rows))

    def read(self, column: int, start: int, count: int, reader: RowReader, done: Callable[[int], None]) -> None:
        """Fill `count` rows from a reader, piece by piece; `done(rows)` is called after every finished one.

        It is called by the calling thread, with the number of rows; those of parts are finished in no certain order.

        On the processor a piece is read straight into the table if the types agree; where the file allows, several
        threads each read and check pieces of their own, through a buffer each if need be. Otherwise one piece is read
        while the one before is copied and checked, through two buffers if need be. Buffers are page-locked when the
        table is on CUDA.
        """
        layout = reader.layout
        per_piece = max(1, PIECE_BYTES // layout.row_bytes)
        if count <= per_piece:  # not worth a thread
            rows = torch.empty(count, layout.width, dtype=layout.dtype)
            reader.read_into(rows)
            self.put(column, start, rows)
            done(count)
            return
        direct = self.device.type == "cpu" and layout.dtype == self.dtype
        parts = reader.parts(count)
        if parts:
            self._read_parts(column, start, parts, per_piece, direct, done)
            reader.parts_read(count)
        elif direct and reader.any_order:
            self._read_at_once(column, start, range(0, count, per_piece), reader, done)
        else:
            self._read_in_turn(column, start, range(0, count, per_piece), reader, direct, done)

    def _read_at_once(
        self, column: int, start: int, starts: range, reader: RowReader, done: Callable[[int], None]
    ) -> None:
        """Give pieces to threads, each of which reads and checks its own."""
        target, per_piece, count = self.columns[column], starts.step, starts.stop

        def fill(first: int) -> int:
            rows = min(per_piece, count - first)
            reader.read_at(reader.position + first, target[start + first : start + first + rows])
            self._check(column, start + first, rows)
            return rows

        with ThreadPoolExecutor(_workers(), thread_name_prefix="read") as pool:
            try:
                for piece in [pool.submit(fill, first) for first in starts]:
                    done(piece.result())
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
        reader.position += count

    def _read_parts(
        self, column: int, start: int, parts: Sequence[Part], per_piece: int, direct: bool, done: Callable[[int], None]
    ) -> None:
        """Give parts to threads; each reads its own piece by piece. Of several that fail the first one is reported."""
        target = self.columns[column]
        finished: SimpleQueue[int] = SimpleQueue()
        stopped = [len(parts)]
        """Numbers of the parts that failed: those behind the lowest are given up."""

        def fill(number: int, first: int, part: Part) -> None:
            size = min(per_piece, part.rows)
            try:
                with contextlib.closing(part.reader):
                    buffer = None if direct else self._buffer(size, part.reader)
                    for at in range(first, first + part.rows, per_piece):
                        if number > min(stopped):
                            return
                        rows = min(per_piece, first + part.rows - at)
                        place = target[at : at + rows]
                        piece = place if buffer is None else buffer[:rows]
                        part.reader.read_into(piece)
                        if buffer is not None:
                            place.copy_(piece)
                        self._check(column, at, rows)
                        finished.put(rows)
            except BaseException:
                stopped.append(number)
                raise
            finally:
                finished.put(0)

        firsts = itertools.accumulate((part.rows for part in parts), initial=start)
        with ThreadPoolExecutor(_workers(), thread_name_prefix="read") as pool:
            try:
                jobs = [pool.submit(fill, *job) for job in zip(itertools.count(), firsts, parts, strict=False)]
                for _ in jobs:
                    while rows := finished.get():
                        done(rows)
                for job in jobs:
                    job.result()
            except BaseException:
                stopped.append(-1)
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    def _read_in_turn(
        self, column: int, start: int, starts: range, reader: RowReader, direct: bool, done: Callable[[int], None]
    ) -> None:
        target, per_piece, count = self.columns[column], starts.step, starts.stop
        buffers = [] if direct else [self._buffer(min(per_piece, count), reader) for _ in range(2)]
        copied: list[torch.cuda.Event | None] = [None, None]

        def fetch(index: int) -> Tensor:
            first, rows = starts[index], min(per_piece, count - starts[index])
            if direct:
                piece = target[start + first : start + first + rows]
            else:
                event = copied[index % 2]
                if event is not None:
                    event.synchronize()
                piece = buffers[index % 2][:rows]
            reader.read_into(piece)
            return piece

        with ThreadPoolExecutor(1, thread_name_prefix="read") as pool:
            coming = pool.submit(fetch, 0)
            for index, first in enumerate(starts):
                piece = coming.result()
                if direct and index + 1 < len(starts):
                    coming = pool.submit(fetch, index + 1)
                if not direct:
                    target[start + first : start + first + len(piece)].copy_(piece, non_blocking=True)
                    if self.device.type == "cuda":
                        copied[index % 2] = torch.cuda.current_stream(self.device).record_event()
                    if index + 1 < len(starts):
                        coming = pool.submit(fetch, index + 1)
                self._check(column, start + first, len(piece))
                done(len(piece))

    def _buffer(self, rows: int, reader: RowReader) -> Tensor:
        pinned = self.device.type == "cuda" and torch.cuda.is_available()
        return torch.empty(rows, reader.layout.width, dtype=reader.layout.dtype, pin_memory=pinned)

    def _check(self, column: int, start: int, count: int) -> None:
        rows = self.columns[column][start : start + count]
        codes, hashes = self.codes[start : start + count], self.hashes[start : start + count]
        own = torch.empty_like(codes)
        check_values(rows, self.bounds, own)
        if self.device.type == "cpu":
            settle_overflow(rows, self.bounds, own)
        codes.copy_(torch.where(codes == KEPT, own, codes))
        hashes.mul_(31).add_(row_hash_tensor(rows))

    def finish(self, *, drop_duplicates: bool) -> None:
        """Settle what could not be decided while the rows arrived."""
        if self.device.type != "cpu":  # looking at rows one by one would have made the copies wait
            for column in self.columns:
                settle_overflow(column, self.bounds, self.codes)
        if drop_duplicates:
            mark_duplicates(self.hashes, self.columns, self.codes)

    def compact(self, kept: Tensor) -> None:
        """Keep only the rows at the rising indices `kept`, moved up in place."""
        if len(kept) == len(self.codes):
            return
        per_piece = max(1, PIECE_BYTES // (self.columns[0].shape[1] * self.dtype.itemsize))
        for column in self.columns:
            for start in range(0, len(kept), per_piece):
                part = kept[start : start + per_piece]
                column[start : start + len(part)] = column[part]
        self.columns = [column[: len(kept)] for column in self.columns]
        self.codes, self.hashes = self.codes[kept], self.hashes[kept]


def _workers() -> int:
    """Return as many threads as torch may use; two at least, since one may have to wait for the disk."""
    return min(max(2, torch.get_num_threads()), MOST_WORKERS)
