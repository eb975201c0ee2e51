"""An evaluation: what the baselines are granted, and that it can be followed and cancelled."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest

from lattice.progress import Cancelled
from lattice.training import linear_baselines
from lattice.training.reports import EVALUATING
from lattice.training.score_rows import best_baseline
from lattice.training.trainer import EmbeddingTrainer

Maker = Callable[..., EmbeddingTrainer]
DENOISE = "training_embedding.objective=denoise"


def test_the_linear_map_gets_the_draws_that_the_student_has_seen(small_trainer: Maker) -> None:
    trainer = small_trainer(DENOISE, "training_embedding.accumulation=3")
    first = trainer.evaluate()
    trainer.advance(7)
    later = trainer.evaluate()
    seen = 7 * 3 * 4 / len(trainer.dataset.train_indices)
    assert (first.linear_draws, first.draws_seen) == (1, 0.0)
    assert later.draws_seen == pytest.approx(seen)
    assert later.linear_draws == math.ceil(seen) > 1
    assert later.linear != first.linear
    assert (later.pca, later.identity) == (first.pca, first.identity)


def test_a_student_that_began_again_has_seen_nothing(small_trainer: Maker) -> None:
    trainer = small_trainer(DENOISE)
    trainer.advance(12)
    assert trainer.evaluate().draws_seen > 1.0
    trainer.apply(trainer.config.replaced({"lattice.dimensions": (3, 3, 3)}))
    assert trainer.evaluate().draws_seen == 0.0


def test_the_report_says_which_rank_and_why(small_trainer: Maker) -> None:
    report = small_trainer("training_embedding.baseline_rank=5").evaluate()
    assert (report.baseline_rank, report.baseline_place) == (5, "as set by the baseline rank")
    assert report.pca.cosine < 0.99


def test_the_rank_is_that_of_the_samples_where_these_are_fewer(
    small_trainer: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(linear_baselines, "MAX_FIT_SAMPLES", 6)
    report = small_trainer("training_embedding.baseline_rank=9", "training_embedding.mlp_baseline=false").evaluate()
    assert (report.baseline_rank, report.baseline_place) == (
        5,
        "6 training samples have no more, of 9 that are granted",
    )
    assert best_baseline(report).name in ("PCA-5", "linear-5")


def test_it_reports_each_part_and_can_be_cancelled_in_each(small_trainer: Maker) -> None:
    trainer = small_trainer(DENOISE)
    trainer.advance(2)
    parts: list[str] = []

    def note(what: str, done: int, total: int | None) -> None:
        assert total is not None
        assert 0 < done <= total
        parts.append(what)

    trainer.evaluate(note)
    assert list(dict.fromkeys(parts)) == ["Training the MLP baseline", "Fitting the linear baselines", EVALUATING]
    trainer.step()

    def cancel(what: str, _done: int, _total: int | None) -> None:
        if what == EVALUATING:
            raise Cancelled

    with pytest.raises(Cancelled):
        trainer.evaluate(cancel)
    assert trainer.evaluate().training_step == 3
