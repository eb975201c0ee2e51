"""A run as a command line: parsing it gives the same configuration."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given
from hypothesis import settings as settings_of_hypothesis
from hypothesis import strategies as st

from lattice.cli.arguments import build_parser
from lattice.cli.command_line import assignment, command_line
from lattice.cli.wishes import config_from, wishes_from
from lattice.config import SimpleProjectConfig, flat_settings, preset_names
from lattice.config.assignment import parse_assignment
from lattice.errors import ConfigError
from lattice.runs.peek import stored_config


def parsed(line):
    words = shlex.split(line)
    assert words[:2] == ["python", "main.py"]
    return build_parser().parse_args(words[2:])


def settings(config):
    return {key: value for key, value in flat_settings(config) if not key.startswith("logging.")}


EDITS = [
    {"lattice.dimensions": (9, 12, 14), "lattice.adaptive_radius_ratio": 0.123456789},
    {"optimizer.learning_rate": 1e-5, "optimizer.clip_norm": 0.07},
    {"training_embedding.data": "my data/rows 'of' today.npy", "data.text_column": "none"},
    {"training_embedding.max_total_samples": 77, "training_embedding.seed": 5},
    {"embedding_mapping.normalize_embeddings": False, "device.cpu_threads": 2},
    {"teacher.model": "minilm", "data.label_column": "true"},
]


@pytest.mark.parametrize("name", preset_names())
def test_a_preset_is_its_name(name):
    assert command_line(SimpleProjectConfig.from_preset(name)) == f"python main.py --preset {name}"


@pytest.mark.parametrize("edit", EDITS, ids=",".join)
def test_parsing_it_gives_the_same_configuration(edit):
    config = SimpleProjectConfig.from_preset("debug").replaced(edit)
    assert settings(config_from(parsed(command_line(config)))) == settings(config)


@settings_of_hypothesis(max_examples=40)
@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1))
def test_every_text_comes_back(text):
    text = text.strip() or "x"
    assert parse_assignment(assignment("teacher.model", text), SimpleProjectConfig)[1] == text


def test_what_can_not_be_said_is_refused():
    with pytest.raises(ConfigError, match=r"the setting teacher\.model can't be said on a command line"):
        assignment("teacher.model", " \x01")


def test_a_saved_run_is_resumed_with_what_was_changed_since(tmp_path, monkeypatch):
    stored = SimpleProjectConfig.from_preset("debug")
    path = tmp_path / "my run.safetensors"
    monkeypatch.setattr("lattice.cli.command_line.stored_config", lambda asked: stored if asked == path else None)
    for edit, rebuilt in ({"optimizer.learning_rate": 0.002}, False), ({"model.state_size": 12}, True):
        config = stored.replaced(edit)
        arguments = parsed(command_line(config, checkpoint=path))
        assert (arguments.resume, arguments.restart_student) == (path, rebuilt)
        assert settings(wishes_from(arguments).on(stored)) == settings(config)
    assert stored_config(tmp_path / "gone") is None
    with pytest.raises(ConfigError, match=r"gone can't be read as a checkpoint: save the run again"):
        command_line(config, checkpoint=tmp_path / "gone")


def test_plugins_are_loaded_first():
    assert parsed(command_line(SimpleProjectConfig.from_preset("wave"), plugins=["a b.py", "my.rule"])).plugins == [
        "a b.py",
        "my.rule",
    ]
