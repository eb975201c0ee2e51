"""What the command line asks of the window."""

import pytest

from app.options import StartOptions
from lattice.cli.arguments import build_parser
from lattice.cli.wishes import config_from
from lattice.config import Wishes
from lattice.errors import ConfigError
from tests.app.fakes import FakeTrainer, small_config


def test_options_go_on_top_of_a_file(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(small_config().to_toml())
    options = StartOptions(
        config=path,
        wishes=Wishes({"training_embedding.data": "x.npy", "device.policy": "cpu"}, ("lattice.lattice_steps=9",)),
    )
    config = options.configuration()
    assert config.lattice.dimensions == (4, 4, 4)
    assert config.training_embedding.data == "x.npy"
    assert config.device.policy == "cpu"
    assert config.lattice.lattice_steps == 9


def test_without_options_the_window_opens_what_the_command_line_trains():
    assert StartOptions().configuration() == config_from(build_parser().parse_args([]))


def test_an_unknown_preset_is_named():
    with pytest.raises(ConfigError, match="unknown preset 'huge'"):
        StartOptions(preset="huge").configuration()


def test_options_beside_a_checkpoint_are_judged_by_its_settings(tmp_path):
    FakeTrainer(small_config(model__rule="nca")).save(tmp_path / "checkpoint.safetensors")
    options = StartOptions(resume=tmp_path, wishes=Wishes({}, ("lattice.lattice_steps=9",)))
    config = options.configuration()
    assert (config.model.rule, config.lattice.lattice_steps) == ("nca", 9)
    with pytest.raises(ConfigError, match=r"unknown setting 'lattice\.step'"):
        StartOptions(resume=tmp_path, wishes=Wishes({}, ("lattice.step=9",))).configuration()
    assert StartOptions(resume=tmp_path / "gone", wishes=Wishes({}, ("lattice.step=9",))).configuration()


@pytest.mark.parametrize(
    ("wishes", "name"),
    [
        (Wishes(), "debug"),
        (Wishes({"training_embedding.data": "some/vec.npy"}), "vec.npy"),
        (Wishes({}, ("training_embedding.data=vec.npy",)), "vec.npy"),
        (Wishes({"training_embedding.seed": 3}), "debug"),
    ],
)
def test_a_new_run_is_called_after_the_data_that_was_chosen(wishes, name):
    options = StartOptions(preset="debug", wishes=wishes)
    assert options.run_name(options.configuration()) == name
