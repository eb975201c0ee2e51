"""A signal crosses the volume: every layer depends on the embedding about as strongly, in as many directions."""

from __future__ import annotations

import pytest
import torch

from lattice.config import SimpleProjectConfig
from lattice.model.derivative import layer_derivatives, layers_from
from lattice.model.student import StudentModel
from lattice.training.engine import build_tier_means
from tests.lattice.conftest import make_config

WIDTH, PROBES = 72, 16


def derivatives(config: SimpleProjectConfig, *, spoilt: bool = False):
    student = StudentModel.seeded(config, WIDTH)
    if spoilt:  # cells hear all neighbours alike
        torch.nn.init.zeros_(student.prototype.functional.query_code.weight)
        torch.nn.init.zeros_(student.prototype.functional.key_code.weight)
    means = build_tier_means(config, torch.device("cpu"))
    layers = layers_from(config.lattice.dimensions, config.embedding_mapping.input_face)
    embedding = torch.nn.functional.normalize(torch.randn(WIDTH, generator=torch.Generator().manual_seed(3)), dim=0)
    return layer_derivatives(student, means, layers, embedding, steps=config.lattice.lattice_steps, probes=PROBES)


def test_layers_are_counted_from_a_face() -> None:
    layers = layers_from((2, 3, 4), "+z")
    assert [len(cells) for cells in layers] == [6, 6, 6, 6]
    assert layers[0].tolist() == [3, 7, 11, 15, 19, 23]
    assert layers[3].tolist() == [0, 4, 8, 12, 16, 20]


@pytest.mark.parametrize(("faces", "seed"), [(("-x", "+x"), 0), (("+y", "-y"), 1)])
def test_a_signal_crosses_a_cube_of_six_at_its_start(faces: tuple[str, str], seed: int) -> None:
    config = SimpleProjectConfig.from_preset("wave").replaced(
        {"lattice.dimensions": (6, 6, 6), "lattice.adaptive_radius_ratio": 0.3, "lattice.lattice_steps": 8,
         "embedding_mapping.input_face": faces[0], "embedding_mapping.output_face": faces[1],
         "training_embedding.seed": seed}
    )  # fmt: skip
    found = derivatives(config)
    norms = [layer.norm for layer in found]
    assert len(norms) == 6
    assert max(norms) < 2 * min(norms)
    assert min(layer.rank for layer in found) > 0.8 * PROBES
    # Without the code of the lattice it dies out: what is measured does tell one from the other.
    lost = derivatives(config, spoilt=True)
    assert lost[-1].norm < 0.1 * norms[-1]


def test_it_is_the_derivative_of_the_students_own_states() -> None:
    config = make_config("embedding_mapping.placement=through")
    student = StudentModel.seeded(config, 5)
    means = build_tier_means(config, torch.device("cpu"))
    embedding = torch.linspace(-1, 1, 5)
    layer = layers_from(config.lattice.dimensions, "-x")[1]

    def states(vector: torch.Tensor) -> torch.Tensor:
        return student(vector.unsqueeze(0), means, 2).rollout.final[layer].flatten()

    exact = torch.autograd.functional.jacobian(states, embedding)
    (found,) = layer_derivatives(student, means, [layer], embedding, steps=2, probes=400)
    assert found.norm == pytest.approx(float(exact.norm()), rel=0.1)
    singular = torch.linalg.svdvals(exact)
    shares = singular / singular.sum()
    # A random sketch of 400 directions keeps the singular values.
    assert found.rank == pytest.approx(float(torch.special.entr(shares).sum().exp()), rel=0.1)
    assert all(parameter.grad is None for parameter in student.parameters())
