"""Which teacher made embeddings: remembered beside them, so that a new sentence can be put among them later."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import ValidationError

from lattice.config.teacher import TeacherSettings

if TYPE_CHECKING:
    from lattice.data.teacher import Teacher

DESCRIPTION, SETTINGS = "teacher", "teacher_settings"
"""Names of the notes in a `.safetensors` file."""

_IDENTITY = ("model", "revision", "pooling", "normalize", "max_length", "prompt", "truncate_dim")
"""Settings that decide what a text's embedding is; the others decide how fast it is computed."""

NO_TEACHER = "unknown, or several: the embeddings came with the data"
MIXED_TEACHERS = "several, or unknown: {teacher} encoded the texts, other embeddings came with the data"


@dataclass(frozen=True)
class TeacherRecord:
    """The teacher that made embeddings, and how to load it again."""

    settings: TeacherSettings
    """Pooling and revision as they were in use."""
    description: str
    """Name, width and pooling, for people."""
    known_from: str
    """How this is known, for people."""


def record_of(teacher: Teacher, known_from: str) -> TeacherRecord:
    """Return the record of a loaded teacher."""
    encoder = teacher.encoder
    used = {
        "model": teacher.files.name,
        "revision": teacher.files.commit,
        "pooling": encoder.plain_pooling,
        "prompt": encoder.prompt.setting,
    }
    wanted = {name: getattr(teacher.settings, name) for name in _IDENTITY}
    return TeacherRecord(TeacherSettings.model_validate(wanted | used), teacher.description, known_from)


def to_notes(record: TeacherRecord) -> dict[str, str]:
    """Return the record as texts to keep in a file."""
    identity = {name: getattr(record.settings, name) for name in _IDENTITY}
    return {DESCRIPTION: record.description, SETTINGS: json.dumps(identity)}


def from_notes(notes: Mapping[str, str], known_from: str) -> TeacherRecord | None:
    """Return the record that a file's notes hold, None where they hold none that can be used."""
    if SETTINGS not in notes:
        return None
    try:
        settings = TeacherSettings.model_validate_json(notes[SETTINGS])
    except ValidationError:
        return None
    return TeacherRecord(settings, notes.get(DESCRIPTION, settings.model), known_from)


def common_record(records: Iterable[TeacherRecord | None]) -> TeacherRecord | None:
    """Return the record of embeddings that were mixed: the one teacher of all, None if there is no such."""
    found = list(records)
    first = found[0] if found else None
    if first is None or any(record is None or record.settings != first.settings for record in found):
        return None
    return first
