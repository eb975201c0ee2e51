"""Run > Prove that this run resumes: the answer is shown above the cube, with what can be done about it."""

from app.actions.resume_proof import STEPS, ResumeProofActions
from app.run.controller import RunController
from app.widgets.banner import Banner
from lattice.training.resume_proof import ResumeProof
from tests.app.fakes import FakeTrainer


def make(qtbot):
    controller, banner, saved = RunController(), Banner(), []
    qtbot.addWidget(banner)
    return ResumeProofActions(controller, banner, lambda: saved.append(True)), banner, saved


def test_the_proof_is_requested_and_shown(qtbot, window, runs):
    window.actions_["prove_resume"].trigger()
    banner = window.central.banner
    qtbot.waitUntil(banner.isVisible, timeout=10_000)
    assert f"This run resumes bit for bit: {STEPS} training steps after step 0" in banner.label.text()
    assert [button.text() for button in banner.buttons] == ["Save"]


def test_the_answer_can_be_saved(qtbot):
    proofs, banner, saved = make(qtbot)
    proofs._show(ResumeProof(3, STEPS, True, "", 34, 1.0, "cpu"))
    banner.buttons[0].click()
    assert saved == [True]


def test_other_bits_are_named_and_nothing_is_offered(qtbot):
    proofs, banner, _saved = make(qtbot)
    proofs._show(ResumeProof(3, STEPS, False, "the tensor student.x differs by up to 1e-07", 34, 1.0, "cpu"))
    assert "does not resume bit for bit" in banner.label.text()
    assert "the tensor student.x differs by up to 1e-07" in banner.label.text()
    assert banner.buttons == []


def test_a_proof_is_cancelled_and_nothing_is_trained(qtbot, window, runs):
    runs.trainer.evaluate_seconds = 4.0
    window.actions_["prove_resume"].trigger()
    qtbot.waitUntil(lambda: "prove_resume" in runs.trainer.calls, timeout=10_000)
    with qtbot.waitSignal(window.controller.work_done, timeout=10_000) as done:
        window.controller.cancel()
    assert done.args == [True]
    assert not window.central.banner.isVisible()
    assert isinstance(runs.trainer, FakeTrainer)
    assert runs.trainer.training_step == 0
