"""The rollout: its shapes, recomputed lattice steps, and reduced precision."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch.nn import functional as F

from lattice.config import SimpleProjectConfig
from lattice.losses import losses
from lattice.model.rollout import roll_out
from lattice.model.student import StudentModel, StudentOutput
from lattice.neighbourhood import TierMeans

ConfigMaker = Callable[..., SimpleProjectConfig]


def trained_once(
    config: SimpleProjectConfig, *, recompute: bool = False
) -> tuple[StudentOutput, dict[str, torch.Tensor]]:
    """Return the output and the gradients of one batch."""
    student = StudentModel.seeded(config, 12)
    means = TierMeans.build(config.lattice.dimensions, config.lattice.get_distance_thresholds())
    embeddings = F.normalize(torch.randn(4, 12, generator=torch.Generator().manual_seed(2)), dim=-1)
    output = student(embeddings, means, 3, recompute=recompute)
    weights = config.training_embedding.loss_weights.model_copy(update={"smoothness": 0.1, "gate_balance": 0.1})
    losses(output.embedding_BD, embeddings, output.rollout, weights)["total"].backward()
    gradients = {name: parameter.grad for name, parameter in student.named_parameters() if parameter.grad is not None}
    return output, gradients


def test_recomputed_steps_give_the_same_bits(small_config: ConfigMaker) -> None:
    output, gradients = trained_once(small_config())
    again, recomputed = trained_once(small_config(), recompute=True)
    assert torch.equal(output.embedding_BD, again.embedding_BD)
    assert gradients.keys() == recomputed.keys()
    for name, gradient in gradients.items():
        assert torch.equal(gradient, recomputed[name]), name
    for trace, lean in zip(output.rollout.traces, again.rollout.traces, strict=True):
        assert torch.equal(trace["gates"], lean["gates"])


def test_bfloat16_keeps_states_in_float32_and_stays_close(small_config: ConfigMaker) -> None:
    output, gradients = trained_once(small_config())
    reduced, rough = trained_once(small_config("device.precision=bfloat16"))
    assert {state.dtype for state in reduced.rollout.states} == {torch.float32}
    assert reduced.embedding_BD.dtype == torch.float32
    assert not torch.equal(output.embedding_BD, reduced.embedding_BD)
    assert F.cosine_similarity(output.embedding_BD, reduced.embedding_BD, dim=-1).min() > 0.999
    exact = torch.cat([gradient.flatten() for gradient in gradients.values()])
    close = torch.cat([rough[name].flatten() for name in gradients])
    assert F.cosine_similarity(exact, close, dim=0) > 0.99


def test_a_rollout_without_steps_is_the_painted_cube(small_config: ConfigMaker) -> None:
    student = StudentModel.seeded(small_config(), 12)
    means = TierMeans.build(small_config().lattice.dimensions, (1.0, 1.5, 2.3))
    painted = student.paint(torch.randn(2, 12))
    rollout = roll_out(student.prototype, painted, student.context(means.live_tiers), means, 0)
    assert rollout.final is painted
    assert rollout.traces == ()
    with pytest.raises(ValueError, match="0 or more lattice steps, got -1"):
        roll_out(student.prototype, painted, student.context(means.live_tiers), means, -1)
