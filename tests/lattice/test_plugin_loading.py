"""Loading plugins: files, modules, entry points, faults with file and line, and what stays after one."""

from __future__ import annotations

import importlib.metadata
import inspect
import linecache
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lattice import plugin_loading, plugins
from lattice.config import SimpleProjectConfig
from lattice.errors import ConfigError, PluginError
from lattice.plugin_loading import load_plugin, load_plugins, loaded_plugins, unload
from lattice.plugins import CELL_RULES, OBJECTIVES, REGISTRIES, Registry
from tests.lattice.plugin_files import OBJECTIVE, RULE

SPEC = 'class PanelSpec:\n    __module__ = "app.panels.spec"\n'
"""A class that passes for the window's, which brings Qt along with its users."""


@pytest.fixture(autouse=True)
def clean() -> Iterator[None]:
    snapshots = [registry.entries() for registry in REGISTRIES]
    yield
    for plugin in loaded_plugins():
        unload(plugin.name)
    assert [registry.entries() for registry in REGISTRIES] == snapshots


def written(folder: Path, text: str, name: str = "waves.py") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_brings_a_rule_with_settings_that_work_as_all_others(tmp_path: Path) -> None:
    plugin = load_plugin(written(tmp_path, RULE))
    assert plugin.brings == ("cell rule 'waves'",)
    assert plugin.path == tmp_path / "waves.py"
    assert CELL_RULES["waves"].title == "Waves"
    assert CELL_RULES["waves"].description == "Moves toward a mixture of what the functional tier sends."
    config = SimpleProjectConfig().override(["model.rule=waves", "rule.waves.speed=0.25"])
    assert config.to_mapping()["rule"] == {"waves": {"speed": 0.25, "width": 4}}
    assert SimpleProjectConfig.from_toml_text(config.to_toml()) == config
    live = SimpleProjectConfig().override(["model.rule=waves"]).changes_to(config)
    assert live == {"rule.waves.speed": "live"}
    with pytest.raises(ConfigError, match=r"rule\.waves\.width = 0: .*allowed: 1 to 64 channels"):
        config.override(["rule.waves.width=0"])
    with pytest.raises(ConfigError, match=r"unknown setting 'rule\.waves\.sped'.*'rule\.waves\.speed'"):
        config.override(["rule.waves.sped=1"])


def test_a_config_from_before_has_the_defaults_of_what_came_since(tmp_path: Path) -> None:
    before = SimpleProjectConfig()
    load_plugin(written(tmp_path, RULE))
    assert before.rule.waves.speed == 0.5
    assert before == SimpleProjectConfig()
    assert before.changes_to(SimpleProjectConfig()) == {}
    # A rule that isn't in use has settings that cost nothing to change.
    assert before.changes_to(before.override(["rule.waves.width=9"])) == {"rule.waves.width": "live"}
    with pytest.raises(AttributeError, match="has no section 'ripples'"):
        _ = before.rule.ripples


def test_without_the_plugin_its_settings_say_what_to_load(tmp_path: Path) -> None:
    path = written(tmp_path, RULE)
    load_plugin(path)
    text = SimpleProjectConfig().override(["model.rule=waves"]).to_toml()
    unload(str(path))
    with pytest.raises(ConfigError, match=r"model\.rule: there is no cell rule 'waves'.*--plugin FILE\.py"):
        SimpleProjectConfig.from_toml_text(text)
    with pytest.raises(ConfigError, match=r"rule\.waves: there is no cell rule 'waves'"):
        SimpleProjectConfig.from_mapping({"rule": {"waves": {"speed": 0.5}}})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = 1\ndef setup(plugins)\n    pass\n", r"waves\.py, line 2: SyntaxError: expected ':'"),
        ("x = 1\n\nraise ValueError('no\\nluck')\n", r"waves\.py, line 3: ValueError: no luck"),
        ("import no_such_module_here\n", r"waves\.py, line 1: ModuleNotFoundError: No module named"),
        ("def setup(plugins):\n    plugins.cell_rule('x', undefined)\n", r"waves\.py, line 2: NameError: name 'undef"),
        ("raise SystemExit(3)\n", r"waves\.py, line 1: SystemExit: 3"),
        ("x = 1\n", r"waves\.py has no function setup\(plugins\)"),
        (RULE.replace('"waves"', '"experts"'), r"rule 'experts' of .*waves\.py is built in"),
        (RULE.replace('setting(0.5, title="Speed"', 'setting(5.0, title="Speed"'), r"line 8: the setting 'speed' of "),
        (RULE.replace("(CellRule)", "(nn.Module)"), r"line \d+: .* 'waves' is the class Waves, expected a subclass of"),
        ("def setup(plugins):\n    plugins.objective('x', 3)\n", r"line 2: the objective 'x' is a value of type int, "),
        ("def setup(plugins):\n    plugins.panel('p', 3)\n", r"line 2: the panel 'p' is an int, 3, expected a "),
        (RULE.replace('"waves"', '"my waves"'), r"line \d+: 'my waves' can't name a cell rule"),
        (RULE.replace("settings_class = WavesSettings", "settings_class = 3"), r"'waves' of .* an int, 3: expected "),
    ],
)  # fmt: skip
def test_a_broken_plugin_is_one_line_and_changes_nothing(tmp_path: Path, text: str, message: str) -> None:
    before, modules = [registry.entries() for registry in REGISTRIES], set(sys.modules)
    with pytest.raises(PluginError, match=message) as caught:
        load_plugin(written(tmp_path, text))
    assert "\n" not in str(caught.value)
    assert [registry.entries() for registry in REGISTRIES] == before
    assert not any(name.startswith("cellcube_plugin_waves") for name in set(sys.modules) - modules)
    assert loaded_plugins() == ()


