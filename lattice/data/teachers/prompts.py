"""The text that a model's makers put before every text, such as `query: `; loads neither torch nor the network."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from lattice.data.teachers.files import PACKAGED, TeacherFiles, packaged_folder, packaged_teacher_installed
from lattice.data.teachers.layout import PROMPTS, Layout, read_layout
from lattice.errors import TeacherError

NO_PROMPT = "none"
"""Chooses no prompt where the model has a default one."""
_NAME = re.compile(r"[\w.\-]+")


@dataclass(frozen=True)
class Prompt:
    """What is put before every text."""

    setting: str | None
    """Value of `teacher.prompt` that chooses it again, whatever the default; None for a model without prompts."""
    text: str

    @property
    def label(self) -> str:
        """The prompt for people, empty if there is none."""
        if not self.text:
            return ""
        return (
            f"prompt {self.text!r}, as written" if self.setting == self.text else f"prompt {self.setting} {self.text!r}"
        )


def is_written_out(wanted: str) -> bool:
    """Say whether a value of `teacher.prompt` is the text itself, such as `query: `, and no name of one.

    It holds a blank, a colon or another character that names do not have.
    """
    return _NAME.fullmatch(wanted) is None


def choose_prompt(name: str, wanted: str | None, layout: Layout) -> Prompt:
    """Return the prompt of that name, the text that is written out in its place, or the model's default one.

    Raises:
        TeacherError: the model has no prompt of that name.
    """
    if wanted is not None and wanted not in layout.prompts and is_written_out(wanted):
        return Prompt(wanted, wanted)
    chosen = layout.default_prompt if wanted is None else wanted
    if chosen is None or (chosen == NO_PROMPT and chosen not in layout.prompts):
        return Prompt(NO_PROMPT if layout.default_prompt is not None else None, "")
    if chosen not in layout.prompts:
        known = ", ".join(map(repr, layout.prompts)) or "none at all"
        told = f"its {PROMPTS} names" if wanted is None else "teacher.prompt names"
        raise TeacherError(
            f"teacher {name!r}: {told} the prompt {chosen!r}, but the model's prompts are: {known}. "
            f"Name one of these with --prompt, write out a text such as 'query: ', or '{NO_PROMPT}'"
        )
    return Prompt(chosen, layout.prompts[chosen])


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
