"""Exports of a run, their model cards, and `--export`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from lattice import load_student
from lattice.cli.export import export
from lattice.config import SimpleProjectConfig
from lattice.errors import ConfigError, ExportError
from lattice.exporting.forms import card_path
from lattice.training.score_rows import ranked_name
from lattice.training.trainer import EmbeddingTrainer


@pytest.fixture
def trainer(small_trainer: Callable[..., EmbeddingTrainer]) -> EmbeddingTrainer:
    trainer = small_trainer("model.rule=diffusion")
    trainer.step()
    return trainer


def test_weights_and_their_card(trainer: EmbeddingTrainer, tmp_path: Path) -> None:
    path = tmp_path / "cube.safetensors"
    assert trainer.export(path) is None
    assert load_student(path).config == trainer.config
    card = card_path(path).read_text(encoding="utf-8")
    assert card.startswith("---\nlibrary_name: cellcube\n")
    assert 'load_student("cube.safetensors")' in card
    report = trainer.evaluate()
    baselines = {ranked_name(key, report.baseline_rank): scores for key, scores in report.baselines.items()}
    assert "MLP" in baselines
    for name, scores in {"student": report.student, "without rollout": report.t0, **baselines}.items():
        assert f"| {name} | {scores.cosine:.4f} | {scores.nmse:.4f} |" in card
    settings = card.split("```toml\n")[1].split("```")[0]
    (tmp_path / "settings.toml").write_text(settings, encoding="utf-8")
    assert SimpleProjectConfig.from_toml(tmp_path / "settings.toml") == trainer.config


def test_a_program_and_its_card(trainer: EmbeddingTrainer, tmp_path: Path) -> None:
    exported = trainer.export(tmp_path / "cube.pt2")
    assert exported is not None
    assert exported.samples == len(trainer.dataset.validation_indices)
    card = (tmp_path / "cube.pt2.md").read_text(encoding="utf-8")
    assert 'torch.export.load("cube.pt2")' in card
    assert f"compared with the student on {exported.samples} samples" in card


def test_an_ending_that_says_nothing_is_refused(trainer: EmbeddingTrainer, tmp_path: Path) -> None:
    with pytest.raises(ExportError, match=r"can't export to .*cube\.bin: its ending .*\.safetensors, \.onnx or \.pt2"):
        trainer.export(tmp_path / "cube.bin")
    assert list(tmp_path.iterdir()) == []


def test_the_command_line_needs_a_checkpoint() -> None:
    with pytest.raises(ConfigError, match=r"--export cube\.onnx needs --resume FILE"):
        export(None, Path("cube.onnx"), None, as_json=False)


def test_the_command_line_exports(
    trainer: EmbeddingTrainer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(EmbeddingTrainer, "resume", lambda *args, **kwargs: trainer)
    out = tmp_path / "cube.safetensors"
    assert export(tmp_path / "run.safetensors", out, "cpu", as_json=True) == 0
    said = json.loads(capsys.readouterr().out)
    assert said == {"export": str(out), "card": str(card_path(out)), "compared": None, "pushed": None}
    assert out.exists()


def test_the_command_line_replaces_no_card_unasked(tmp_path: Path) -> None:
    out = tmp_path / "cube.safetensors"
    card_path(out).write_text("mine")
    with pytest.raises(ConfigError, match=r"cube\.safetensors\.md exists: choose another name, or replace it with"):
        export(tmp_path / "run.safetensors", out, "cpu", as_json=False)
    assert card_path(out).read_text() == "mine"