def test_what_was_registered_before_the_fault_is_taken_back(tmp_path: Path) -> None:
    with pytest.raises(PluginError, match=r"line \d+: ZeroDivisionError"):
        load_plugin(written(tmp_path, RULE + "    1 / 0\n"))
    assert "waves" not in CELL_RULES


def test_two_files_of_the_same_stem_are_two_plugins(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    first = load_plugin(written(tmp_path / "a", RULE))
    second = load_plugin(written(tmp_path / "b", RULE.replace('"waves"', '"ripples"')))
    assert first.module != second.module
    assert CELL_RULES["waves"].load().__module__ == first.module
    assert CELL_RULES["ripples"].load().__module__ == second.module
    with pytest.raises(PluginError, match=r"the cell rule 'waves' of .*c\.py is there already, from .*a/waves\.py"):
        load_plugin(written(tmp_path, RULE, "c.py"))


def test_reload_takes_an_edit_of_the_same_length_in_the_same_second(tmp_path: Path) -> None:
    path = written(tmp_path, RULE)
    load_plugin(path)
    stamp = path.stat().st_mtime_ns
    assert CELL_RULES["waves"].load()(*shape_and_settings()).settings.speed == 0.5
    path.write_text(RULE.replace("setting(0.5", "setting(0.7"), encoding="utf-8")
    os.utime(path, ns=(stamp, stamp))
    assert plugin_loading.reload(str(path)).brings == ("cell rule 'waves'",)
    assert CELL_RULES["waves"].settings().speed == 0.7
    assert "setting(0.7" in inspect.getsource(CELL_RULES["waves"].settings)
    assert not list(tmp_path.rglob("*.pyc"))


def shape_and_settings():
    from lattice.model.rules.base import CellShape

    return CellShape(6, 9), CELL_RULES["waves"].settings()


def test_a_broken_edit_leaves_what_was_loaded(tmp_path: Path) -> None:
    path = written(tmp_path, RULE)
    plugin = load_plugin(path)
    kind, module = CELL_RULES["waves"].load(), sys.modules[plugin.module]
    path.write_text(RULE.replace("def setup", "def setupp"), encoding="utf-8")
    with pytest.raises(PluginError, match=r"has no function setup\(plugins\)"):
        plugin_loading.reload(str(path))
    assert CELL_RULES["waves"].load() is kind
    assert sys.modules[plugin.module] is module
    assert loaded_plugins() == (plugin,)
    linecache.checkcache(str(path))


def test_unload_takes_back_what_one_plugin_registered(tmp_path: Path) -> None:
    rule, objective = written(tmp_path, RULE), written(tmp_path, OBJECTIVE, "mask.py")
    load_plugin(rule)
    load_plugin(objective)
    unload(str(rule))
    assert "waves" not in CELL_RULES
    assert "mask" in OBJECTIVES
    with pytest.raises(PluginError, match=r"waves\.py isn't loaded: loaded are .*mask\.py"):
        unload(str(rule))


def test_a_module_of_a_package_is_loaded_and_reloaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "cellcube_test_package"
    package.mkdir()
    (package / "__init__.py").write_text("", encoding="utf-8")
    written(package, RULE)
    monkeypatch.syspath_prepend(str(tmp_path))
    name = "cellcube_test_package.waves"
    assert load_plugin(name).name == name
    assert CELL_RULES.entry("waves").plugin == name
    written(package, RULE.replace("setting(0.5", "setting(0.7"))
    plugin_loading.reload(name)
    assert CELL_RULES["waves"].settings().speed == 0.7
    written(package, RULE + "\n1 / 0\n")
    with pytest.raises(PluginError, match=r"cellcube_test_package/waves\.py, line \d+: ZeroDivisionError"):
        plugin_loading.reload(name)
    assert CELL_RULES["waves"].settings().speed == 0.7


def test_sources_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(PluginError, match=r"there is no plugin at .*gone\.py: give a file that ends in \.py"):
        load_plugin(tmp_path / "gone.py")
    with pytest.raises(PluginError, match=r"there is no module 'no_such_package\.plugin': install it"):
        load_plugin("no_such_package.plugin")


def test_entry_points_come_first_and_a_broken_one_is_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    written(tmp_path, RULE.replace("def setup(", "def register("), "cellcube_test_installed.py")
    written(tmp_path, "1 / 0\n", "cellcube_test_broken.py")
    monkeypatch.syspath_prepend(str(tmp_path))
    points = [
        importlib.metadata.EntryPoint("broken", "cellcube_test_broken", plugin_loading.GROUP),
        importlib.metadata.EntryPoint("waves", "cellcube_test_installed:register", plugin_loading.GROUP),
    ]
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda group: points)
    load_plugins([str(written(tmp_path, OBJECTIVE, "mask.py"))])
    assert [plugin.name for plugin in loaded_plugins()] == ["cellcube_test_installed", str(tmp_path / "mask.py")]
    assert "The installed plugin 'broken' was left out" in caplog.text
    assert "line 1: ZeroDivisionError" in caplog.text
    assert plugin_loading.reload("cellcube_test_installed").brings == ("cell rule 'waves'",)


