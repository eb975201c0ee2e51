"""One request of the window to the worker."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Generic, TypeVar

R_co = TypeVar("R_co", covariant=True)


@dataclass(frozen=True)
class Command(Generic[R_co]):
    """One request; its type parameter is what it is answered with. No field may hold a function."""

    token: int = field(default=0, kw_only=True)
    """Comes back with the answer, or with the failure; 0: nobody waits for one."""

    @property
    def title(self) -> str:
        """A headline for a failure."""
        return "The command failed"


@dataclass(frozen=True)
class Job(Command[R_co]):
    """Long work that changes no run, with progress and Cancel; training waits meanwhile, watching and saving do not."""

    @property
    def doing(self) -> str:
        """What the work is called until it reports parts of itself: what it does, in the present participle."""
        return "Working"
