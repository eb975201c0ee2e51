"""Processes are told apart, also where ids are used again or can't be seen."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys

import pytest

from lattice.runs.owner import HIDDEN, Owner, process_start, tag_is_dead, this_process

NOBODY = 2**22 + 1
"""Above the largest process id that Linux gives."""


def test_this_process_is_alive_and_survives_a_trip_through_json() -> None:
    me = this_process()
    assert me.alive() is True
    assert me.pid == os.getpid()
    assert Owner.from_mapping(me.to_mapping()) == me
    assert me.described().startswith(f"process {me.pid} on {me.host}, started ")


@pytest.mark.parametrize("changes", [{"pid": NOBODY}, {"started": "1"}])
def test_a_process_that_is_gone_or_whose_id_was_used_again_is_dead(changes: dict[str, object]) -> None:
    assert dataclasses.replace(this_process(), **changes).alive() is False


@pytest.mark.parametrize("changes", [{"boot": "another machine"}, {"namespace": "pid:[1]"}, {"boot": ""}])
def test_a_process_elsewhere_can_not_be_seen(changes: dict[str, object]) -> None:
    assert dataclasses.replace(this_process(), **changes).alive() is None


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such remains")
def test_what_is_left_of_a_child_that_nobody_waited_for_is_no_process() -> None:
    child = subprocess.Popen([sys.executable, "-c", "pass"], stdout=subprocess.PIPE)
    assert child.stdout is not None
    child.stdout.read()  # its end
    child.stdout.close()
    while process_start(child.pid) is not None:
        os.sched_yield()
    child.wait()
    assert process_start(child.pid) is None


def test_a_tag_says_whether_its_process_is_there() -> None:
    place, pid, started = this_process().tag.split("-")
    assert "." not in this_process().tag
    assert tag_is_dead(this_process().tag) is False
    assert tag_is_dead(f"{place}-{NOBODY}-{started}") is True
    assert tag_is_dead(f"elsewhere-{pid}-{started}") is None
    assert tag_is_dead("nonsense") is None


def test_a_process_that_may_not_be_looked_at_is_not_taken_for_dead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lattice.runs.owner.process_start", lambda _pid: HIDDEN)
    assert this_process().alive() is None
    assert tag_is_dead(this_process().tag) is None