def test_a_panel_has_the_built_in_ones_loaded_and_a_rule_has_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    panels = Registry[object]("panel")
    (tmp_path / "cellcube_test_panels.py").write_text(
        f"{SPEC}def setup(plugins):\n    plugins.panel('log', PanelSpec())\n", encoding="utf-8"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(plugins, "PANELS", panels)
    monkeypatch.setattr(plugin_loading, "REGISTRIES", (CELL_RULES, panels))
    panels.fill_from("cellcube_test_panels:setup", late=True)
    load_plugin(written(tmp_path, RULE))
    assert "cellcube_test_panels" not in sys.modules
    with pytest.raises(PluginError, match=r"mine\.py, line 4: the panel 'log' of .*mine\.py is built in"):
        load_plugin(written(tmp_path, f"{SPEC}def setup(plugins):\n    plugins.panel('log', PanelSpec())\n", "mine.py"))
    assert [entry.plugin for entry in panels.entries()] == ["built in"]
    assert load_plugin(
        written(tmp_path, f"{SPEC}def setup(plugins):\n    plugins.panel('b', PanelSpec())\n", "mine.py")
    ).brings == ("panel 'b'",)
    with pytest.raises(PluginError, match=r"line 5: ZeroDivisionError"):
        load_plugin(
            written(
                tmp_path, f"{SPEC}def setup(plugins):\n    plugins.panel('c', PanelSpec())\n    1 / 0\n", "other.py"
            )
        )
    assert list(panels) == ["log", "b"]
    del sys.modules["cellcube_test_panels"]


def test_a_file_with_a_dot_in_its_name_finds_those_beside_it(tmp_path: Path) -> None:
    (tmp_path / "beside_v2.py").write_text("NAME = 'mask_v2'\n")
    text = OBJECTIVE.replace('"mask"', "NAME")
    load_plugin(written(tmp_path, f"from beside_v2 import NAME\n{text}", "rules.v2.py"))
    assert "mask_v2" in OBJECTIVES


def test_a_file_imports_those_beside_it_and_another_plugin_never_gets_them(tmp_path: Path) -> None:
    paths = []
    for folder in ("one", "two"):
        (tmp_path / folder / "inner").mkdir(parents=True)
        (tmp_path / folder / "inner" / "deep.py").write_text("import other_helper\nPLACE = other_helper.PLACE\n")
        (tmp_path / folder / "other_helper.py").write_text(f"PLACE = '{folder}'\n")
        (tmp_path / folder / "late_helper.py").write_text(f"PLACE = 'late in {folder}'\n")
        make = OBJECTIVE.replace(
            "    def make",
            "    def place(self):\n        import late_helper\n        return PLACE, late_helper.PLACE\n\n    def make",
        )
        text = f"from inner.deep import PLACE\n{make}".replace('"mask"', f'"mask_{folder}"')
        paths.append(written(tmp_path / folder, text))
    before = list(sys.path)
    for path in paths:
        load_plugin(path)
    assert sys.path == before
    assert "other_helper" not in sys.modules
    assert [OBJECTIVES[f"mask_{folder}"].load()(None).place() for folder in ("one", "two")] == [
        ("one", "late in one"),
        ("two", "late in two"),
    ]
    (tmp_path / "one" / "other_helper.py").write_text("PLACE = 'edited'\n")
    load_plugin(paths[0])
    assert OBJECTIVES["mask_one"].load()(None).place()[0] == "edited"
    (tmp_path / "one" / "other_helper.py").write_text("PLACE = 'edited'\n1 / 0\n")
    with pytest.raises(PluginError, match=r"one.other_helper\.py, line 2: ZeroDivisionError"):
        load_plugin(paths[0])
    assert OBJECTIVES["mask_one"].load()(None).place() == ("edited", "late in one")
