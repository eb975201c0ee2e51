"""Every dialog goes when it is closed: opened again and again, the window holds no more than before."""

import ast
from pathlib import Path

import pytest
from PyQt6.QtCore import QThread, QTimer
from PyQt6.QtWidgets import QApplication, QDialog

from tests.app.conftest import settle

OPENINGS = 5
EACH = {"keys", "about", "guide", "commands", "preferences", "picture", "open_texts", "encode", "open_data", "save_as"}
"""Actions whose dialogs are of a kind of their own; further file dialogs come from the same two functions."""
AGAIN = 2
"""Openings of those."""
ROOT = Path(__file__).resolve().parents[3]
KEPT = {"ErrorDialog", "WarmStartDialog"}
"""Dialogs of which the window keeps one, and shows it again."""


def held(window):
    """Return how many widgets, dialogs, timers and threads there are."""
    settle()
    return {
        "widgets": len(QApplication.allWidgets()),
        "dialogs": len(window.findChildren(QDialog)),
        "timers": len(window.findChildren(QTimer)),
        "threads": len(window.findChildren(QThread)),
    }


def visible_dialogs():
    return [widget for widget in QApplication.topLevelWidgets() if isinstance(widget, QDialog) and widget.isVisible()]


def opens_a_dialog(action):
    return action.text().endswith("...") or action.objectName() in {"keys", "about", "guide"}


@pytest.mark.gl
def test_no_dialog_stays_when_it_is_closed(qtbot, window):
    with qtbot.waitSignal(window.sampler.sampled, timeout=20_000):
        pass  # the Device panel makes its rows with the first reading
    settle()
    actions = [window.actions_[name] for name in window.actions_ if opens_a_dialog(window.actions_[name])]
    assert len(actions) > 12
    shown, others = {}, {action.objectName() for action in actions} - EACH
    for action in actions:
        action.setEnabled(True)
        name = action.objectName()
        for opening in range(AGAIN if name in others else OPENINGS):
            action.trigger()
            settle()
            dialogs = visible_dialogs()
            shown[name] = len(dialogs)
            for dialog in dialogs:
                dialog.close()
            if opening == 0:
                before = held(window)
        assert held(window) == before, name
    assert {name for name, count in shown.items() if count != 1} == set()


def called(call):
    return getattr(call.func, "id", "")


def dialog_classes(tree):
    """Yield the classes that derive from QDialog itself."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and any(isinstance(b, ast.Name) and b.id == "QDialog" for b in node.bases):
            yield node


def test_every_dialog_is_made_transient():
    texts = {path: path.read_text(encoding="utf-8") for path in (ROOT / "app").rglob("*.py")}
    trees = {path: ast.parse(text) for path, text in texts.items() if "Dialog" in text or "Sheet" in text}
    kinds = {node.name for tree in trees.values() for node in dialog_classes(tree)} | {"QFileDialog"}
    by_themselves = {
        node.name
        for tree in trees.values()
        for node in dialog_classes(tree)
        if any(isinstance(call, ast.Call) and called(call) == "transient" for call in ast.walk(node))
    }
    assert {"ShortcutSheet", "QuestionDialog", "QFileDialog"} <= kinds
    stray = []
    for path, tree in trees.items():
        wrapped = {
            id(call.args[0]) for call in ast.walk(tree) if isinstance(call, ast.Call) and called(call) == "transient"
        }
        for call in ast.walk(tree):
            name = called(call) if isinstance(call, ast.Call) else ""
            if name in kinds - by_themselves - KEPT and id(call) not in wrapped:
                stray.append(f"{path.relative_to(ROOT)}:{call.lineno} {name}")
    assert stray == []
