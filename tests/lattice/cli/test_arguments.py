"""Options become a configuration."""

from __future__ import annotations

from pathlib import Path

import pytest

from lattice.cli.arguments import CommandLineError, build_parser
from lattice.cli.main import run_command_line
from lattice.cli.tiers import parse_size
from lattice.cli.wishes import config_from
from lattice.config import SimpleProjectConfig
from lattice.errors import ConfigError


def config(*argv: str) -> SimpleProjectConfig:
    return config_from(build_parser().parse_args(argv))


def test_without_options_a_cube_that_carries_is_taken() -> None:
    assert config() == SimpleProjectConfig.from_preset("wave")
    assert config().embedding_mapping.placement == "through"


def test_short_options_and_set_reach_their_settings() -> None:
    made = config(
        "--preset", "experiment", "--training-steps", "7", "--seed", "3", "--device", "cpu", "--data", "a.npy",
        "--max-total-samples", "50", "--set", "lattice.dimensions=[9, 12, 14]", "--set", "training_embedding.seed=4",
        "--teacher", "mine", "--prompt", "query", "--truncate-dim", "64",
    )  # fmt: skip
    assert made.training_embedding.training_steps == 7
    assert made.training_embedding.seed == 4
    assert made.training_embedding.data == "a.npy"
    assert made.training_embedding.max_total_samples == 50
    assert made.device.policy == "cpu"
    assert made.lattice.dimensions == (9, 12, 14)
    assert (made.teacher.model, made.teacher.prompt, made.teacher.truncate_dim) == ("mine", "query", 64)


def test_a_config_file_replaces_the_preset(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("[lattice]\nlattice_steps = 9\n", encoding="utf-8")
    assert config("--config", str(path)).lattice.lattice_steps == 9


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["--training-steps", "0"], "expected a whole number of at least 1, got '0'"),
        (["--training-steps", "many"], "got 'many'"),
        (["--preset", "huge"], "invalid choice: 'huge'"),
        (["--preset", "debug", "--config", "x.toml"], "not allowed with argument"),
        (["--out", ""], "argument --out: it is empty: leave the option out"),
        (["--data", " "], "argument --data: it is empty"),
        (["--resume", ""], "argument --resume: it is empty"),
        (["--colour"], "unrecognized arguments: --colour.*--help"),
    ],
)
def test_arguments_that_make_no_sense_are_named(argv: list[str], message: str) -> None:
    with pytest.raises(CommandLineError, match=message):
        build_parser().parse_args(argv)


@pytest.mark.parametrize(("text", "size"), [("27", (27, 27, 27)), ("9,12,14", (9, 12, 14)), ("9x12x14", (9, 12, 14))])
def test_sizes_are_one_side_or_three(text: str, size: tuple[int, int, int]) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "9,12", "cube", "1,2,3,4"])
def test_other_sizes_are_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="expected one side such as 27, or three such as 9,12,14"):
        parse_size(text)


def test_plugins_are_loaded_for_every_command_in_order(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: list[list[str]] = []
    monkeypatch.setattr("lattice.cli.main.load_plugins", loaded.append)
    assert run_command_line(["--tiers", "8", "--plugin", "b.py", "--plugin", "package.module"], lambda _: 1) == 0
    assert run_command_line(["--plugin", "c.py"], lambda arguments: len(arguments.plugins)) == 1
    assert loaded == [["b.py", "package.module"], ["c.py"]]
    capsys.readouterr()


def test_a_broken_plugin_ends_the_program_with_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "broken.py"
    path.write_text("\n1 / 0\n", encoding="utf-8")
    assert run_command_line(["--headless", "--plugin", str(path)], lambda _: 0) == 2
    error = capsys.readouterr().err
    assert error == f"cellcube: the plugin can't be loaded: {path}, line 2: ZeroDivisionError: division by zero\n"


def test_the_mode_of_the_colours_is_a_name() -> None:
    assert build_parser().parse_args(["--color-mode", "trace_fired"]).color_mode == "trace_fired"
    assert build_parser().parse_args([]).color_mode is None
