"""Commands that tests make up: what they do is said where they are used, and holds in the worker's table."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from app.run.active_run import ActiveRun
from app.run.command import Command, Job
from app.run.handlers import HANDLERS

_numbers = itertools.count()


@dataclass(frozen=True)
class Question(Command[Any]):
    """Asks something of the trainer."""

    number: int = 0


@dataclass(frozen=True)
class Labour(Job[Any]):
    """Takes as long as its test says."""

    number: int = 0
    what: str = "work"

    @property
    def title(self) -> str:
        return f"Can't {self.what}"

    @property
    def doing(self) -> str:
        return self.what


class Script:
    """Makes commands that call functions of a test; the commands themselves stay plain data."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._functions: dict[int, Callable[[Any], Any]] = {}
        monkeypatch.setitem(HANDLERS, Question, self._answer)
        monkeypatch.setitem(HANDLERS, Labour, self._work)

    def question(self, function: Callable[[Any], Any]) -> Question:
        """Return a command that is answered with `function(trainer)`."""
        return Question(self._add(function))

    def job(self, function: Callable[[Any], Any], what: str = "work") -> Labour:
        """Return a job that is answered with `function(progress)`."""
        return Labour(self._add(function), what)

    def _add(self, function: Callable[[Any], Any]) -> int:
        number = next(_numbers)
        self._functions[number] = function
        return number

    def _answer(self, run: ActiveRun, command: Question) -> Any:
        return self._functions[command.number](run.need_trainer())

    def _work(self, run: ActiveRun, command: Labour) -> Any:
        return self._functions[command.number](run.work_progress)
