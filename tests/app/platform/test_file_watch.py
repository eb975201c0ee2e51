"""Saved files are noticed, also when an editor puts a new file in the old one's place."""

import os

import pytest

from app.platform.file_watch import FileWatch


@pytest.fixture
def watch(qapp):
    found = FileWatch()
    yield found
    found.close()


@pytest.fixture
def path(watch, tmp_path):
    """A watched file."""
    found = tmp_path / "rule.py"
    found.write_text("a = 1\n")
    watch.watch([found])
    return found


def saves(watch):
    """Return the list that the paths of saved files will be added to."""
    seen = []
    watch.saved.connect(seen.append)
    return seen


def test_other_contents_are_reported_once(qtbot, watch, path):
    seen = saves(watch)
    path.write_text("a = 2\n")
    qtbot.waitUntil(lambda: seen == [path], timeout=10_000)


def test_a_file_that_is_replaced_again_and_again_stays_watched(qtbot, watch, path, tmp_path):
    seen = saves(watch)
    for number in range(2, 5):
        other = tmp_path / "new"
        other.write_text(f"a = {number}\n")
        os.replace(other, path)
        qtbot.waitUntil(lambda count=number - 1: len(seen) == count, timeout=10_000)


def test_a_file_that_was_gone_for_a_while_is_seen_when_it_is_back(qtbot, watch, path):
    seen = saves(watch)
    path.unlink()
    qtbot.wait(400)
    assert seen == []
    path.write_text("a = 2\n")
    qtbot.waitUntil(lambda: seen == [path], timeout=10_000)


def test_the_same_contents_and_other_files_are_no_save(qtbot, watch, path, tmp_path):
    seen = saves(watch)
    path.write_text("a = 1\n")
    (tmp_path / "other.py").write_text("b = 1\n")
    qtbot.wait(400)
    assert seen == []
    watch.watch([])
    assert watch.paths == ()
    path.write_text("a = 3\n")
    qtbot.wait(400)
    assert seen == []
