"""What the window asks of the worker, and the queue that carries it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import UnionType
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from lattice.config import SimpleProjectConfig
from lattice.config.runtime import DevicePolicy
from lattice.progress import Progress

SaveKind = Literal["checkpoint", "autosave", "export", "embeddings"]


class Titled:
    """Base of commands: what to say if one fails."""

    @property
    def title(self) -> str:
        """A headline for a failure."""
        return "The command failed"


@dataclass(frozen=True)
class OpenRun(Titled):
    """Build a new run, or resume one; the present run stays until the new one is ready."""

    name: str
    """What is opened, for messages: a preset's or a file's name."""
    config: SimpleProjectConfig | None = None
    """Settings of a new run; None with a checkpoint."""
    checkpoint: Path | None = None
    device: DevicePolicy | None = None
    """Device policy that replaces the checkpoint's own."""
    start: bool = False
    """Train as soon as the run is ready."""
    recovered: bool = False
    """The checkpoint is an autosave that a crash left behind: it is no file of the user's."""

    @property
    def title(self) -> str:
        """A headline for a failure."""
        return f"Can't open {self.name}"


@dataclass(frozen=True)
class Start(Titled):
    """Train until paused."""


@dataclass(frozen=True)
class Pause(Titled):
    """Stop training after the training step that is being done."""


@dataclass(frozen=True)
class SingleStep(Titled):
    """Do one training step, then pause."""


@dataclass(frozen=True)
class Reset(Titled):
    """Begin the run anew: same settings, same data, fresh weights."""


@dataclass(frozen=True)
class Evaluate(Titled):
    """Score the student on the held-out samples now."""


@dataclass(frozen=True)
class Apply(Titled):
    """Change the settings of the run."""

    config: SimpleProjectConfig

    @property
    def title(self) -> str:
        """A headline for a failure."""
        return "The settings were not applied"


@dataclass(frozen=True)
class UndoApply(Titled):
    """Bring back the run as it was before the last Apply that cost more than a live edit."""

    @property
    def title(self) -> str:
        """A headline for a failure."""
        return "The last Apply can't be undone"


@dataclass(frozen=True, eq=False)
class Observe(Titled):
    """Roll out one sample, or one embedding, for the screen."""

    sample: int = 0
    embedding: NDArray[np.float32] | None = None
    """[D]; takes the place of `sample`."""
    text: str = ""
    learning_signal: bool = False
    """Also compute the norm of the loss gradient at every state."""

    @property
    def title(self) -> str:
        """A headline for a failure."""
        return "Can't show this sample"


@dataclass(frozen=True, eq=False)
class Save(Titled):
    """Write a file from the run."""

    path: Path
    kind: SaveKind = "checkpoint"
    curves: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    """The run's course so far (`History.to_arrays`), stored with a checkpoint or autosave."""

    @property
    def title(self) -> str:
        """A headline for a failure."""
        return f"Can't save {self.path.name}"


@dataclass(frozen=True)
class Call(Titled):
    """Run a function with the trainer; for questions that need the worker's thread.

    `reply` is called in the worker's thread: it should only emit a signal.
    """

    what: str
    function: Callable[..., object]
    reply: Callable[[object], None]

    @property
    def title(self) -> str:
        """A headline for a failure."""
        return f"Can't {self.what}"


@dataclass(frozen=True)
class Work(Titled):
    """Do long work that needs no run, with progress and Cancel; training waits meanwhile, watching and saving do not.

    `reply` and `given_up` are called in the worker's thread: they should only emit a signal.
    """

    what: str
    function: Callable[[Progress], object]
    reply: Callable[[object], None]
    given_up: Callable[[], None]
    """Called after a cancel or a failure, in place of `reply`."""

    @property
    def title(self) -> str:
        """A headline for a failure."""
        return f"Can't {self.what}"


Command = OpenRun | Start | Pause | SingleStep | Reset | Evaluate | Apply | UndoApply | Observe | Save | Call | Work

LONG = OpenRun | Apply | UndoApply | Work
"""May take minutes: what was asked after them stays in the queue, where some of it can be served meanwhile."""
PASSING = Start | Pause | Save
"""Are served during long work."""
ORDERED = OpenRun | Reset | SingleStep | Apply | UndoApply
"""Change the run: nothing but an observation passes them."""


class CommandQueue:
    """Thread-safe queue of commands; a waiting worker sleeps, it does not poll."""

    def __init__(self) -> None:
        """Create an empty queue."""
        self._condition = threading.Condition()
        self._commands: list[Command] = []
        self._cancel = threading.Event()
        self._stopping = False

    @property
    def stopping(self) -> bool:
        """Whether the worker has been asked to end."""
        return self._stopping

    @property
    def cancelled(self) -> bool:
        """Whether the long work under way should be given up."""
        return self._stopping or self._cancel.is_set()

    def put(self, command: Command) -> None:
        """Append a command; an older observation that nobody began is dropped for a newer one."""
        with self._condition:
            if isinstance(command, Observe):
                self._commands = [waiting for waiting in self._commands if not isinstance(waiting, Observe)]
            self._commands.append(command)
            self._condition.notify()

    def take(self, *, wait: bool) -> list[Command]:
        """Return the waiting commands up to the first long one; with `wait`, sleep until there is one or a stop."""
        with self._condition:
            if wait:
                self._condition.wait_for(lambda: self._commands or self._stopping)
            ends = (at + 1 for at, command in enumerate(self._commands) if isinstance(command, LONG))
            end = next(ends, len(self._commands))
            commands, self._commands = self._commands[:end], self._commands[end:]
            return commands

    def take_observations(self) -> list[Observe]:
        """Return the waiting observations only, and leave the other commands where they are."""
        with self._condition:
            observations = [command for command in self._commands if isinstance(command, Observe)]
            self._commands = [command for command in self._commands if not isinstance(command, Observe)]
            return observations

    def take_passing(self, kinds: UnionType | type = PASSING) -> list[Command]:
        """Return what need not wait for long work: observations, and commands of some kinds for the run as it is."""
        with self._condition:
            passing: list[Command] = []
            waiting: list[Command] = []
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
        return self._stopping or any(not isinstance(command, Observe) for command in self._commands)

    def cancel(self) -> None:
        """Ask for the long work under way to be given up."""
        self._cancel.set()

    def clear_cancel(self) -> None:
        """Forget an earlier cancel; called before long work begins."""
        self._cancel.clear()

    def stop(self) -> None:
        """Ask the worker to end: commands that it has not begun are dropped."""
        with self._condition:
            self._stopping = True
            self._commands.clear()
            self._condition.notify_all()
