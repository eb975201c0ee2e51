"""Event files: what is written is what the libraries read, also when a run goes on."""

from __future__ import annotations

import io
import json
import shutil
import struct
import warnings
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy

from lattice.errors import ConfigError
from lattice.tracking.base import TrackedRun

pytest.importorskip("tensorboardX")
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from tensorboardX.proto.event_pb2 import Event

    from lattice.tracking.tensorboard import EventFiles

RUN = {"settings": {"model.state_size": 6}}


def events(folder: Path) -> list[Event]:
    """Read the records of the one event file: length, checksum, message, checksum."""
    (path,) = folder.glob("events*")
    data, found = path.read_bytes(), []
    while data:
        (length,) = struct.unpack("<Q", data[:8])
        found.append(Event.FromString(data[12 : 12 + length]))
        data = data[16 + length :]
    return found


def write(folder: Path, step: int = 0) -> None:
    tracker = EventFiles(TrackedRun("abc", folder, step, **RUN))
    tracker.figures(step + 1, {"loss/total": 0.25, "gate/local": 0.5})
    picture = np.zeros((6, 9, 3), np.uint8)
    picture[2, 4] = (253, 231, 37)
    tracker.picture(step + 1, "cube", picture)
    tracker.close()


def test_numbers_pictures_and_settings_are_read_back(tmp_path: Path) -> None:
    from PIL import Image

    write(tmp_path)
    values = {value.tag: (event.step, value) for event in events(tmp_path) for value in event.summary.value}
    step, loss = values["loss/total"]
    assert (step, loss.simple_value) == (1, 0.25)
    with Image.open(io.BytesIO(values["cube"][1].image.encoded_image_string)) as picture:
        assert picture.size == (9, 6)
        assert picture.convert("RGB").getpixel((4, 2)) == (253, 231, 37)
    assert b"model.state_size = 6" in values["settings/text_summary"][1].tensor.string_val[0]


@pytest.mark.parametrize(("step", "first"), [(7, 8), (0, 0)])
def test_a_session_withdraws_what_it_repeats(tmp_path: Path, step: int, first: int) -> None:
    write(tmp_path, step=step)
    starts = [event.step for event in events(tmp_path) if event.HasField("session_log")]
    assert starts == [first]


def test_figures_go_on_in_a_new_file_where_the_folder_was_deleted(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "run" / "tensorboard"
    folder.mkdir(parents=True)
    tracker = EventFiles(TrackedRun("abc", folder, 0, **RUN))
    tracker.figures(1, {"loss/total": 0.5})
    shutil.rmtree(folder.parent)
    tracker.figures(2, {"loss/total": 0.25})
    tracker.figures(3, {"loss/total": 0.125})
    tracker.close()
    values = [(event.step, value.tag) for event in events(folder) for value in event.summary.value]
    assert [step for step, tag in values if tag == "loss/total"] == [2, 3]
    assert caplog.text.count("was deleted: TensorBoard's figures begin again at training step 2") == 1


def test_the_folder_of_another_run_is_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "run" / "tensorboard"
    folder.mkdir(parents=True)
    tracker = EventFiles(TrackedRun("abc", folder, 0, **RUN))
    shutil.rmtree(folder)
    head = json.dumps({"counters": {"training_step": 3}, "run_id": "other"})
    safetensors.numpy.save_file({}, folder.parent / "checkpoint.safetensors", {"cellcube": head})
    with pytest.raises(ConfigError, match=r"is gone, and .* holds another run now"):
        tracker.figures(2, {"loss/total": 0.25})
    tracker.close()
    assert not folder.exists()


def test_tensorboard_itself_reads_them(tmp_path: Path) -> None:
    pytest.importorskip("tensorboard")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    write(tmp_path)
    read = EventAccumulator(str(tmp_path))
    read.Reload()
    assert [(event.step, event.value) for event in read.Scalars("loss/total")] == [(1, 0.25)]
    assert [(event.step, event.width, event.height) for event in read.Images("cube")] == [(1, 9, 6)]


def test_a_full_disk_is_raised_where_it_happens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tracker = EventFiles(TrackedRun("abc", tmp_path, **RUN))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tracker._writer, "flush", full)
    with pytest.raises(OSError, match="No space left on device"):
        tracker.figures(1, {"loss/total": 1.0})
    monkeypatch.undo()
    tracker.close()
