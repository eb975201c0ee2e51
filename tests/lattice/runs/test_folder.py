"""A run's folder: nothing trained is replaced without being asked, and one process writes there."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import safetensors.torch
import torch

from lattice.errors import ConfigError
from lattice.runs.course import Course
from lattice.runs.files import RunFiles, check_unused
from lattice.runs.folder import RunFolder
from lattice.runs.held_lock import LockedError, UnreadableLockError
from lattice.runs.lock import FileLock

SESSIONS = (("one", 0), ("two", 10))


def checkpoint(path: Path, step: int, run: str = "run", sessions: Sequence[tuple[str, int]] = ()) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    header = json.dumps({"counters": {"training_step": step}, "run_id": run, "sessions": sessions})
    safetensors.torch.save_file({"x": torch.zeros(1)}, path, metadata={"cellcube": header})
    return path


def claimed(folder: Path, *, overwrite: bool = False, resumed: Path | None = None) -> None:
    """Claim the folder and give it back."""
    RunFolder(folder).claim(overwrite=overwrite, resumed=resumed).release()


def test_a_folder_that_holds_a_run_is_refused_with_the_ways_on(tmp_path: Path) -> None:
    checkpoint(tmp_path / "checkpoint.safetensors", 1200)
    wanted = (
        rf"{tmp_path} holds a run, at training step 1,200: go on with it with --resume {tmp_path}, choose another "
        r"folder with --out, or replace it with --overwrite"
    )
    with pytest.raises(ConfigError, match=wanted):
        claimed(tmp_path)
    claimed(tmp_path, overwrite=True)
    assert not (tmp_path / "run.lock").exists()


def test_a_best_state_alone_and_what_can_not_be_read_are_not_replaced_either(tmp_path: Path) -> None:
    checkpoint(tmp_path / "a" / "best.safetensors", 3)
    with pytest.raises(ConfigError, match="holds a run, at training step 3"):
        claimed(tmp_path / "a")
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "checkpoint.safetensors").write_bytes(b"damaged")
    with pytest.raises(ConfigError, match="exists and can't be read as a checkpoint"):
        claimed(tmp_path / "b")


def test_a_run_that_was_not_trained_yet_costs_nothing(tmp_path: Path) -> None:
    checkpoint(tmp_path / "checkpoint.safetensors", 0)
    claimed(tmp_path)


def test_a_run_goes_on_in_its_own_folder_from_its_last_state(tmp_path: Path) -> None:
    last = checkpoint(tmp_path / "checkpoint.safetensors", 20)
    best = checkpoint(tmp_path / "best.safetensors", 10)
    claimed(tmp_path, resumed=last)
    with pytest.raises(ConfigError, match="holds another course or a later state of this run, at training step 20"):
        claimed(tmp_path, resumed=best)
    claimed(tmp_path, resumed=best, overwrite=True)
    other = checkpoint(tmp_path / "other" / "checkpoint.safetensors", 90, run="other")
    with pytest.raises(ConfigError, match="holds a run, at training step 20"):
        claimed(tmp_path, resumed=other)


def test_a_copy_that_went_on_by_itself_does_not_replace_what_it_was_copied_from(tmp_path: Path) -> None:
    checkpoint(tmp_path / "run" / "checkpoint.safetensors", 20, sessions=[("first", 0), ("second", 10)])
    copied = checkpoint(tmp_path / "copy.safetensors", 90, sessions=[("first", 0), ("third", 15)])
    with pytest.raises(ConfigError, match="holds another course or a later state of this run, at training step 20"):
        claimed(tmp_path / "run", resumed=copied)
    ahead = checkpoint(tmp_path / "ahead.safetensors", 90, sessions=[("first", 0), ("second", 10), ("third", 20)])
    claimed(tmp_path / "run", resumed=ahead)


def test_what_lies_where_no_checkpoint_is_named_with_its_file(tmp_path: Path) -> None:
    best = checkpoint(tmp_path / "best.safetensors", 3)
    with pytest.raises(ConfigError, match=rf"go on with it with --resume {best}, choose"):
        claimed(tmp_path)


@pytest.mark.parametrize("kind", ["file", "dangling link"])
def test_a_run_goes_on_beside_what_is_put_in_its_folders_place(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    folder = RunFolder(tmp_path / "run").claim(overwrite=False, resumed=None)
    folder.begin("settings", Course("run", SESSIONS))
    shutil.rmtree(tmp_path / "run")
    if kind == "file":
        (tmp_path / "run").write_text("mine")
    else:
        (tmp_path / "run").symlink_to(tmp_path / "nowhere")
    assert folder.check(lambda: "settings")
    assert not folder.check(lambda: "settings"), "once is enough"
    folder.release()
    assert (tmp_path / "run-2" / "config.toml").read_text() == "settings"
    assert (tmp_path / "run").read_text() == "mine" if kind == "file" else not (tmp_path / "nowhere").exists()
    assert caplog.text.count("Something that is no folder lies in the place of") == 1


def test_an_empty_folder_in_its_place_is_filled_again_whatever_number_it_got(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run").claim(overwrite=False, resumed=None)
    folder.begin("settings", Course("run", SESSIONS))
    for path in (tmp_path / "run").iterdir():
        path.unlink()
    assert folder.check(lambda: "settings")
    assert {path.name for path in (tmp_path / "run").iterdir()} == {"config.toml", "run.lock"}
    folder.release()


def test_a_folder_that_can_not_be_made_again_is_a_warning_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = RunFolder(tmp_path / "parent" / "run").claim(overwrite=False, resumed=None)
    folder.begin("settings", Course("run", SESSIONS))
    shutil.rmtree(tmp_path / "parent")
    (tmp_path / "parent").write_text("mine")
    assert not any(folder.check(lambda: "settings") for _ in range(3))
    assert caplog.text.count("can't be made again yet: ") == 1
    (tmp_path / "parent").unlink()
    assert folder.check(lambda: "settings")
    folder.release()


def test_files_without_a_run_id_go_on_in_place_only(tmp_path: Path) -> None:
    last = checkpoint(tmp_path / "checkpoint.safetensors", 20, run="")
    claimed(tmp_path, resumed=last)
    other = checkpoint(tmp_path / "other" / "checkpoint.safetensors", 90, run="")
    with pytest.raises(ConfigError, match="holds a run"):
        claimed(tmp_path, resumed=other)


def test_a_folder_in_use_is_refused_and_named(tmp_path: Path) -> None:
    first = RunFolder(tmp_path / "run").claim(overwrite=False, resumed=None)
    with pytest.raises(LockedError, match=f"in use by process {os.getpid()} on .*: wait for its end, or choose"):
        claimed(tmp_path / "run", overwrite=True)
    assert (tmp_path / "run" / "run.lock").exists()
    with pytest.raises(LockedError, match="is being written by process"):
        check_unused(tmp_path / "run" / "checkpoint.safetensors")
    check_unused(tmp_path / "run" / "mine.safetensors")
    first.release()
    check_unused(tmp_path / "run" / "checkpoint.safetensors")


def test_a_checkpoint_beside_a_lock_that_can_not_be_read_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "run.lock").mkdir()
    with pytest.raises(UnreadableLockError, match=r"what has the name of the lock .* is no file: remove it$"):
        check_unused(tmp_path / "checkpoint.safetensors")
    with pytest.raises(UnreadableLockError, match=r"remove it, or choose another folder with --out$"):
        claimed(tmp_path)


def taken_over(tmp_path: Path) -> tuple[RunFolder, RunFolder]:
    """Return a run's folder, and the one by which another run has taken its place."""
    folder = RunFolder(tmp_path / "run").claim(overwrite=False, resumed=None)
    folder.begin("settings", Course("run", SESSIONS))
    folder.files.lock.unlink()
    taken = RunFolder(tmp_path / "run").claim(overwrite=False, resumed=None)
    return folder, taken


