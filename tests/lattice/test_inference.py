"""A trained student from a file: it answers as the trainer does, and refuses what it can't use."""

import json
import pickle
import re

import numpy as np
import pytest
import safetensors.torch
import torch

import lattice
from lattice.errors import CheckpointError, DataError
from lattice.geometry import flat_index


@pytest.fixture(scope="module")
def trainer():
    config = lattice.SimpleProjectConfig.from_preset("debug").override(
        ["training_embedding.max_total_samples=40", "lattice.dimensions=4,5,6", "device.policy=cpu",
         "training_embedding.batch_size=8", "lattice.lattice_steps=3"]
    )  # fmt: skip
    trainer = lattice.EmbeddingTrainer(config, lattice.load_dataset(config.training_embedding))
    trainer.step()
    return trainer


@pytest.fixture(scope="module", params=["save", "export"])
def student(request, trainer, tmp_path_factory):
    path = tmp_path_factory.mktemp("student") / "cube.safetensors"
    getattr(trainer, request.param)(path)
    return lattice.load_student(path, "cpu")


def test_it_knows_its_run(student, trainer):
    assert student.config == trainer.config
    assert student.width == trainer.dataset.width == 384
    assert student.device == torch.device("cpu")


@pytest.mark.parametrize("number", [0, 7])
def test_it_answers_as_the_trainer_does(student, trainer, number):
    row = trainer.dataset.embeddings[number].float().numpy()
    seen = trainer.observe_embedding(row)
    states = student.rollout(row[None])
    assert states.shape == (1, 4, 120, trainer.config.model.state_size)
    assert states.dtype == np.float32
    np.testing.assert_allclose(student.encode(row[None])[0], seen.student_D, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(states[0].reshape(seen.states_TXYZC.shape), seen.states_TXYZC, rtol=1e-5, atol=1e-6)


def test_cells_are_numbered_as_documented(student):
    cells = torch.tensor([[1, 2, 3], [3, 4, 5]])
    assert flat_index(cells, (4, 5, 6)).tolist() == [(1 * 5 + 2) * 6 + 3, (3 * 5 + 4) * 6 + 5]


def test_many_rows_go_through_in_batches(student, trainer):
    rows = trainer.dataset.embeddings[:20]
    encoded = student.encode(rows)
    assert isinstance(encoded, torch.Tensor)
    assert encoded.shape == (20, 384)
    assert encoded.dtype == torch.float32
    torch.testing.assert_close(encoded[13:14], student.encode(rows[13:14]))
    assert student.rollout(rows).shape[0] == 20
    assert not encoded.requires_grad


def test_arrays_of_any_float_and_order_are_taken(student):
    rows = np.random.default_rng(0).normal(size=(3, 384))
    encoded = student.encode(rows[::-1])
    assert isinstance(encoded, np.ndarray)
    np.testing.assert_allclose(encoded[::-1], student.encode(rows.astype(np.float32)), rtol=1e-4, atol=1e-5)
    rows.setflags(write=False)
    assert student.encode(rows).dtype == np.float32


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (np.ones((2, 3)), r"got embeddings of width 3, but .*cube\.safetensors was trained on width 384"),
        (np.ones(384), r"got rows of shape \[384\], expected \[S, 384\].*embedding\[None\]"),
        (np.ones((0, 384)), r"got rows of shape \[0, 384\]"),
        (np.ones((2, 384), int), "got rows of int64, expected floats"),
        (np.full((2, 384), "a", object), "got rows of object, expected floats"),
        ([[1.0] * 384], "got a list, expected a tensor or an array"),
    ],
)
@pytest.mark.parametrize("method", ["encode", "rollout"])
def test_rows_that_do_not_fit_are_refused(student, method, rows, message):
    with pytest.raises(DataError, match=message):
        getattr(student, method)(rows)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_row_that_is_not_finite_is_named(student, value):
    rows = np.ones((5, 384), np.float32)
    rows[3, 7] = rows[4, 0] = value
    with pytest.raises(DataError, match="row 3 of 5 is not finite, with 1 more like it"):
        student.encode(rows)


def test_a_pickle_is_never_opened(tmp_path):
    class Trap:
        def __reduce__(self):
            return (open, (str(tmp_path / "sprung"), "w"))

    path = tmp_path / "cube.safetensors"
    path.write_bytes(pickle.dumps(Trap()))
    with pytest.raises(CheckpointError, match=r"cube\.safetensors is not a readable safetensors file"):
        lattice.load_student(path)
    assert not (tmp_path / "sprung").exists()


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(CheckpointError, match=re.escape(f"there is no checkpoint at {tmp_path / 'gone'}")):
        lattice.load_student(tmp_path / "gone")


def test_weights_of_another_width_are_refused(student, tmp_path):
    with safetensors.safe_open(student.path, framework="pt") as file:
        header = json.loads(file.metadata()["cellcube"])
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a dict
    for width, message in ((0, "states the width 0"), (383, "the student tensor .* has shape .*, expected")):
        path = tmp_path / "other.safetensors"
        safetensors.torch.save_file(tensors, path, metadata={"cellcube": json.dumps({**header, "width": width})})
        with pytest.raises(CheckpointError, match=message):
            lattice.load_student(path, "cpu")


@pytest.mark.gpu
def test_a_card_answers_as_the_processor_does(student):
    rows = np.random.default_rng(0).normal(size=(3, 384)).astype(np.float32)
    on_card = lattice.load_student(student.path, "cuda")
    assert on_card.device.type == "cuda"
    np.testing.assert_allclose(on_card.encode(rows), student.encode(rows), rtol=1e-3, atol=1e-4)
    assert on_card.encode(torch.from_numpy(rows)).device.type == "cpu"
