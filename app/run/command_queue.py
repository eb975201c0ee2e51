"""The queue that carries commands to the worker, and the words that interrupt it: cancel and stop."""

from __future__ import annotations

import threading
from typing import Any

from app.run.command import Command
from app.run.commands import LONG, ORDERED, PASSING, PATIENT, Kinds, Observe


class CommandQueue:
    """Thread-safe queue of commands; a waiting worker sleeps, it does not poll."""

    def __init__(self) -> None:
        """Create an empty queue."""
        self._condition = threading.Condition()
        self._commands: list[Command[Any]] = []
        self._cancel = threading.Event()
        self._stopping = False

    @property
    def stopping(self) -> bool:
        """Whether the worker has been requested to end."""
        return self._stopping

    @property
    def cancelled(self) -> bool:
        """Whether the long work under way should be given up."""
        return self._stopping or self._cancel.is_set()

    def put(self, command: Command[Any]) -> None:
        """Append a command; an older observation that nobody began is dropped for a newer one."""
        with self._condition:
            if isinstance(command, Observe):
                self._commands = [waiting for waiting in self._commands if not isinstance(waiting, Observe)]
            self._commands.append(command)
            self._condition.notify()

    def take(self, *, wait: bool) -> list[Command[Any]]:
        """Return the waiting commands up to the first long one; with `wait`, sleep until there is one or a stop."""
        with self._condition:
            if wait:
                self._condition.wait_for(lambda: self._commands or self._stopping)
            ends = (at + 1 for at, command in enumerate(self._commands) if isinstance(command, LONG))
            end = next(ends, len(self._commands))
            commands, self._commands = self._commands[:end], self._commands[end:]
            return commands

    def take_passing(self, kinds: Kinds = PASSING) -> list[Command[Any]]:
        """Return what need not wait for long work: observations, and commands of some kinds for the run as it is."""
        with self._condition:
            passing: list[Command[Any]] = []
            waiting: list[Command[Any]] = []
            changed = False
            for command in self._commands:
                changed = changed or isinstance(command, ORDERED)
                passes = isinstance(command, Observe) or (isinstance(command, kinds) and not changed)
                (passing if passes else waiting).append(command)
            self._commands = waiting
            return passing

    @property
    def interrupting(self) -> bool:
        """Whether something waits that should not have to wait for an evaluation."""
        with self._condition:
            return self._stopping or any(not isinstance(command, PATIENT) for command in self._commands)

    def cancel(self) -> None:
        """Request that the long work under way be given up."""
        self._cancel.set()

    def clear_cancel(self) -> None:
        """Forget an earlier cancel; called before long work begins."""
        self._cancel.clear()

    def stop(self) -> None:
        """Request the worker to end: commands that it has not begun are dropped."""
        with self._condition:
            self._stopping = True
            self._commands.clear()
            self._condition.notify_all()
