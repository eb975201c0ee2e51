"""Runs on plugged rules and objectives: training, saving, resuming, watching, and another class in mid-run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from lattice import plugin_loading
from lattice.errors import CheckpointError, PluginError
from lattice.plugin_loading import load_plugin, loaded_plugins, unload
from lattice.training.checkpoint import read_checkpoint
from lattice.training.trainer import EmbeddingTrainer
from tests.lattice.plugin_files import OBJECTIVE, RULE

Maker = Callable[..., EmbeddingTrainer]


@pytest.fixture(autouse=True)
def clean() -> Iterator[None]:
    yield
    for plugin in loaded_plugins():
        unload(plugin.name)


@pytest.fixture
def rule_file(tmp_path: Path) -> Path:
    path = tmp_path / "waves.py"
    path.write_text(RULE, encoding="utf-8")
    load_plugin(path)
    return path


def weights_of(trainer: EmbeddingTrainer) -> dict[str, torch.Tensor]:
    return {name: value.detach().clone() for name, value in trainer.student.named_parameters()}


def edited(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.usefixtures("rule_file")
def test_a_plugged_rule_works_everywhere(small_trainer: Maker) -> None:
    trainer = small_trainer("model.rule=waves", "rule.waves.width=3")
    before = weights_of(trainer)
    report = trainer.advance(5)
    assert report.gate_shares == {}
    assert report.losses["gate_balance"] == 0.0
    assert {"send", "take", "mapper", "volume", "extractor"} == set(report.gradient_norms)
    assert all(not torch.equal(before[name], value) for name, value in weights_of(trainer).items())
    assert trainer.evaluate().student.cosine != trainer.evaluate().t0.cosine
    seen = trainer.observe(1, learning_signal=True)
    assert set(seen.trace) == {"heard"}
    assert seen.trace["heard"].shape == (2, 4, 3, 5, 1)
    assert not seen.gates_TXYZ3.any()
    states = seen.states_TXYZC
    changes = np.linalg.norm(states[1:] - states[:-1], axis=-1, keepdims=True)
    np.testing.assert_allclose(seen.trace["heard"] * 0.25, changes, rtol=1e-4)
    assert set(trainer.heard_tiers(states[0], 0, (1, 1, 1))) == {"functional"}
    trainer.apply(trainer.config.override(["rule.waves.speed=0.9"]))
    assert trainer.student.prototype.settings.speed == 0.9
    sent = trainer.student.prototype.send.weight.clone()
    trainer.apply(trainer.config.override(["lattice.dimensions=[5,4,4]"]))
    assert torch.equal(trainer.student.prototype.send.weight, sent)


def test_saving_and_resuming_need_the_plugin_and_say_so(small_trainer: Maker, rule_file: Path, tmp_path: Path) -> None:
    trainer = small_trainer("model.rule=waves", "rule.waves.width=3")
    trainer.advance(3)
    path = tmp_path / "run.safetensors"
    trainer.save(path)
    expected = trainer.advance(3).losses
    resumed = EmbeddingTrainer.resume(path, dataset=trainer.dataset)
    assert resumed.config == trainer.config
    assert resumed.advance(3).losses == expected
    unload(str(rule_file))
    with pytest.raises(CheckpointError, match=r"no cell rule 'waves'.*'waves' came from the plugin .*waves\.py"):
        read_checkpoint(path)
    assert loaded_plugins() == ()


@pytest.mark.parametrize("recompute", ["never", "always"])
def test_a_stochastic_rule_resumes_bit_for_bit(small_trainer: Maker, tmp_path: Path, recompute: str) -> None:
    run = ("model.rule=nca", "training_embedding.accumulation=2", "training_embedding.objective=denoise")
    trainer, whole = small_trainer(*run), small_trainer(*run, f"device.recompute={recompute}")
    trainer.advance(4)
    trainer.evaluate()
    trainer.observe(0)
    trainer.save(tmp_path / "run.safetensors")
    resumed = EmbeddingTrainer.resume(tmp_path / "run.safetensors", dataset=trainer.dataset)
    torch.manual_seed(99)
    assert resumed.advance(4).losses == whole.advance(8).losses
    for name, value in weights_of(whole).items():
        assert torch.equal(value, weights_of(resumed)[name]), name
    assert resumed.evaluate().student == resumed.evaluate().student
    np.testing.assert_array_equal(resumed.observe(2).trace["fired"], whole.observe(2).trace["fired"])


@pytest.mark.parametrize("rule", ["nca", "diffusion"])
def test_built_in_rules_without_gates_learn(small_trainer: Maker, rule: str) -> None:
    trainer = small_trainer(f"model.rule={rule}", "training_embedding.training_steps=40")
    first = trainer.step()
    last = trainer.advance(39)
    assert last.losses["total"] < 0.5 * first.losses["total"]
    assert last.gate_shares == {}


def test_a_plugged_objective_works_everywhere(small_trainer: Maker, tmp_path: Path) -> None:
    path = tmp_path / "mask.py"
    path.write_text(OBJECTIVE, encoding="utf-8")
    load_plugin(path)
    trainer = small_trainer("training_embedding.objective=mask", "objective.mask.share=0.25")
    trainer.advance(2)
    report = trainer.evaluate()
    assert list(report.baselines) == ["mlp", "identity", "linear"]
    assert 0.6 < report.identity.cosine < 0.97
    seen = trainer.observe(3)
    assert 0 < (seen.input_D == 0).sum() < 12
    assert (seen.target_D != 0).all()
    trainer.apply(trainer.config.override(["objective.mask.share=0.75"]))
    assert trainer.evaluate().identity.cosine < report.identity.cosine
    trainer.save(tmp_path / "run.safetensors")
    edited(path, "* kept, batch.clean_BD", "* kept, batch.clean_BD[:, :2]")
    plugin_loading.reload(str(path))
    with pytest.raises(
        PluginError, match=r"mask\.py, line \d+: Mask\.make must return .*as target a tensor \[4, 2\] of float32"
    ):
        trainer.step()
    edited(path, "import torch", "import torchh")
    plugin_loading.reload(str(path))
    with pytest.raises(PluginError, match=r"'mask' failed: .*mask\.py, line 18: ModuleNotFoundError"):
        trainer.step()


def test_reloading_keeps_what_fits_with_its_moments(small_trainer: Maker, rule_file: Path) -> None:
    trainer = small_trainer("model.rule=waves", "rule.waves.width=3")
    trainer.advance(4)
    before, moments = weights_of(trainer), trainer.optimizer.state[trainer.student.prototype.send.weight]
    average, rate = moments["exp_avg"].clone(), trainer.learning_rate
    edited(
        rule_file,
        "self.take = nn.Linear(settings.width,",
        "self.more = nn.Linear(2, 2)\n        self.take = nn.Linear(2 *",
    )
    edited(rule_file, "2 * cell.state_size)", "2 * settings.width, cell.state_size)")
    edited(rule_file, "self.send(state_NBC)))", "self.send(state_NBC)).repeat(1, 1, 2))")
    plugin_loading.reload(str(rule_file))
    outcome = trainer.reload_rule()
    assert set(outcome.renewed) == {"prototype.take.weight", "prototype.more.weight", "prototype.more.bias"}
    assert {"prototype.send.weight", "prototype.take.bias", "mapper.lift.weight"} <= set(outcome.kept)
    assert outcome.dropped == ()
    after = weights_of(trainer)
    assert all(torch.equal(before[name], after[name]) for name in outcome.kept)
    assert (trainer.training_step, trainer.learning_rate) == (4, rate)
    assert torch.equal(trainer.optimizer.state[trainer.student.prototype.send.weight]["exp_avg"], average)
    assert trainer.step().training_step == 5
    assert trainer.observe(0).training_step == 5


def test_reloading_an_unchanged_rule_changes_no_bit(small_trainer: Maker, rule_file: Path) -> None:
    trainer, twin = small_trainer("model.rule=waves"), small_trainer("model.rule=waves")
    trainer.advance(3)
    twin.advance(3)
    plugin_loading.reload(str(rule_file))
    assert trainer.reload_rule().renewed == ()
    assert type(trainer.student.prototype) is not type(twin.student.prototype)
    assert trainer.advance(3).losses == twin.advance(3).losses


def test_settings_that_come_and_go_with_an_edit(small_trainer: Maker, rule_file: Path) -> None:
    trainer = small_trainer("model.rule=waves", "rule.waves.width=3", "rule.waves.speed=0.25")
    edited(rule_file, "speed: float", "pace: float")
    edited(rule_file, "self.settings.speed", "self.settings.pace")
    plugin_loading.reload(str(rule_file))
    trainer.reload_rule()
    assert trainer.config.to_mapping()["rule"]["waves"] == {"pace": 0.5, "width": 3}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("heard = self.take", "heard = self.tke", r"waves\.py, line \d+: AttributeError"),
        ("state_NBC + change,", "(state_NBC + change)[:, :, :2],", r"line 22: Waves\.forward .* got next states of"),
        ("state_NBC + change,", "state_NBC + change / 0,", r"Waves\.forward: the states after lattice step 1 are not"),
        ("keepdim=True)", "keepdim=False)", r"k\]; got 'heard' of the trace as a tensor \[\d+, \d\] of"),
        ("super().__init__(cell, settings)", "1 / 0", r"waves\.py, line 18: ZeroDivisionError"),
    ],
)  # fmt: skip
def test_a_broken_edit_leaves_the_old_rule_running(
    small_trainer: Maker, rule_file: Path, old: str, new: str, message: str
) -> None:
    trainer, twin = small_trainer("model.rule=waves"), small_trainer("model.rule=waves")
    trainer.advance(2)
    student, optimizer = trainer.student, trainer.optimizer
    edited(rule_file, old, new)
    plugin_loading.reload(str(rule_file))
    with pytest.raises(PluginError, match=message):
        trainer.reload_rule()
    assert trainer.student is student
    assert trainer.optimizer is optimizer
    assert trainer.advance(2).losses == twin.advance(4).losses
    with pytest.raises(PluginError, match=message):
        small_trainer("model.rule=waves")
    with pytest.raises(PluginError, match=message):
        trainer.apply(trainer.config.override(["model.state_size=7"]))
    assert trainer.student is student
