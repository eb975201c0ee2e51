"""A small campaign: some damaged files of every kind, the same in every run, are used or refused in one line each."""

from collections import Counter

import pytest

from tools.damage.cases import KINDS, Workbench

CASES = 24


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    return Workbench(tmp_path_factory.mktemp("damage"), seed=1)


@pytest.mark.parametrize("kind", KINDS)
def test_damaged_files_are_used_or_refused_in_one_line(bench, monkeypatch, kind):
    monkeypatch.chdir(bench.folder)
    outcomes = [bench.run(kind, number) for number in range(CASES)]
    assert [outcome.words for outcome in outcomes if outcome.what == "fault"] == []
    assert kind == "note" or Counter(outcome.what for outcome in outcomes)["refused"] >= CASES // 6


def test_what_is_neither_used_nor_refused_is_a_fault(bench, monkeypatch):
    def raising(_chance):
        def use():
            raise KeyError("surprise")

        return use

    monkeypatch.setattr(bench, "_settings", raising)
    outcome = bench.run("settings", 0)
    assert (outcome.what, outcome.words) == ("fault", "KeyError: 'surprise'")
