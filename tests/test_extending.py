"""The pages of docs/extending.md: each file is loaded and used as it is printed, and so is each command."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.cube.color.colorizer import Colorizer
from app.panels.spec import PanelSpec
from app.run.messages import Applied
from app.run.summary import RunSummary
from lattice.config import SimpleProjectConfig
from lattice.data import load_dataset
from lattice.errors import DataError, PluginError
from lattice.plugin_loading import LoadedPlugin, load_plugin, unload
from lattice.plugins import COLOR_MODES, PANELS
from lattice.tracking.tracking import start_tracking
from lattice.training.trainer import EmbeddingTrainer
from tests.plugged import Services, config_with, samples, trained, unloaded  # noqa: F401 (a fixture)

pytestmark = pytest.mark.usefixtures("unloaded")

ROOT = Path(__file__).resolve().parent.parent
TEXT = (ROOT / "docs" / "extending.md").read_text(encoding="utf-8")
PAGES = dict(re.findall(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", TEXT, re.DOTALL | re.MULTILINE))
NAMES = ["A cell rule", "An objective", "A reader", "A colour mode", "A panel", "A tracker"]


def printed(page: str) -> tuple[str, str]:
    """Return the name and the text of a page's file."""
    (code,) = re.findall(r"```python\n(.*?)```", PAGES[page], re.DOTALL)
    return re.findall(r"^`(\w+\.py)`:", PAGES[page], re.MULTILINE)[0], code


def commands(page: str) -> list[str]:
    (block,) = re.findall(r"```sh\n(.*?)```", PAGES[page], re.DOTALL)
    return block.splitlines()


def pasted(page: str, folder: Path, *, change: tuple[str, str] = ("", "")) -> LoadedPlugin:
    """Load a page's file, with one text in it replaced."""
    name, code = printed(page)
    assert change[0] in code
    (folder / name).write_text(code.replace(*change) if change[0] else code, encoding="utf-8")
    return load_plugin(folder / name)


def test_there_is_a_page_for_each_kind():
    assert list(PAGES) == ["Loading", *NAMES]
    assert all(f"](#{name.lower().replace(' ', '-')})" in TEXT for name in NAMES)
    for page in NAMES:
        assert len(PAGES[page].splitlines()) <= 78
        named = re.findall(r"`((?:app|lattice|docs)/[\w./]+)`", PAGES[page])
        assert named
        assert [path for path in named if not (ROOT / path).exists()] == []


def test_the_cell_rule_learns(tmp_path):
    assert pasted(NAMES[0], tmp_path).brings == ("cell rule 'leaky'",)
    tiers = ["lattice.adaptive_radius_ratio=0.5", "lattice.local_distance_ratio=0.45"]
    trainer = trained("model.rule=leaky", "rule.leaky.leak=0.2", *tiers)
    rule = trainer.student.prototype
    assert rule.settings.leak == 0.2
    gradients = {name: parameter.grad for name, parameter in rule.named_parameters()}
    assert len(gradients) == 5
    assert all(gradient is not None and gradient.abs().max() > 0 for gradient in gradients.values())
    assert trainer.observe(0).trace["drive"].shape == (5, 5, 5, 5, 1)


def test_the_cell_rules_wrong_shape_is_reported_as_printed(tmp_path):
    pasted(NAMES[0], tmp_path, change=("return state_NBC + change_NBC", "return (state_NBC + change_NBC)[..., :12]"))
    with pytest.raises(PluginError) as caught:
        EmbeddingTrainer(SimpleProjectConfig.from_preset("debug").override(["model.rule=leaky"]), samples())
    (message,) = re.findall(r"`\.\.\.(/leaky\.py, line [^`]+)`", PAGES[NAMES[0]])
    assert str(caught.value).endswith(" ".join(message.split()))


def test_the_objective_trains_and_is_evaluated_with_its_baselines(tmp_path):
    pasted(NAMES[1], tmp_path)
    trainer = trained("training_embedding.objective=unmix", "objective.unmix.share=0.2")
    report = trainer.evaluate()
    assert set(report.baselines) == {"mlp", "identity", "linear"}
    assert 0.9 < report.identity.cosine < 1.0
    assert trainer.observe(0).input_D.shape == (384,)


def test_the_objectives_wrong_shape_is_reported_as_printed(tmp_path):
    pasted(NAMES[1], tmp_path, change=("return (1", "return clean_BD[:, :5], clean_BD\n        return (1"))
    config = SimpleProjectConfig.from_preset("debug").override(["training_embedding.objective=unmix"])
    with pytest.raises(PluginError) as caught:
        EmbeddingTrainer(config, samples())
    (message,) = re.findall(r"`\.\.\.(/unmix\.py, line [^`]+)`", PAGES[NAMES[1]])
    assert str(caught.value).endswith(" ".join(message.split()))


