"""Messages for wrong settings: they name the key, the value, the bounds, or the nearest valid key."""

import pytest

from lattice.config import SimpleProjectConfig, setting_fields
from lattice.errors import ConfigError


def message_for(values) -> str:
    with pytest.raises(ConfigError) as caught:
        SimpleProjectConfig.from_mapping(values, source="my.toml")
    return str(caught.value)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (
            {"lattice": {"lattice_steps": 100}},
            "lattice.lattice_steps = 100: input should be less than or equal to 64 (allowed: 1 to 64 steps)",
        ),
        (
            {"lattice": {"dimensions": [8, 0, 8]}},
            "lattice.dimensions[1] = 0: input should be greater than or equal to 1 (allowed: 1 to 256 cells)",
        ),
        (
            {"lattice": {"dimensions": [8]}},
            "lattice.dimensions = [8]: got 1 values, expected 3 (allowed: 1 to 256 cells)",
        ),
        (
            {"lattice": {"dimensions": [8, 8, 8, 8]}},
            "lattice.dimensions = [8, 8, 8, 8]: got 4 values, expected 3 (allowed: 1 to 256 cells)",
        ),
        (
            {"lattice": {"dimensions": "cube"}},
            "lattice.dimensions = 'cube': input should be a valid tuple (allowed: 1 to 256 cells)",
        ),
        ({"data": {"pair_columns": ["question"]}}, "data.pair_columns = ['question']: got 1 values, expected 2"),
        (
            {"optimizer": {"learning_rate": 0}},
            "optimizer.learning_rate = 0: input should be greater than 0 (allowed: above 0, at most 1)",
        ),
        (
            {"training_embedding": {"loss_weights": {"relation": -1}}},
            "training_embedding.loss_weights.relation = -1: "
            "input should be greater than or equal to 0 (allowed: 0 to 100)",
        ),
        (
            {"optimizer": {"schedule": "linear"}},
            "optimizer.schedule = 'linear': input should be 'one_cycle', 'cosine' or 'constant'",
        ),
        ({"lattice": 5}, "lattice = 5: expected a section with settings, not a single value"),
        (
            {"training_embedding": {"loss_weights": 3}},
            "training_embedding.loss_weights = 3: expected a section with settings, not a single value",
        ),
        (
            {"lattice": {"max_radius": 3}},
            "setting 'lattice.max_radius' can't be set: it is computed from the other settings of its section",
        ),
    ],
)
def test_wrong_value_names_key_value_and_bounds(values, expected):
    assert message_for(values) == f"my.toml: {expected}"


def test_rule_over_several_settings_names_them_all():
    assert message_for({"lattice": {"local_distance_ratio": 0.7}}) == (
        "my.toml: lattice: distance ratios must rise: got local 0.7, functional 0.65, distant 1; "
        "expected 0 < local < functional < distant <= 1"
    )


@pytest.mark.parametrize(
    ("values", "unknown", "nearest"),
    [
        ({"lattice": {"latice_steps": 3}}, "lattice.latice_steps", "lattice.lattice_steps"),
        ({"lattice": {"dimension": [3, 3, 3]}}, "lattice.dimension", "lattice.dimensions"),
        (
            {"training_embedding": {"loss_weights": {"similarty": 3}}},
            "training_embedding.loss_weights.similarty",
            "training_embedding.loss_weights.similarity",
        ),
        (
            {"training_embedding": {"loss_weight": {}}},
            "training_embedding.loss_weight",
            "training_embedding.loss_weights",
        ),
        ({"latice": {"lattice_steps": 3}}, "latice", "lattice"),
        ({"lattice": {"batch_size": 3}}, "lattice.batch_size", "training_embedding.batch_size"),
        ({"learning_rate": 3}, "learning_rate", "optimizer.learning_rate"),
        (
            {"neighbors": {"local_distance_threshold": 1}},
            "neighbors.local_distance_threshold",
            "lattice.local_distance_ratio",
        ),
    ],
)
def test_unknown_key_names_the_nearest_valid_one(values, unknown, nearest):
    assert message_for(values) == f"my.toml: unknown setting {unknown!r}; the nearest valid one is {nearest!r}"


@pytest.mark.parametrize("key", [key for key, _ in setting_fields(SimpleProjectConfig)])
def test_every_key_is_found_from_a_slip_of_the_finger(key):
    section, _, name = key.rpartition(".")
    values: dict = {name[:-1] + "zq": 1}
    for part in reversed(section.split(".")):
        values = {part: values}
    assert message_for(values).endswith(f"the nearest valid one is {key!r}")


def test_all_faults_are_told_at_once():
    message = message_for({"lattice": {"lattice_steps": 0, "steps": 3}, "device": {"policy": "tpu"}})
    assert message.count("; ") == 3
    assert "lattice.lattice_steps = 0" in message
    assert "unknown setting 'lattice.steps'" in message
    assert "device.policy = 'tpu'" in message


def test_long_values_are_cut():
    message = message_for({"training_embedding": {"seed": "x" * 10_000}})
    assert "training_embedding.seed = 'xxxx" in message
    assert len(message) < 250


def test_keys_that_are_no_text():
    assert "keys should be strings" in message_for({1: 2})


def test_a_key_of_any_length_is_answered_at_once_and_cut_short() -> None:
    with pytest.raises(ConfigError) as refusal:
        SimpleProjectConfig.from_toml_text("x" * 200_000 + " = 1")
    assert str(refusal.value).startswith("configuration: unknown setting 'xxx")
    assert len(str(refusal.value)) < 300


def test_of_very_many_faults_the_first_are_told_and_the_rest_counted() -> None:
    with pytest.raises(ConfigError, match=r"unknown setting 'k7'.*; and 1,992 more$"):
        SimpleProjectConfig.from_toml_text("\n".join(f"k{number} = 1" for number in range(2_000)))


def test_a_value_of_any_size_is_cut_short() -> None:
    with pytest.raises(ConfigError, match=r"lattice\.lattice_steps = \[0, 0") as refusal:
        SimpleProjectConfig.from_mapping({"lattice": {"lattice_steps": [0] * 1_000_000}})
    assert len(str(refusal.value)) < 300
