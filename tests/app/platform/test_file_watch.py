"""Saved files are noticed, also when an editor puts a new file in the old one's place."""

import os

import pytest

from app.platform.file_watch import FileWatch


@pytest.fixture
def watch(qapp):
    found = FileWatch()
    yield found
    found.close()


def test_other_contents_are_told_once(qtbot, watch, tmp_path):
    path = tmp_path / "rule.py"
    path.write_text("a = 1\n")
    seen = []
    watch.saved.connect(seen.append)
    watch.watch([path])
    path.write_text("a = 2\n")
    qtbot.waitUntil(lambda: seen == [path], timeout=10_000)


def test_a_file_that_is_replaced_again_and_again_stays_watched(qtbot, watch, tmp_path):
    path = tmp_path / "rule.py"
    path.write_text("a = 0\n")
    seen = []
    watch.saved.connect(seen.append)
    watch.watch([path])
    for number in range(1, 4):
        other = tmp_path / "new"
        other.write_text(f"a = {number}\n")
        os.replace(other, path)
        qtbot.waitUntil(lambda count=number: len(seen) == count, timeout=10_000)


def test_a_file_that_was_gone_for_a_while_is_seen_when_it_is_back(qtbot, watch, tmp_path):
    path = tmp_path / "rule.py"
    path.write_text("a = 1\n")
    seen = []
    watch.saved.connect(seen.append)
    watch.watch([path])
    path.unlink()
    qtbot.wait(400)
    assert seen == []
    path.write_text("a = 2\n")
    qtbot.waitUntil(lambda: seen == [path], timeout=10_000)


def test_the_same_contents_and_other_files_are_no_save(qtbot, watch, tmp_path):
    path = tmp_path / "rule.py"
    path.write_text("a = 1\n")
    seen = []
    watch.saved.connect(seen.append)
    watch.watch([path])
    path.write_text("a = 1\n")
    (tmp_path / "other.py").write_text("b = 1\n")
    qtbot.wait(400)
    assert seen == []
    watch.watch([])
    assert watch.paths == ()
    path.write_text("a = 3\n")
    qtbot.wait(400)
    assert seen == []
