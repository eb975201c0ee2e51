"""Whatever a plugin does wrong is one readable line that names its file and the line: a table of all of it."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from lattice.config import SimpleProjectConfig
from lattice.data import build_dataset, load_dataset
from lattice.data.readers.choice import reader_for, text_columns
from lattice.errors import CellcubeError
from lattice.model.rules.base import RolloutContext
from lattice.model.rules.build import build_rule, kept_by_rule
from lattice.neighbourhood import TierMeans
from lattice.objectives import make_batch, noise_generator
from lattice.plugin_loading import load_plugin, reload
from lattice.plugins import CELL_RULES, OBJECTIVES
from lattice.training.messages import heard_tiers
from lattice.training.objective_trial import try_objective
from lattice.training.rule_trial import try_student
from tests.lattice.plugin_files import OBJECTIVE, RULE
from tests.plugged import unloaded  # noqa: F401 (a fixture)

pytestmark = pytest.mark.usefixtures("unloaded")

READER = """from lattice import Reader, Rows


def read(path, request):
    return Rows([[1.0]])


def columns(path):
    return ["text"]


def setup(plugins):
    plugins.reader("toy", Reader("Toy", (".toy",), read, holds="texts", columns=columns))
"""
PANEL = """from app.panels.spec import PanelSpec


def setup(plugins):
    plugins.panel("heat", PanelSpec("Heat", "left", print, "How hot."))
"""
MODE = """from app.cube.color.modes import ColorMode


def setup(plugins):
    plugins.color_mode("heat", ColorMode("Heat", "How hot.", print))