def test_the_reader_reads_within_a_limit_and_names_a_bad_row(tmp_path):
    plugin = pasted(NAMES[2], tmp_path)
    path = tmp_path / "words.wv"
    path.write_text("\n".join(f"word{row} {row % 7 - 3} {row % 11 - 5} 1" for row in range(30)), encoding="utf-8")
    config = config_with(f"training_embedding.data={path}", "training_embedding.max_total_samples=9")
    dataset = load_dataset(config.training_embedding, config.data, config.teacher)
    assert len(dataset) == 9
    assert dataset.embeddings.shape == (9, 3)
    assert dataset.text(8) == "word8"
    path.write_text("word 1 2\nword 1 two", encoding="utf-8")
    with pytest.raises(DataError, match=r"words\.wv row 2: expected a word and its numbers"):
        load_dataset(config.training_embedding, config.data, config.teacher)
    unload(plugin.name)
    pasted(NAMES[2], tmp_path, change=("if len(words) == request.limit", "if False"))
    path.write_text("\n".join(f"word{row} {row % 7 - 3} {row % 11 - 5} 1" for row in range(300)), encoding="utf-8")
    config = config_with(f"training_embedding.data={path}", "training_embedding.max_total_samples=200")
    with pytest.raises(DataError) as caught:
        load_dataset(config.training_embedding, config.data, config.teacher)
    (message,) = re.findall(r"(word_vectors\.py, line \d+\) returned 300 rows, [^`]+)`", PAGES[NAMES[2]])
    assert message in str(caught.value)


def test_the_colour_mode_gives_colours_and_a_legend(tmp_path):
    pasted(NAMES[3], tmp_path)
    observation = trained().observe(0)
    colorizer = Colorizer(COLOR_MODES["memory"])
    colors, legend = colorizer.colors(observation, 3)
    assert colors.shape == (5, 5, 5, 4)
    assert (legend.kind, legend.low, legend.high, legend.note) == ("diverging", -1.0, 1.0, "")
    assert colorizer.value(observation, 0, (0, 0, 0)) == "+1"
    values = COLOR_MODES["memory"].measure(observation, 3, ..., 0)
    states = observation.states_TXYZC.astype(np.float64)
    lengths = np.linalg.norm(states[3], axis=-1) * np.linalg.norm(states[0], axis=-1)
    np.testing.assert_allclose(values, (states[3] * states[0]).sum(-1) / lengths, rtol=1e-5)
    assert values.min() < 1.0


def test_the_colour_modes_faults_are_shown_as_printed(tmp_path):
    observation = trained().observe(0)
    pasted(NAMES[3], tmp_path, change=("return np.where(", "return first\n        return np.where("))
    _, legend = Colorizer(COLOR_MODES["memory"]).colors(observation, 3)
    assert re.search(r"measure must return shape \(.*\), got \(.*, 24\)", legend.note)
    pasted(NAMES[3], tmp_path, change=("lengths, np.nan)", "lengths, np.nan) * np.inf"))
    _, legend = Colorizer(COLOR_MODES["memory"]).colors(observation, 3)
    assert re.search(r"\d+ of \d+ values are not finite", legend.note)


def test_the_panel_shows_a_run_and_its_observations(qtbot, tmp_path):
    pasted(NAMES[4], tmp_path)
    spec = PANELS["progress"]
    assert isinstance(spec, PanelSpec)
    services = Services()
    panel = spec.make(services)
    qtbot.addWidget(panel)
    trainer = trained()
    summary = RunSummary("mine", trainer.config, samples(), 3, 600, "CPU", "sparse", "chosen", {})
    panel.show_run(summary)
    assert panel.run.text() == "mine: 5 lattice steps, CPU"
    observation = trainer.observe(0)
    services.display.observation_shown.emit(observation, 2)
    lines = panel.cosines.text().splitlines()
    assert len(lines) == 6
    assert lines[2] == f"> after 2 lattice steps: cosine {observation.step_cosines[2]:+.3f}"
    panel.show_applied(Applied(replace(summary, name="edited"), "live", ()))
    assert panel.run.text().startswith("edited: ")


