"""Observations agree with the student, and watching changes nothing."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from lattice.errors import DataError
from lattice.losses import reconstruction_loss, similarity_loss
from lattice.model.prototype import CellPrototype
from lattice.model.rollout import roll_out
from lattice.tiers import TIERS
from lattice.training.reports import HeardTier
from lattice.training.trainer import EmbeddingTrainer

Maker = Callable[..., EmbeddingTrainer]


def test_an_observation_is_the_students_own_rollout(small_trainer: Maker) -> None:
    trainer = small_trainer()
    trainer.advance(3)
    seen = trainer.observe(7)
    embedding = trainer.dataset.embeddings[7:8].float()
    output = trainer.student(embedding, trainer.tier_means, 2)
    assert (seen.training_step, seen.sample, seen.text) == (3, 7, "text 0 7")
    assert seen.dimensions == (4, 3, 5)
    for step, state in enumerate(output.rollout.states):
        for cell in range(60):
            x, y, z = np.unravel_index(cell, (4, 3, 5))
            np.testing.assert_allclose(seen.states_TXYZC[step, x, y, z], state[cell, 0].detach(), rtol=1e-5)
    np.testing.assert_allclose(seen.student_D, output.embedding_BD[0].detach(), rtol=1e-5, atol=1e-6)
    assert seen.cosine == pytest.approx(F.cosine_similarity(output.embedding_BD, embedding).item(), abs=1e-6)
    assert seen.step_cosines[0] == seen.t0_cosine
    assert seen.step_cosines[-1] == seen.cosine
    assert len(seen.step_cosines) == 3
    np.testing.assert_allclose(seen.gates_TXYZ3.sum(-1), 1.0, rtol=1e-5)


def test_skin_and_read_out_stand_on_their_cells(small_trainer: Maker) -> None:
    trainer = small_trainer("embedding_mapping.placement=through")
    seen = trainer.observe(0)
    scalars = trainer.student.mapper.scalars_of(trainer.dataset.embeddings[:1].float())[0].detach().numpy()
    assert np.isnan(seen.skin_XYZm[1:]).all()
    np.testing.assert_allclose(seen.skin_XYZm[0].reshape(15, -1), scalars, rtol=1e-5)
    assert np.isnan(seen.readout_XYZm[:3]).all()
    assert np.isfinite(seen.readout_XYZm[3]).all()


def test_the_learning_signal_is_the_gradient_norm_at_each_state(small_trainer: Maker) -> None:
    trainer = small_trainer()
    seen = trainer.observe(1, learning_signal=True)
    assert trainer.observe(1).signal_TXYZ is None
    assert seen.signal_TXYZ is not None
    student, target = trainer.student, trainer.dataset.embeddings[1:2].float()
    for step in range(3):
        state = torch.from_numpy(seen.states_TXYZC[step].reshape(60, 1, 6).copy()).requires_grad_()
        context = student.context(trainer.tier_means.live_tiers)
        final = roll_out(student.prototype, state, context, trainer.tier_means, 2 - step).final
        answer = student.read(final)
        loss = reconstruction_loss(answer, target) + similarity_loss(answer, target)
        (gradient,) = torch.autograd.grad(loss, state)
        expected = gradient.norm(dim=-1).reshape(4, 3, 5)
        np.testing.assert_allclose(seen.signal_TXYZ[step], expected, rtol=1e-3, atol=1e-7)


def test_watching_changes_nothing(small_trainer: Maker) -> None:
    watched, alone = small_trainer(), small_trainer()
    for _ in range(3):
        watched.observe(2, learning_signal=True)
        watched.heard_tiers(watched.observe(1).states_TXYZC[0], 0, (0, 0, 0))
        assert watched.step().losses == alone.step().losses


def test_arrays_belong_to_the_observation(small_trainer: Maker) -> None:
    trainer = small_trainer()
    seen = trainer.observe(0)
    kept = {name: value.copy() for name, value in vars(seen).items() if isinstance(value, np.ndarray)}
    trainer.advance(3)
    for name, value in kept.items():
        assert getattr(seen, name).flags["C_CONTIGUOUS"], name
        np.testing.assert_array_equal(getattr(seen, name), value)


def test_near_samples_are_the_nearest_ones(small_trainer: Maker) -> None:
    trainer = small_trainer()
    seen = trainer.observe(4)
    rows = F.normalize(trainer.dataset.embeddings.float(), dim=-1)
    for listed, vector in ((seen.nearest_before, seen.target_D), (seen.nearest_after, seen.student_D)):
        cosines = F.cosine_similarity(rows, torch.from_numpy(vector)[None])
        order = cosines.argsort(descending=True)[:5].tolist()
        assert [index for index, _ in listed] == order
        assert [value for _, value in listed] == pytest.approx(cosines[order].tolist(), abs=1e-5)
    assert seen.nearest_before[0][0] == 4


def test_an_embedding_from_elsewhere_is_its_own_target(small_trainer: Maker) -> None:
    trainer = small_trainer()
    row = trainer.dataset.embeddings[5].float().numpy()
    probe, sample = trainer.observe_embedding(3.0 * row, "typed"), trainer.observe(5)
    assert (probe.sample, probe.text) == (-1, "typed")
    np.testing.assert_allclose(probe.student_D, sample.student_D, rtol=1e-4, atol=1e-6)
    with pytest.raises(DataError, match=r"got an embedding of shape \(3,\), expected \(12,\)"):
        trainer.observe_embedding(np.zeros(3, np.float32))


def test_messages_to_a_cell_are_those_of_the_rollout(small_trainer: Maker) -> None:
    trainer = small_trainer()
    seen = trainer.observe(0)
    prototype, state = trainer.student.prototype, torch.from_numpy(seen.states_TXYZC[1].reshape(60, 1, 6).copy())
    perception = prototype.prepare(trainer.tier_means, trainer.student.features)
    _, trace = CellPrototype.forward(prototype, state, trainer.tier_means, perception)
    heard = trainer.heard_tiers(seen.states_TXYZC[1], 1, (3, 1, 2))
    assert set(heard) == set(trainer.tier_means.live_tiers)
    for tier, found in heard.items():
        norms = trace.messages[tier][:, :, 0].detach().norm(dim=0)
        assert found.norm == pytest.approx(float(norms[3 * 15 + 1 * 5 + 2]), rel=1e-4)
        assert found.mean_norm == pytest.approx(float(norms.mean()), rel=1e-4)
    with pytest.raises(DataError, match="the observation has 5 channels a cell, the student 6"):
        trainer.heard_tiers(seen.states_TXYZC[1, ..., :5], 1, (0, 0, 0))


def test_messages_that_follow_from_nothing_have_no_sender(small_trainer: Maker, monkeypatch) -> None:
    trainer = small_trainer()
    constant = {"local": torch.full((60, 1, 4), 0.5)}
    monkeypatch.setattr(trainer.student.prototype, "messages", lambda *_: constant)
    heard = trainer.heard_tiers(trainer.observe(0).states_TXYZC[1], 1, (0, 0, 0))
    assert heard == {"local": HeardTier(1.0, 1.0, None, 0.0)}


def test_a_cell_hears_most_from_neighbours_of_the_tier(small_trainer: Maker) -> None:
    trainer = small_trainer()
    seen, cell = trainer.observe(0), (2, 1, 2)
    heard = trainer.heard_tiers(seen.states_TXYZC[1], 1, cell)
    assert set(heard) == set(trainer.tier_means.live_tiers)
    thresholds = dict(zip(TIERS, trainer.config.lattice.get_distance_thresholds(), strict=True))
    for tier, found in heard.items():
        assert found.mean_norm > 0.0
        assert found.sender is not None
        assert 0.0 < math.dist(found.sender, cell) <= thresholds[tier]
        assert 0.0 < found.share <= 1.0


def test_a_silent_cube_has_no_sender(small_trainer: Maker) -> None:
    trainer = small_trainer()
    seen = trainer.observe(0)
    silent = np.zeros_like(seen.states_TXYZC[0])
    for found in trainer.heard_tiers(silent, 0, (0, 0, 0)).values():
        assert (found.sender, found.share) == (None, 0.0)
    with pytest.raises(DataError, match=r"the observation is of a \(2, 2, 2\) cube, the student is \(4, 3, 5\)"):
        trainer.heard_tiers(np.zeros((2, 2, 2, 6), np.float32), 0, (0, 0, 0))


def test_samples_that_do_not_exist_are_named(small_trainer: Maker) -> None:
    with pytest.raises(DataError, match="there is no sample 40: random samples 0 has 40"):
        small_trainer().observe(40)