"""


def written(folder: Path, text: str, old: str, new: str) -> Path:
    assert old in text
    path = folder / "mine.py"
    path.write_text(text.replace(old, new), encoding="utf-8")
    return path


def said(caught: pytest.ExceptionInfo[CellcubeError]) -> str:
    """Return a message, after seeing that it is one line without the leavings of a library."""
    text = str(caught.value)
    assert "\n" not in text
    assert "https://" not in text
    assert "{'type'" not in text
    return text


SPEED = 'speed: float = setting(0.5, title="Speed", description="How fast.", unit="per step", cost="live", gt=0, le=1)'
SETTING = "line 8: the setting 'speed' of WavesSettings"
DECLARED = [
    (RULE, 'cost="live"', 'cost="now"', f"{SETTING} has the cost 'now', expected one of 'live', 'stencil', 'rebuild'"),
    (RULE, SPEED, "speed: float = 0.5", f"{SETTING} has no title, description and cost: declare it with lattice.conf"),
    (RULE, "setting(0.5", "setting(5.0", f"{SETTING} has the default 5.0: input should be less than or equal to 1 (al"),
    (RULE, "setting(0.5", "setting('fast'", f"{SETTING} has the default 'fast': input should be a valid number"),
    (
        RULE,
        "gt=0, le=1",
        "minimum=0",
        "line 8: TypeError: the setting titled 'Speed' has the bound 'minimum', expected",
    ),
    (
        RULE,
        "speed: float",
        "speed: tuple[float, float, float]",
        f"{SETTING} has the type tuple[float, float, float]; e",
    ),
    (
        RULE,
        "speed: float",
        "speed: list",
        f"{SETTING} has the type list; expected float, int, bool, str or Literal[...]",
    ),
    (
        RULE,
        "speed: float",
        "speed: 'dict[str, int]'",
        f"{SETTING} has the type dict[str, int]; expected float, int, bo",
    ),
    (RULE, "speed: float", "speed: float | int | None", f"{SETTING} has the type float | int | None; expected float,"),
    (
        OBJECTIVE,
        '("identity", "linear")',
        '("nothing",)',
        "line 14: Mask.baselines = ('nothing',): expected a tuple of",
    ),
    (
        OBJECTIVE,
        '("identity", "linear")',
        '"identity"',
        "line 14: Mask.baselines = 'identity': expected a tuple of any",
    ),
    (RULE, 'cost="live", ', "", "line 8: TypeError: setting() missing 1 required keyword-only argument: 'cost'"),
    (RULE, "speed: float =", "speed =", "line 7: PydanticUserError: Field 'speed' requires a type annotation"),
    (
        RULE,
        "class Waves(",
        "WavesSettings(speed=9)\n\n\nclass Waves(",
        "ValidationError: speed = 9: Input should be le",
    ),
    (RULE, "    settings_class", "    title = 3\n    settings_class", "Waves.title is an int, 3: expected a text"),
    (READER, '(".toy",)', '".toy"', "the reader 'Toy' has a str, '.toy' as endings: expected a tuple such as"),
    (READER, "read, holds", "'read', holds", "the reader 'Toy' has a str, 'read' as `open`: expected a function"),
    (READER, 'holds="texts"', 'holds="words"', "holds 'words': expected 'embeddings' or 'texts'"),
    (PANEL, '"left"', '"top"', "line 5: ValueError: the panel 'Heat': the area is one of 'left', 'right', 'bottom', "),
    (PANEL, "print", "7", "line 5: ValueError: the panel 'Heat': `make` is a function or class, got 7"),
    (PANEL, '"Heat", "left"', '"", "left"', "line 5: ValueError: a panel needs a title and a tooltip, got '' and"),
    (MODE, "print", "print, colormap='red'", "line 5: ValueError: colour mode 'Heat': the colour map of values of one"),
    (MODE, 'ColorMode("Heat", "How hot.", print)', "print", "line 5: the colour mode 'heat' is a builtin_function"),
]


@pytest.mark.parametrize(("text", "old", "new", "message"), DECLARED)
def test_what_is_declared_wrong_is_refused_when_the_plugin_is_loaded(tmp_path, text, old, new, message):
    path = written(tmp_path, text, old, new)
    with pytest.raises(CellcubeError, match=re.escape(message)) as caught:
        load_plugin(path)
    assert said(caught).startswith(f"the plugin can't be loaded: {path}, line ")


def config() -> SimpleProjectConfig:
    return SimpleProjectConfig.from_preset("debug").override(
        ["model.rule=waves", "lattice.dimensions=4,4,4", "lattice.lattice_steps=2", "lattice.adaptive_radius_ratio=0.5"]
    )


RETURN = 'return state_NBC + change, {"heard": heard.norm(dim=-1, keepdim=True)}'
PAIR = "Waves.forward must return (next states, trace): a tensor ["
FORWARD = [
    ("return state_NBC", "got a tensor ["),
    ("return None", "got None"),
    ("return state_NBC, {}, 1", "got a tuple of 3"),
    ("return {}, state_NBC", "got next states that are a dict with the keys []"),
    ("return state_NBC[..., :5], {}", "got next states of shape ["),
    ("return state_NBC.double(), {}", "got next states of torch.float64 instead of torch.float32"),
    ("return state_NBC.to('meta'), {}", "got next states on the device meta instead of cpu"),
    ("return state_NBC, heard", "got a trace that is a tensor ["),
    ("return state_NBC, {3: heard}", "got an int, 3 as a name in the trace, where a text belongs"),
    ("return state_NBC, {'heard': 0.5}", "got 'heard' of the trace as a float, 0.5"),
    ("return state_NBC, {'heard': heard[:, :, 0]}", "got 'heard' of the trace as a tensor ["),
    ("return state_NBC, {'heard': heard[:, :1]}", "got 'heard' of the trace as a tensor ["),
    ("return state_NBC, {'heard': heard[..., :0]}", "got 'heard' of the trace as a tensor ["),
    ("return state_NBC, {'heard': heard.to('meta')}", "got 'heard' of the trace on the device meta instead of cpu"),
    ("return state_NBC, {'gates': heard}", "got 'gates' of the trace with 24 values for the "),
]


@pytest.mark.parametrize("first", ["measured", "tried"])
@pytest.mark.parametrize(("code", "got"), FORWARD)
def test_what_a_rule_must_not_return_is_blamed_on_its_forward(tmp_path, code, got, first):
    path = written(tmp_path, RULE, RETURN, code)
    load_plugin(path)
    with pytest.raises(CellcubeError, match=re.escape(got)) as caught:
        kept_by_rule(config()) if first == "measured" else started()
    assert said(caught).startswith(f"{path}, line 22: {PAIR}")


def started() -> None:
    """Do what the start of a run, an edit and a reload do with a rule."""
    lattice = config().lattice
    means = TierMeans.build(lattice.dimensions, lattice.get_distance_thresholds(), engine="reference")
    try_student(config(), 8, means, torch.device("cpu"))


METHODS = [
    ("def forward", "def begin(self, hear, context):\n        1 / 0\n\n    def forward", r"line 23: ZeroDivisionError"),
    ('hear("functional"', 'hear("nearest"', r"line 23: ValueError: there is no tier 'nearest': the tiers are 'lo"),
    (RETURN, "return state_NBC, {str(context.lattice_step): heard}", r"must return the same names in the trace of"),
    ("self.send = ", "self.sent = ", r"the cell rule Waves failed: .*line \d+: AttributeError: 'Waves' object has no"),
    ("def forward", "def gradient_groups(self):\n        return 3\n\n    def forward", r"must return .*; got an int"),
    (
        "def forward",
        "@classmethod\n    def kept(cls, cell, settings, live_tiers):\n        return 9.0\n\n    def forward",
        r"line 22: .*kept must return a Kept whose fields are by tier, or None; got a float, 9\.0",
    ),
    (
        "def forward",
        "@classmethod\n    def build(cls, cell, settings, config):\n        return cls\n\n    def forward",
        r"line 22: .*build must return a CellRule; got",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "message"), METHODS)
def test_faults_in_a_rules_other_methods(tmp_path, old, new, message):
    path = written(tmp_path, RULE, old, new)
    load_plugin(path)

    def use() -> None:
        started()
        kept_by_rule(config())

    with pytest.raises(CellcubeError, match=message) as caught:
        use()
    assert str(path) in said(caught)


def test_what_cells_hear_is_checked(tmp_path):
    path = written(tmp_path, RULE, "def forward", "def messages(self, *_):\n        return [1]\n\n    def forward")
    load_plugin(path)
    lattice = config().lattice
    means = TierMeans.build(lattice.dimensions, lattice.get_distance_thresholds(), engine="reference")
    rule = build_rule(config(), 12)
    position = torch.zeros(64, rule.cell.position_size)
    student = SimpleNamespace(
        prototype=rule, dimensions=(4, 4, 4), features=position,
        context=lambda live: RolloutContext(position, (4, 4, 4), live),
    )  # fmt: skip
    state_XYZC = torch.zeros(4, 4, 4, rule.cell.state_size).numpy()
    with pytest.raises(CellcubeError, match=r"messages must return a dictionary .*; got a list of 1") as caught:
        heard_tiers(student, means, state_XYZC, 0, (0, 0, 0))
    assert said(caught).startswith(f"{path}, line 22: ")


MADE = [
    ("return batch.clean_BD", "got a tensor [4, 6] of float32"),
    ("return batch.clean_BD, None", "got as target None"),
    ("return batch.clean_BD[:, :2], batch.clean_BD", "got as input a tensor [4, 2] of float32 on the device cpu"),
    ("return batch.clean_BD.double(), batch.clean_BD", "got as input a tensor [4, 6] of float64 on the device cpu"),
    ("return batch.clean_BD, batch.clean_BD.to('meta')", "got as target a tensor [4, 6] of float32 on the device meta"),
]


@pytest.mark.parametrize(("code", "got"), MADE)
def test_what_an_objective_must_not_make(tmp_path, code, got):
    path = written(tmp_path, OBJECTIVE, "return batch.clean_BD * kept, batch.clean_BD", code)
    load_plugin(path)
    with pytest.raises(CellcubeError, match=re.escape(got)) as caught:
        batch()
    assert said(caught).startswith(f"{path}, line 16: Mask.make must return (input, target): two tensors [4, 6] of")


def batch() -> None:
    config = SimpleProjectConfig.from_preset("debug").override(["training_embedding.objective=mask"])
    samples = build_dataset(torch.eye(6), source="test")
    make_batch(samples, torch.arange(4), config, noise_generator(0, 0, torch.device("cpu")))


TRIED = [
    ("return torch.rand(batch.clean_BD.shape), batch.clean_BD", "made other numbers from the same batch, so no run "),
    ("return batch.clean_BD / 0, batch.clean_BD", "made numbers that are not finite"),
    ("return batch.clean_BD[:4].repeat(4, 1)[:4], batch.clean_BD", "got as input a tensor [4, 6] of float32"),
]


@pytest.mark.parametrize(("code", "message"), TRIED)
def test_a_trial_finds_what_only_training_would_show(tmp_path, code, message):
    path = written(tmp_path, OBJECTIVE, "return batch.clean_BD * kept, batch.clean_BD", code)
    load_plugin(path)
    chosen = SimpleProjectConfig().override(["training_embedding.objective=mask"])
    with pytest.raises(CellcubeError, match=re.escape(message)) as caught:
        try_objective(chosen, 6, torch.device("cpu"))
    assert said(caught).startswith(f"{path}, line ")


def test_a_trial_that_fails_leaves_the_objective_before(tmp_path):
    path = written(tmp_path, OBJECTIVE, "batch.clean_BD * kept", "batch.clean_BD")
    load_plugin(path)
    before = OBJECTIVES["mask"].load()
    chosen = SimpleProjectConfig().override(["training_embedding.objective=mask"])
    written(tmp_path, OBJECTIVE, "batch.clean_BD * kept", "batch.nothing")
    with pytest.raises(CellcubeError, match=r"mine\.py, line \d+: AttributeError: 'Batch' object has no"):
        reload(str(path), lambda: try_objective(chosen, 6, torch.device("cpu")))
    assert OBJECTIVES["mask"].load() is before


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("import torch\n", "import torchh\n", r"the objective 'mask' failed: .*mine\.py, line 18: ModuleNotFoundError"),
        (
            "    def make",
            "    def __init__(self, _settings):\n        1 / 0\n\n    def make",
            r"can't be made: .* line 17",
        ),
    ],
)
def test_faults_in_an_objective(tmp_path, old, new, message):
    load_plugin(written(tmp_path, OBJECTIVE, old, new))
    with pytest.raises(CellcubeError, match=message) as caught:
        batch()
    said(caught)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("Rows([[1.0]])", "Rows([[1.0]]", r"can't be loaded: .*mine\.py, line 5: SyntaxError: '\(' was never closed"),
        (
            "Rows([[1.0]])",
            "path.nothing",
            r"reader 'toy' failed: .*mine\.py, line 5: AttributeError: .*'nothing'; mend",
        ),
        (
            "Rows([[1.0]])",
            "Rows([[1.0]])",
            r"reader 'toy' \(.*mine\.py, line 4\) returned embeddings of list, expected",
        ),
        ("Rows([[1.0]])", "Rows(texts=['a', 3])", r"\(.*mine\.py, line 4\) returned texts whose row 2 is a int, expec"),
        ('["text"]', '"text"', r"mine\.py, line 8: columns must return a list of texts; got a str, 'text'"),
        (
            '["text"]',
            "1 / 0",
            r"the reader 'toy' failed: .*mine\.py, line 9: ZeroDivisionError: division by zero; mend",
        ),
    ],
)
def test_faults_in_a_reader(tmp_path, old, new, message):
    (tmp_path / "a.toy").touch()
    path = written(tmp_path, READER, old, new)
    config = SimpleProjectConfig().override([f"training_embedding.data={tmp_path / 'a.toy'}"])

    def use() -> None:
        load_plugin(path)
        text_columns(tmp_path / "a.toy")
        load_dataset(config.training_embedding, config.data, config.teacher)

    with pytest.raises(CellcubeError, match=message) as caught:
        use()
    said(caught)


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"", r"a\.toy is empty: "), (b"other", r"the reader 'toy' reads files of this ending, but does not recognise")],
)
def test_a_file_that_the_reader_of_its_ending_does_not_take(tmp_path, content, message):
    (tmp_path / "a.toy").write_bytes(content)
    load_plugin(written(tmp_path, READER, "columns=columns", "sniff=lambda head: head[:3] == b'TOY'"))
    with pytest.raises(CellcubeError, match=message) as caught:
        reader_for(tmp_path / "a.toy")
    said(caught)


def test_a_rule_under_another_name_is_said_to_be_renamed(tmp_path):
    path = written(tmp_path, RULE, "How wide", "How wide")
    load_plugin(path)
    load_plugin(written(tmp_path, RULE, 'rule("waves"', 'rule("ripples"'))
    words = f"{path} no longer brings the cell rule 'waves' (now: 'ripples')"
    assert CELL_RULES.missing("waves") == f"{words}. Name it so again, or choose another."
