"""The teacher of typed sentences, as the worker keeps it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lattice.config.teacher import TeacherSettings

if TYPE_CHECKING:
    from lattice.data.probe import ProbeTeacher


@dataclass(frozen=True, eq=False)
class LoadedTeacher:
    """The teacher of typed sentences, and what it was loaded for."""

    settings: TeacherSettings
    fingerprint: str
    """Of the data that it was compared with."""
    teacher: ProbeTeacher
