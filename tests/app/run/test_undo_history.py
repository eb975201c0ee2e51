"""What is kept for Undo stays within its limits, but for the newest run that is kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.run.undo_history import UndoHistory
from app.run.undo_snapshot import UndoSnapshot
from tests.app.fakes import FakeTrainer, small_config

BYTES = 700
LIVE, REBUILD = "training_embedding.batch_size", "model.state_size"


@pytest.fixture
def deleted(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Keep no file, but note what would be deleted."""
    deleted: list[object] = []

    def keep(trainer: FakeTrainer, _watched: None) -> UndoSnapshot:
        return UndoSnapshot(Path("kept"), trainer.config, None, "data", BYTES)

    monkeypatch.setattr("app.run.undo_history.keep_run", keep)
    monkeypatch.setattr("app.run.undo_history.delete", lambda kept: deleted.append(kept) if kept else None)
    return deleted


def edit(history: UndoHistory, trainer: FakeTrainer, key: str, value: int) -> None:
    config = trainer.config.replaced({key: value})
    with history.before(trainer, config, None):  # type: ignore[arg-type]
        trainer.config = config


def test_the_newest_kept_run_outlives_live_edits_however_large_it_is(deleted: list[object]) -> None:
    history, trainer = UndoHistory(BYTES - 1), FakeTrainer(small_config())
    edit(history, trainer, REBUILD, 8)
    edit(history, trainer, LIVE, 5)
    edit(history, trainer, LIVE, 7)
    assert deleted == []
    assert history.depth("undo") == 3


def test_an_older_kept_run_gives_way_to_a_newer_one(deleted: list[object]) -> None:
    history, trainer = UndoHistory(BYTES), FakeTrainer(small_config())
    edit(history, trainer, LIVE, 5)
    for size in (8, 10):
        edit(history, trainer, REBUILD, size)
    edit(history, trainer, LIVE, 7)
    assert len(deleted) == 1
    assert history.depth("undo") == 2