def test_the_tracker_keeps_the_losses(tmp_path):
    pasted(NAMES[5], tmp_path)
    trainer = trained()
    tracking = start_tracking(["table"], trainer.config, trainer.run_id, trainer.training_step, tmp_path)
    report = trainer.step()
    tracking.stepped(report)
    tracking.close()
    kept = (tmp_path / "table" / "loss.csv").read_text(encoding="utf-8")
    assert kept == f"{report.training_step},{report.losses['total']}\n"


@pytest.fixture
def checkout(tmp_path) -> Path:
    """A folder with what stands beside main.py."""
    for name in ("main.py", "app", "lattice", "resources", "examples"):
        (tmp_path / name).symlink_to(ROOT / name)
    return tmp_path


def run_line(line: str, folder: Path) -> str:
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    environment.pop("PYTHONPATH", None)
    result = subprocess.run(
        line, shell=True, cwd=folder, env=environment, check=False, capture_output=True, text=True, timeout=600
    )
    assert result.returncode == 0, f"{line}\n{result.stderr}"
    return result.stdout


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="the commands are for a POSIX shell")
@pytest.mark.parametrize("page", [*NAMES[:4], NAMES[5]])
def test_the_commands_run_as_printed(page, checkout):
    name, code = printed(page)
    (checkout / name).write_text(code, encoding="utf-8")
    outputs = [run_line(line, checkout) for line in commands(page)]
    expected = (
        r"^\(8, 8, 8, 4\) Memory: -1\.00 to 1\.00$" if page == "A colour mode" else r"^training step 3 on \w+, .*cosine"
    )
    assert re.search(expected, outputs[-1], re.MULTILINE), outputs[-1]


@pytest.mark.gl
@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="the commands are for a POSIX shell")
def test_the_panels_command_saves_a_picture(checkout):
    name, code = printed("A panel")
    (checkout / name).write_text(code, encoding="utf-8")
    (line,) = commands("A panel")
    run_line(line, checkout)
    assert (checkout / "window.png").read_bytes().startswith(b"\x89PNG")


NAME_THAT_IS_TAKEN = {
    "cell rule 'nca'": """from lattice.model.rules.base import CellRule
def setup(plugins):
    plugins.cell_rule("nca", CellRule)
""",
    "objective 'denoise'": """from lattice.objectives import Objective
def setup(plugins):
    plugins.objective("denoise", Objective)
""",
    "reader 'texts'": """from lattice import Reader
def setup(plugins):
    plugins.reader("texts", Reader("Mine", (".mine",), print))
""",
    "colour mode 'norm'": """from app.cube.color.modes import ColorMode
def setup(plugins):
    plugins.color_mode("norm", ColorMode("Mine", "Mine.", print))
""",
    "tracker 'wandb'": """from lattice.tracking.base import TrackerKind
def setup(plugins):
    plugins.tracker("wandb", TrackerKind("Mine", "", print))
""",
    "panel 'training'": """from app.panels.panel import Panel
from app.panels.spec import PanelSpec
def setup(plugins):
    plugins.panel("training", PanelSpec("Mine", "left", Panel, "Mine."))
""",
}


@pytest.mark.parametrize("taken", NAME_THAT_IS_TAKEN)
def test_the_name_of_what_is_built_in_cant_be_taken(taken, tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(NAME_THAT_IS_TAKEN[taken], encoding="utf-8")
    command = [sys.executable, "main.py", "--headless", "--training-steps", "1", "--plugin", str(path)]
    stopped = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True, timeout=300)
    assert stopped.returncode == 2
    place = rf"cellcube: the plugin can't be loaded: {re.escape(str(path))}, line [34]: "
    assert re.fullmatch(
        rf"{place}the {taken} of {re.escape(str(path))} is built in: choose another name\n",
        stopped.stderr,
    )


@pytest.mark.slow
def test_a_checkpoint_names_the_plugin_that_its_rule_came_from(tmp_path):
    plugin = pasted(NAMES[0], tmp_path)
    trained("model.rule=leaky").save(tmp_path / "leaky.safetensors")
    unload(plugin.name)
    command = [sys.executable, "main.py", "--headless", "--resume", str(tmp_path / "leaky.safetensors")]
    stopped = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True, timeout=300)
    assert stopped.returncode == 2
    assert "there is no cell rule 'leaky': expected one of experts, nca, diffusion" in stopped.stderr
    assert f"the cell rule 'leaky' came from the plugin {plugin.name}" in stopped.stderr
    more = ["--plugin", plugin.name, "--training-steps", "4"]
    resumed = subprocess.run([*command, *more], cwd=ROOT, check=False, capture_output=True, text=True, timeout=300)
    assert resumed.returncode == 0, resumed.stderr
    assert resumed.stdout.startswith("training step 4 on")
