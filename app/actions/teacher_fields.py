"""The fields of a dialog that choose a teacher: the model, one of its prompts, and how many numbers are kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtWidgets import QFormLayout, QWidget

from app.actions.path_fields import choice, with_button
from app.platform.latest_job import LatestJob
from app.widgets.inputs import IntSpin
from lattice.config.base import bounds_of
from lattice.config.teacher import TeacherSettings
from lattice.data.teachers.prompts import NO_PROMPT, is_written_out, own_prompts
from lattice.errors import CellcubeError

OWN_PROMPT = "The model's own"
ALL_NUMBERS = "All"
MOST_NUMBERS = int(bounds_of(TeacherSettings.model_fields["truncate_dim"])["le"])


@dataclass(frozen=True)
class ModelPrompts:
    """The prompts that a model's files name."""

    model: str
    names: tuple[str, ...]
    default: str | None


class TeacherFields(QObject):
    """Three fields; what a model offers is looked up in its files on this machine, in a thread."""

    changed = pyqtSignal()
    """Another model was named."""

    def __init__(self, teachers: list[str], ask_folder: Callable[[], None], parent: QWidget) -> None:
        """Create the fields.

        Args:
            teachers: models to offer, the most likely one first.
            ask_folder: asks for a folder and puts it into `model`.
            parent: the dialog.
        """
        super().__init__(parent)
        self.model = choice(
            "Model that turns texts into embeddings: minilm (packaged), a name on the Hugging Face hub, a local "
            "folder, or auto: distilbert-base-uncased, or minilm where that can't be had",
            editable=True,
        )
        self.model.addItems(teachers)
        self.prompt = choice(
            "Text that goes before every text, by its name in the model's files, or written out, such as 'query: '; "
            "the log and the Data panel show what is applied. The model's own: its default prompt, if it has one",
            editable=True,
        )
        self.numbers = IntSpin(0, MOST_NUMBERS, "numbers")
        self.numbers.setSpecialValueText(ALL_NUMBERS)
        self.numbers.setToolTip(
            "First numbers of each embedding that are kept, for models trained for it (Matryoshka); All: as many as "
            "the model gives"
        )
        self._browse = with_button(self.model, "Choose a teacher's folder", ask_folder)
        self._settings: TeacherSettings | None = None
        self._named = ""
        self._latest = LatestJob(self)
        self._latest.done.connect(self._take)
        self.model.editTextChanged.connect(self._look_up)
        self._show(ModelPrompts("", (), None))
        self._look_up()

    def add_to(self, form: QFormLayout) -> None:
        """Put the fields into a form."""
        form.addRow("Teacher", self._browse)
        form.addRow("Prompt", self.prompt)
        form.addRow("Numbers kept", self.numbers)

    def show_settings(self, settings: TeacherSettings) -> None:
        """Show a teacher with its prompt and width, which are no other model's."""
        self._settings = settings
        self.model.setCurrentText(settings.model)
        self._show_own(settings)

    def chosen_model(self) -> str:
        """Return the model that is named, empty if none is."""
        return self.model.currentText().strip()

    def chosen_prompt(self) -> str | None:
        """Return the name of the prompt or its text, None for the model's own."""
        text = self.prompt.currentText()
        if not text.strip() or text.startswith(OWN_PROMPT):
            return None
        return text if is_written_out(text.strip()) else text.strip()

    def chosen_numbers(self) -> int | None:
        """Return how many numbers are kept, None for all."""
        return self.numbers.value() or None

    def close(self) -> None:
        """Leave no thread behind."""
        self._latest.close()

    def _look_up(self) -> None:
        model = self.chosen_model()
        if model != self._named:
            self._named = model
            shown = self._settings
            self._show_own(shown if shown is not None and shown.model == model else None)
        self._latest.ask(_looker(model))
        self.changed.emit()

    def _show_own(self, settings: TeacherSettings | None) -> None:
        """Show the prompt and the width of a model's settings, or what a model has without any."""
        self.prompt.setCurrentText((settings and settings.prompt) or OWN_PROMPT)
        self.numbers.setValue((settings and settings.truncate_dim) or 0)

    def _take(self, found: ModelPrompts) -> None:
        if found.model == self.chosen_model():
            self._show(found)

    def _show(self, found: ModelPrompts) -> None:
        before = self.chosen_prompt()
        own = OWN_PROMPT if found.default is None else f"{OWN_PROMPT} ({found.default})"
        self.prompt.clear()
        self.prompt.addItems([own, *found.names, *([] if NO_PROMPT in found.names else [NO_PROMPT])])
        self.prompt.setCurrentText(own if before is None else before)


def _looker(model: str) -> Callable[[], ModelPrompts]:
    def look() -> ModelPrompts:
        try:
            return ModelPrompts(model, *own_prompts(model))
        except (CellcubeError, OSError, ValueError):  # said when the teacher is loaded
            return ModelPrompts(model, (), None)

    return look
