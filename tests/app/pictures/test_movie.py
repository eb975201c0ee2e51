"""Recording a movie of the cube."""

import subprocess

import imageio_ffmpeg
import numpy as np
import pytest

from app.pictures.movie import FRAMES_PER_SECOND, Recorder, RecordingError


@pytest.fixture
def recorder(qtbot):
    recorder = Recorder()
    yield recorder
    recorder.close()


def frames():
    shade = iter(range(0, 1000, 20))

    def grab():
        image = np.zeros((61, 83, 3), np.uint8)
        image[:, :, 0] = next(shade) % 256
        image[10:30, 20:40] = (0, 255, 0)
        return image

    return grab


def decoded(path, width, height):
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", "-i", str(path), "-f", "rawvideo"]
    raw = subprocess.run([*command, "-pix_fmt", "rgb24", "-"], check=True, capture_output=True).stdout
    return np.frombuffer(raw, np.uint8).reshape(-1, height, width, 3)


@pytest.mark.parametrize("name", ["movie.mp4", "movie.gif"])
def test_a_movie_has_the_frames_that_were_grabbed(qtbot, recorder, tmp_path, name):
    path = tmp_path / name
    recorder.start(path, frames())
    assert recorder.recording
    qtbot.wait(700)
    with qtbot.waitSignal(recorder.stopped, timeout=30_000) as caught:
        recorder.stop()
    stored_path, count = caught.args
    assert stored_path == path
    assert count >= 3
    shown = decoded(path, 82, 60)
    assert len(shown) == count
    green = shown[0, 20, 30].astype(int)
    assert green[1] > 180
    assert green[0] < 80


def test_a_movie_is_as_long_as_its_recording_however_few_frames_were_taken(recorder, tmp_path, monkeypatch):
    clock = [100.0]
    monkeypatch.setattr("app.pictures.movie.time.monotonic", lambda: clock[0])
    recorder.start(tmp_path / "movie.mp4", frames())
    recorder._timer.stop()
    for seconds in (1.0, 0.01):  # a window that was busy, and a timer that is early
        clock[0] += seconds
        recorder._take()
    clock[0] += 1.0
    recorder._put(None)
    recorder._thread.join()
    shown = decoded(tmp_path / "movie.mp4", 82, 60)
    assert len(shown) == recorder._written == pytest.approx(2.01 * FRAMES_PER_SECOND, abs=1)
    reds = shown[:, 50, 60, 0].astype(int)
    assert abs(reds[14] - reds[0]) < 6 < reds[15] - reds[0], "the first frame stays until the second was taken"


def test_only_movies_can_be_recorded(recorder, tmp_path):
    with pytest.raises(RecordingError, match=r"must end in \.mp4 or \.gif"):
        recorder.start(tmp_path / "movie.avi", frames())
    assert not recorder.recording


def test_one_movie_at_a_time(qtbot, recorder, tmp_path):
    recorder.start(tmp_path / "one.mp4", frames())
    with pytest.raises(RecordingError, match=r"one\.mp4 is being recorded"):
        recorder.start(tmp_path / "two.mp4", frames())


def test_a_grab_that_fails_ends_the_movie_with_a_message(qtbot, recorder, tmp_path):
    calls = iter([np.zeros((8, 8, 3), np.uint8)])
    with qtbot.waitSignal(recorder.failed, timeout=10_000) as caught:
        recorder.start(tmp_path / "short.mp4", lambda: next(calls))
    assert caught.args[0].title == "The recording stopped"
    assert not recorder.recording


def test_a_place_that_cannot_be_written_is_explained(qtbot, recorder, tmp_path):
    with qtbot.waitSignal(recorder.failed, timeout=20_000) as caught:
        recorder.start(tmp_path / "no folder" / "movie.mp4", frames())
        qtbot.wait(200)
        recorder.stop()
    assert caught.args[0].title == "Can't record movie.mp4"
    assert "Choose another folder" in caught.args[0].what
    assert "[" not in caught.args[0].what  # ffmpeg names the part of itself that speaks, and its address
    qtbot.waitUntil(lambda: not recorder.recording, timeout=5_000)


def test_stopping_twice_is_harmless(qtbot, recorder, tmp_path):
    recorder.start(tmp_path / "movie.mp4", frames())
    with qtbot.waitSignal(recorder.stopped, timeout=30_000):
        recorder.stop()
        recorder.stop()
