"""How strongly each layer of a cube depends on the embedding: whether a signal crosses the volume.

Shapes: N cells, B batch, C state size, D embedding width, K probes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from lattice.config.model import FaceName
from lattice.geometry import Dimensions, face_distances
from lattice.model.student import StudentModel
from lattice.neighbourhood import TierMeans


@dataclass(frozen=True)
class LayerDerivative:
    """The derivative of one layer's states by the embedding, from random probes."""

    norm: float
    """Estimated Frobenius norm."""
    rank: float
    """Effective rank among the probes: 1 to K, near K where everything that was probed is passed on."""


def layers_from(dimensions: Dimensions, face: FaceName) -> tuple[Tensor, ...]:
    """Return the cells of each layer of a cube, int64, the layer of a face first."""
    distance_N = face_distances(dimensions, face)
    return tuple((distance_N == layer).nonzero().squeeze(1) for layer in range(int(distance_N.max()) + 1))


def layer_derivatives(
    student: StudentModel,
    tier_means: TierMeans,
    layers: Sequence[Tensor],
    embedding_D: Tensor,
    *,
    steps: int,
    probes: int = 48,
    seed: int = 0,
) -> tuple[LayerDerivative, ...]:
    """Return the derivative of each layer's states after `steps` lattice steps by an embedding, at that embedding.

    Each probe is a random direction g of a layer's states, whose gradient g^T J comes from a backward pass. The mean of
    |g^T J|^2 over standard normal g is the squared Frobenius norm of J (Hutchinson 1989). The rank is the effective
    rank of the probes' gradients: the exponential of the entropy of their singular values (Roy & Vetterli 2007).

    Args:
        student: on the lattice of the layers; its gradients are left alone.
        tier_means: engine for the same lattice.
        layers: cells of each layer, int64.
        embedding_D: float [D].
        steps: lattice steps.
        probes: K; the rank can't be more.
        seed: of the directions.
    """
    generator = torch.Generator(embedding_D.device).manual_seed(seed)
    embedding_KD = embedding_D.expand(probes, -1).clone().requires_grad_()
    with torch.enable_grad():
        final_NKC = student(embedding_KD, tier_means, steps).rollout.final
    found = []
    for cells in layers:
        layer_MKC = final_NKC[cells]
        directions_MKC = torch.randn(layer_MKC.shape, generator=generator, device=layer_MKC.device)
        (gradients_KD,) = torch.autograd.grad(layer_MKC, embedding_KD, directions_MKC, retain_graph=True)
        found.append(_measured(gradients_KD.double()))
    return tuple(found)


def _measured(gradients_KD: Tensor) -> LayerDerivative:
    norm = gradients_KD.square().sum(1).mean().sqrt().item()
    singular_K = torch.linalg.svdvals(gradients_KD)
    shares_K = singular_K / singular_K.sum().clamp_min(torch.finfo(torch.float64).tiny)
    return LayerDerivative(norm, torch.special.entr(shares_K).sum().exp().item())
