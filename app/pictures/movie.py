"""Movies of the cube: frames are taken by the window and encoded by ffmpeg in a thread of its own."""

from __future__ import annotations

import queue
import re
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QObject, QTimer, pyqtSignal

from app.run.messages import describe_failure
from lattice.errors import CellcubeError
from lattice.log import logger

FRAMES_PER_SECOND = 15
WAITING_FRAMES = 30
"""Frames that may wait for the encoder before new ones are dropped."""

Frame = NDArray[np.uint8]
"""[height, width, 3], 0 to 255."""


class RecordingError(CellcubeError):
    """A movie can't be written."""


class Recorder(QObject):
    """Takes a frame several times a second from `grab` and writes MP4 or GIF by the file's ending."""

    started = pyqtSignal(object)
    """Path of the movie."""
    stopped = pyqtSignal(object, int)
    """Path of the movie and frames written."""
    failed = pyqtSignal(object)
    """Failed."""

    _encoder_ended = pyqtSignal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        """Create an idle recorder."""
        super().__init__(parent)
        self._timer = QTimer(self)
        self._timer.setObjectName("recording")
        self._timer.setInterval(1000 // FRAMES_PER_SECOND)
        self._timer.timeout.connect(self._take)
        self._grab: Callable[[], Frame] = lambda: np.zeros((2, 2, 3), np.uint8)
        self._frames: queue.SimpleQueue[tuple[int, Frame | None]] = queue.SimpleQueue()
        self._began, self._due = 0.0, 0
        self._thread: threading.Thread | None = None
        self._path = Path()
        self._written = 0
        self._encoder_ended.connect(self._on_ended)

    @property
    def recording(self) -> bool:
        """Whether frames are being taken."""
        return self._timer.isActive()

    def start(self, path: Path, grab: Callable[[], Frame]) -> None:
        """Begin a movie.

        Args:
            path: file to write, ending in `.mp4` or `.gif`.
            grab: called without arguments for every frame, returns [height, width, 3 or 4] uint8.

        Raises:
            RecordingError: the ending is neither, or a movie is being recorded.
        """
        if path.suffix.lower() not in (".mp4", ".gif"):
            raise RecordingError(f"can't record to {path.name}: the name must end in .mp4 or .gif")
        if self._thread is not None:
            raise RecordingError(f"{self._path.name} is being recorded; stop that first")
        self._path, self._grab, self._written = path, grab, 0
        self._frames = queue.SimpleQueue()
        self._began, self._due = time.monotonic(), 0
        self._thread = threading.Thread(target=self._encode, name="recording", daemon=True)
        self._thread.start()
        self._timer.start()
        self._take()
        self.started.emit(path)

    def stop(self) -> None:
        """End the movie; `stopped` follows when the file is complete."""
        if self._timer.isActive():
            self._timer.stop()
            self._put(None)

    def close(self) -> None:
        """End the movie and wait for the file."""
        self.stop()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _take(self) -> None:
        try:
            if self._frames.qsize() >= WAITING_FRAMES:
                logger.debug("recording: the encoder is behind, a frame was dropped")
            elif self._slots() > 0:
                self._put(_even(self._grab()))
        except Exception as error:
            self.stop()
            self.failed.emit(describe_failure("The recording stopped", error))

    def _slots(self) -> int:
        """Return how many frames of the movie are due by now and not yet there."""
        return int((time.monotonic() - self._began) * FRAMES_PER_SECOND) + 1 - self._due

    def _put(self, frame: Frame | None) -> None:
        """Hand over a frame, or the end, and how often the frame before it is repeated.

        A movie has frames at even intervals, and a busy window takes them when it can.
        """
        missed = max(self._slots() - 1, 0)
        self._due += missed + (frame is not None)
        self._frames.put((missed, frame))

    def _encode(self) -> None:
        error: Exception | None = None
        try:
            self._write_all()
        except Exception as problem:
            error = problem
        self._encoder_ended.emit(error)

    def _write_all(self) -> None:
        _, first = self._frames.get()
        if first is None:
            return
        encoder = Encoder(self._path, first.shape[1], first.shape[0])
        try:
            missed, shown = 0, first
            frame: Frame | None = first
            while True:
                for _ in range(missed):
                    encoder.write(shown)
                if frame is None:
                    self._written += missed
                    break
                shown = frame if frame.shape == first.shape else shown
                encoder.write(shown)
                self._written += missed + 1
                missed, frame = self._frames.get()
        finally:
            encoder.close()

    def _on_ended(self, error: Exception | None) -> None:
        self._timer.stop()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        if error is None:
            self.stopped.emit(self._path, self._written)
        else:
            self.failed.emit(describe_failure(f"Can't record {self._path.name}", error))


def _even(image: Frame) -> Frame:
    """Drop alpha, and the last row or column where the count is odd: the video format needs even sizes."""
    height, width = image.shape[0] & ~1, image.shape[1] & ~1
    return image[:height, :width, :3]


class Encoder:
    """An ffmpeg process that takes raw frames and writes a movie."""

    def __init__(self, path: Path, width: int, height: int) -> None:
        """Start ffmpeg for frames of an even width and height."""
        import imageio_ffmpeg

        source = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}", "-r", str(FRAMES_PER_SECOND)]
        command = [imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-loglevel", "error", *source, "-i", "-"]
        self._path = path
        self._process = subprocess.Popen(
            [*command, *_codec(path), str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )

    def write(self, frame: Frame) -> None:
        """Hand over one frame, [height, width, 3]."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(np.ascontiguousarray(frame).data)
        except OSError:
            self.close()

    def close(self) -> None:
        """Finish the file; raise `RecordingError` with ffmpeg's words if it could not be written."""
        try:
            _, told = self._process.communicate()
        except ValueError:  # closed before
            return
        if self._process.returncode != 0:
            words = told.decode(errors="replace").strip().splitlines() or ["ffmpeg gave no reason"]
            reason = re.sub(r"^(\[[^\]]*\]\s*)+", "", words[-1])  # without the part of ffmpeg that speaks
            raise RecordingError(f"{self._path} can't be written: {reason}. Choose another folder.")


def _codec(path: Path) -> list[str]:
    if path.suffix.lower() == ".gif":
        # One palette for the whole movie, made from all of its frames.
        return ["-filter_complex", "split[a][b];[a]palettegen=stats_mode=diff[p];[b][p]paletteuse=dither=bayer"]
    return ["-c:v", "libx264", "-crf", "18", "-pix_fmt", "yuv420p", "-movflags", "+faststart"]
