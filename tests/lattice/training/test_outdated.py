"""Which edits make measured scores old."""

from __future__ import annotations

import pytest

from lattice.config import EditCost, SimpleProjectConfig, setting_fields
from lattice.training.outdated import SCORED, outdates_scores


@pytest.mark.parametrize(
    ("changed", "cost", "outdates"),
    [
        (("training_embedding.objective",), "live", True),
        (("lattice.lattice_steps",), "live", True),
        (("objective.hide.share",), "live", True),
        (("optimizer.learning_rate", "training_embedding.batch_size"), "live", False),
        (("lattice.adaptive_radius_ratio",), "stencil", True),
        (("lattice.dimensions",), "rebuild", True),
        ((), None, False),
    ],
)
def test_scores_are_a_function_of_some_settings(
    changed: tuple[str, ...], cost: EditCost | None, outdates: bool
) -> None:
    assert outdates_scores(changed, cost) == outdates


def test_every_setting_named_exists() -> None:
    assert dict(setting_fields(SimpleProjectConfig)).keys() >= SCORED
