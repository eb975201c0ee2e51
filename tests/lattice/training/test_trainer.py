"""The trainer: reports, determinism, accumulation, finite checks and edits in mid-run."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch

from lattice.config import SimpleProjectConfig
from lattice.data import EmbeddingDataset
from lattice.errors import ConfigError, DataError, NonFiniteError, TierMemoryError
from lattice.training.reports import StepReport
from lattice.training.trainer import EmbeddingTrainer

Maker = Callable[..., EmbeddingTrainer]


def outcome(report: StepReport) -> tuple[object, ...]:
    """Everything in a report that is not a timing."""
    return (report.training_step, report.losses, report.train_cosine, report.gradient_norms, report.gate_shares)


def weights(trainer: EmbeddingTrainer) -> dict[str, torch.Tensor]:
    return {name: value.clone() for name, value in trainer.student.state_dict().items()}


def same(first: dict[str, torch.Tensor], second: dict[str, torch.Tensor]) -> bool:
    return first.keys() == second.keys() and all(torch.equal(first[name], second[name]) for name in first)


def test_the_cube_learns_its_samples(small_trainer: Maker) -> None:
    trainer = small_trainer("training_embedding.training_steps=150", "optimizer.learning_rate=0.02")
    before = trainer.evaluate()
    first = trainer.step()
    last = trainer.advance(149)
    after = trainer.evaluate()
    assert last.losses["total"] < 0.3 * first.losses["total"]
    assert after.student.cosine > before.student.cosine + 0.3
    assert after.identity.cosine == pytest.approx(1.0)
    assert after.training_step == 150
    assert trainer.learning_rate == pytest.approx(0.02 / 1e4)


def test_a_report_accounts_for_its_step(small_trainer: Maker) -> None:
    trainer = small_trainer("training_embedding.loss_weights.smoothness=0.1")
    report = trainer.step()
    settings = trainer.config.training_embedding.loss_weights
    total = sum(getattr(settings, name) * value for name, value in report.losses.items() if name != "total")
    assert report.losses["total"] == pytest.approx(total, rel=1e-5)
    assert set(report.losses) == {"reconstruction", "similarity", "relation", "smoothness", "gate_balance", "total"}
    assert sum(report.gate_shares.values()) == pytest.approx(1.0, rel=1e-5)
    parts = torch.tensor(list(report.gradient_norms.values()))
    assert report.gradient_norm == pytest.approx(max(parts.norm().item(), report.gradient_norm), rel=1e-4)
    assert all(value > 0.0 for value in report.gradient_norms.values())
    assert set(report.phase_seconds) == {"data", "forward", "backward", "update"}
    assert sum(report.phase_seconds.values()) <= report.seconds
    assert report.cell_updates_per_second == pytest.approx(report.samples_per_second * 60 * 2)
    assert report.peak_memory_bytes > 1e6


def test_the_same_seed_gives_the_same_run_bit_for_bit(small_trainer: Maker) -> None:
    noisy = ("training_embedding.objective=denoise",)
    first, second, other = (
        small_trainer(*noisy, f"training_embedding.seed={seed}", dataset=None) for seed in (3, 3, 4)
    )
    for _ in range(6):
        report = first.step()
        assert outcome(report) == outcome(second.step())
        assert outcome(report) != outcome(other.step())
    assert same(weights(first), weights(second))
    assert first.evaluate().student == second.evaluate().student


def test_accumulated_batches_count_like_one_large_batch(small_trainer: Maker) -> None:
    alone = ("training_embedding.loss_weights.relation=0", "training_embedding.loss_weights.gate_balance=0")
    # The scale of the reconstruction loss belongs to a batch; unit embeddings make it the same for all.
    large = small_trainer(*alone, "training_embedding.batch_size=8")
    halves = small_trainer(*alone, "training_embedding.batch_size=4", "training_embedding.accumulation=2")
    one, two = large.step(), halves.step()
    assert two.losses["total"] == pytest.approx(one.losses["total"], rel=1e-5)
    for name, value in large.student.state_dict().items():
        torch.testing.assert_close(halves.student.state_dict()[name], value, rtol=1e-3, atol=1e-5)


def test_a_face_too_small_for_what_is_painted_is_logged(small_trainer: Maker, caplog: pytest.LogCaptureFixture) -> None:
    small_trainer("embedding_mapping.placement=through", "embedding_mapping.scalars_per_cell=7")
    assert "The flow loses some of what is painted: 7 scalars are painted on each of the 15 cells" in caplog.text
    caplog.clear()
    small_trainer()
    assert "The flow loses" not in caplog.text


def test_an_update_is_clipped_adamw(small_trainer: Maker) -> None:
    trainer, twin = small_trainer("optimizer.clip_norm=0.01"), small_trainer("optimizer.clip_norm=0.01")
    reference = torch.optim.AdamW(twin.student.parameters(), weight_decay=1e-3, fused=False, foreach=False)
    for _ in range(3):
        rate = trainer.learning_rate
        trainer.step()
        twin._gradients(_clock())
        total = torch.stack([p.grad.norm() for p in twin.student.parameters() if p.grad is not None]).norm()
        assert total.item() == pytest.approx(0.01, rel=1e-4)
        reference.param_groups[0]["lr"] = rate
        reference.step()
        twin.training_step += 1
    for name, value in trainer.student.state_dict().items():
        torch.testing.assert_close(twin.student.state_dict()[name], value, rtol=1e-5, atol=1e-7)


def _clock() -> object:
    from lattice.training.clock import PhaseClock

    return PhaseClock()


@pytest.mark.parametrize("steps", [1, 3])
def test_a_loss_that_is_not_finite_stops_before_the_update(small_trainer: Maker, steps: int) -> None:
    trainer = small_trainer()
    trainer.step()
    with torch.no_grad():
        trainer.student.mapper.lift.weight.fill_(float("inf"))
    before = weights(trainer)
    moments = {p: s["exp_avg"].clone() for p, s in trainer.optimizer.state.items()}
    with pytest.raises(
        NonFiniteError, match=r"training step 2: the weight mapper\.lift\.weight is not finite; the update"
    ):
        trainer.advance(steps)
    assert same(before, weights(trainer))
    assert all(torch.equal(trainer.optimizer.state[p]["exp_avg"], value) for p, value in moments.items())
    assert trainer.training_step == 1


def test_the_first_thing_that_broke_is_named(
    small_trainer: Maker, small_dataset: Callable[..., EmbeddingDataset]
) -> None:
    broken = small_dataset()
    broken.embeddings[:] = float("nan")
    trainer = small_trainer(dataset=broken)
    with pytest.raises(NonFiniteError, match="training step 1: the input embeddings is not finite"):
        trainer.step()
    trainer = small_trainer()
    with torch.no_grad():
        trainer.student.prototype.distant.out.weight.fill_(3e38)
    with pytest.raises(NonFiniteError, match=r"channel 0 of the cell \(0, 0, 0\) after lattice step 1 is not finite"):
        trainer.step()


def test_the_fused_optimizer_itself_skips_a_bad_update(small_trainer: Maker) -> None:
    from lattice.training.updates import apply_gradients

    trainer = small_trainer()
    result = trainer._gradients(_clock())  # type: ignore[arg-type]
    from dataclasses import replace

    before = weights(trainer)
    apply_gradients(trainer.optimizer, replace(result, bad=torch.ones(())), 0.1, 0.0, _clock())  # type: ignore[arg-type]
    assert same(before, weights(trainer))
    apply_gradients(trainer.optimizer, result, 0.1, 0.0, _clock())  # type: ignore[arg-type]
    assert not same(before, weights(trainer))


def test_nothing_to_apply_costs_nothing(small_trainer: Maker) -> None:
    trainer = small_trainer()
    assert trainer.apply(trainer.config) is None


def test_live_edits_keep_everything(small_trainer: Maker) -> None:
    trainer = small_trainer()
    trainer.advance(3)
    before = weights(trainer)
    edited = trainer.config.override(
        ["optimizer.learning_rate=0.01", "lattice.lattice_steps=4", "training_embedding.objective=denoise"]
    )
    assert trainer.apply(edited) == "live"
    assert same(before, weights(trainer))
    assert trainer.step().training_step == 4
    assert len(trainer.observe(0).states_TXYZC) == 5


def test_stencil_edits_keep_the_weights_and_move_the_tiers(small_trainer: Maker) -> None:
    trainer = small_trainer()
    trainer.advance(2)
    before, counts = weights(trainer), trainer.tier_means.counts("distant").clone()
    assert trainer.apply(trainer.config.override(["lattice.adaptive_radius_ratio=0.7"])) == "stencil"
    assert same(before, weights(trainer))
    assert not torch.equal(counts, trainer.tier_means.counts("distant"))
    assert trainer.step().training_step == 3


def test_another_size_keeps_what_all_cells_share(small_trainer: Maker) -> None:
    trainer = small_trainer()
    trainer.advance(3)
    before = weights(trainer)
    assert trainer.apply(trainer.config.override(["lattice.dimensions=[5, 5, 5]"])) == "rebuild"
    after = weights(trainer)
    for name, value in before.items():
        if name.startswith(("prototype.", "mapper.lift", "extractor.read")) and value.shape == after[name].shape:
            assert torch.equal(value, after[name]), name
    assert after["mapper.project.weight"].shape[0] == 98
    assert trainer.step().training_step == 4
    assert trainer.total_steps == 3 + 20
    assert trainer.evaluate().training_step == 4


def test_another_state_size_starts_a_new_student(small_trainer: Maker) -> None:
    trainer = small_trainer()
    trainer.advance(3)
    assert trainer.apply(trainer.config.override(["model.state_size=7", "lattice.dimensions=[5, 5, 5]"])) == "rebuild"
    assert trainer.observe(0).states_TXYZC.shape == (3, 5, 5, 5, 7)
    assert trainer.step().training_step == 4


@pytest.mark.parametrize(
    ("overrides", "error", "message"),
    [
        (["device.policy=auto"], ConfigError, "the device can't change during a run"),
        (["training_embedding.objective=pairs"], DataError, "needs data with two texts a sample"),
        (
            ["neighbors.memory_limit_gb=1e-6", "neighbors.engine=sparse", "lattice.dimensions=[9, 9, 9]"],
            TierMemoryError,
            "bytes|GB|MB|kB",
        ),
        (["training_embedding.data=/nowhere/rows.npy"], DataError, "rows.npy"),
    ],
)
def test_an_edit_that_fails_leaves_the_run_as_it_was(
    small_trainer: Maker, overrides: list[str], error: type[Exception], message: str
) -> None:
    trainer, untouched = small_trainer(), small_trainer()
    trainer.advance(2), untouched.advance(2)
    with pytest.raises(error, match=message):
        trainer.apply(trainer.config.override(overrides))
    assert trainer.config == untouched.config
    assert outcome(trainer.step()) == outcome(untouched.step())


def test_other_data_come_with_their_own_width(
    small_trainer: Maker, small_dataset: Callable[..., EmbeddingDataset]
) -> None:
    trainer = small_trainer()
    edited = trainer.config.replaced({"training_embedding.data": "other.npy"})
    assert trainer.apply(edited, small_dataset(30, 16, seed=2)) == "rebuild"
    assert trainer.observe(1).student_D.shape == (16,)
    assert trainer.step().training_step == 1


def test_memory_is_listed_by_what_holds_it(small_trainer: Maker) -> None:
    trainer = small_trainer()
    before = trainer.memory_bytes()
    trainer.step()
    after = trainer.memory_bytes()
    assert before["dataset"] == 40 * 12 * trainer.dataset.embeddings.element_size()
    assert before["optimizer"] == 0
    parameters = sum(p.nbytes for p in trainer.student.parameters())
    assert after["optimizer"] == pytest.approx(2 * parameters, rel=0.1)
    assert after["model"] > parameters


def test_pairs_train_towards_the_partner(small_trainer: Maker, small_dataset: Callable[..., EmbeddingDataset]) -> None:
    dataset = small_dataset(pairs=True)
    trainer = small_trainer("training_embedding.objective=pairs", dataset=dataset)
    trainer.step()
    seen = trainer.observe(2)
    assert dataset.partners is not None
    torch.testing.assert_close(torch.from_numpy(seen.target_D), dataset.partners[2])
    assert trainer.evaluate().identity.cosine < 0.9


@pytest.mark.gpu
def test_training_on_cuda_follows_the_cpu(
    small_config: Callable[..., SimpleProjectConfig], small_dataset: Callable[..., EmbeddingDataset]
) -> None:
    on_cpu = EmbeddingTrainer(small_config(), small_dataset(), torch.device("cpu"))
    on_cuda = EmbeddingTrainer(small_config(), small_dataset(), torch.device("cuda"))
    assert on_cuda.student.features.is_cuda
    first, second = on_cpu.evaluate(), on_cuda.evaluate()
    assert second.student.cosine == pytest.approx(first.student.cosine, abs=1e-4)
    assert on_cuda.advance(5).training_step == 5


def test_recomputing_is_live_and_auto_says_why(
    small_trainer: Maker, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    trainer, other = small_trainer(), small_trainer()
    assert not trainer.recompute
    assert trainer.apply(trainer.config.override(["device.recompute=always"])) == "live"
    assert trainer.recompute
    assert [outcome(trainer.step()) for _ in range(3)] == [outcome(other.step()) for _ in range(3)]
    assert same(weights(trainer), weights(other))
    seen, plain = (one.observe(3, learning_signal=True) for one in (trainer, other))
    assert seen.signal_TXYZ is not None
    assert np.array_equal(seen.signal_TXYZ, plain.signal_TXYZ)
    monkeypatch.setattr("lattice.training.loop.free_for_rollouts", lambda _device: 1000)
    with caplog.at_level("INFO", logger="cellcube"):
        assert small_trainer().recompute
    assert "Lattice steps are recomputed for the gradients: a training step would keep" in caplog.text
    assert not small_trainer("device.recompute=never").recompute


def test_precision_is_live(small_trainer: Maker) -> None:
    trainer, other = small_trainer(), small_trainer()
    assert trainer.apply(trainer.config.override(["device.precision=bfloat16"])) == "live"
    assert trainer.student.precision == "bfloat16"
    seen = trainer.observe(1, learning_signal=True)
    assert np.allclose(seen.gates_TXYZ3.sum(-1), 1.0, atol=0.02)
    rough, exact = trainer.step().losses["total"], other.step().losses["total"]
    assert rough != exact
    assert rough == pytest.approx(exact, rel=0.02)


def test_each_applied_edit_is_one_line_of_the_log(small_trainer: Maker, caplog: pytest.LogCaptureFixture) -> None:
    trainer = small_trainer()
    trainer.step()
    old = "x".join(str(side) for side in trainer.config.lattice.dimensions)
    with caplog.at_level("INFO", logger="cellcube"):
        caplog.clear()
        trainer.apply(trainer.config)
        assert caplog.messages == []
        trainer.apply(trainer.config.replaced({"lattice.dimensions": (5, 5, 5), "optimizer.learning_rate": 1e-3}))
    carried, line = sorted(caplog.messages, key=lambda message: message.startswith("Applied"))
    assert "mapper.project.weight" in carried
    assert line.startswith("Applied after training step 1 (rebuild): ")
    assert f"lattice.dimensions {old} -> 5x5x5" in line
    assert "-> 0.001" in line
    assert f"tiers with neighbours: {', '.join(trainer.tier_means.live_tiers)}" in line
    assert line.endswith(f"engine '{trainer.tier_means.engine}': {trainer.tier_means.reason}")
