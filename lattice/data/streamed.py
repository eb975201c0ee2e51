"""Rows that stay in the computer's memory because the GPU's can't hold them, copied over batch by batch.

Shapes: S rows, B batch, D embedding width.
"""

from __future__ import annotations

import torch
from torch import Tensor


class StreamedRows:
    """A table on the host whose batches go to a device through two page-locked buffers.

    While the device computes with one batch, the next is gathered into the other buffer; a buffer is written again
    only after its copy has finished.
    """

    def __init__(self, rows: Tensor, device: torch.device | str) -> None:
        """Wrap rows [S, D] on the processor."""
        self.rows, self.device = rows, torch.device(device)
        self._buffers: list[Tensor | None] = [None, None]
        self._copied: list[torch.cuda.Event | None] = [None, None]
        self._turn = 0

    def gather(self, indices: Tensor) -> Tensor:
        """Return the rows at `indices`, int64 [B], on the device, in the table's own type."""
        indices = indices.cpu()
        if self.device.type != "cuda":
            return self.rows[indices].to(self.device)
        buffer = self._free_buffer(len(indices))
        torch.index_select(self.rows, 0, indices, out=buffer)
        batch = buffer.to(self.device, non_blocking=True)
        self._copied[self._turn] = torch.cuda.current_stream(self.device).record_event()
        self._turn = 1 - self._turn
        return batch

    def _free_buffer(self, count: int) -> Tensor:
        event, buffer = self._copied[self._turn], self._buffers[self._turn]
        if event is not None:
            event.synchronize()
        if buffer is None or len(buffer) < count:
            buffer = torch.empty(count, self.rows.shape[1], dtype=self.rows.dtype, pin_memory=True)
            self._buffers[self._turn] = buffer
        return buffer[:count]
