"""The start from memories: what is painted, what is read, and that both follow from settings and data alone."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from lattice.config import SimpleProjectConfig
from lattice.data import EmbeddingDataset
from lattice.errors import ConfigError, NonFiniteError
from lattice.inference import load_student
from lattice.model.student import StudentModel
from lattice.objectives import make_batch, noise_generator
from lattice.progress import Cancelled
from lattice.training.memories import start
from lattice.training.trainer import EmbeddingTrainer

Maker = Callable[..., EmbeddingTrainer]
Configs = Callable[..., SimpleProjectConfig]
Datasets = Callable[..., EmbeddingDataset]

MEMORIES = "embedding_mapping.start=memories"
DENOISE = "training_embedding.objective=denoise"
THROUGH = ("embedding_mapping.placement=through", "lattice.lattice_steps=4", "model.expert_hidden=6")
SEVERAL = ("embedding_mapping.scalars_per_cell=2", "model.value_channels=1", "model.expert_hidden=8")


def weights(trainer: EmbeddingTrainer) -> dict[str, Tensor]:
    return {name: value.clone() for name, value in trainer.student.state_dict().items()}


def same(first: dict[str, Tensor], second: dict[str, Tensor]) -> bool:
    return first.keys() == second.keys() and all(torch.equal(first[name], second[name]) for name in first)


def test_what_is_painted_points_from_the_mean_of_the_samples_to_a_centre(small_trainer: Maker) -> None:
    trainer = small_trainer(MEMORIES)
    painted = trainer.student.mapper.project.weight
    rows = F.normalize(trainer.dataset.batch(trainer.dataset.train_indices), dim=-1)
    torch.testing.assert_close(painted.norm(dim=1), torch.ones(len(painted)))
    # There are more scalars than samples, so that every sample is the memory of one.
    apart = F.normalize(rows - rows.mean(0), dim=-1)
    torch.testing.assert_close((apart @ painted.T).max(1).values, torch.ones(len(rows)))


@pytest.mark.parametrize("changes", [(DENOISE, *SEVERAL), (), THROUGH], ids=["surface", "one draw", "through"])
def test_the_read_out_is_the_ridge_solution(small_trainer: Maker, changes: tuple[str, ...]) -> None:
    trainer = small_trainer(MEMORIES, *changes)
    student, config, dataset = trainer.student, trainer.config, trainer.dataset
    draws = start.MOST_DRAWS if DENOISE in changes else 1
    given, wanted = [], []
    for draw in range(draws):
        generator = noise_generator(config.training_embedding.seed ^ 0x3E3, draw, dataset.device)
        for indices in dataset.train_indices.split(config.training_embedding.batch_size):
            inputs, targets = make_batch(dataset, indices, config, generator)
            given.append(start.read_scalars(student, trainer.tier_means, inputs, config).detach())
            wanted.append(targets)
    x, y = torch.cat(given).double().numpy(), torch.cat(wanted).double().numpy()
    centred = x - x.mean(0)
    assert np.sqrt(np.square(centred).mean()) == pytest.approx(1.0, rel=1e-3)
    ridge = start.RIDGE * np.square(centred).sum(0).mean()
    padded = np.vstack([centred, np.sqrt(ridge) * np.eye(x.shape[1])])
    weight, *_ = np.linalg.lstsq(padded, np.vstack([y - y.mean(0), np.zeros((x.shape[1], y.shape[1]))]), rcond=None)
    project, gain = student.extractor.project, student.extractor.gain
    np.testing.assert_allclose(project.weight.detach().numpy().T * gain, weight, rtol=2e-2, atol=1e-4)
    np.testing.assert_allclose(project.bias.detach().numpy() * gain, y.mean(0) - x.mean(0) @ weight, atol=2e-3)


@pytest.mark.parametrize("placement", ["surface", "through"])
@pytest.mark.parametrize("objective", ["denoise", "reconstruct", "pairs"])
def test_it_scores_before_training_where_a_random_start_does_not(
    small_trainer: Maker, small_dataset: Datasets, placement: str, objective: str
) -> None:
    settings = (f"embedding_mapping.placement={placement}", f"training_embedding.objective={objective}")
    settings = (*settings, "training_embedding.noise_sigma=0.02", "lattice.lattice_steps=4")
    dataset = small_dataset(200, 6, pairs=True)
    if objective == "pairs":  # partners that can be known from the samples
        turned = dataset.embeddings.flip(1)
        dataset = EmbeddingDataset(**{**dataset.__dict__, "partners": turned})
    found = {
        kind: small_trainer(*settings, f"embedding_mapping.start={kind}", dataset=dataset).evaluate().student.cosine
        for kind in ("random", "memories")
    }
    assert found["memories"] > max(0.5, found["random"] + 0.3)


def test_it_follows_from_settings_and_data_alone(small_trainer: Maker, small_dataset: Datasets) -> None:
    first = small_trainer(MEMORIES, DENOISE)
    torch.rand(3)
    assert same(weights(first), weights(small_trainer(MEMORIES, DENOISE)))
    other_seed = weights(small_trainer(MEMORIES, DENOISE, "training_embedding.seed=1"))
    other_data = weights(small_trainer(MEMORIES, DENOISE, dataset=small_dataset(seed=4)))
    for name in ("mapper.project.weight", "extractor.project.weight"):
        assert not torch.equal(weights(first)[name], other_seed[name])
        assert not torch.equal(weights(first)[name], other_data[name])


def test_a_resumed_run_is_not_fitted_again(
    small_trainer: Maker, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path, dataset = tmp_path / "run.safetensors", small_trainer().dataset
    trainer = small_trainer(MEMORIES, DENOISE, "training_embedding.training_steps=4")
    trainer.advance(2)
    trainer.save(path)
    trainer.advance(2)

    def refuse(*_arguments: object, **_more: object) -> None:
        raise AssertionError("fitted again")

    monkeypatch.setattr(start, "remember", refuse)
    resumed = EmbeddingTrainer.resume(path, dataset=dataset)
    resumed.advance(2)
    assert same(weights(trainer), weights(resumed))
    assert load_student(path).encode(dataset.batch(dataset.train_indices[:2])).shape == (2, 12)


@pytest.mark.parametrize(
    "change",
    [{"training_embedding.seed": 3}, {"lattice.dimensions": (3, 4, 4)}, {"embedding_mapping.start": "memories"}],
)
def test_a_rebuild_fits_again_and_a_live_change_does_not(small_trainer: Maker, change: dict[str, object]) -> None:
    trainer = small_trainer(*([] if "embedding_mapping.start" in change else [MEMORIES]), DENOISE)
    dataset = trainer.dataset
    trainer.step()
    cells = {name: value for name, value in weights(trainer).items() if name.startswith("prototype.")}
    config = trainer.config.replaced(change)
    assert trainer.apply(config, dataset) == "rebuild"
    fitted = EmbeddingTrainer(config, dataset)
    if "lattice.dimensions" in change:  # the cells stay, and so does what is shared of the maps
        assert same(cells, {name: weights(trainer)[name] for name in cells})
        assert torch.equal(trainer.student.mapper.project.weight, fitted.student.mapper.project.weight)
        assert trainer.evaluate().student.cosine > 0.1
    else:
        assert same(weights(trainer), weights(fitted))
    before = weights(trainer)
    assert trainer.apply(config.replaced({"optimizer.learning_rate": 1e-4})) == "live"
    assert same(before, weights(trainer))


def test_a_cancelled_fit_leaves_the_run_as_it_was(small_trainer: Maker) -> None:
    trainer = small_trainer(DENOISE)
    before, config = weights(trainer), trainer.config
    told: list[tuple[str, int, int | None]] = []

    def cancel(what: str, done: int, total: int | None) -> None:
        told.append((what, done, total))
        if what == "Fitting the read-out to the memories" and done > 8:
            raise Cancelled

    with pytest.raises(Cancelled):
        trainer.apply(config.replaced({"embedding_mapping.start": "memories"}), progress=cancel)
    samples = start.MOST_DRAWS * len(trainer.dataset.train_indices)
    assert told[-2:] == [("Fitting the read-out to the memories", done, samples) for done in (8, 12)]
    assert trainer.config is config
    assert same(before, weights(trainer))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ((DENOISE, *SEVERAL), "2 of 2 on a cell with a threshold; read-out fitted to 2 draws of noise"),
        (
            ("model.rule=nca",),
            "none with a threshold, because the rule 'nca' has none to spare; read-out fitted to one",
        ),
        (
            ("lattice.local_distance_ratio=0.65", "lattice.functional_distance_ratio=0.66"),
            "because the functional tier",
        ),
    ],
)
def test_the_log_says_what_was_done(
    small_trainer: Maker, caplog: pytest.LogCaptureFixture, changes: tuple[str, ...], words: str
) -> None:
    with caplog.at_level(logging.INFO, logger="cellcube"):
        trainer = small_trainer(MEMORIES, *changes)
    assert words in caplog.text
    assert "scalars painted as likenesses to centres of 3" in caplog.text
    trainer.step()


def test_too_many_scalars_are_refused(small_trainer: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(start, "MOST_READ", 80)
    small_trainer(MEMORIES)
    with pytest.raises(
        ConfigError, match=r"at most 80 scalars, but 2 on each of 54 cells are 108: choose start 'random'"
    ):
        small_trainer(MEMORIES, "embedding_mapping.scalars_per_cell=2")


def test_where_nothing_arrives_the_read_out_stays_random(
    small_trainer: Maker, caplog: pytest.LogCaptureFixture
) -> None:
    blocked = ("embedding_mapping.placement=through", "lattice.lattice_steps=1", "lattice.adaptive_radius_ratio=0.4")
    with caplog.at_level(logging.WARNING, logger="cellcube"):
        trainer = small_trainer(MEMORIES, *blocked)
    assert "Nothing of what is painted arrives at the cells that are read" in caplog.text
    fresh = small_trainer(*blocked)
    assert torch.equal(trainer.student.extractor.project.weight, fresh.student.extractor.project.weight)


def test_states_that_are_not_finite_are_refused(small_trainer: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    def spoiled(student: StudentModel, _tier_means: object, inputs_BD: Tensor, _config: object) -> Tensor:
        return torch.full((len(inputs_BD), student.extractor.project.in_features), torch.inf)

    monkeypatch.setattr(start, "read_scalars", spoiled)
    with pytest.raises(NonFiniteError, match=r"states of the untrained cube are not finite.*lower model.update_scale"):
        small_trainer(MEMORIES)


def test_a_single_memory_is_the_mean_of_the_samples(small_trainer: Maker) -> None:
    trainer = small_trainer(MEMORIES)
    student, dataset = trainer.student, trainer.dataset
    student.mapper.project = torch.nn.Linear(12, 1, bias=False)
    start.remember(student, dataset, dataset.train_indices, trainer.config)
    mean = F.normalize(dataset.batch(dataset.train_indices), dim=-1).mean(0)
    torch.testing.assert_close(student.mapper.project.weight[0], mean / mean.norm(), rtol=1e-4, atol=1e-5)