def test_a_run_that_was_taken_over_while_it_slept_goes_on_beside_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder, taken = taken_over(tmp_path)
    assert not folder.check(lambda: "settings"), "between saves nobody looks"
    assert folder.check(lambda: "settings", saving=True)
    assert folder.files.folder == tmp_path / "run-2"
    assert not folder.check(lambda: "settings", saving=True), "once is enough"
    wanted = rf"run was taken over by process {os.getpid()} on .*: this run goes on in {tmp_path / 'run-2'}"
    assert re.search(wanted, caplog.text)
    folder.release()
    assert (tmp_path / "run" / "run.lock").exists()
    taken.release()


def test_a_run_that_slept_looks_for_others_before_its_next_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, taken = taken_over(tmp_path)
    awake = time.time
    monkeypatch.setattr(time, "time", lambda: awake() + 3600)
    assert folder.check(lambda: "settings")
    assert folder.files.folder == tmp_path / "run-2"
    folder.release()
    taken.release()


def test_a_folder_that_can_not_be_made_yet_is_not_a_new_one_at_every_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, taken = taken_over(tmp_path)

    def full(*_: object) -> bool:
        raise OSError(errno.ENOSPC, "No space left on device")

    folder._lock.refresh()  # sees who is there
    with monkeypatch.context() as disk:
        disk.setattr(FileLock, "_create", full)
        assert not any(folder.check(lambda: "settings", saving=True) for _ in range(3))
    assert folder.check(lambda: "settings", saving=True)
    assert folder.files.folder == tmp_path / "run-2"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["run", "run-2"]
    folder.release()
    taken.release()


def test_a_run_whose_folder_another_process_made_again_goes_to_the_next_free_name(tmp_path: Path) -> None:
    place = tmp_path / "run"
    folder = RunFolder(place).claim(overwrite=False, resumed=None)
    folder.begin("settings", Course("run", SESSIONS))
    place.rename(tmp_path / "moved")
    (tmp_path / "run-2").mkdir()
    theirs = RunFolder(place).claim(overwrite=False, resumed=None)
    (place / "config.toml").write_text("theirs")
    assert folder.check(lambda: "mine")
    assert folder.files.folder == tmp_path / "run-3"
    assert (place / "config.toml").read_text() == "theirs"
    folder.release()
    theirs.release()


