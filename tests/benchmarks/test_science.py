"""How a signal crosses a cube is measured and drawn; each part that is switched off makes a difference."""

from __future__ import annotations

import json

import pytest
import torch

from benchmarks.__main__ import run
from benchmarks.science_curves import erased_cosine, validation_cosine
from benchmarks.science_derivative import as_text
from benchmarks.science_parts import PARTS
from benchmarks.science_plots import draw_curves, draw_derivatives
from lattice.config import SimpleProjectConfig
from lattice.data import load_dataset
from lattice.model.student import StudentModel
from lattice.training.trainer import EmbeddingTrainer

WAVE = SimpleProjectConfig.from_preset("wave").override(
    ["lattice.dimensions=4,4,4", "lattice.adaptive_radius_ratio=0.4", "lattice.lattice_steps=4"]
)


@pytest.mark.parametrize("name", list(PARTS)[1:])
def test_each_part_that_is_switched_off_changes_what_arrives(name):
    inputs = torch.nn.functional.normalize(torch.randn(3, 24, generator=torch.Generator().manual_seed(1)), dim=-1)
    whole, less = StudentModel.seeded(WAVE, 24), StudentModel.seeded(WAVE, 24)
    PARTS[name](less)
    changed = [key for key, value in less.state_dict().items() if not torch.equal(value, whole.state_dict()[key])]
    assert changed
    assert not any(key.startswith("mapper.project") for key in changed), "what is painted stays the same"
    assert whole.mapper.scalars_of(inputs).equal(less.mapper.scalars_of(inputs))


def test_another_rule_has_no_such_parts():
    with pytest.raises(TypeError, match="expected the cell rule 'experts', got DiffusionRule"):
        PARTS["without the quiet start"](StudentModel.seeded(WAVE.override(["model.rule=diffusion"]), 24))


def test_the_derivative_is_measured_for_every_part(capsys):
    assert run(["science-derivative", "--side", "5", "--steps", "2", "--probes", "3", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert list(report["parts"]) == list(PARTS)
    assert all(len(found["norms"]) == len(found["ranks"]) == 5 for found in report["parts"].values())
    assert all(1 <= rank <= 3.001 for rank in report["parts"]["all parts"]["ranks"][:3])
    assert as_text(report).splitlines()[0].startswith("5x5x5, 2 lattice steps, 3 probes")


def test_a_layer_that_is_erased_lets_nothing_through():
    settings = ["training_embedding.max_total_samples=40", "training_embedding.evaluation_samples=8"]
    config = WAVE.override([*settings, "embedding_mapping.start=identity", "lattice.lattice_steps=8"])
    data = load_dataset(config.training_embedding, config.data, config.teacher)
    trainer = EmbeddingTrainer(config, data, torch.device("cpu"))
    whole = validation_cosine(trainer)
    assert whole == pytest.approx(trainer.evaluate().student.cosine, abs=1e-5)
    assert erased_cosine(trainer) < 0.2 < 0.8 < whole
    assert validation_cosine(trainer, steps=0) < 0.2
    assert validation_cosine(trainer) == whole, "the layer is there again"


def test_both_are_drawn(tmp_path):
    pytest.importorskip("matplotlib", reason="the extra bench is not installed")
    curve = {"steps": [0, 20], "cosines": [0.0, 0.9], "without_rollout": 0.1, "layer_erased": 0.0}
    cube = {"dimensions": (4, 4, 4), "lattice_steps": 4}
    draw_curves({**cube, "curves": {"all parts": curve}}, tmp_path / "curves.svg")
    assert "without rollout" in (tmp_path / "curves.svg").read_text()
    parts = {"without the lattice code": {"norms": [9.0, 0.1], "ranks": [3.0, 2.0]}}
    draw_derivatives({**cube, "probes": 3, "parts": parts}, tmp_path / "derivative.svg")
    assert "without the lattice code" in (tmp_path / "derivative.svg").read_text()
