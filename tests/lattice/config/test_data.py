"""Settings of sources and teacher that only make sense together."""

from __future__ import annotations

import pytest

from lattice.config import SimpleProjectConfig
from lattice.errors import ConfigError


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("data.weights=[1.0, 2.0]", r"weights: got 2 for 1 source\(s\); expected one per source or none"),
        ("data.weights=[-1.0]", r"data.weights\[0\] = -1.0: input should be greater than 0"),
        ("data.min_norm=1e6", "min_norm 1e\\+06 must be below max_norm 1e\\+06"),
        ("teacher.pooling=median", "teacher.pooling = 'median'"),
    ],
)
def test_settings_that_contradict_each_other_are_refused(setting: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        SimpleProjectConfig().override([setting])


def test_sources_and_columns_survive_toml() -> None:
    texts = ['data.extra_data=["a.txt", "hub:x/y"]', "data.weights=[1, 2, 0.5]", 'data.pair_columns=["q", "a"]']
    config = SimpleProjectConfig().override([*texts, "teacher.model=minilm"])
    assert SimpleProjectConfig.from_toml_text(config.to_toml()) == config
    assert config.data.pair_columns == ("q", "a")
