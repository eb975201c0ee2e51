"""Damage: training with erased cells, frozen cells, watching without some, and the score against what is erased."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from lattice.data import EmbeddingDataset
from lattice.errors import ConfigError, DataError
from lattice.model.erasure import erased_count
from lattice.progress import Cancelled
from lattice.training.damage import DRAWS, SHARES
from lattice.training.trainer import EmbeddingTrainer

Maker = Callable[..., EmbeddingTrainer]
DataMaker = Callable[..., EmbeddingDataset]

THROUGH = "embedding_mapping.placement=through"
DAMAGE = "training_embedding.damage=0.4"


def losses_of(trainer: EmbeddingTrainer, steps: int) -> list[float]:
    return [trainer.step().losses["total"] for _ in range(steps)]


class TestTraining:
    def test_no_damage_leaves_every_bit_as_it_is(self, small_trainer: Maker) -> None:
        assert losses_of(small_trainer(THROUGH), 3) == losses_of(small_trainer(THROUGH, DAMAGE.replace(".4", "")), 3)

    @pytest.mark.parametrize(("kind", "cells"), [("interior", 6), ("between", 30)])
    def test_every_batch_loses_other_cells_which_follow_from_the_seed(
        self, small_trainer: Maker, kind: str, cells: int
    ) -> None:
        chosen = []
        for seed in (0, 0, 1):
            which = f"training_embedding.damaged_cells={kind}"
            trainer = small_trainer(THROUGH, DAMAGE, which, f"training_embedding.seed={seed}")
            rows = []
            for _ in range(3):
                trainer.step()
                rows.append(trainer.student.erased_N.clone())
            assert all(int(row.sum()) == erased_count(0.4, cells) for row in rows)
            assert not torch.equal(rows[0], rows[1])
            chosen.append(torch.stack(rows))
        assert torch.equal(chosen[0], chosen[1])
        assert not torch.equal(chosen[0], chosen[2])

    def test_damage_acts_in_training_and_not_in_scores(self, small_trainer: Maker) -> None:
        whole, damaged = small_trainer(THROUGH), small_trainer(THROUGH, DAMAGE)
        assert whole.evaluate().student == damaged.evaluate().student
        assert losses_of(whole, 1) != losses_of(damaged, 1)

    def test_it_is_live(self, small_trainer: Maker) -> None:
        edited, never = small_trainer(THROUGH), small_trainer(THROUGH)
        assert edited.apply(edited.config.override([DAMAGE])) == "live"
        assert losses_of(edited, 1) != losses_of(never, 1)

    @pytest.mark.parametrize("rule", ["experts", "nca"])
    def test_a_resumed_run_goes_on_bit_for_bit(
        self, small_trainer: Maker, small_dataset: DataMaker, tmp_path: Path, rule: str
    ) -> None:
        trainer = small_trainer(THROUGH, DAMAGE, f"model.rule={rule}", "training_embedding.accumulation=2")
        trainer.advance(3)
        trainer.save(tmp_path / "run.safetensors")
        resumed = EmbeddingTrainer.resume(tmp_path / "run.safetensors", dataset=small_dataset())
        assert losses_of(trainer, 3) == losses_of(resumed, 3)

    def test_a_cube_without_such_cells_says_that_nothing_is_erased(
        self, small_trainer: Maker, caplog: pytest.LogCaptureFixture
    ) -> None:
        small_trainer("lattice.dimensions=[4, 2, 2]", THROUGH, DAMAGE)
        said = "A damage of 0.4 erases no cell: 0 cells of this cube %s; choose a larger share or a larger cube"
        assert said % "inside the skin" + ", or damaged_cells=between\n" in caplog.text
        trainer = small_trainer("lattice.dimensions=[2, 2, 2]", DAMAGE)
        assert said % "inside the skin" + "\n" in caplog.text
        trainer.apply(trainer.config.override(["training_embedding.damaged_cells=between"]))
        assert said % "neither painted nor read" + "\n" in caplog.text

    def test_which_cells_is_live(self, small_trainer: Maker) -> None:
        trainer = small_trainer(THROUGH, DAMAGE)
        trainer.step()
        assert trainer.apply(trainer.config.override(["training_embedding.damaged_cells=between"])) == "live"
        trainer.step()
        assert int(trainer.student.erased_N.sum()) == 12

    def test_shares_are_bounded(self, small_trainer: Maker) -> None:
        with pytest.raises(ConfigError, match=r"damage = 0\.95: .* \(allowed: 0 to 0\.9 of these cells\)"):
            small_trainer("training_embedding.damage=0.95")


class TestFrozenCells:
    FROZEN = "optimizer.frozen_cells=true"

    def test_only_the_outer_maps_are_updated(self, small_trainer: Maker) -> None:
        trainer = small_trainer(self.FROZEN)
        before = {name: value.clone() for name, value in trainer.student.state_dict().items()}
        report = trainer.advance(3)
        for name, value in trainer.student.state_dict().items():
            shared = name.startswith(("prototype.", "volume."))
            assert torch.equal(value, before[name]) == shared, name
        moved = {part for part, norm in report.gradient_norms.items() if norm > 0}
        assert moved == {"mapper", "extractor"}

    def test_freezing_and_thawing_are_live_and_keep_the_moments(self, small_trainer: Maker) -> None:
        trainer = small_trainer()
        trainer.advance(2)
        weight = trainer.student.prototype.gate.weight
        value, moments = weight.detach().clone(), trainer.optimizer.state[weight]["exp_avg"].clone()
        assert trainer.apply(trainer.config.override([self.FROZEN])) == "live"
        trainer.advance(2)
        assert torch.equal(weight, value)
        assert torch.equal(trainer.optimizer.state[weight]["exp_avg"], moments)
        trainer.apply(trainer.config.override(["optimizer.frozen_cells=false"]))
        trainer.step()
        assert not torch.equal(weight, value)

    def test_a_frozen_run_resumes_bit_for_bit(
        self, small_trainer: Maker, small_dataset: DataMaker, tmp_path: Path
    ) -> None:
        trainer = small_trainer(self.FROZEN)
        trainer.advance(3)
        trainer.save(tmp_path / "run.safetensors")
        resumed = EmbeddingTrainer.resume(tmp_path / "run.safetensors", dataset=small_dataset())
        assert losses_of(trainer, 3) == losses_of(resumed, 3)


class TestWatching:
    def test_what_is_watched_can_lose_cells_and_keeps_its_own_score(self, small_trainer: Maker) -> None:
        trainer = small_trainer(THROUGH)
        whole = trainer.observe(2)
        assert (whole.erased_XYZ, whole.intact_cosine) == (None, None)
        erased = np.zeros((4, 3, 5), dtype=bool)
        erased[1] = True
        seen = trainer.observe(2, learning_signal=True, erased_XYZ=erased)
        assert not seen.states_TXYZC[:, 1].any()
        assert seen.states_TXYZC[:, 2].any()
        assert np.array_equal(seen.erased_XYZ, erased)
        assert seen.intact_cosine == whole.cosine
        assert seen.cosine != whole.cosine
        assert np.isfinite(seen.signal_TXYZ).all()
        assert trainer.observe(2).cosine == whole.cosine
        probed = trainer.observe_embedding(trainer.dataset.embeddings[2].numpy(), erased_XYZ=erased)
        assert probed.cosine == pytest.approx(seen.cosine, abs=1e-6)

    def test_a_look_without_cells_does_not_touch_training(self, small_trainer: Maker) -> None:
        watched, alone = small_trainer(THROUGH, DAMAGE), small_trainer(THROUGH, DAMAGE)
        erased = np.ones((4, 3, 5), dtype=bool)
        for _ in range(2):
            watched.observe(2, erased_XYZ=erased)
            assert losses_of(watched, 1) == losses_of(alone, 1)

    def test_cells_of_another_cube_are_refused(self, small_trainer: Maker) -> None:
        with pytest.raises(DataError, match=r"erased cells of a \(2, 2, 2\) cube, expected one of \(4, 3, 5\)"):
            small_trainer().observe(0, erased_XYZ=np.ones((2, 2, 2), dtype=bool))


class TestReport:
    @pytest.mark.parametrize("rule", ["experts", "nca", "diffusion"])
    def test_scores_are_those_of_a_student_whose_cells_are_held_at_zero(self, small_trainer: Maker, rule: str) -> None:
        trainer = small_trainer(THROUGH, f"model.rule={rule}")
        trainer.advance(2)
        told: list[tuple[int, int | None]] = []
        report = trainer.measure_damage(lambda _what, done, total: told.append((done, total)))
        assert report.intact == pytest.approx(trainer.evaluate().student.cosine, abs=1e-6)
        assert [point.share for point in report.by_share] == list(SHARES)
        assert [point.erased for point in report.by_share] == [0, 0, 0, 1, 1, 2, 3]
        assert [len(point.draws) for point in report.by_share] == [1, 1, 1] + [DRAWS] * 4
        assert (report.axis, report.cells, report.damaged_cells, report.samples) == ("x", 6, "interior", 8)
        assert [(layer.layer, layer.erased) for layer in report.by_layer] == [(1, 15), (2, 15)]
        batches = 2 * (3 + 4 * DRAWS + 2)
        assert told == [(done, batches) for done in range(1, batches + 1)]
        inputs, targets = trainer.evaluator.held_out(trainer.config)
        erased = torch.zeros(60, dtype=torch.bool)
        erased[15:30] = True
        trainer.student.draw_from(0, -1)
        parts = [
            trainer.student(chunk, trainer.tier_means, 2, erased_N=erased).embedding_BD for chunk in inputs.split(4)
        ]
        cosine = torch.nn.functional.cosine_similarity(torch.cat(parts), targets, dim=-1).mean().item()
        assert report.by_layer[0].cosine == pytest.approx(cosine, abs=1e-6)

    def test_shares_are_of_the_cells_that_damage_may_erase(self, small_trainer: Maker) -> None:
        report = small_trainer(THROUGH, "training_embedding.damaged_cells=between").measure_damage()
        assert [point.erased for point in report.by_share] == [0, 1, 2, 3, 6, 9, 15]
        assert (report.cells, report.damaged_cells) == (30, "between")

    def test_it_repeats_and_changes_nothing(self, small_trainer: Maker) -> None:
        measured, alone = small_trainer(THROUGH, DAMAGE), small_trainer(THROUGH, DAMAGE)
        first, second = measured.measure_damage(), measured.measure_damage()
        assert (first.by_share, first.by_layer) == (second.by_share, second.by_layer)
        assert first.trained_damage == 0.4
        assert losses_of(measured, 2) == losses_of(alone, 2)

    def test_it_can_be_cancelled(self, small_trainer: Maker) -> None:
        def stop(_what: str, done: int, _total: int | None) -> None:
            if done == 3:
                raise Cancelled

        trainer = small_trainer(THROUGH)
        with pytest.raises(Cancelled):
            trainer.measure_damage(stop)
        trainer.step()

    def test_a_cube_without_interior_has_its_score_alone(self, small_trainer: Maker) -> None:
        report = small_trainer("lattice.dimensions=[2, 2, 2]").measure_damage()
        assert {point.cosine for point in report.by_share} == {report.intact}
        assert report.by_layer == ()

    def test_layers_follow_the_flow_or_the_longest_side(self, small_trainer: Maker) -> None:
        assert small_trainer(THROUGH, "embedding_mapping.input_face=+y").config.layer_axis == 1
        assert small_trainer().config.layer_axis == 2
