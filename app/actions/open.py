"""Opening runs: presets, settings, checkpoints and data, by menu, by drop, or as the command line says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from app.actions.file_dialogs import CHECKPOINTS, FileDialogs
from app.actions.file_kinds import data_filter, is_text_file, kind_of
from app.actions.save import SETTINGS
from app.actions.save_prompt import SavePrompt
from app.options import StartOptions
from app.run.commands import OpenRun
from app.run.controller import RunController
from app.run.messages import Failed, input_failure
from app.run.summary import RunSummary
from app.session.preferences import Preferences
from lattice.config import SimpleProjectConfig, Wishes
from lattice.config.data import OF_ONE_SOURCE, DataSettings
from lattice.data.readers.choice import data_endings
from lattice.errors import CellcubeError
from lattice.formats import ending_of
from lattice.runs.moved import located, missing_source
from lattice.runs.place import checkpoint_at

FRESH_DATA: dict[str, object] = {f"data.{name}": getattr(DataSettings(), name) for name in OF_ONE_SOURCE}
"""Settings that describe one source, as they are before anybody describes it."""


class OpenActions:
    """Everything that begins with a file or a preset."""

    def __init__(
        self,
        controller: RunController,
        preferences: Preferences,
        prompt: SavePrompt,
        dialogs: FileDialogs,
        show_failure: Callable[[Failed], None],
        *,
        autostart: bool | None = None,
    ) -> None:
        """Open runs in a controller.

        Args:
            controller: gets the runs.
            preferences: where opened files are remembered.
            prompt: offers to save the run that is left.
            dialogs: ask for files.
            show_failure: shows what went wrong before the worker was involved.
            autostart: whether runs are trained as soon as they are open, but for checkpoints that are opened later;
                None: as the preferences say by then.
        """
        self._controller, self._preferences, self._prompt = controller, preferences, prompt
        self._dialogs, self._show_failure = dialogs, show_failure
        self._refused: tuple[Failed, OpenRun] | None = None
        self.autostart = autostart

    @property
    def trains(self) -> bool:
        """Whether runs are trained as soon as they are open, by the command line or else the preferences."""
        return self._preferences.autostart if self.autostart is None else self.autostart

    def trains_next(self) -> bool:
        """Return whether a run that is opened now is trained at once: not while the present one is paused.

        A checkpoint that `open_checkpoint` opens never is.
        """
        return self.trains and not self._controller.stays_paused

    def open_first(self, options: StartOptions) -> None:
        """Open what the command line names; raises `CellcubeError` for settings that can't be used."""
        if options.resume is not None:
            path = checkpoint_at(options.resume)
            request = OpenRun(
                path.name,
                checkpoint=path,
                wishes=options.wishes,
                restart_student=options.restart_student,
                start=self.trains_next(),
            )
        elif options.weights is not None:
            config = options.configuration() if options.chosen else None
            request = self._from_weights(options.weights, config, options.wishes)
        else:
            config = options.configuration()
            request = OpenRun(options.run_name(config), config, start=self.trains_next())
        self.open(request)

    def open(self, request: OpenRun, path: Path | None = None) -> None:
        """Open a run, and remember `path` once it is open; what is refused can be opened by its `way_out`.

        A present run that has something to lose is offered to be saved, once the other one is known to open.
        """

        def on_opened(_summary: RunSummary) -> None:
            if path is not None:
                self._preferences.remember_file(path)

        def on_failed(failure: Failed | None) -> None:
            self._refused = None if failure is None else (failure, request)

        reason = "Opening another run ends this one."
        if request.weights is not None:
            reason = f"Beginning another run with the weights of {request.weights.name} ends this one."
        self._prompt.open_instead(request, reason, on_opened, on_failed)

    def open_preset(self, name: str) -> None:
        """Begin a new run from a bundled preset."""
        self._open_config(lambda: SimpleProjectConfig.from_preset(name), name)

    def open_path(self, path: Path) -> None:
        """Open a file of any kind that this program knows, by its ending and its contents."""
        try:
            kind = kind_of(path)
        except (CellcubeError, OSError) as error:
            self._show_failure(input_failure(f"Can't open {path.name}", error))
            return
        if kind == "settings":
            self.open_config(path)
        elif kind == "checkpoint":
            self.open_checkpoint(path)
        elif kind == "weights":
            self.open_weights(path)
        else:
            self.open_data(path)

    def open_config(self, path: Path) -> None:
        """Begin a new run with the settings in a TOML file."""
        self._open_config(lambda: SimpleProjectConfig.from_toml(path), path.name, path)

    def open_data(self, path: Path, changes: Mapping[str, object] | None = None) -> None:
        """Begin a new run on other data, with the present settings otherwise.

        Columns and further sources belong to the data before: they are forgotten, unless `changes` names others.
        """
        summary = self._controller.summary
        config = summary.config if summary is not None else SimpleProjectConfig()
        wanted = {"training_embedding.data": str(path), **FRESH_DATA, **(changes or {})}
        self._open_config(lambda: config.replaced(wanted), path.name, path)

    def open_checkpoint(self, path: Path) -> None:
        """Bring back a saved run, paused: who opens it to look at it must find it as it was saved."""
        self.open(OpenRun(path.name, checkpoint=path), path)

    def open_weights(self, path: Path) -> None:
        """Begin a new run with the weights of a file, on the present data, in the present cube, as far as they fit."""
        summary = self._controller.summary
        self.open(self._from_weights(path, None if summary is None else summary.config, Wishes()), path)

    def _from_weights(self, path: Path, config: SimpleProjectConfig | None, wishes: Wishes) -> OpenRun:
        return OpenRun(f"weights of {path.name}", config, weights=path, wishes=wishes, start=self.trains_next())

    def ask_data(self) -> None:
        """Choose a data file."""
        self._dialogs.ask_open("Open data", data_filter(), self.open_path)

    def ask_config(self) -> None:
        """Choose a settings file."""
        self._dialogs.ask_open("Open settings", SETTINGS, self.open_path)

    def ask_checkpoint(self) -> None:
        """Choose a checkpoint."""
        self._dialogs.ask_open("Open checkpoint", CHECKPOINTS, self.open_path)

    def ask_weights(self) -> None:
        """Choose a file of weights."""
        self._dialogs.ask_open("Start from weights", CHECKPOINTS, self.open_weights)

    def refused_texts(self, failure: Failed) -> SimpleProjectConfig | None:
        """Return the settings requested for texts, if that very failure kept them from being opened."""
        request = self._refused_request(failure)
        config = None if request is None else request.config
        spec = None if config is None else config.training_embedding.data
        return config if spec is not None and is_text_file(Path(spec)) else None

    def way_out(self, failure: Failed) -> tuple[str, Callable[[], None]] | None:
        """Return what opens a saved run after all, as the text of a button and what that does; None if nothing is."""
        request = self._refused_request(failure)
        if request is None or request.checkpoint is None or not failure.remedy:
            return None

        def again(**changes: Any) -> None:
            self.open(replace(request, **changes))

        if failure.remedy == "restart student":
            return "Begin a new student", lambda: again(restart_student=True)

        checkpoint, wishes = request.checkpoint, request.wishes

        def locate() -> None:
            missing, title = missing_source(checkpoint, wishes), f"Locate the data of {request.name}"
            if missing is not None:
                title = f"Locate {Path(missing).name}, data of {request.name}"

            def found(path: Path) -> None:
                again(wishes=located(checkpoint, wishes, path))

            if missing is None or ending_of(Path(missing)) in data_endings():
                self._dialogs.ask_open(title, data_filter(), found)
            else:
                self._dialogs.ask_file_or_folder(title, Path(missing).name, data_filter(), found)

        return "Locate the data...", locate

    def _refused_request(self, failure: Failed) -> OpenRun | None:
        return self._refused[1] if self._refused is not None and self._refused[0] is failure else None

    def _open_config(self, read: Callable[[], SimpleProjectConfig], name: str, path: Path | None = None) -> None:
        try:
            config = read()
        except (CellcubeError, OSError) as error:
            self._show_failure(input_failure(f"Can't open {name}", error))
            return
        self.open(OpenRun(name, config, start=self.trains_next()), path)
