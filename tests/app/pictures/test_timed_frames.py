"""The stream of frames that ffmpeg reads."""

import subprocess

import imageio_ffmpeg
import numpy as np

from app.pictures.timed_frames import frame_head, stream_head


def test_ffmpeg_reads_every_frame_at_its_time():
    frames = {0: 10, 67: 20, 667: 30, 90_000: 40}
    stream = stream_head(5, 3, 15)
    for milliseconds, grey in frames.items():
        stream += frame_head(milliseconds, 45) + bytes([grey]) * 45
    command = [
        imageio_ffmpeg.get_ffmpeg_exe(),
        "-f",
        "matroska",
        "-i",
        "-",
        "-vf",
        "showinfo",
        "-fps_mode",
        "passthrough",
    ]
    read = subprocess.run([*command, "-f", "rawvideo", "-"], input=stream, capture_output=True, check=True)
    shown = np.frombuffer(read.stdout, np.uint8).reshape(-1, 3, 5, 3)
    assert [image.min() for image in shown] == [image.max() for image in shown] == list(frames.values())
    for milliseconds in frames:
        assert f" pts_time:{milliseconds / 1000:.6g} ".encode() in read.stderr
