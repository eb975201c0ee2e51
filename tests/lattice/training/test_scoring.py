"""Scores against plain loops."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from lattice.training.scoring import score


def test_scores_are_what_plain_loops_give() -> None:
    generator = torch.Generator().manual_seed(1)
    target = torch.randn(30, 7, generator=generator)
    predicted = target + 1.3 * torch.randn(30, 7, generator=generator)
    p, t = predicted.double().numpy(), target.double().numpy()
    cosine = np.array([[a @ b / np.linalg.norm(a) / np.linalg.norm(b) for b in t] for a in p])
    ranks = [sum(cosine[i, j] > cosine[i, i] for j in range(30)) for i in range(30)]
    scores = score(predicted, target)
    assert scores.cosine == pytest.approx(np.mean(np.diag(cosine)), rel=1e-5)
    assert scores.nmse == pytest.approx(((p - t) ** 2).sum() / ((t - t.mean(0)) ** 2).sum(), rel=1e-5)
    assert scores.retrieval_at_1 == pytest.approx(np.mean([rank < 1 for rank in ranks]))
    assert scores.retrieval_at_5 == pytest.approx(np.mean([rank < 5 for rank in ranks]))
    assert 0.0 < scores.retrieval_at_1 < scores.retrieval_at_5 < 1.0


def test_the_mean_scores_one_and_the_truth_scores_zero() -> None:
    target = torch.randn(20, 5, generator=torch.Generator().manual_seed(0))
    assert score(target.mean(0).expand(20, -1), target).nmse == pytest.approx(1.0)
    perfect = score(target, target)
    assert perfect.nmse == 0.0
    assert perfect.retrieval_at_1 == 1.0
    assert perfect.cosine == pytest.approx(1.0)
