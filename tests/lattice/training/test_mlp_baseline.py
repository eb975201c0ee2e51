"""The MLP beside a student: equal training, none of the student's bits, and its way through checkpoints."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from pathlib import Path

import pytest
import safetensors
import safetensors.torch
import torch
from torch.nn import functional as F

from lattice.objectives import make_batch, noise_generator
from lattice.progress import Cancelled
from lattice.training.batches import BatchOrder
from lattice.training.mlp import MLP
from lattice.training.schedule import learning_rate
from lattice.training.trainer import EmbeddingTrainer

Maker = Callable[..., EmbeddingTrainer]
DENOISE = "training_embedding.objective=denoise"


def weights(trainer: EmbeddingTrainer) -> list[torch.Tensor]:
    return [parameter.detach().clone() for parameter in trainer.mlp.network.parameters()]


def equal(first: list[torch.Tensor], second: list[torch.Tensor]) -> bool:
    return all(torch.equal(one, other) for one, other in zip(first, second, strict=True))


def test_it_is_trained_like_the_student(small_trainer: Maker) -> None:
    """An ordinary loop over the student's batches, with torch's own AdamW, gives the same weights."""
    trainer = small_trainer(DENOISE, "training_embedding.accumulation=2")
    trainer.advance(3)
    trainer.evaluate()
    config, data = trainer.config, trainer.dataset
    settings = config.training_embedding
    network = MLP(data.width, trainer.mlp.network.inner.out_features, settings.seed)
    optimizer = torch.optim.AdamW(network.parameters())
    order = BatchOrder(data.train_indices, settings.seed)
    for step in range(3):
        optimizer.zero_grad()
        for batch in range(2):
            generator = noise_generator(settings.seed, 2 * step + batch, data.device)
            inputs, targets = make_batch(data, order.next(settings.batch_size), config, generator)
            answers = network(inputs)
            cosine = F.cosine_similarity(answers, targets).mean()
            alike = F.cosine_similarity(answers[:, None], answers, dim=-1) - F.cosine_similarity(
                targets[:, None], targets, dim=-1
            )
            relation = alike.fill_diagonal_(0.0).square().sum() / (len(inputs) * (len(inputs) - 1))
            error = (answers - targets).square().mean() / targets.square().mean()
            (0.5 * (error + 1 - cosine + 0.2 * relation)).backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), config.optimizer.clip_norm)
        group = optimizer.param_groups[0]
        group["lr"] = learning_rate(step, settings.training_steps, config.optimizer)
        group["weight_decay"] = config.optimizer.weight_decay
        optimizer.step()
    for one, other in zip(weights(trainer), network.parameters(), strict=True):
        torch.testing.assert_close(one, other.detach(), rtol=1e-4, atol=1e-6)


def test_nothing_of_the_student_depends_on_it(small_trainer: Maker) -> None:
    outcomes = []
    for switch in ("true", "false"):
        trainer = small_trainer(DENOISE, f"training_embedding.mlp_baseline={switch}")
        reports = []
        for _ in range(3):
            report = trainer.evaluate()
            trainer.step()
            reports.append((report.student, report.t0, report.linear))
        assert (report.mlp is not None) == (switch == "true")
        assert ("mlp" in report.baselines) == (switch == "true")
        outcomes.append((reports, [value.clone() for value in trainer.student.state_dict().values()]))
    assert outcomes[0][0] == outcomes[1][0]
    assert equal(outcomes[0][1], outcomes[1][1])


def test_the_report_says_how_large_both_are(small_trainer: Maker) -> None:
    trainer = small_trainer()
    report = trainer.evaluate()
    assert report.student_parameters == sum(weight.numel() for weight in trainer.student.parameters())
    assert report.mlp_parameters == sum(weight.numel() for weight in trainer.mlp.network.parameters())
    assert report.mlp_parameters == pytest.approx(report.student_parameters, rel=0.01)


def test_it_does_not_matter_when_it_is_brought_up_to_date(small_trainer: Maker) -> None:
    often, once = small_trainer(DENOISE), small_trainer(DENOISE)
    for _ in range(4):
        often.step()
        often.evaluate()
    once.advance(4)
    once.evaluate()
    assert often.mlp.steps == once.mlp.steps == 4
    assert equal(weights(often), weights(once))


def test_a_cancel_loses_no_step(small_trainer: Maker) -> None:
    trainer = small_trainer(DENOISE)
    trainer.advance(4)

    def cancel(what: str, done: int, _total: int | None) -> None:
        if what == "Training the MLP baseline" and done == 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        trainer.evaluate(cancel)
    assert trainer.mlp.steps == 2
    told: list[tuple[int, int | None]] = []
    trainer.evaluate(lambda what, done, total: told.append((done, total)) if "MLP" in what else None)
    assert told == [(1, 2), (2, 2)]
    whole = small_trainer(DENOISE)
    whole.advance(4)
    whole.evaluate()
    assert equal(weights(trainer), weights(whole))


def test_settings_hold_for_the_training_steps_that_the_student_did_under_them(small_trainer: Maker) -> None:
    late, early = small_trainer(DENOISE), small_trainer(DENOISE)
    for trainer in (late, early):
        trainer.evaluate()
        trainer.advance(2)
    early.evaluate()
    for trainer in (late, early):
        trainer.apply(trainer.config.replaced({"optimizer.learning_rate": 0.05}))
        trainer.step()
        trainer.evaluate()
    assert equal(weights(late), weights(early))


def test_a_new_student_gets_a_new_one(small_trainer: Maker) -> None:
    trainer = small_trainer()
    trainer.advance(3)
    trainer.evaluate()
    trainer.apply(trainer.config.replaced({"lattice.dimensions": (5, 5, 5)}))
    report = trainer.evaluate()
    assert trainer.mlp.steps == 0
    assert report.mlp_parameters == pytest.approx(report.student_parameters, rel=0.01)
    trainer.step()
    trainer.evaluate()
    assert trainer.mlp.steps == 1


def test_it_starts_again_beside_a_student_of_another_size_whose_weights_live_on(
    small_trainer: Maker, caplog: pytest.LogCaptureFixture
) -> None:
    trainer = small_trainer()
    trainer.advance(2)
    trainer.evaluate()
    with caplog.at_level(logging.INFO, "cellcube"):
        trainer.mlp.fit_to(trainer.student)
        assert trainer.mlp.steps == 2
        trainer.mlp.fit_to(torch.nn.Linear(30, 30))
    assert trainer.mlp.steps == 0
    assert "starts again, because the student now has 930 parameters" in caplog.text


def test_a_resumed_one_goes_on_bit_for_bit(small_trainer: Maker, tmp_path: Path) -> None:
    whole, first = small_trainer(DENOISE), small_trainer(DENOISE)
    whole.advance(5)
    first.step()
    first.evaluate()
    first.advance(2)  # two training steps that its MLP has not done yet
    first.save(tmp_path / "run.safetensors")
    rest = EmbeddingTrainer.resume(tmp_path / "run.safetensors", dataset=first.dataset)
    assert rest.mlp.steps == 1
    rest.advance(2)
    assert rest.evaluate().mlp == whole.evaluate().mlp
    assert equal(weights(rest), weights(whole))


def changed(path: Path, change: Callable[[dict[str, torch.Tensor]], dict[str, torch.Tensor]]) -> None:
    """Write a checkpoint again with other tensors."""
    with safetensors.safe_open(path, framework="pt") as file:
        header = json.loads(file.metadata()["cellcube"])
    header.pop("checksums")
    notes = {"cellcube": json.dumps(header)}
    safetensors.torch.save_file(change(safetensors.torch.load_file(path)), path, metadata=notes)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda stored: {k: v for k, v in stored.items() if not k.startswith("mlp.")}, "was saved without one"),
        (lambda stored: {**stored, "mlp.counters": torch.tensor([1, 2])}, "damaged counters"),
        (lambda stored: {**stored, "mlp.network.outer.bias": torch.zeros(3)}, "has shape (3,)"),
        (lambda stored: {**stored, "mlp.network.outer.bias": torch.full((12,), torch.nan)}, "not finite"),
    ],
)
def test_a_checkpoint_without_a_good_one_starts_it_again_and_says_so(
    small_trainer: Maker,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    change: Callable[[dict[str, torch.Tensor]], dict[str, torch.Tensor]],
    message: str,
) -> None:
    trainer, path = small_trainer(), tmp_path / "run.safetensors"
    trainer.advance(2)
    expected = trainer.evaluate()
    trainer.save(path)
    changed(path, change)
    with caplog.at_level(logging.WARNING, "cellcube"):
        resumed = EmbeddingTrainer.resume(path, dataset=trainer.dataset)
    assert "The MLP baseline starts again" in caplog.text
    assert message in caplog.text
    assert resumed.mlp.steps == 0
    assert resumed.evaluate().mlp == expected.mlp


def test_updates_that_are_not_finite_are_left_out_and_told(
    small_trainer: Maker, caplog: pytest.LogCaptureFixture
) -> None:
    trainer = small_trainer()
    trainer.step()
    with torch.no_grad():
        trainer.mlp.network.outer.weight.fill_(torch.inf)
    before = weights(trainer)
    with caplog.at_level(logging.WARNING, "cellcube"):
        trainer.evaluate()
    assert "left out 1 of 1 updates" in caplog.text
    assert equal(weights(trainer), before)
