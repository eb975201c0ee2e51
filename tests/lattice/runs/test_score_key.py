"""Scores are compared only where they measure the same."""

from __future__ import annotations

import pytest

from lattice.config import SimpleProjectConfig
from lattice.runs.score_key import scored_on


@pytest.mark.parametrize("change", ["training_embedding.objective=denoise", "training_embedding.seed=3"])
def test_what_scores_are_of(change: str) -> None:
    config = SimpleProjectConfig()
    assert scored_on(config, "a") == scored_on(config.override(["optimizer.learning_rate=0.5"]), "a")
    assert scored_on(config, "a") != scored_on(config, "b")
    assert scored_on(config, "a") != scored_on(config.override([change]), "a")
