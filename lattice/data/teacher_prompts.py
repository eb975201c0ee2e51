"""The prompts that a model's own files offer, for people who choose one; loads neither torch nor the network."""

from __future__ import annotations

from pathlib import Path

from lattice.data.teacher_files import PACKAGED, TeacherFiles, packaged_folder, packaged_teacher_installed
from lattice.data.teachers.layout import read_layout


def own_prompts(model: str) -> tuple[tuple[str, ...], str | None]:
    """Return the names of a model's prompts and its default one, as far as its files are on this machine.

    Raises:
        TeacherError: its files can't be read.
    """
    if model == PACKAGED and not packaged_teacher_installed():
        return (), None
    folder = packaged_folder() if model == PACKAGED else Path(model).expanduser()
    files = TeacherFiles(model, str(folder) if folder.is_dir() else model, "")
    layout = read_layout(model, files.find_here)
    return tuple(layout.prompts), layout.default_prompt
