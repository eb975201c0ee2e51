"""Warm starts: cells of one cube in another, the settings that come with them, and what a file must be."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from lattice.config import DataSettings, SimpleProjectConfig, Wishes
from lattice.data import EmbeddingDataset
from lattice.errors import CheckpointError, ConfigError
from lattice.tiers.flow import similarity_channels
from lattice.tiers.shells import tier_shells
from lattice.training.checkpoint import read_checkpoint
from lattice.training.trainer import EmbeddingTrainer
from lattice.training.warm_start import came_with_the_cells, requested, with_cells_of

Maker = Callable[..., EmbeddingTrainer]
ConfigMaker = Callable[..., SimpleProjectConfig]
DataMaker = Callable[..., EmbeddingDataset]

THROUGH = "embedding_mapping.placement=through"
WAVE = SimpleProjectConfig().override([THROUGH, "lattice.lattice_steps=10"])


class TestSettings:
    @pytest.mark.parametrize(
        ("size", "steps"), [((12, 12, 12), 14), ((16, 16, 16), 18), ((16, 8, 8), 18), ((6, 8, 8), 8)]
    )
    def test_cells_hear_the_same_neighbours_in_a_cube_of_any_size(self, size: tuple[int, int, int], steps: int) -> None:
        config = with_cells_of(WAVE, WAVE.replaced({"lattice.dimensions": size}))
        shells = [tier_shells(each.lattice.get_distance_thresholds()) for each in (WAVE, config)]
        assert shells[0] == shells[1]
        assert similarity_channels(config) == similarity_channels(WAVE)
        assert config.lattice.dimensions == size
        assert config.lattice.lattice_steps == steps

    def test_a_surface_cube_keeps_its_lattice_steps(self) -> None:
        stored = SimpleProjectConfig()
        config = with_cells_of(stored, stored.replaced({"lattice.dimensions": (12, 12, 12)}))
        assert config.lattice.lattice_steps == stored.lattice.lattice_steps

    def test_other_settings_of_the_new_run_stay(self) -> None:
        wanted = SimpleProjectConfig.from_preset("debug").override(
            [
                "model.state_size=32",
                "lattice.lattice_steps=7",
                "training_embedding.objective=denoise",
                "lattice.dimensions=[9, 9, 9]",
            ]
        )
        config = with_cells_of(WAVE, wanted)
        assert config.model == WAVE.model
        assert config.lattice.lattice_steps == 7
        assert (config.training_embedding, config.embedding_mapping) == (
            wanted.training_embedding, wanted.embedding_mapping,
        )  # fmt: skip
        told = came_with_the_cells(wanted, config)
        assert "model.state_size 32 -> 24" in told
        assert any(line.startswith("lattice.adaptive_radius_ratio 0.2 -> 0.17777") for line in told)

    def test_what_is_set_on_purpose_stays(self) -> None:
        config, told = requested(
            WAVE,
            None,
            Wishes(
                {"training_embedding.data": "other.npy"},
                ("lattice.dimensions=[12, 12, 12]", "lattice.adaptive_radius_ratio=0.2", "lattice.lattice_steps=10"),
            ),
        )
        assert config.lattice.adaptive_radius_ratio == 0.2
        assert config.lattice.lattice_steps == 10
        assert config.training_embedding.data == "other.npy"
        # 18 neighbours need 6 channels; the cells have 4.
        assert told == ("model.similarity_channels auto -> 4",)

    def test_other_data_forgets_what_described_the_data_before(self) -> None:
        columns = {"data.text_column": "sentence", "data.vector_column": "vector", "data.label_column": "kind"}
        stored = WAVE.replaced({**columns, "data.table": "rows", "training_embedding.data": "old.parquet"})
        config, _ = requested(stored, None, Wishes({"training_embedding.data": "new.npy"}))
        assert config.data == DataSettings()
        same, _ = requested(stored, None, Wishes())
        assert same.data.text_column == "sentence"

    def test_a_rules_own_settings_come_along(self, small_config: ConfigMaker) -> None:
        stored = small_config("model.rule=nca", "rule.nca.hidden=9")
        config = with_cells_of(stored, small_config())
        assert (config.model.rule, config.rule.nca.hidden) == ("nca", 9)

    def test_a_cube_smaller_than_the_radius_is_refused(self) -> None:
        stored = WAVE.replaced({"lattice.adaptive_radius_ratio": 0.5})
        with pytest.raises(ConfigError, match="a radius of 4 cells, more than the whole side of a cube of 3: choose"):
            with_cells_of(stored, stored.replaced({"lattice.dimensions": (3, 3, 3)}))


class TestWeights:
    def saved(self, trainer: EmbeddingTrainer, path: Path, *, export: bool = False) -> Path:
        trainer.advance(3)
        (trainer.export if export else trainer.save)(path)
        return path

    @pytest.mark.parametrize("export", [False, True])
    def test_a_new_run_begins_with_the_weights_and_a_new_schedule(
        self,
        small_trainer: Maker,
        small_dataset: DataMaker,
        tmp_path: Path,
        export: bool,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        trainer = small_trainer()
        path = self.saved(trainer, tmp_path / "run.safetensors", export=export)
        other = small_dataset(seed=4)
        warm = small_trainer("training_embedding.seed=5", dataset=other)
        outcome = warm.take_weights(read_checkpoint(path), ("model.rule a -> b",))
        assert warm.started_from is outcome
        assert outcome.training_step == (None if export else 3)
        assert all(
            torch.equal(value, trainer.student.state_dict()[name]) for name, value in warm.student.state_dict().items()
        )
        assert (warm.training_step, warm.total_steps) == (0, 20)
        assert not warm.optimizer.state
        assert f"Started from {path}: a 4x3x5 cube on width 12" in caplog.text
        assert "Settings that came with the cells: model.rule a -> b" in caplog.text
        assert warm.step().training_step == 1
        assert outcome.to_dict()["weights"]["left_out"] == ()

    def test_it_follows_from_file_and_seed(self, small_trainer: Maker, tmp_path: Path) -> None:
        stored = read_checkpoint(self.saved(small_trainer(), tmp_path / "run.safetensors"))
        curves = []
        for _ in range(2):
            warm = small_trainer("lattice.dimensions=[4, 4, 4]")
            warm.take_weights(stored)
            curves.append([warm.step().losses for _ in range(2)])
        assert curves[0] == curves[1]

    def test_a_warm_run_resumes_bit_for_bit(
        self, small_trainer: Maker, small_dataset: DataMaker, tmp_path: Path
    ) -> None:
        stored = read_checkpoint(self.saved(small_trainer(), tmp_path / "run.safetensors"))
        warm = small_trainer("optimizer.frozen_cells=true")
        warm.take_weights(stored)
        warm.advance(2)
        warm.save(tmp_path / "warm.safetensors")
        resumed = EmbeddingTrainer.resume(tmp_path / "warm.safetensors", dataset=small_dataset())
        assert warm.step().losses == resumed.step().losses

    def test_cells_that_do_not_fit_are_said_to_begin_again(self, small_trainer: Maker, tmp_path: Path) -> None:
        stored = read_checkpoint(self.saved(small_trainer(), tmp_path / "run.safetensors"))
        lines = small_trainer("model.state_size=7").take_weights(stored).lines()
        assert "mapper.lift.weight [7, 1] begins again: it was [6, 1]" in lines
        assert lines[-1] == "Not all weights of the cell rule fit: the cells have to be trained again"

    def test_weights_that_do_not_fit_their_own_settings_are_refused(self, small_trainer: Maker, tmp_path: Path) -> None:
        stored = read_checkpoint(self.saved(small_trainer(), tmp_path / "run.safetensors"))
        del stored.tensors["student.mapper.lift.weight"]
        warm = small_trainer()
        before = warm.student.mapper.lift.weight.clone()
        with pytest.raises(CheckpointError, match=r"run\.safetensors lacks the student tensor 'mapper\.lift\.weight'"):
            warm.take_weights(stored)
        assert torch.equal(before, warm.student.mapper.lift.weight)
        assert warm.started_from is None

    def test_apply_of_another_size_lists_what_begins_again(
        self, small_trainer: Maker, caplog: pytest.LogCaptureFixture
    ) -> None:
        trainer = small_trainer()
        trainer.apply(trainer.config.override(["lattice.dimensions=[5, 5, 5]"]))
        assert "Weights of the cube before: " in caplog.text
        assert "mapper.project.weight [98, 12] begins again: it was [54, 12]" in caplog.text
