"""Batch passes from a recording: exact, or not used, and begun again whenever what was recorded changes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from lattice.config import SimpleProjectConfig
from lattice.data import EmbeddingDataset
from lattice.errors import NonFiniteError
from lattice.training import loop, recording
from lattice.training.clock import PhaseClock
from lattice.training.recording import CUDARecorder, recorder_for
from lattice.training.replay import EAGER_CALLS
from lattice.training.reports import StepReport
from lattice.training.trainer import EmbeddingTrainer
from tests.lattice.training.tape import Kernel, TapeRecorder

Maker = Callable[..., EmbeddingTrainer]
RECORDABLE = "neighbors.engine=sparse"
"""The compiled engine computes outside of torch, where no recording hears it; on a card there is none."""


@pytest.fixture
def tape(monkeypatch: pytest.MonkeyPatch) -> TapeRecorder:
    """Trainers made from now on record here."""
    recorder = TapeRecorder()
    record_on(recorder, monkeypatch)
    return recorder


def record_on(recorder: TapeRecorder, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let trainers record there, unless their settings forbid it."""

    def choose(config: SimpleProjectConfig, *_: object, **__: object) -> TapeRecorder | None:
        return recorder if config.device.graphs == "auto" else None

    monkeypatch.setattr(loop, "recorder_for", choose)


def outcomes(run: EmbeddingTrainer, steps: int) -> list[tuple[object, ...]]:
    """Train and return everything in the reports that is not a timing."""

    def outcome(report: StepReport) -> tuple[object, ...]:
        return report.training_step, report.losses, report.train_cosine, report.gradient_norms, report.gate_shares

    return [outcome(run.step()) for _ in range(steps)]


def assert_same_weights(one: EmbeddingTrainer, other: EmbeddingTrainer) -> None:
    for (name, found), expected in zip(
        one.student.state_dict().items(), other.student.state_dict().values(), strict=True
    ):
        assert torch.equal(found, expected), name


@pytest.mark.parametrize(
    "overrides",
    [
        (),
        ("neighbors.engine=fft", "training_embedding.accumulation=3"),
        ("neighbors.engine=dense", "device.recompute=always"),
        ("device.precision=bfloat16", "training_embedding.loss_weights.smoothness=0.1"),
        ("training_embedding.objective=denoise", "model.flow_method=rk4", "training_embedding.batch_size=1"),
        ("lattice.dimensions=[4, 4, 4]",),
    ],
)
def test_replayed_training_is_the_same_bit_for_bit(
    overrides: tuple[str, ...], tape: TapeRecorder, small_trainer: Maker
) -> None:
    launched = small_trainer("device.graphs=never", RECORDABLE, *overrides)
    replayed = small_trainer(RECORDABLE, *overrides)
    assert outcomes(replayed, 9) == outcomes(launched, 9)
    assert_same_weights(replayed, launched)
    assert tape.recordings == 1
    assert tape.repetitions > 5


def test_the_first_passes_are_launched(tape: TapeRecorder, small_trainer: Maker) -> None:
    run = small_trainer(RECORDABLE)
    phases = [set(run.step().phase_seconds) for _ in range(EAGER_CALLS + 2)]
    assert phases[:EAGER_CALLS] == [{"data", "forward", "backward", "update"}] * EAGER_CALLS
    assert phases[EAGER_CALLS:] == [{"data", "replay", "update"}] * 2


def test_looking_does_not_disturb_a_recording(tape: TapeRecorder, small_trainer: Maker) -> None:
    watched, plain = small_trainer(RECORDABLE), small_trainer("device.graphs=never", RECORDABLE)
    for _ in range(8):
        watched.observe(3, learning_signal=True)
        watched.student.zero_grad(set_to_none=True)
        assert outcomes(watched, 1) == outcomes(plain, 1)
    assert watched._pass.replays
    assert_same_weights(watched, plain)


@pytest.mark.parametrize("evaluation_samples", [18, 24])
def test_replayed_scores_are_the_same(
    evaluation_samples: int,
    tape: TapeRecorder,
    small_trainer: Maker,
    small_dataset: Callable[..., EmbeddingDataset],
) -> None:
    data = small_dataset(120)
    settings = (RECORDABLE, "training_embedding.batch_size=5", f"training_embedding.{evaluation_samples=}")
    scored = small_trainer(*settings, dataset=data)
    plain = small_trainer("device.graphs=never", *settings, dataset=data)
    for _ in range(3):
        assert outcomes(scored, 2) == outcomes(plain, 2)
        one, other = scored.evaluate(), plain.evaluate()
        assert (one.student, one.t0, one.linear) == (other.student, other.t0, other.linear)
    assert scored._scoring.replays
    assert_same_weights(scored, plain)
    scored.apply(scored.config.override(["lattice.lattice_steps=1"]))
    plain.apply(plain.config.override(["lattice.lattice_steps=1"]))
    assert not scored._scoring.replays
    assert scored.evaluate().student == plain.evaluate().student


