"""Writing a student as a program: ONNX, or torch's own exported program. Each is read back and compared.

Shapes: S samples, D embedding width.
"""

from __future__ import annotations

import json
import logging
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from lattice.atomic import atomic_path
from lattice.config import SimpleProjectConfig
from lattice.errors import CellcubeError, ExportError
from lattice.exporting.forms import ONNX_ENDING, PROGRAM_ENDING, Exported
from lattice.exporting.network import EncodingNetwork
from lattice.model.rules.build import rule_class
from lattice.model.student import StudentModel
from lattice.progress import Progress, no_progress
from lattice.training.engine import build_tier_means
from lattice.version import __version__

if TYPE_CHECKING:
    from torch.export import ExportedProgram

TOLERANCE = 1e-5
"""Largest difference between program and student, as a share of the largest component, 1 at least."""
ONNX_PACKAGES = ("onnx", "onnxscript", "onnxruntime")
_MOST_ONNX_BYTES = 2_000_000_000
"""An ONNX file is one protocol buffer, which ends at 2 GiB."""
_MOST_COMPARED = 64

Run = Callable[[Tensor], NDArray[np.float32]]


def write_program(
    path: Path, config: SimpleProjectConfig, student: StudentModel, rows_SD: Tensor, progress: Progress = no_progress
) -> Exported:
    """Write a student as `.pt2` or `.onnx`, read it back, and compare the two on samples.

    The program takes float32 embeddings [S, D] named `embeddings`, any S, prepares them as the run did, and returns
    `student`, float32 [S, D]. Nothing is left at `path` unless it answers as the student does, within `TOLERANCE`.

    Args:
        path: ends in `.pt2` or `.onnx`; an older file there is replaced.
        config: of the run.
        student: with the weights; it stays as it is.
        rows_SD: embeddings to compare on; the first 64 are used.
        progress: told before each part; may cancel.

    Raises:
        ExportError: the rule can't be exported, a package is missing, or the program answers something else.
    """
    path = Path(path)
    writes_onnx = path.suffix.lower() == ONNX_ENDING
    _check(config, student, writes_onnx)
    progress("Exporting: tracing the student", 0, 3)
    network = EncodingNetwork(config, student)
    rows_SD = rows_SD[:_MOST_COMPARED].float().cpu()
    with torch.no_grad():
        wanted_SD = network.answer(rows_SD, build_tier_means(config, torch.device("cpu"))).numpy()
    try:
        with atomic_path(path) as temporary, _quiet():
            program = _trace(network, rows_SD)
            progress("Exporting: writing the program", 1, 3)
            run = _write_onnx(program, temporary, config) if writes_onnx else _write_pt2(program, temporary, config)
            progress("Exporting: comparing it with the student", 2, 3)
            # One sample and all of them: a program that froze the number of samples would fail at one of the two.
            differences = [np.abs(run(part) - wanted).max() for part, wanted in
                           ((rows_SD, wanted_SD), (rows_SD[:1], wanted_SD[:1]))]  # fmt: skip
            difference = float(max(differences))
            if not difference <= TOLERANCE * max(1.0, float(np.abs(wanted_SD).max())):
                raise ExportError(
                    f"the program for {path} answers otherwise than the student, by up to {difference:.1e} a "
                    f"component: nothing was written. Export the weights instead, and use lattice.load_student"
                )
    except CellcubeError:
        raise
    except OSError as error:
        raise ExportError(f"can't write {path}: {error}; choose another folder or free some space") from error
    return Exported(path, len(rows_SD), difference)


def _check(config: SimpleProjectConfig, student: StudentModel, writes_onnx: bool) -> None:
    rule = rule_class(config)
    if rule.stochastic:
        raise ExportError(
            f"the cell rule '{config.model.rule}' draws random numbers at every lattice step, which a program can't "
            "repeat: export the weights instead, and use lattice.load_student"
        )
    if not writes_onnx:
        return
    missing = [name for name in ONNX_PACKAGES if find_spec(name) is None]
    if missing:
        raise ExportError(
            f"writing ONNX needs {', '.join(missing)}, not installed here: pip install 'cellcube[onnx]', "
            f"or choose a name that ends in {PROGRAM_ENDING}"
        )
    size = sum(value.nbytes for value in student.state_dict().values())
    if size > _MOST_ONNX_BYTES:
        raise ExportError(
            f"the student's weights take {size:,} bytes, more than an ONNX file can hold: choose a name that ends in "
            f"{PROGRAM_ENDING}"
        )


def _trace(network: EncodingNetwork, rows_SD: Tensor) -> ExportedProgram:
    """Trace a network for any number of samples."""
    samples = torch.export.Dim("samples", min=1)
    # Two samples: a tracer takes 0 and 1 for constants.
    example_2D = rows_SD[:1].expand(2, -1).clone()
    try:
        return torch.export.export(network, (example_2D,), dynamic_shapes=({0: samples},))
    except Exception as error:  # whatever a plugged-in rule does that a tracer can't follow
        reason = next((line for line in str(error).splitlines() if line.strip()), type(error).__name__)
        raise ExportError(
            f"the cell rule '{network.rule}' can't be traced ({reason.strip()}): export the weights instead, and use "
            "lattice.load_student"
        ) from error


def _notes(config: SimpleProjectConfig) -> dict[str, str]:
    return {"cellcube": __version__, "config": json.dumps(config.to_mapping(), default=str)}


def _write_pt2(program: ExportedProgram, path: Path, config: SimpleProjectConfig) -> Run:
    torch.export.save(program, path, extra_files=_notes(config))
    module = torch.export.load(path).module()
    return lambda rows_SD: np.asarray(module(rows_SD).detach().numpy(), dtype=np.float32)


def _write_onnx(program: ExportedProgram, path: Path, config: SimpleProjectConfig) -> Run:
    import onnxruntime

    written: Any = torch.onnx.export(
        program, (), dynamo=True, verbose=False, input_names=["embeddings"], output_names=["student"]
    )
    for value in (*written.model.graph.inputs, *written.model.graph.outputs):
        value.shape[0] = "samples"
    written.model.metadata_props.update(_notes(config))
    written.save(path, external_data=False)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    return lambda rows_SD: np.asarray(session.run(["student"], {"embeddings": rows_SD.numpy()})[0], dtype=np.float32)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the exporters from printing: they speak to those who write them."""
    loggers = [logging.getLogger(name) for name in ("torch.onnx", "torch.export", "onnxscript", "onnx_ir")]
    levels = [each.level for each in loggers]
    for each in loggers:
        each.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for each, level in zip(loggers, levels, strict=True):
            each.setLevel(level)
