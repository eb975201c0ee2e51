"""Registries: names, where they come from, and what an unknown one says."""

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


@pytest.mark.parametrize("name", ["", "two words", "a/b"])
def test_a_name_is_one_word(name):
    with pytest.raises(PluginError, match="letters, digits and underscores"):
        Registry[int]("reader").add(name, 1)