def test_a_recording_is_given_back_before_memory_is_planned(
    tape: TapeRecorder, small_trainer: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = small_trainer(RECORDABLE)
    run.advance(6)
    recorded = run._pass
    assert recorded.replays
    replaying = []
    monkeypatch.setattr(loop, "free_for_rollouts", lambda _: replaying.append(recorded.replays) or 2**40)
    run.apply(run.config.override(["model.update_scale=0.3"]))
    assert replaying == [False]


@pytest.mark.parametrize(
    "edit",
    [
        "model.update_scale=0.3",
        "training_embedding.loss_weights.relation=0.0",
        "training_embedding.batch_size=3",
        "lattice.lattice_steps=3",
        "lattice.dimensions=[4, 5, 6]",
        "device.precision=bfloat16",
    ],
)
def test_an_edit_is_recorded_anew(edit: str, tape: TapeRecorder, small_trainer: Maker) -> None:
    launched, replayed = small_trainer("device.graphs=never", RECORDABLE), small_trainer(RECORDABLE)
    for run in (launched, replayed):
        run.advance(6)
        run.apply(run.config.override([edit]))
    assert outcomes(replayed, 6) == outcomes(launched, 6)
    assert_same_weights(replayed, launched)
    assert tape.recordings == 2


def test_a_recording_that_is_no_faster_is_not_used(
    small_trainer: Maker, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    record_on(TapeRecorder(launching=0.002, replaying=0.00199), monkeypatch)
    run, launched = small_trainer(RECORDABLE), small_trainer("device.graphs=never", RECORDABLE)
    with caplog.at_level("INFO", logger="cellcube"):
        assert outcomes(run, 6) == outcomes(launched, 6)
    assert "No CUDA graph for batches, kernels are launched one by one: one takes 1.99 ms so, 2.00 ms" in caplog.text
    assert not run._pass.replays


def without_last_product(kernels: list[Kernel]) -> list[Kernel]:
    """Lose a kernel near the end of the backward pass, and what it gave when it was recorded."""
    lost = [number for number, kernel in enumerate(kernels) if "mm" in str(kernel[0])][-1]
    kernels[lost][3].fill_(7.0)
    return kernels[:lost] + kernels[lost + 1 :]


def test_a_wrong_recording_is_found_out(
    tape: TapeRecorder, small_trainer: Maker, caplog: pytest.LogCaptureFixture
) -> None:
    run, launched = small_trainer(RECORDABLE), small_trainer("device.graphs=never", RECORDABLE)
    run.advance(EAGER_CALLS)
    tape.forget = without_last_product
    with caplog.at_level("INFO", logger="cellcube"):
        run.step()
    assert "a repetition differs by" in caplog.text
    assert not run._pass.replays
    launched.advance(EAGER_CALLS + 1)
    assert_same_weights(run, launched)


def test_a_failing_recording_is_given_up(
    tape: TapeRecorder, small_trainer: Maker, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_work: Callable[[], object]) -> None:
        try:
            raise RuntimeError("operation not permitted when stream is capturing\nand many lines more")
        finally:
            raise RuntimeError("operation failed due to a previous error during capture")

    monkeypatch.setattr(tape, "record", fail)
    run, launched = small_trainer(RECORDABLE), small_trainer("device.graphs=never", RECORDABLE)
    with caplog.at_level("INFO", logger="cellcube"):
        assert outcomes(run, 6) == outcomes(launched, 6)
    assert caplog.text.count("batches, kernels are launched one by one: operation not permitted") == 1
    assert "many lines more" not in caplog.text


def test_what_is_not_finite_is_not_recorded(
    tape: TapeRecorder, small_trainer: Maker, caplog: pytest.LogCaptureFixture
) -> None:
    run = small_trainer(RECORDABLE)
    run.advance(EAGER_CALLS)
    weight = next(run.student.parameters())
    with torch.no_grad():
        weight.fill_(float("nan"))
    with (
        caplog.at_level("INFO", logger="cellcube"),
        pytest.raises(NonFiniteError, match="is not finite; the update was left out"),
    ):
        run.step()
    assert "they gave numbers that are not finite" in caplog.text
    assert tape.recordings == 0


def test_a_batch_of_another_size_is_launched(tape: TapeRecorder, small_trainer: Maker) -> None:
    run = small_trainer(RECORDABLE)
    run.advance(EAGER_CALLS + 1)
    assert run._pass.replays
    inputs = run.dataset.embeddings[:5].float()
    run._pass.clear()
    clock = PhaseClock()
    few = run._pass(inputs, inputs, clock)
    assert set(clock.phases) == {"forward", "backward"}
    assert few.losses["total"].isfinite()


def test_only_small_cubes_on_a_card_are_recorded(
    small_config: Callable[..., SimpleProjectConfig], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Made:
        failed = False

        def __init__(self, device: torch.device) -> None:
            self.device = device

    monkeypatch.setattr(recording, "CUDARecorder", Made)
    card = torch.device("cuda")
    assert isinstance(recorder_for(small_config(), card, recompute=False), Made)
    assert recorder_for(small_config(), torch.device("cpu"), recompute=False) is None
    assert recorder_for(small_config("device.graphs=never"), card, recompute=False) is None
    assert recorder_for(small_config("lattice.dimensions=[100, 100, 100]"), card, recompute=False) is None


@pytest.mark.gpu
@pytest.mark.parametrize("engine", ["sparse", "fft", "dense"])
@pytest.mark.parametrize("setting", ["device.recompute=never", "device.recompute=always", "device.precision=bfloat16"])
def test_a_cuda_graph_trains_as_launched_kernels_do(
    engine: str,
    setting: str,
    small_config: Callable[..., SimpleProjectConfig],
    small_dataset: Callable[..., EmbeddingDataset],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(recording, "SMALLEST_GAIN", 0.0)
    device = torch.device("cuda")
    config = small_config("device.policy=cuda", f"neighbors.engine={engine}", setting)
    launched = EmbeddingTrainer(config.replaced({"device.graphs": "never"}), small_dataset(), device)
    replayed = EmbeddingTrainer(config, small_dataset(), device)
    reports = [(launched.step(), replayed.step()) for _ in range(12)]
    assert replayed._pass.replays
    assert not launched._pass.replays
    for first, second in reports:
        assert second.losses["total"] == pytest.approx(first.losses["total"], rel=1e-3)
    for _ in range(4):
        found, expected = replayed.evaluate(), launched.evaluate()
        assert found.student.cosine == pytest.approx(expected.student.cosine, abs=1e-3)
    assert replayed._scoring.replays
    replayed.observe(2, learning_signal=True)
    assert replayed.step().losses["total"] == pytest.approx(launched.step().losses["total"], rel=1e-3)


def test_after_a_failed_recording_no_other_is_tried(
    small_config: Callable[..., SimpleProjectConfig], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(CUDARecorder, "failed", True)
    assert recorder_for(small_config(), torch.device("cuda"), recompute=False) is None


@pytest.mark.gpu
def test_a_training_step_never_waits_for_the_card(
    small_config: Callable[..., SimpleProjectConfig], small_dataset: Callable[..., EmbeddingDataset]
) -> None:
    for setting in ("device.graphs=never", "device.graphs=auto"):
        run = EmbeddingTrainer(small_config("device.policy=cuda", setting), small_dataset(), torch.device("cuda"))
        run.advance(EAGER_CALLS + 2)
        torch.cuda.set_sync_debug_mode("error")
        try:
            run._finish(run._gradients(PhaseClock()), 1e-3, PhaseClock())
        finally:
            torch.cuda.set_sync_debug_mode("default")


@pytest.mark.gpu
def test_a_failed_recording_leaves_the_card_usable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CUDARecorder, "failed", False)
    recorder = CUDARecorder(torch.device("cuda"))
    values = torch.ones(4, device="cuda")
    torch.manual_seed(3)
    expected = [torch.randn(4, device="cuda") for _ in range(2)]
    torch.manual_seed(3)
    drawn = [torch.randn(4, device="cuda")]
    before = torch.cuda.current_stream()
    with pytest.raises(RuntimeError):
        recorder.record(lambda: values.sum().item())
    assert CUDARecorder.failed
    assert torch.cuda.current_stream() == before
    assert (values + 1.0).sum().item() == 8.0
    drawn.append(torch.randn(4, device="cuda"))
    assert torch.equal(torch.stack(drawn), torch.stack(expected))
    monkeypatch.setattr(CUDARecorder, "failed", False)
    torch.cuda.empty_cache()
    repeat, doubled = CUDARecorder(torch.device("cuda")).record(lambda: values * 2.0)
    values.fill_(3.0)
    repeat()
    assert doubled.tolist() == [6.0] * 4
