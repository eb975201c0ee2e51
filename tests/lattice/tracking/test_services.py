"""trackio and wandb get what their interfaces take; stand-ins record the calls."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from lattice.errors import ConfigError
from lattice.tracking.base import TrackedRun
from lattice.tracking.services import open_trackio, open_wandb


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, tuple, dict]]:
    """Put packages that record their calls in place of trackio and wandb; wandb has nobody logged in."""
    noted: list[tuple[str, tuple, dict]] = []

    def note(name):
        return lambda *args, **more: noted.append((name, args, more))

    run = SimpleNamespace(log=note("log"), finish=note("finish"))

    def init(*args, **more):
        note("init")(*args, **more)
        return run

    for name in ("trackio", "wandb"):
        api = SimpleNamespace(api_key=None)
        package = SimpleNamespace(init=init, Image=lambda rows: ("image", rows.shape), api=api)
        monkeypatch.setitem(sys.modules, name, package)
    monkeypatch.delenv("WANDB_MODE", raising=False)
    return noted


def use(tracker) -> None:
    tracker.figures(3, {"loss/total": 0.5})
    tracker.picture(3, "cube", np.zeros((4, 6, 3), np.uint8))
    tracker.close()


LOGGED = [
    ("log", ({"loss/total": 0.5},), {"step": 3}),
    ("log", ({"pictures/cube": ("image", (4, 6, 3))},), {"step": 3}),
    ("finish", (), {}),
]


def test_trackio_gets_a_run_that_can_go_on(calls, tmp_path: Path) -> None:
    use(open_trackio(TrackedRun("abc", tmp_path, settings={"a.b": 1})))
    begun = ("init", ("cellcube",), {"name": "abc", "config": {"a.b": 1}, "resume": "allow", "embed": False})
    assert calls == [begun, *LOGGED]


def test_wandb_needs_an_account_or_a_word(calls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = TrackedRun("abc", tmp_path, settings={"a.b": 1})
    with pytest.raises(ConfigError, match="nobody is logged in to Weights & Biases: type wandb login first, or set"):
        open_wandb(run)
    monkeypatch.setenv("WANDB_MODE", "offline")
    use(open_wandb(run))
    more = {"project": "cellcube", "id": "abc", "config": {"a.b": 1}, "resume": "allow", "dir": str(tmp_path)}
    assert calls == [("init", (), more), *LOGGED]
