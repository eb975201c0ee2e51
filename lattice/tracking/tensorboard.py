"""TensorBoard: event files, written by the package tensorboardX and read by `tensorboard`.

tensorboardX takes 0.3 MB and protobuf; torch's own writer needs all of `tensorboard`, with its server and gRPC. Its
synchronous writer is used: the other one hangs for good once its thread met a full disk.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lattice.atomic import make_folder
from lattice.errors import ConfigError
from lattice.log import logger
from lattice.runs.peek import peek
from lattice.runs.place import CHECKPOINT_NAME
from lattice.tracking.base import Picture, TrackedRun


class EventFiles:
    """Writes one event file of this session; figures that an earlier session wrote for later steps are withdrawn."""

    def __init__(self, run: TrackedRun) -> None:
        """Open a new event file in the run's folder."""
        self._run = run
        # Readers drop what they have from this step on; at step 0 that may be all of another run.
        self._open(run.training_step + 1 if run.training_step else 0)

    def _open(self, first: int) -> None:
        from tensorboardX.event_file_writer import EventsWriter
        from tensorboardX.proto.event_pb2 import Event, SessionLog

        self._writer = EventsWriter(str(self._run.folder / "events"))
        self._writer.write_event(Event(step=first, session_log=SessionLog(status=SessionLog.START)))
        self._text("settings", "\n".join(f"    {key} = {value}" for key, value in self._run.settings.items()))

    def figures(self, training_step: int, values: Mapping[str, float]) -> None:
        """Write numbers."""
        from tensorboardX.summary import scalar

        self._follow_folder(training_step)
        for name, value in values.items():
            self._write(training_step, scalar(name, value))
        self._writer.flush()

    def picture(self, training_step: int, name: str, rgb_HWC: Picture) -> None:
        """Write a picture as PNG."""
        from tensorboardX.summary import image

        self._write(training_step, image(name, rgb_HWC, dataformats="HWC"))
        self._writer.flush()

    def _follow_folder(self, training_step: int) -> None:
        """Begin a new event file where the folder was deleted or emptied: the open one would be seen by nobody.

        Raises:
            ConfigError: another run has the place now, and its folder is left alone.
        """
        folder = self._run.folder
        if folder.is_dir() and any(folder.iterdir()):
            return
        there = peek(folder.parent / CHECKPOINT_NAME)
        if there is not None and there.run_id != self._run.run_id:
            raise ConfigError(f"{folder} is gone, and {folder.parent} holds another run now")
        logger.warning("%s was deleted: TensorBoard's figures begin again at training step %d", folder, training_step)
        self._writer.close()
        make_folder(folder)
        self._open(training_step)

    def close(self) -> None:
        """Close the file."""
        self._writer.close()

    def _text(self, name: str, text: str) -> None:
        from tensorboardX.summary import text as text_summary

        self._write(0, text_summary(name, text))
        self._writer.flush()

    def _write(self, training_step: int, summary: Any) -> None:
        import time

        from tensorboardX.proto.event_pb2 import Event

        self._writer.write_event(Event(wall_time=time.time(), step=training_step, summary=summary))
