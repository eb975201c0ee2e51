"""The start of the cell prototype: linear in the message, one neighbour heard, and signals that cross the volume."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from lattice.config import SimpleProjectConfig
from lattice.geometry import face_distances
from lattice.model.experts import FunctionalExpert
from lattice.model.start import HEARD, start_flow, start_linear
from lattice.model.student import StudentModel
from lattice.neighbourhood import TierMeans
from lattice.tiers.flow import Pattern, upstream_cells

WIDTH = 128


def through(**changes: object) -> SimpleProjectConfig:
    """Return a cube of 6 cells a side that everything must pass through."""
    base = {"lattice.dimensions": (6, 6, 6), "lattice.adaptive_radius_ratio": 0.27, "lattice.lattice_steps": 5,
            "embedding_mapping.placement": "through"}  # fmt: skip
    return SimpleProjectConfig().replaced({**base, **{key.replace("__", "."): value for key, value in changes.items()}})


def made(config: SimpleProjectConfig) -> tuple[StudentModel, TierMeans]:
    """Return an untrained student in float64 and its tier means."""
    means = TierMeans.build(
        config.lattice.dimensions, config.lattice.get_distance_thresholds(), engine="sparse", dtype=torch.float64
    )
    return StudentModel.seeded(config, WIDTH).double(), means


def embeddings(count: int) -> Tensor:
    """Return unit embeddings, float64."""
    rows = torch.randn(count, WIDTH, dtype=torch.float64, generator=torch.Generator().manual_seed(5))
    return torch.nn.functional.normalize(rows, dim=-1)


@pytest.mark.parametrize("hidden", [4, 5, 32])
def test_the_linear_start_answers_with_its_message(hidden: int) -> None:
    torch.manual_seed(0)
    expert = FunctionalExpert(state_size=8, similarity_channels=2, value_channels=2, hidden=hidden, classes=3)
    start_linear(expert, 3.0)
    message, state = torch.randn(2, 9), torch.randn(9, 8)
    parts = torch.nn.functional.linear(torch.zeros_like(state), *expert.fused()).T.split(expert.sizes)
    change = expert.delta(parts, message, state)
    torch.testing.assert_close(change[:, :2], 3.0 * message.T, rtol=1e-4, atol=1e-5)
    assert torch.equal(change[:, 2:], torch.zeros(9, 6))
    torch.testing.assert_close(expert.value(state), state[:, :2])


def test_a_flow_needs_a_channel_for_each_class() -> None:
    expert = FunctionalExpert(state_size=8, similarity_channels=2, value_channels=2, hidden=4, classes=3)
    with pytest.raises(ValueError, match="3 classes need as many similarity channels, got 2"):
        start_flow(expert, Pattern((1, 0, 0), 3))


@pytest.mark.parametrize(("radius", "neighbours"), [(0.27, 6), (0.4, 18), (0.47, 26), (0.52, 32)])
@pytest.mark.parametrize("faces", [("-x", "+x"), ("+y", "-y"), ("-z", "+x")], ids=" to ".join)
def test_a_cell_hears_the_neighbour_upstream(radius: float, neighbours: int, faces: tuple[str, str]) -> None:
    config = through(
        lattice__adaptive_radius_ratio=radius, lattice__functional_distance_ratio=0.65 if radius < 0.5 else 0.66,
        embedding_mapping__input_face=faces[0], embedding_mapping__output_face=faces[1],
    )  # fmt: skip
    student, means = made(config)
    assert int(means.counts("functional").max()) == neighbours
    states = torch.randn(216, 2, config.model.state_size, dtype=torch.float64)
    prototype = student.prototype
    perception = prototype.prepare(means, torch.zeros_like(student.features))
    _, trace = prototype(states, means, perception)
    sent = states[..., :6] / (1.0 + states.square().mean(-1, keepdim=True)).sqrt()
    above = upstream_cells(config.lattice.dimensions, *faces)  # type: ignore[arg-type]
    inside = ((above >= 0) & (above < 6)).all(1)
    flat = (above[:, 0] * 6 + above[:, 1]) * 6 + above[:, 2]
    expected = torch.zeros_like(sent)
    expected[inside] = HEARD * (sent[flat[inside]] - sent[inside])
    found = trace.messages["functional"].permute(1, 2, 0)
    torch.testing.assert_close(found, expected, rtol=0.0, atol=0.15)
    assert (found - expected).square().mean().sqrt() < 0.02


def test_signals_cross_the_untrained_volume_without_loss() -> None:
    """The derivative of each layer's states by the embedding keeps its size and its rank, over the whole volume.

    The rank is the effective one, `(sum of singular values)^2 / sum of their squares`.
    """
    config = through(lattice__lattice_steps=6)
    student, means = made(config)
    probes = 40
    inputs = embeddings(1).expand(probes, -1).clone().requires_grad_()
    final = student(inputs, means, config.lattice.lattice_steps).rollout.final
    depth = face_distances(config.lattice.dimensions, "-x")
    sizes, ranks = [], []
    for layer in range(6):
        states = final[depth == layer]
        # One random direction for each copy of the sample, so that one backward pass gives all rows.
        directions = torch.randn(states.shape, dtype=torch.float64, generator=torch.Generator().manual_seed(layer))
        (rows,) = torch.autograd.grad((states * directions).sum(), inputs, retain_graph=True)
        values = torch.linalg.svdvals(rows)
        sizes.append(float(rows.norm()))
        ranks.append(float(values.sum().square() / values.square().sum()))
    assert max(sizes) < 2.0 * min(sizes), sizes
    assert min(ranks) > 0.8 * probes, ranks


@pytest.mark.parametrize(
    "changes",
    [{}, {"embedding_mapping__input_face": "+z", "embedding_mapping__output_face": "-z"},
     {"embedding_mapping__output_face": "-y", "lattice__lattice_steps": 16},
     {"embedding_mapping__input_face": "+z", "embedding_mapping__output_face": "-x", "lattice__lattice_steps": 16},
     {"lattice__adaptive_radius_ratio": 0.4, "lattice__lattice_steps": 9},
     {"lattice__adaptive_radius_ratio": 0.47, "lattice__lattice_steps": 9},
     {"lattice__dimensions": (3, 6, 6)}],
    ids=["opposite", "upwards", "around a corner", "around another", "18 neighbours", "26 neighbours", "short"],
)  # fmt: skip
def test_the_identity_start_answers_with_its_input_through_any_faces(changes: dict[str, object]) -> None:
    student, means = made(through(embedding_mapping__start="identity", **changes))
    inputs = embeddings(8)
    answers = student(inputs, means, student_steps(changes)).embedding_BD
    assert torch.cosine_similarity(answers, inputs).min() > 0.97
    random, _ = made(through(**changes))
    assert torch.cosine_similarity(random(inputs, means, 5).embedding_BD, inputs).mean().abs() < 0.3


def student_steps(changes: dict[str, object]) -> int:
    """Return the lattice steps of a case."""
    return int(str(changes.get("lattice__lattice_steps", 7)))


@pytest.mark.parametrize("dimensions", [(6, 6, 6), (4, 3, 5)])
def test_the_identity_start_on_the_surface_reads_back_what_is_painted(dimensions: tuple[int, int, int]) -> None:
    config = through(embedding_mapping__start="identity", embedding_mapping__placement="surface",
                     lattice__dimensions=dimensions, embedding_mapping__volume_initializer="zeros")  # fmt: skip
    student, _ = made(config)
    with torch.no_grad():
        for parameter in student.mapper.position.parameters():
            parameter.zero_()
    inputs = embeddings(4)
    torch.testing.assert_close(student.read(student.paint(inputs)), inputs, rtol=1e-4, atol=1e-5)
