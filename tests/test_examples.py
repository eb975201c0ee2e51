"""The plugins in examples/: short, and each is loaded, trained with and shown; two of them work together."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from app.cube.color.colorizer import Colorizer
from lattice.plugin_loading import load_plugin
from lattice.plugins import COLOR_MODES, PANELS
from tests.plugged import Services, trained, unloaded  # noqa: F401 (a fixture)

pytestmark = pytest.mark.usefixtures("unloaded")

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))


def test_they_are_short():
    assert [path.name for path in EXAMPLES] == ["gray_scott.py", "hidden_part.py"]
    assert all(len(path.read_text(encoding="utf-8").splitlines()) <= 60 for path in EXAMPLES)


@pytest.mark.parametrize("state_size", [24, 7])
def test_gray_scott_learns_its_rates_and_shows_the_reaction(state_size):
    plugin = load_plugin(ROOT / "examples" / "gray_scott.py")
    assert plugin.brings == ("cell rule 'gray_scott'", "colour mode 'reaction'")
    tiers = ["lattice.adaptive_radius_ratio=0.5", "lattice.local_distance_ratio=0.45"]
    trainer = trained("model.rule=gray_scott", f"model.state_size={state_size}", *tiers)
    gradients = {name: parameter.grad for name, parameter in trainer.student.prototype.named_parameters()}
    assert set(gradients) == {"feed", "kill", "spread.local", "spread.functional", "spread.distant"}
    assert all(gradient is not None and gradient.abs().max() > 0 for gradient in gradients.values())
    observation = trainer.observe(0)
    u, v, r = (observation.trace[name] for name in ("u", "v", "r"))
    assert u.shape == (5, 5, 5, 5, state_size // 2)
    np.testing.assert_allclose(r, u * np.tanh(v) ** 2, rtol=1e-5, atol=1e-6)
    colorizer = Colorizer(COLOR_MODES["reaction"])
    colorizer.parameters["channel"] = 2
    colors, legend = colorizer.colors(observation, 3)
    assert colors.shape == (5, 5, 5, 4)
    assert legend.note == ""
    assert legend.title == "Reaction, channel 2 (per lattice step)"


def test_hidden_part_hides_components_and_the_panel_counts_them(qtbot):
    plugin = load_plugin(ROOT / "examples" / "hidden_part.py")
    assert plugin.brings == ("objective 'hidden_part'", "panel 'hidden_part'")
    trainer = trained("training_embedding.objective=hidden_part", "objective.hidden_part.share=0.25")
    assert set(trainer.evaluate().baselines) == {"mlp", "identity", "pca", "linear"}
    observation = trainer.observe(0)
    hidden = (observation.input_D == 0) & (observation.target_D != 0)
    assert 60 <= hidden.sum() <= 130
    np.testing.assert_array_equal(observation.input_D[~hidden], observation.target_D[~hidden])
    services = Services()
    panel = PANELS["hidden_part"].make(services)
    qtbot.addWidget(panel)
    services.display.observation_shown.emit(observation, 0)
    student, target = observation.student_D[hidden], observation.target_D[hidden]
    cosine = student @ target / np.linalg.norm(student) / np.linalg.norm(target)
    expected = f"{hidden.sum()} hidden components: cosine {cosine:+.3f}. All: cosine {observation.cosine:+.3f}."
    assert panel.label.text() == expected
    services.display.observation_shown.emit(trained("training_embedding.objective=reconstruct").observe(0), 0)
    assert panel.label.text() == "Nothing is hidden: choose the objective 'hidden_part'."


def test_both_train_together_from_the_command_line():
    command = [
        sys.executable,
        "main.py",
        "--headless",
        "--preset",
        "debug",
        "--training-steps",
        "3",
        "--max-total-samples",
        "200",
    ]
    for path in EXAMPLES:
        command += ["--plugin", str(path.relative_to(ROOT))]
    command += ["--set", "model.rule=gray_scott", "--set", "training_embedding.objective=hidden_part"]
    result = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True, timeout=300)
    assert result.returncode == 0, result.stderr
    assert re.match(r"training step 3 on \w+, [\d.]+ steps/s; cosine on 20 held-out samples:\n", result.stdout)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_the_first_lines_say_how_to_run_it(path):
    text = path.read_text(encoding="utf-8").partition('"""\n\n')[0]
    assert f"\n    python main.py --plugin examples/{path.name} --set " in text
    assert "--headless --training-steps 150" in text
