"""Exported programs answer as the student does, for any number of samples, or they are not written."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from lattice.config import SimpleProjectConfig
from lattice.errors import ExportError
from lattice.exporting import programs
from lattice.exporting.convolution import ConvolutionMeans
from lattice.exporting.programs import TOLERANCE, write_program
from lattice.model.rules.diffusion import DiffusionRule
from lattice.model.student import StudentModel
from lattice.objectives import prepare_embeddings
from lattice.progress import Cancelled
from lattice.training.engine import build_tier_means

WIDTH = 12


def rows_of(samples: int) -> Tensor:
    return torch.randn(samples, WIDTH, generator=torch.Generator().manual_seed(samples))


def student_of(config: SimpleProjectConfig) -> StudentModel:
    """Return a student whose every weight matters."""
    student = StudentModel.seeded(config, WIDTH)
    generator = torch.Generator().manual_seed(5)
    with torch.no_grad():
        for parameter in student.parameters():
            parameter += 0.05 * torch.randn(parameter.shape, generator=generator)
    return student


def answers(config: SimpleProjectConfig, student: StudentModel, rows_SD: Tensor) -> np.ndarray:
    means = build_tier_means(config, torch.device("cpu"))
    with torch.no_grad():
        prepared_SD = prepare_embeddings(rows_SD, config.embedding_mapping)
        return student(prepared_SD, means, config.lattice.lattice_steps).embedding_BD.numpy()


def test_a_program_of_torch_answers_as_the_student(
    small_config: Callable[..., SimpleProjectConfig], tmp_path: Path
) -> None:
    config = small_config("embedding_mapping.placement=through", "embedding_mapping.normalize_embeddings=false")
    student = student_of(config)
    before = {name: value.clone() for name, value in student.state_dict().items()}
    exported = write_program(tmp_path / "cube.pt2", config, student, 3.0 * rows_of(20))
    assert exported.samples == 20
    assert exported.difference <= TOLERANCE
    assert re.fullmatch(r".*cube\.pt2: read back and run on 20 samples, .* is \d\.\de-\d\d", exported.summary())
    assert all(torch.equal(value, before[name]) for name, value in student.state_dict().items())
    notes = {"config": ""}
    program = torch.export.load(exported.path, extra_files=notes).module()
    assert SimpleProjectConfig.from_mapping(json.loads(notes["config"]), source="notes") == config
    for samples in (1, 2, 7):
        rows_SD = 3.0 * rows_of(samples)
        np.testing.assert_allclose(program(rows_SD).numpy(), answers(config, student, rows_SD), atol=TOLERANCE)


def test_an_onnx_file_answers_as_the_student(
    small_config: Callable[..., SimpleProjectConfig], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    onnxruntime = pytest.importorskip("onnxruntime")
    config = small_config()
    student = student_of(config)
    exported = write_program(tmp_path / "cube.onnx", config, student, rows_of(20))
    assert capfd.readouterr() == ("", "")
    session = onnxruntime.InferenceSession(str(exported.path))
    assert [(each.name, each.shape) for each in session.get_inputs()] == [("embeddings", ["samples", WIDTH])]
    stored = session.get_modelmeta().custom_metadata_map
    assert SimpleProjectConfig.from_mapping(json.loads(stored["config"]), source="notes") == config
    for samples in (1, 7):
        rows_SD = rows_of(samples)
        (answered,) = session.run(["student"], {"embeddings": rows_SD.numpy()})
        np.testing.assert_allclose(answered, answers(config, student, rows_SD), atol=TOLERANCE)


def test_a_program_that_answers_otherwise_is_not_written(
    small_config: Callable[..., SimpleProjectConfig], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    means = ConvolutionMeans.channel_means
    monkeypatch.setattr(ConvolutionMeans, "channel_means", lambda *args: 1.5 * means(*args))
    config = small_config("model.rule=diffusion")
    with pytest.raises(ExportError, match=r"answers otherwise than the student, by up to \S+ a component: nothing"):
        write_program(tmp_path / "cube.pt2", config, student_of(config), rows_of(4))
    assert list(tmp_path.iterdir()) == []


def test_a_rule_that_looks_at_values_is_refused(
    small_config: Callable[..., SimpleProjectConfig], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forward = DiffusionRule.forward

    def looking(self: DiffusionRule, state_NBC: Tensor, *rest: object) -> object:
        return forward(self, state_NBC if float(state_NBC.sum()) > 0 else -state_NBC, *rest)

    monkeypatch.setattr(DiffusionRule, "forward", looking)
    config = small_config("model.rule=diffusion")
    with pytest.raises(ExportError, match=r"the cell rule 'diffusion' can't be traced \(.+\): export the weights"):
        write_program(tmp_path / "cube.pt2", config, student_of(config), rows_of(4))
    assert list(tmp_path.iterdir()) == []


def test_a_rule_that_draws_is_refused(small_config: Callable[..., SimpleProjectConfig], tmp_path: Path) -> None:
    config = small_config("model.rule=nca")
    with pytest.raises(ExportError, match="'nca' draws random numbers at every lattice step"):
        write_program(tmp_path / "cube.pt2", config, student_of(config), rows_of(4))


def test_missing_packages_are_named(
    small_config: Callable[..., SimpleProjectConfig], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(programs, "find_spec", lambda name: None if name == "onnxscript" else object())
    config = small_config()
    message = r"writing ONNX needs onnxscript, not installed here: pip install 'cellcube\[onnx\]'"
    with pytest.raises(ExportError, match=message):
        write_program(tmp_path / "cube.onnx", config, student_of(config), rows_of(4))


def test_weights_beyond_what_onnx_holds_are_refused(
    small_config: Callable[..., SimpleProjectConfig], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(programs, "find_spec", lambda name: object())
    monkeypatch.setattr(programs, "_MOST_ONNX_BYTES", 100)
    config = small_config()
    with pytest.raises(ExportError, match=r"weights take [\d,]+ bytes, more than an ONNX file can hold: .*\.pt2"):
        write_program(tmp_path / "cube.onnx", config, student_of(config), rows_of(4))


def test_cancelling_leaves_an_older_file_alone(
    small_config: Callable[..., SimpleProjectConfig], tmp_path: Path
) -> None:
    def cancel(what: str, done: int, total: int | None) -> None:
        if done == 1:
            raise Cancelled

    older = tmp_path / "cube.pt2"
    older.write_text("older")
    config = small_config("model.rule=diffusion")
    with pytest.raises(Cancelled):
        write_program(older, config, student_of(config), rows_of(4), cancel)
    assert older.read_text() == "older"
    assert list(tmp_path.iterdir()) == [older]