def test_a_folder_that_was_made_for_nothing_goes_again(tmp_path: Path) -> None:
    claimed(tmp_path / "new")
    assert not (tmp_path / "new").exists()
    (tmp_path / "old").mkdir()
    claimed(tmp_path / "old")
    assert (tmp_path / "old").exists()


def test_a_folder_that_can_not_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ConfigError, match=rf"can't write to the folder {tmp_path / 'file'}: .*--out"):
        claimed(tmp_path / "file")


@pytest.mark.skipif(os.name != "posix", reason="other limits")
def test_a_folder_of_a_name_that_is_too_long_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"can't write to the folder .*: File name too long; choose another one"):
        claimed(tmp_path / ("x" * 300))


def test_what_another_run_left_goes_when_it_is_overwritten(tmp_path: Path) -> None:
    for name in ("checkpoint", "best"):
        checkpoint(tmp_path / f"{name}.safetensors", 20, run="old")
    (tmp_path / "metrics.jsonl").write_text("{}\n")
    folder = RunFolder(tmp_path).claim(overwrite=True, resumed=None)
    folder.begin("a = 1\n", Course("new", SESSIONS))
    folder.release()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["config.toml"]


@pytest.mark.skipif(os.name != "posix", reason="Windows keeps a folder whose files are open")
def test_a_deleted_folder_is_made_again_and_another_run_in_its_place_is_left_alone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    place = tmp_path / "run"
    folder = RunFolder(place).claim(overwrite=False, resumed=None)
    folder.begin("a = 1\n", Course("run", SESSIONS))
    assert not folder.check(lambda: "a = 2\n")
    shutil.rmtree(place)
    assert folder.check(lambda: "a = 2\n")
    assert "was deleted or replaced: it is made again" in caplog.text
    assert (place / "config.toml").read_text() == "a = 2\n"
    assert (place / "run.lock").exists()
    assert not folder.check(lambda: "a = 3\n")
    place.rename(tmp_path / "moved")
    theirs = checkpoint(place / "checkpoint.safetensors", 5, run="other")
    assert folder.check(lambda: "a = 4\n")
    assert folder.files == RunFiles(tmp_path / "run-2")
    assert (tmp_path / "run-2" / "config.toml").read_text() == "a = 4\n"
    assert theirs.exists()
    folder.release()


def test_a_run_knows_its_own_states_from_those_of_a_copy_that_went_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    place = tmp_path / "run"
    folder = RunFolder(place).claim(overwrite=False, resumed=None)
    folder.begin("a = 1\n", Course("run", SESSIONS))
    last = checkpoint(place / "checkpoint.safetensors", 12, sessions=SESSIONS)
    checkpoint(place / "best.safetensors", 8, sessions=SESSIONS[:1])
    assert folder.holds(12)
    assert not folder.holds(11)
    (place / "run.lock").unlink()
    assert folder.check(lambda: "a = 2\n")
    assert folder.files == RunFiles(place)
    assert f"{place / 'run.lock'} was deleted or replaced: it is made again" in caplog.text
    checkpoint(last, 12, sessions=(("one", 0), ("other", 10)))
    assert not folder.holds(12)
    (place / "run.lock").unlink()
    assert folder.check(lambda: "a = 3\n")
    assert folder.files == RunFiles(tmp_path / "run-2")
    assert f"Another run lies in the place of {place}: this run goes on in {tmp_path / 'run-2'}" in caplog.text
    folder.release()


def test_the_best_state_that_was_found_is_no_stranger(tmp_path: Path) -> None:
    checkpoint(tmp_path / "best.safetensors", 40, sessions=(("one", 0), ("later", 30)))
    folder = RunFolder(tmp_path).claim(overwrite=True, resumed=None)
    folder.begin("a = 1\n", Course("run", SESSIONS))
    (tmp_path / "run.lock").unlink()
    assert folder.check(lambda: "a = 2\n")
    assert folder.files == RunFiles(tmp_path)
    folder.release()


def test_a_folder_that_does_not_answer_is_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "run"
    folder = RunFolder(place).claim(overwrite=False, resumed=None)
    folder.begin("a = 1\n", Course("run", SESSIONS))
    real = os.stat, os.lstat

    def silent(number: int) -> Callable[..., os.stat_result]:
        def look(path: object, *more: object, **named: object) -> os.stat_result:
            if str(path).startswith(str(place)):
                raise OSError(errno.ESTALE, "Stale file handle")
            return real[number](path, *more, **named)  # type: ignore[arg-type, call-overload, no-any-return]

        return look

    with monkeypatch.context() as broken:
        broken.setattr(os, "stat", silent(0))
        broken.setattr(os, "lstat", silent(1))
        assert not any(folder.check(lambda: "a = 2\n") for _ in range(2))
    assert caplog.text.count("can't be made again yet: Stale file handle") == 1
    assert not folder.check(lambda: "a = 2\n"), "it is there again"
    folder.release()
