"""The replay of a training step's matrix products has their shapes, their strides and nothing of the engines."""

import pytest
import torch

from benchmarks.peers import Convolution, GatherScatter
from benchmarks.products import ProductRecorder, SilentMeans, product_floor
from benchmarks.samples import WIDTH, random_samples
from benchmarks.training_step import PeerMeans
from lattice.config import SimpleProjectConfig
from lattice.neighbourhood import TierMeans
from lattice.neighbourhood.base import Stencils
from lattice.training.trainer import EmbeddingTrainer

CPU = torch.device("cpu")
DIMENSIONS, THRESHOLDS = (4, 3, 5), (1.0, 2.0, 3.0)


def test_factors_are_noted_with_their_strides():
    left, right = torch.randn(3, 4), torch.randn(5, 4)
    with ProductRecorder() as recorder:
        torch.addmm(torch.zeros(5), left, right.t())
        torch.bmm(torch.randn(2, 3, 4), torch.randn(2, 4, 6))
        left + 1
    layouts = [tuple((tuple(shape), strides) for shape, strides, _ in pair) for pair in recorder.products]
    assert layouts == [
        (((3, 4), (4, 1)), ((4, 5), (1, 4))),
        (((2, 3, 4), (12, 4, 1)), ((2, 4, 6), (24, 6, 1))),
    ]


def test_sparse_factors_are_not_dense_products():
    with ProductRecorder() as recorder:
        torch.mm(torch.eye(3).to_sparse(), torch.randn(3, 2))
    assert recorder.products == []


def test_operations_are_those_of_the_trained_weights():
    config = SimpleProjectConfig.from_preset("debug").override(
        ["lattice.dimensions=[6,6,6]", "lattice.lattice_steps=1", "training_embedding.batch_size=2"]
    )
    trainer = EmbeddingTrainer(config, random_samples(CPU), CPU)
    replay, operations = product_floor(trainer)
    replay()
    assert trainer.tier_means.live_tiers == ("distant",)
    painted = (6**3 - 4**3) * 3
    # The mapper's product and its weights' gradient; the extractor's, and the gradients of both its factors.
    outside = 2 * 2 * WIDTH * painted * (2 + 3)
    model = config.model
    projected = model.message_channels + model.expert_hidden + 1
    projection = 3 * 2 * (2 * 6**3) * model.state_size * projected
    assert outside + projection < operations < outside + 10 * projection


def test_the_silent_engine_hands_fields_back():
    silent = SilentMeans(TierMeans.build(DIMENSIONS, THRESHOLDS, "reference"))
    fields = torch.randn(3, 60, 2)
    assert torch.equal(silent.channel_means(fields, "local"), fields)
    assert torch.equal(silent.means(fields[0], "distant"), fields[0])


@pytest.mark.parametrize("peer", [GatherScatter, Convolution])
def test_a_peer_stands_in_for_an_engine(peer):
    ours = TierMeans.build(DIMENSIONS, THRESHOLDS, "reference")
    theirs = PeerMeans(ours, peer(Stencils.of(DIMENSIONS, THRESHOLDS), CPU))
    fields = torch.randn(3, 60, 2)
    for tier in ours.live_tiers:
        expected = ours.means(fields.transpose(0, 1).reshape(60, 6), tier).view(60, 3, 2).transpose(0, 1)
        torch.testing.assert_close(theirs.channel_means(fields, tier), expected, rtol=0, atol=1e-5)
