"""The title names the file that Save writes to, and marks what is in no file yet."""

import pytest

from app.options import StartOptions
from lattice.config import Wishes

pytestmark = pytest.mark.gl


def title(window):
    return window.windowTitle(), window.isWindowModified()


def test_the_title_follows_the_file_and_marks_unsaved_steps(qtbot, window, tmp_path):
    assert title(window) == ("small[*] - Cellcube", False)
    window.actions_["step"].trigger()
    qtbot.waitUntil(lambda: title(window) == ("small[*] - Cellcube", True), timeout=10_000)
    for name in ("b.safetensors", "c.safetensors"):
        window.controller.save(tmp_path / name)
        qtbot.waitUntil(lambda name=name: title(window) == (f"{name}[*] - Cellcube", False), timeout=10_000)
        assert window.saver.path == tmp_path / name
    window.actions_["step"].trigger()
    qtbot.waitUntil(window.isWindowModified, timeout=10_000)


def test_an_autosave_is_not_the_run_s_file(qtbot, window, tmp_path):
    window.actions_["step"].trigger()
    qtbot.waitUntil(window.isWindowModified, timeout=10_000)
    with qtbot.waitSignal(window.controller.saved, timeout=10_000):
        window.controller.save(tmp_path / "run-1.safetensors", "autosave")
    assert title(window) == ("small[*] - Cellcube", True)


def test_an_edit_leaves_the_name_that_a_save_gave(qtbot, window, tmp_path):
    with qtbot.waitSignal(window.controller.saved, timeout=10_000):
        window.controller.save(tmp_path / "b.safetensors")
    summary = window.controller.summary
    with qtbot.waitSignal(window.controller.applied, timeout=10_000):
        window.controller.apply(summary.config.replaced({"optimizer.learning_rate": 0.001}))
    assert title(window)[0] == "b.safetensors[*] - Cellcube"


@pytest.mark.parametrize(
    ("wishes", "name"),
    [
        (Wishes(), "debug"),
        (Wishes({"training_embedding.data": "some/vec.npy"}), "vec.npy"),
        (Wishes({}, ("training_embedding.data=vec.npy",)), "vec.npy"),
        (Wishes({"training_embedding.seed": 3}), "debug"),
    ],
)
def test_a_new_run_is_called_after_the_data_that_was_chosen(wishes, name):
    options = StartOptions(preset="debug", wishes=wishes)
    assert options.run_name(options.configuration()) == name
