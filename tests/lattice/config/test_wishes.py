"""Changes that can be put on any configuration."""

from __future__ import annotations

import pytest

from lattice.config import SimpleProjectConfig, Wishes
from lattice.errors import ConfigError


def test_assignments_come_after_named_values() -> None:
    wishes = Wishes({"training_embedding.data": "7", "training_embedding.seed": 1}, ("training_embedding.seed=2",))
    changed = wishes.on(SimpleProjectConfig())
    assert (changed.training_embedding.data, changed.training_embedding.seed) == ("7", 2)
    assert Wishes().on(changed) == changed


def test_one_more_wish_wins_over_an_assignment_to_the_same_key() -> None:
    before = Wishes({}, ("training_embedding.data=a.npy", "training_embedding.seed=2"))
    after = before.and_also("training_embedding.data", "b.npy").on(SimpleProjectConfig())
    assert (after.training_embedding.data, after.training_embedding.seed) == ("b.npy", 2)


def test_a_wish_that_can_not_be_is_named() -> None:
    with pytest.raises(ConfigError, match=r"unknown setting 'lattice\.size'"):
        Wishes({}, ("lattice.size=3",)).on(SimpleProjectConfig())
