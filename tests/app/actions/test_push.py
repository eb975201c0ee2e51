"""File > Export > Push to the hub: the dialog says who sees what, and the worker exports first."""

from app.actions.push import PRIVATE, PUBLIC, PushDialog
from app.run.handlers import files
from lattice.exporting.hub import Pushed


def test_it_is_private_unless_said_otherwise(qtbot):
    dialog = PushDialog("cube")
    qtbot.addWidget(dialog)
    wanted = []
    dialog.wanted.connect(lambda repo, public: wanted.append((repo, public)))
    assert dialog.note.text() == PRIVATE
    dialog.repo.setText("  ")
    assert not dialog.push.isEnabled()
    dialog.repo.setText(" me/cube ")
    dialog.push.click()
    dialog.public.setChecked(True)
    assert dialog.note.text() == PUBLIC
    dialog.push.click()
    assert wanted == [("me/cube", False), ("me/cube", True)]


def test_the_worker_exports_and_pushes(qtbot, window, runs, monkeypatch):
    pushed = []

    def push(path, repo, *, public, progress):
        pushed.append((path.name, path.read_text(), repo, public))
        return Pushed("http://hub/me/cube", True, (path.name,))

    monkeypatch.setattr(files, "push_to_hub", push)
    window.push._push("small", "me/cube", False)
    qtbot.waitUntil(lambda: bool(pushed), timeout=10_000)
    assert pushed == [("small.safetensors", "export", "me/cube", False)]
