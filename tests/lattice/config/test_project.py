"""The whole configuration: defaults, presets, TOML, overrides, and what an edit costs."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lattice.config import (
    DeviceSettings,
    LatticeSettings,
    LoggingSettings,
    LossWeights,
    SimpleProjectConfig,
    TrainingEmbeddingSettings,
    cost_of_key,
    edit_cost,
    flat_settings,
    preset_names,
)
from lattice.errors import ConfigError

FAR_FROM_DEFAULT = [
    "lattice.dimensions=[9,12,14]",
    "lattice.adaptive_radius_ratio=0.35",
    "neighbors.engine=fft",
    "neighbors.memory_limit_gb=1.5",
    "model.flow_method=rk4",
    "embedding_mapping.placement=through",
    "embedding_mapping.scalars_per_cell=6",
    "training_embedding.max_total_samples=1000",
    "training_embedding.loss_weights.relation=0.5",
    "data.pair_columns=[term,definition]",
    "data.extra_data=['b.txt', 'c d.npy']",
    "optimizer.learning_rate=1e-05",
    "device.cpu_threads=2",
    "logging.level=ERROR",
]


def test_promised_defaults():
    config = SimpleProjectConfig()
    assert config.training_embedding.max_total_samples is None
    assert config.training_embedding.gpu_memory_reserve_gb == 20.0
    assert config.logging == LoggingSettings(level="INFO", debug_mode=False, log_file=None)
    assert config.device == DeviceSettings(policy="auto")
    assert config.lattice.adaptive_radius_ratio == 0.2


class TestPresets:
    def test_names_smallest_cube_first(self):
        assert preset_names() == ("wave", "debug", "memories", "experiment", "optimized")

    @pytest.mark.parametrize(
        ("name", "dimensions"), [("debug", (8, 8, 8)), ("experiment", (15, 15, 15)), ("optimized", (30, 30, 30))]
    )
    def test_sizes(self, name, dimensions):
        assert SimpleProjectConfig.from_preset(name).lattice.dimensions == dimensions

    def test_unknown_one_names_the_known(self):
        with pytest.raises(
            ConfigError, match="unknown preset 'huge': expected one of wave, debug, memories, experiment, optimized"
        ):
            SimpleProjectConfig.from_preset("huge")


class TestToml:
    @pytest.mark.parametrize("name", ["wave", "debug", "memories", "experiment", "optimized"])
    def test_presets_come_back(self, name):
        config = SimpleProjectConfig.from_preset(name)
        assert SimpleProjectConfig.from_toml_text(config.to_toml()) == config

    def test_a_config_far_from_the_default_comes_back(self, tmp_path):
        config = SimpleProjectConfig().override([*FAR_FROM_DEFAULT, f"logging.log_file={tmp_path / 'run.log'}"])
        path = tmp_path / "config.toml"
        path.write_text(config.to_toml(), encoding="utf-8")
        again = SimpleProjectConfig.from_toml(path)
        assert again == config
        assert again.logging.log_file == tmp_path / "run.log"
        assert again.data.extra_data == ("b.txt", "c d.npy")

    def test_what_is_written_is_plain_toml_without_empty_settings(self):
        values = tomllib.loads(SimpleProjectConfig().to_toml())
        assert values["lattice"]["dimensions"] == [8, 8, 8]
        assert values["training_embedding"]["loss_weights"]["similarity"] == 1.0
        assert "max_total_samples" not in values["training_embedding"]

    @given(text=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40))
    def test_any_text_comes_back(self, text):
        config = SimpleProjectConfig(training_embedding=TrainingEmbeddingSettings(data=text))
        assert SimpleProjectConfig.from_toml_text(config.to_toml()) == config

    @given(
        rate=st.floats(0.0, 1.0, exclude_min=True),
        weight=st.floats(0.0, 100.0),
        sides=st.tuples(*[st.integers(1, 256)] * 3),
        reserve=st.floats(0.0, 1024.0),
    )
    def test_any_number_comes_back_exactly(self, rate, weight, sides, reserve):
        config = SimpleProjectConfig().replaced(
            {
                "optimizer.learning_rate": rate,
                "training_embedding.loss_weights.similarity": weight,
                "training_embedding.gpu_memory_reserve_gb": reserve,
                "lattice.dimensions": sides,
            }
        )
        again = SimpleProjectConfig.from_toml_text(config.to_toml())
        assert again == config
        assert again.optimizer.learning_rate == rate

    def test_byte_order_mark_of_windows_editors_is_read_over(self, tmp_path):
        path = tmp_path / "config.toml"
        path.write_bytes(b"\xef\xbb\xbf[lattice]\r\nlattice_steps = 3\r\n")
        assert SimpleProjectConfig.from_toml(path).lattice.lattice_steps == 3

    def test_missing_file(self, tmp_path):
        with pytest.raises(ConfigError, match=r"can't read the configuration .*nowhere\.toml: .*No such file"):
            SimpleProjectConfig.from_toml(tmp_path / "nowhere.toml")

    def test_file_that_is_no_text(self, tmp_path):
        path = tmp_path / "config.toml"
        path.write_bytes(b"\xff\xfe\x00\x01")
        with pytest.raises(ConfigError, match=r"can't read the configuration .*config\.toml: .*codec"):
            SimpleProjectConfig.from_toml(path)

    def test_text_that_is_no_toml_names_file_and_line(self, tmp_path):
        path = tmp_path / "config.toml"
        path.write_text("[lattice]\nlattice_steps = \n")
        with pytest.raises(ConfigError, match=r"config\.toml is not valid TOML: .*line 2"):
            SimpleProjectConfig.from_toml(path)

    def test_wrong_setting_names_the_file(self, tmp_path):
        path = tmp_path / "config.toml"
        path.write_text("[lattice]\nlattice_step = 3\n")
        with pytest.raises(ConfigError, match=r"config\.toml: unknown setting 'lattice\.lattice_step'; the nearest"):
            SimpleProjectConfig.from_toml(path)


class TestOverride:
    @pytest.mark.parametrize(
        ("assignment", "key", "value"),
        [
            ("lattice.lattice_steps=7", "lattice.lattice_steps", 7),
            (" lattice.lattice_steps = 7 ", "lattice.lattice_steps", 7),
            ("lattice.dimensions=[9,12,14]", "lattice.dimensions", (9, 12, 14)),
            ("lattice.dimensions=9,12,14", "lattice.dimensions", (9, 12, 14)),
            ("optimizer.learning_rate=1e-3", "optimizer.learning_rate", 0.001),
            ("training_embedding.objective=denoise", "training_embedding.objective", "denoise"),
            ('training_embedding.objective="denoise"', "training_embedding.objective", "denoise"),
            ("training_embedding.max_total_samples=none", "training_embedding.max_total_samples", None),
            ("training_embedding.max_total_samples=", "training_embedding.max_total_samples", None),
            (r"training_embedding.data=C:\data\x.npy", "training_embedding.data", r"C:\data\x.npy"),
            ("training_embedding.data=a=b,c.txt", "training_embedding.data", "a=b,c.txt"),
            ("training_embedding.data=2024-01-01", "training_embedding.data", "2024-01-01"),
            ("training_embedding.data=1,2", "training_embedding.data", "1,2"),
            ("training_embedding.data=2024", "training_embedding.data", "2024"),
            ("data.pair_columns=term,definition", "data.pair_columns", ("term", "definition")),
            ("data.pair_columns=['a,b', 'c']", "data.pair_columns", ("a,b", "c")),
            ("data.extra_data=b.txt", "data.extra_data", ("b.txt",)),
            ("training_embedding.loss_weights.relation=0", "training_embedding.loss_weights.relation", 0.0),
            ("logging.debug_mode=true", "logging.debug_mode", True),
            ("logging.debug_mode=False", "logging.debug_mode", False),
            ("logging.level=debug", "logging.level", "DEBUG"),
        ],
    )
    def test_text_becomes_value(self, assignment, key, value):
        start = SimpleProjectConfig().replaced({"training_embedding.max_total_samples": 5})
        config = start.override([assignment])
        assert dict(flat_settings(config))[key] == value
        untouched = dict(flat_settings(start)) | {key: value}
        assert dict(flat_settings(config)) == untouched

    def test_log_file_is_a_path(self, tmp_path):
        config = SimpleProjectConfig().override([f"logging.log_file={tmp_path / 'x.log'}"])
        assert config.logging.log_file == tmp_path / "x.log"
        assert isinstance(config.logging.log_file, Path)

    def test_later_ones_win(self):
        assert SimpleProjectConfig().override(["model.state_size=8", "model.state_size=9"]).model.state_size == 9

    @pytest.mark.parametrize("text", ["lattice.lattice_steps", "lattice_steps=3", "=3", ""])
    def test_what_is_no_assignment(self, text):
        with pytest.raises(ConfigError, match=r"can't read the setting .*: expected section\.key=value"):
            SimpleProjectConfig().override([text])

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("lattice.steps=3", r"--set: unknown setting 'lattice\.steps'; the nearest valid one is 'lattice\."),
            ("lattice.lattice_steps=99", r"--set: lattice\.lattice_steps = 99: .*allowed: 1 to 64 steps"),
            (
                "training_embedding.batch_size=true",
                r"batch_size: got true, expected another kind of value \(allowed: 1 to 65536 samples\)",
            ),
            ("lattice.adaptive_radius_ratio=false", r"adaptive_radius_ratio: got false, expected another kind"),
            ("lattice.lattice_steps=many", r"--set: lattice\.lattice_steps = 'many': .*valid integer"),
            ("lattice.dimensions=9x12", r"--set: lattice\.dimensions\[0\] = '9x12': .*allowed: 1 to 256 cells"),
            ("lattice.lattice_steps.x=3", "'lattice_steps' is a value, not a section"),
        ],
    )
    def test_wrong_ones_say_why(self, text, message):
        with pytest.raises(ConfigError, match=message):
            SimpleProjectConfig().override([text])


class TestReplaced:
    def test_values_of_any_kind(self):
        config = SimpleProjectConfig().replaced(
            {
                "lattice.dimensions": (4, 5, 6),
                "training_embedding.loss_weights": LossWeights(relation=3.0),
                "lattice": LatticeSettings(lattice_steps=2),
                "lattice.lattice_steps": 9,
            }
        )
        assert config.lattice == LatticeSettings(lattice_steps=9)
        assert config.training_embedding.loss_weights == LossWeights(relation=3.0)

    def test_leaves_the_original_alone(self):
        config = SimpleProjectConfig()
        config.replaced({"lattice.lattice_steps": 9})
        assert config == SimpleProjectConfig()

    def test_wrong_value_is_named(self):
        with pytest.raises(ConfigError, match=r"edit: lattice\.lattice_steps = 0: .*1 to 64"):
            SimpleProjectConfig().replaced({"lattice.lattice_steps": 0})


class TestCost:
    @pytest.mark.parametrize(
        ("key", "cost"),
        [
            ("lattice.dimensions", "rebuild"),
            ("lattice.adaptive_radius_ratio", "stencil"),
            ("lattice.functional_distance_ratio", "stencil"),
            ("lattice.lattice_steps", "live"),
            ("neighbors.engine", "stencil"),
            ("model.state_size", "rebuild"),
            ("embedding_mapping.placement", "rebuild"),
            ("training_embedding.loss_weights.similarity", "live"),
            ("optimizer.learning_rate", "live"),
            ("logging.level", "live"),
        ],
    )
    def test_of_a_key(self, key, cost):
        assert cost_of_key(key) == cost

    def test_of_an_unknown_key(self):
        with pytest.raises(KeyError, match=r"lattice\.nope"):
            cost_of_key("lattice.nope")

    def test_changes_are_found_with_their_costs(self):
        before = SimpleProjectConfig()
        after = before.override(["lattice.local_distance_ratio=0.2", "optimizer.clip_norm=2", "model.state_size=24"])
        changes = before.changes_to(after)
        assert changes == {"lattice.local_distance_ratio": "stencil", "optimizer.clip_norm": "live"}
        assert edit_cost(changes) == "stencil"

    def test_no_change_costs_nothing(self):
        assert SimpleProjectConfig().changes_to(SimpleProjectConfig()) == {}
        assert edit_cost({}) is None

    def test_the_dearest_counts(self):
        assert edit_cost({"a": "live", "b": "rebuild", "c": "stencil"}) == "rebuild"


def test_a_file_above_the_limit_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "large.toml"
    with path.open("wb") as file:
        file.truncate(50_000_000)
    with pytest.raises(ConfigError, match=r"large\.toml: it has 50 MB, expected at most 1\.0 MB"):
        SimpleProjectConfig.from_toml(path)


@pytest.mark.parametrize(
    ("text", "message"),
    [("a = " + "[" * 5_000, "settings is not valid TOML: it is nested"), ("a = " + "9" * 5_000, "digits")],
    ids=["nested", "digits"],
)
def test_text_that_breaks_the_parser_is_no_exception_of_its_own(text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        SimpleProjectConfig.from_toml_text(text, source="settings")
    with pytest.raises(ConfigError):
        SimpleProjectConfig().override([f"lattice.lattice_steps={text.removeprefix('a = ')}"])
