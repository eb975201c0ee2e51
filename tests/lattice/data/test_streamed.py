"""Rows that stay in the computer's memory: batches are right however the buffers are used."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace

import pytest
import torch

from lattice.data import build_dataset
from lattice.data import streamed as streamed_module
from lattice.data.streamed import StreamedRows

ROWS = torch.arange(60.0).reshape(20, 3)


class Card:
    """Stands in for CUDA: a copy reads its buffer only when its event is waited for, as late as is allowed."""

    def __init__(self) -> None:
        self.pending: list[tuple[torch.Tensor, torch.Tensor]] = []
        self.waits = 0
        self.made: list[tuple[int, ...]] = []

    def copy(self, buffer: torch.Tensor) -> torch.Tensor:
        batch = torch.full_like(buffer, float("nan"))
        self.pending.append((buffer, batch))
        return batch

    def event(self) -> SimpleNamespace:
        mine = list(self.pending)

        def synchronize() -> None:
            self.waits += 1
            self._run(mine)

        return SimpleNamespace(synchronize=synchronize)

    def finish(self) -> None:
        self._run(list(self.pending))

    def _run(self, copies: list[tuple[torch.Tensor, torch.Tensor]]) -> None:
        for buffer, batch in copies:
            if any(batch is other for _, other in self.pending):
                batch.copy_(buffer)
                self.pending = [pair for pair in self.pending if pair[1] is not batch]


@pytest.fixture
def card(monkeypatch: pytest.MonkeyPatch) -> Iterator[Card]:
    card = Card()
    empty = torch.empty

    def pinned(*shape: int, dtype: torch.dtype, pin_memory: bool) -> torch.Tensor:
        assert pin_memory
        card.made.append(shape)
        return empty(*shape, dtype=dtype)

    fake = SimpleNamespace(
        device=torch.device,
        empty=pinned,
        index_select=torch.index_select,
        cuda=SimpleNamespace(current_stream=lambda _device: SimpleNamespace(record_event=card.event)),
    )
    monkeypatch.setattr(streamed_module, "torch", fake)
    monkeypatch.setattr(torch.Tensor, "to", lambda buffer, _device, *, non_blocking: card.copy(buffer))
    yield card
    monkeypatch.undo()


def batches(*starts: int, size: int = 4) -> list[torch.Tensor]:
    return [torch.arange(start, start + size) for start in starts]


def test_the_processor_needs_no_buffers() -> None:
    rows = StreamedRows(ROWS, "cpu")
    assert torch.equal(rows.gather(torch.tensor([19, 0, 0])), ROWS[[19, 0, 0]])
    rows.gather(torch.tensor([1])).zero_()
    assert torch.equal(rows.rows, torch.arange(60.0).reshape(20, 3))


def test_a_buffer_is_written_again_only_after_its_copy(card: Card) -> None:
    rows = StreamedRows(ROWS, "cuda")
    wanted = batches(0, 4, 8, 12, 16)
    taken = [rows.gather(indices) for indices in wanted]
    assert card.waits == 3, "the first two batches wait for nobody"
    card.finish()
    for indices, batch in zip(wanted, taken, strict=True):
        assert torch.equal(batch, ROWS[indices])


def test_the_next_batch_is_gathered_while_the_last_is_copied(card: Card) -> None:
    rows = StreamedRows(ROWS, "cuda")
    first, second = (rows.gather(indices) for indices in batches(0, 4))
    assert len(card.pending) == 2
    assert bool(first.isnan().all())
    third = rows.gather(batches(8)[0])
    assert torch.equal(first, ROWS[:4]), "its buffer was needed, so its copy is over"
    assert bool(second.isnan().all())
    assert bool(third.isnan().all())


def test_two_buffers_are_made_once_and_grow_only_for_a_larger_batch(card: Card) -> None:
    rows = StreamedRows(ROWS, "cuda")
    for size in (4, 4, 2, 4, 3):
        rows.gather(torch.arange(size))
    assert card.made == [(4, 3), (4, 3)]
    large = rows.gather(torch.arange(9))
    small = rows.gather(torch.tensor([19]))
    card.finish()
    assert card.made == [(4, 3), (4, 3), (9, 3)]
    assert torch.equal(large, ROWS[:9])
    assert torch.equal(small, ROWS[19:])


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32])
def test_a_streamed_data_set_gives_the_batches_of_a_resident_one(dtype: torch.dtype) -> None:
    generator = torch.Generator().manual_seed(3)
    rows, partners = torch.randn(2, 50, 8, generator=generator).to(dtype)
    resident = build_dataset(rows, partners=partners, source="rows")
    streamed = resident.streamed_to("cpu")
    assert streamed.streamed
    assert streamed.device == torch.device("cpu")
    for indices in resident.train_indices.split(7):
        for side in (False, True):
            batch = streamed.batch(indices, partners=side)
            assert batch.dtype == torch.float32
            assert torch.equal(batch, resident.batch(indices, partners=side))
    moved = streamed.to("meta")
    assert moved.device == torch.device("meta")
    assert moved.embeddings is resident.embeddings, "the rows stay where they are"


def test_rows_on_the_device_can_not_be_streamed() -> None:
    dataset = build_dataset(torch.randn(10, 4), source="rows").to("meta")
    with pytest.raises(ValueError, match="only rows in the computer's memory can be streamed"):
        dataset.streamed_to("cpu")


@pytest.mark.gpu
def test_the_card_gets_every_batch_whole() -> None:
    rows = StreamedRows(torch.randn(5000, 96, generator=torch.Generator().manual_seed(0)), "cuda")
    order = torch.randperm(5000, generator=torch.Generator().manual_seed(1))
    busy = torch.randn(2000, 2000, device="cuda")
    taken = []
    for indices in order.split(64):
        busy = busy @ busy.softmax(dim=0)  # the copies queue up behind this
        taken.append(rows.gather(indices))
    assert torch.equal(torch.cat(taken).cpu(), rows.rows[order])
    assert all(buffer is not None and buffer.is_pinned() for buffer in rows._buffers)
