"""Probing: a sentence that is not in the data becomes the watched sample, encoded by the teacher that made the data."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject

from app.actions.file_dialogs import folder_dialog
from app.panels.sample.probe_box import ProbeBox, ProbeState, TeacherChoice
from app.run.commands import ProbeAnswer, ProbeSentence
from app.run.controller import RunController
from app.run.summary import RunSummary
from app.session.display import Display
from lattice.config.teacher import TeacherSettings
from lattice.units import score_text

if TYPE_CHECKING:
    from lattice.data.dataset import EmbeddingDataset
    from lattice.training.reports import Observation

PACKAGED_WIDTH = 384
UNKNOWN = (
    "No teacher is known for this data ({width}-D). Choose the one that made it with the button on the right, or open "
    "texts in the Data panel: a teacher encodes those."
)


class Probe(QObject):
    """Knows which teacher belongs to the run's data, loads it in the worker's thread, and encodes there."""

    def __init__(self, controller: RunController, display: Display, box: ProbeBox) -> None:
        """Serve a box."""
        super().__init__(box)
        self._controller, self._display, self._box = controller, display, box
        self._dataset: EmbeddingDataset | None = None
        self._settings: TeacherSettings | None = None
        self._teacher: ProbeAnswer | None = None
        self._shown = ""
        box.asked.connect(self.ask)
        box.teacher_wanted.connect(self._choose)
        display.observation_shown.connect(lambda observation, _step: self._follow(observation))
        controller.opened.connect(lambda _summary: self._put_aside())
        controller.opened.connect(self._take_run)
        controller.applied.connect(lambda message: self._take_run(message.summary))

    @property
    def teacher(self) -> ProbeAnswer | None:
        """What the worker said of the teacher that it loaded, None before the first sentence."""
        return self._teacher

    def ask(self, text: str) -> None:
        """Encode a sentence, with its teacher loaded first if that is needed, and watch it."""
        if self._settings is not None:
            self._work(self._settings, text)

    def choose(self, model: str) -> None:
        """Load another teacher: a name, or a folder."""
        own = self._own_settings(model)
        self._work(own or TeacherSettings(model=model), "")

    def _follow(self, observation: Observation) -> None:
        """Keep the field true to what the cube shows."""
        if observation.sample >= 0:
            self._put_aside()
            return
        if not self._shown and not self._box.field.text():
            self._box.field.setText(observation.text)
        self._shown = observation.text

    def _put_aside(self) -> None:
        self._box.field.put_aside(self._shown)
        self._shown = ""

    def _choose(self, model: str) -> None:
        if model:
            self.choose(model)
            return
        dialog = folder_dialog(self._box, "Folder of a teacher", Path.home())
        dialog.fileSelected.connect(self.choose)
        dialog.open()

    def _take_run(self, summary: RunSummary) -> None:
        dataset = summary.dataset
        if dataset is not self._dataset:
            record = None if dataset.report is None else dataset.report.made_by
            self._dataset, self._teacher = dataset, None
            self._settings = None if record is None else record.settings
            self._box.show_state(self._state())
        self._box.set_choices(self._choices(summary))

    def _choices(self, summary: RunSummary) -> tuple[TeacherChoice, ...]:
        from lattice.data.teachers.files import INSTALL, PACKAGED, packaged_teacher_installed

        width = summary.dataset.width
        problem = ""
        if width != PACKAGED_WIDTH:
            problem = f"Its embeddings have {PACKAGED_WIDTH} numbers, the data's {width}"
        elif not packaged_teacher_installed():
            problem = f"Not installed: {INSTALL}"
        choices = [TeacherChoice("Packaged MiniLM (384-D)", PACKAGED, problem)]
        configured = summary.config.teacher.model
        if configured != PACKAGED:
            choices.append(TeacherChoice(f"Teacher of the settings: {_short(configured)}", configured))
        return (*choices, TeacherChoice("Folder on this machine...", ""))

    def _own_settings(self, model: str) -> TeacherSettings | None:
        """Return the run's own settings of a teacher that they name, with its pooling and so on."""
        summary = self._controller.summary
        return summary.config.teacher if summary is not None and summary.config.teacher.model == model else None

    def _work(self, settings: TeacherSettings, text: str) -> None:
        dataset = self._dataset
        if dataset is None:
            return
        loaded = self._teacher is not None and settings == self._settings
        words = "Encoding the sentence" if loaded else f"Loading teacher {_short(settings.model)}"
        self._box.show_state(ProbeState(f"{words}...", ready=self._settings is not None, busy=True))
        self._controller.request(
            ProbeSentence(dataset.fingerprint, settings, text),
            lambda answer: self._take(answer, text),
            lambda _failure: self._box.show_state(self._state()),
        )

    def _take(self, answer: ProbeAnswer, text: str) -> None:
        if self._dataset is None or answer.fingerprint != self._dataset.fingerprint:
            self._box.field.put_aside(text)
            return  # another run was opened meanwhile
        if answer.problem:
            ready = self._settings is not None
            self._box.show_state(ProbeState(answer.problem, "error", ready=ready))
            return
        self._settings, self._teacher = answer.settings, answer
        self._box.show_state(self._state())
        if answer.embedding_D is not None:
            self._display.watch_embedding(answer.embedding_D, text)
        else:
            self._box.field.setFocus()

    def _state(self) -> ProbeState:
        if self._dataset is None:
            return ProbeState("")
        if self._settings is None:
            return ProbeState(UNKNOWN.format(width=self._dataset.width))
        name = _short(self._settings.model)
        if self._teacher is None:
            return ProbeState(f"Teacher: {name}, loaded with the first sentence.", ready=True)
        made, agreement = self._teacher.made_the_data, self._teacher.agreement
        if made is False:
            return ProbeState(
                f"Teacher {name} did not make this data: its embeddings of the same texts have a cosine of "
                f"{score_text(agreement or 0.0)} with those stored. What is near a sentence means little.",
                "warning",
                ready=True,
            )
        told = "which made this data" if made else "your choice; the data has no texts to compare it by"
        return ProbeState(f"Teacher: {name}, {told}.", ready=True)


def _short(model: str) -> str:
    """Return a teacher's name for people: a folder's last part."""
    path = Path(model)
    return path.name if path.is_absolute() and path.name else model
