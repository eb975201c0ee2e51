"""Registries: names, where they come from, and what an unknown one says."""

import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from types import ModuleType

import pytest

from lattice.errors import PluginError
from lattice.plugins import Registry


def test_entries_keep_their_order_and_their_plugin():
    registry = Registry[int]("cell rule")
    registry.add("b", 2)
    registry.add("a", 1, "mine.py")
    assert list(registry) == ["b", "a"]
    assert registry["a"] == 1
    assert registry.entry("a").plugin == "mine.py"


def test_an_unknown_name_says_which_there_are_and_how_to_load_more():
    registry = Registry[int]("cell rule")
    registry.add("experts", 1)
    with pytest.raises(PluginError, match=r"no cell rule 'expert': expected one of experts\. Did you mean 'experts'\?"):
        registry["expert"]
    with pytest.raises(PluginError, match=r"--plugin FILE\.py"):
        registry["x"]


def test_a_name_belongs_to_one_plugin_which_may_register_it_again():
    registry = Registry[int]("objective")
    registry.add("mine", 1, "one.py")
    registry.add("mine", 2, "one.py")
    assert registry["mine"] == 2
    with pytest.raises(PluginError, match=r"the objective 'mine' of two\.py is there already, from one\.py"):
        registry.add("mine", 3, "two.py")
    registry.remove_plugin("one.py")
    assert "mine" not in registry


def test_what_a_thread_drafts_is_there_for_others_when_it_is_whole():
    registry = Registry[int]("objective")
    registry.add("mine", 1, "one.py")
    with ThreadPoolExecutor(1) as others:

        def seen() -> dict[str, int]:
            return others.submit(lambda: {name: registry[name] for name in registry}).result()

        with suppress(KeyError), registry.drafted():
            registry.remove_plugin("one.py")
            registry.add("theirs", 3, "one.py")
            raise KeyError
        assert {name: registry[name] for name in registry} == {"mine": 1}
        with registry.drafted():
            registry.remove_plugin("one.py")
            assert (list(registry), seen()) == ([], {"mine": 1})
            registry.add("mine", 2, "one.py")
            assert (registry["mine"], seen()) == (2, {"mine": 1})
        assert seen() == {"mine": 2}


def test_built_ins_that_come_in_a_draft_are_there_for_all_and_stay(monkeypatch):
    module = ModuleType("built_ins_of_a_test")
    module.setup = lambda _plugins: registry.add("built", 1)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    registry = Registry[int]("reader")
    registry.fill_from(f"{module.__name__}:setup", late=True)
    with suppress(KeyError), registry.drafted():
        registry.add("mine", 2, "one.py")
        assert list(registry) == ["built", "mine"]
        raise KeyError
    assert list(registry) == ["built"]


def test_a_name_that_a_loaded_plugin_gave_up_is_not_waited_for():
    registry = Registry[int]("objective")
    registry.add("before", 1, "one.py")
    registry.remove_plugin("one.py")
    registry.add("after", 1, "one.py")
    with pytest.raises(PluginError, match=r"\(now: 'after'\)\. Name it so again, or choose another$"):
        registry["before"]


@pytest.mark.parametrize("name", ["", "two words", "a/b"])
def test_a_name_is_one_word(name):
    with pytest.raises(PluginError, match="letters, digits and underscores"):
        Registry[int]("reader").add(name, 1)
