"""The cosine of every sample: against what is watched, against the evaluation, and when somebody cancels."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from lattice.data import EmbeddingDataset
from lattice.progress import Cancelled
from lattice.training.reports import Observation
from lattice.training.sample_report import SCORING
from lattice.training.trainer import EmbeddingTrainer

Maker = Callable[..., EmbeddingTrainer]

NOISY = ("training_embedding.objective=denoise", "training_embedding.noise_sigma=0.5")
STOCHASTIC = "model.rule=nca"


def cosine(seen: Observation) -> float:
    """Compute it again, by the textbook and in double precision."""
    answer, target = seen.student_D.astype(np.float64), seen.target_D.astype(np.float64)
    return float(answer @ target / (np.linalg.norm(answer) * np.linalg.norm(target)))


def by_sample(samples_S: NDArray[np.int64], cosines_S: NDArray[np.float32]) -> dict[int, float]:
    return dict(zip(samples_S.tolist(), cosines_S.tolist(), strict=True))


@pytest.mark.parametrize("pairs", [False, True])
def test_each_cosine_is_that_of_the_sample_when_it_is_watched(
    small_trainer: Maker, small_dataset: Callable[..., EmbeddingDataset], pairs: bool
) -> None:
    objective = f"training_embedding.objective={'pairs' if pairs else 'reconstruct'}"
    trainer = small_trainer(objective, dataset=small_dataset(pairs=pairs))
    trainer.step()
    told: list[tuple[str, int, int | None]] = []
    report = trainer.score_samples(lambda *part: told.append(part))
    held_out = trainer.dataset.validation_indices.tolist()
    assert sorted(report.samples_S.tolist()) == list(range(len(trainer.dataset)))
    assert report.samples_S[: len(held_out)].tolist() == held_out
    assert report.complete
    assert report.training_step == 1
    assert told[0] == (SCORING, 0, 40)
    assert told[-1] == (SCORING, 40, 40)
    found = by_sample(report.samples_S, report.cosines_S)
    assert len(set(found.values())) > 1
    for sample in range(0, len(trainer.dataset), 3):
        assert found[sample] == pytest.approx(cosine(trainer.observe(sample)), abs=1e-5)


@pytest.mark.parametrize("settings", [NOISY, (STOCHASTIC,)])
def test_the_samples_that_an_evaluation_scores_get_the_same_cosine_as_there(
    small_trainer: Maker, settings: tuple[str, ...]
) -> None:
    trainer = small_trainer(*settings, "training_embedding.evaluation_samples=3")
    trainer.step()
    seen = trainer.evaluate().cosines_S
    # What is watched meanwhile, with cells erased, draws other numbers and changes nothing.
    erased = np.ones(trainer.config.lattice.dimensions, dtype=bool)
    report = trainer.score_samples(lambda *_part: trainer.observe(0, erased_XYZ=erased))
    assert seen is not None
    assert len(seen) == 3
    np.testing.assert_allclose(report.cosines_S[:3], seen, atol=1e-6)
    again = trainer.score_samples()
    np.testing.assert_array_equal(again.cosines_S, report.cosines_S)


def test_a_cancel_keeps_what_is_scored_and_nothing_is_no_report(small_trainer: Maker) -> None:
    trainer = small_trainer()
    whole = trainer.score_samples()

    def cancel_at(most: int) -> Callable[[str, int, int | None], None]:
        def progress(_what: str, done: int, _total: int | None) -> None:
            if done >= most:
                raise Cancelled

        return progress

    part = trainer.score_samples(cancel_at(9))
    assert (len(part.samples_S), part.total, part.complete) == (12, 40, False)
    np.testing.assert_array_equal(part.samples_S, whole.samples_S[:12])
    np.testing.assert_array_equal(part.cosines_S, whole.cosines_S[:12])
    with pytest.raises(Cancelled):
        trainer.score_samples(cancel_at(0))
